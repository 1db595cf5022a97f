"""Where the marks of a plot stand."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.mdt.impact.control import Chart, Month, p_chart, xmr_chart
from app.mdt.impact.intervals import Share
from app.web.team.impact import percent
from app.web.team.plots import WIDTH, Estimate, columns, ratios, run, shares


def estimate(low: float, value: float, high: float) -> Estimate:
    return Estimate(label="Quorate", said="", value=value, low=low, high=high)


@given(st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted))
def test_an_interval_holds_its_value_and_stays_on_the_plot(three: list[float]) -> None:
    for plot in (shares([estimate(*three)]), ratios([estimate(*three)])):
        [row] = plot.rows
        assert 0 <= row.left <= row.x <= row.right <= WIDTH


def test_no_change_stands_in_the_middle_and_half_is_as_far_as_double() -> None:
    plot = ratios([estimate(0.5, 1, 2)])
    [row] = plot.rows

    assert row.x == plot.reference == WIDTH / 2
    assert row.x - row.left == row.right - row.x


def test_columns_are_as_high_as_their_counts() -> None:
    plot = columns([0, 2, 4])

    assert [one.height * 4 for one in plot.columns] == [0, plot.columns[2].height * 2, plot.columns[2].height * 4]
    assert all(one.y + one.height == plot.base for one in plot.columns)
    assert columns([]).columns == []


def test_a_month_of_few_people_is_drawn_empty_and_as_high_as_any_other_of_few() -> None:
    few, _, other = columns([None, 8, None]).columns

    assert few.few
    assert few.height == other.height == columns([4, 8]).columns[0].height


def test_a_share_is_told_with_its_interval() -> None:
    assert percent(Share(achieved=6, of=8)) == "75% (41% to 93%)"


def test_a_run_of_months_stands_within_its_plot_and_marks_what_is_more_than_chance() -> None:
    months = [Month(date(2025, month, 1), 1.0 if month == 12 else 0.4 + month % 2 / 10, 50) for month in range(1, 13)]
    points = tuple(p_chart(months))
    drawn = run(Chart(code="x", title="X", definition="", is_share=True, mean=0.5, points=points))

    assert [spot.mark for spot in drawn.spots] == ["circle"] * 11 + ["diamond"]
    assert all(0 <= spot.x <= WIDTH and 0 <= spot.y <= drawn.height for spot in drawn.spots)
    assert drawn.spots[-1].y < (drawn.mean or 0) < drawn.height
    assert len(drawn.low.split()) == len(drawn.high.split()) == 24


def test_a_run_of_few_months_has_no_limits() -> None:
    points = tuple(xmr_chart([Month(date(2025, 1, 1), 9.5, 3)]))
    drawn = run(Chart(code="x", title="X", definition="", is_share=False, mean=None, points=points))

    assert (drawn.low, drawn.high, drawn.mean, drawn.top) == ("", "", None, "10")
