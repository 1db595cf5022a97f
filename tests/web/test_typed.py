"""What a browser sends of a form."""

from app.web.frame.filled_in.typed import nested
from app.web.people.finding import Sought


def test_a_field_of_a_field_stands_in_it_and_what_is_empty_nowhere() -> None:
    assert nested([("question", " Why? "), ("informed.was", "true"), ("informed.why_not", " ")]) == {
        "question": "Why?",
        "informed": {"was": "true"},
    }


def test_every_box_that_is_ticked_counts() -> None:
    assert nested([("segments", "a"), ("segments", "b")], lists=frozenset({"segments"})) == {"segments": ["a", "b"]}


def test_three_boxes_are_a_date_and_31_february_stays_as_it_was_typed() -> None:
    boxes = [("informed.on.day", "31"), ("informed.on.month", "1"), ("informed.on.year", "2026")]

    assert nested(boxes) == {"informed": {"on": "2026-01-31"}}
    assert nested([*boxes, ("informed.on.month", "2")]) == {"informed": {"on": "2026-2-31"}}
    assert nested(boxes[:1]) == {"informed": {"on": "?-?-31"}}


def test_what_no_form_of_ours_sends_is_read_all_the_same() -> None:
    assert nested([("a", "1"), ("a.b", "2")]) == {"a": {"b": "2"}}
    assert nested([("a.b", "1"), ("a", "2"), ("a.b.c", "3")]) == {"a": {"b": {"c": "3"}}}
    assert nested([("a", "1"), ("a", "2"), ("a.b", "3"), ("a", "4")], lists=frozenset({"a"})) == {"a": ["4"]}
    assert nested([("a." * 100_000, "1")])


def test_a_form_shows_nothing_of_what_was_typed() -> None:
    typed = Sought(nhs_number="999 000 0018", family_name="Tranter")
    assert repr(typed) == f"{typed!r}" == "Sought(•••)"
    assert str(typed) == f"{typed}" == "•••"
