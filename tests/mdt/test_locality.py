"""Localities as the place configures them, and when their teams meet."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mdt.workflow.locality import InvalidLocality, Localities, LocalityDocument, read_localities, read_locality
from app.mdt.workflow.rules.cadence import sittings
from app.settings import ROOT
from app.vocabulary.london import LONDON
from app.vocabulary.working_days import add_working_days, bank_holidays, is_working_day, working_days_between

FOLDER = ROOT / "app/demonstration/localities"
NORTHGATE = (FOLDER / "northgate.yaml").read_text(encoding="utf-8")


def told(text: str) -> list[str]:
    source, _ = read_locality(text.encode(), "localities/northgate.yaml")
    return [str(finding) for finding in source.findings]


def northgate(**cadence: object) -> LocalityDocument:
    _, locality = read_locality(NORTHGATE.encode(), "localities/northgate.yaml")
    assert locality is not None
    return locality.model_copy(update={"cadence": locality.cadence.model_copy(update=cadence)})


def test_the_demonstrations_localities_hold_together() -> None:
    localities = read_localities(FOLDER)
    assert sorted(localities.by_id) == ["bilsmoor", "northgate", "tettenbrook"]


def test_a_place_without_localities_has_none(tmp_path: Path) -> None:
    assert read_localities(None) == read_localities(tmp_path) == Localities({})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("title: Northgate\n", "titel: Northgate\n", ":5: error: `titel` is no key here; did you mean `title`?"),
        ("FREQ=MONTHLY;BYDAY=2WE", "FREQ=SOMETIMES", ": error: a cadence is a rule of iCalendar without end, such as"),
        ("FREQ=MONTHLY;BYDAY=2WE", "FREQ=MONTHLY;COUNT=3", "without end"),
        ("always: [chair]", "always: [char]", "`char` is no seat of this team; did you mean `chair`?"),
        ("at_least: 4", "at_least: 9", "it could never be quorate"),
        ("practice: inform", "practice: maybe", "`maybe` is not allowed here"),
        ("role: mdt-chair,", "role: community-nurse,", "nobody may chair"),
        ("- id: coordinator", "- id: chair", "the seat `chair` stands here twice"),
        ('at: "13:30"', 'at: "half past"', "should be a time of day"),
        ("host: RL4C\n", "", "`host` is missing; add it: the ODS code of the organisation that runs the meeting"),
        ("slots: 8", "slots: many", "should be a whole number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_a_remedy(before: str, after: str, said: str) -> None:
    assert before in NORTHGATE
    findings = told(NORTHGATE.replace(before, after))
    assert any(said in finding for finding in findings), findings


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidLocality, match="not UTF-8"):
        read_localities(tmp_path)


def test_two_localities_cannot_have_the_same_practice(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NORTHGATE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(
        NORTHGATE.replace("locality: northgate", "locality: other").replace("team: Northgate MDT", "team: Other MDT"),
        encoding="utf-8",
    )
    with pytest.raises(InvalidLocality, match="Northgate has it too"):
        read_localities(tmp_path)


@pytest.mark.parametrize("same", ["locality", "team"])
def test_two_localities_cannot_be_called_alike_nor_have_one_team(tmp_path: Path, same: str) -> None:
    for source in sorted(FOLDER.glob("*.yaml")):
        (tmp_path / source.name).write_text(source.read_text())
    one, other = sorted(tmp_path.glob("*.yaml"))[:2]
    [name] = re.findall(rf"^{same}: .*$", one.read_text(), re.MULTILINE)
    other.write_text(re.sub(rf"^{same}: .*$", name, other.read_text(), flags=re.MULTILINE))
    with pytest.raises(InvalidLocality, match="another file says the same locality or team"):
        read_localities(tmp_path)


def test_people_belong_by_practice_before_home() -> None:
    localities = read_localities(FOLDER)
    assert (found := localities.of(["m92001"], ["ZX3 1AA"]))
    assert found.locality == "northgate"


def test_people_without_a_known_practice_belong_where_they_live() -> None:
    localities = read_localities(FOLDER)
    assert (found := localities.of(["m99999"], ["zx31aa"]))
    assert found.locality == "bilsmoor"


def test_people_of_two_localities_practices_or_of_none_belong_nowhere_by_themselves() -> None:
    localities = read_localities(FOLDER)
    assert localities.of(["M92001", "M92011"], []) is None
    assert localities.of([], ["B1 1AA"]) is None
    assert localities.of([], []) is None


def test_a_meeting_keeps_its_wall_clock_across_the_end_of_summer_time() -> None:
    weekly = northgate(rule="FREQ=WEEKLY;BYDAY=SU")
    starts = [one.starts_at for one in sittings(weekly, date(2026, 10, 18), date(2026, 10, 25))]
    assert starts == [datetime(2026, 10, 18, 12, 30, tzinfo=UTC), datetime(2026, 10, 25, 13, 30, tzinfo=UTC)]
    assert {at.astimezone(LONDON).time().isoformat() for at in starts} == {"13:30:00"}


def test_a_meeting_in_the_hour_that_is_twice_is_in_the_first_and_lasts_as_long() -> None:
    night = northgate(rule="FREQ=DAILY", at=datetime(2026, 1, 1, 1, 30).time())  # noqa: DTZ001  # a wall clock
    [one] = sittings(night, date(2026, 10, 25), date(2026, 10, 25))
    assert one.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (one.ends_at - one.starts_at).total_seconds() == 80 * 60


def test_a_meeting_in_the_hour_that_is_skipped_is_held_all_the_same() -> None:
    night = northgate(rule="FREQ=DAILY", at=datetime(2026, 1, 1, 1, 30).time())  # noqa: DTZ001  # a wall clock
    [one] = sittings(night, date(2026, 3, 29), date(2026, 3, 29))
    assert one.starts_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_month_may_have_no_meeting() -> None:
    assert list(sittings(northgate(without=(date(2026, 8, 12),)), date(2026, 8, 1), date(2026, 8, 31))) == []
    fifth = northgate(rule="FREQ=MONTHLY;BYDAY=5WE")
    assert list(sittings(fifth, date(2026, 8, 1), date(2026, 8, 31))) == []


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, {(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)}),
        (2026, {(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)}),
        (2027, {(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)}),
        (2022, {(1, 3), (4, 15), (4, 18), (5, 2), (5, 30), (8, 29), (12, 26), (12, 27)}),
    ],
)  # as published, but for those that a proclamation moved or added in 2022
def test_the_bank_holidays_of_england(year: int, days: set[tuple[int, int]]) -> None:
    assert {(day.month, day.day) for day in bank_holidays(year)} == days


@pytest.mark.parametrize(
    ("on", "works"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), True),
        (date(2026, 12, 25), False),  # a Friday, and Christmas
    ],
)
def test_offices_are_open_from_monday_to_friday_but_for_bank_holidays(on: date, works: bool) -> None:
    assert is_working_day(on) == works


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_working_days_added_are_those_between(on: date, days: int) -> None:
    due = add_working_days(on, days)
    assert is_working_day(due)
    assert working_days_between(on, due) == days
