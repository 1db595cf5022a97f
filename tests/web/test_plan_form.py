"""A part of a plan and its form."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given

from app.care_plan.plan import HEADINGS, Parts, Support
from app.care_plan.wording import TITLES, changed, in_words
from app.mdt.workflow.forms import Problem, filled_in
from app.web.frame.layout import environment
from app.web.people.plan_form import field_of, numbers, place_of, typed_of, understood
from tests.care_plan.test_plan import PLAN, supports


def as_sent(typed: dict[str, Any]) -> list[tuple[str, str]]:
    """As a browser sends the fields that a form shows."""
    return [(name, one) for name, value in typed.items() for one in (value if isinstance(value, list) else [value])]


def again(part: str, content: Any) -> Any:
    said, _ = understood(part, as_sent(typed_of(content.model_dump(mode="json"))))
    return Parts.model_validate({part: said})


@given(supports())
def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(support: Support) -> None:
    assert again("support", support).support == support


def test_so_it_is_of_every_part() -> None:
    for part in HEADINGS:
        assert getattr(again(part, getattr(PLAN, part)), part) == getattr(PLAN, part)


def test_a_new_line_is_given_an_id_and_an_empty_one_is_none() -> None:
    said, rows = understood("support", [("needs.0.id", "need-1"), ("needs.0.says", "Stairs"), ("needs.3.says", "Bath"),
                                        ("goals.0.status", "active")])  # fmt: skip

    assert [line["id"] for line in said["needs"]] == ["need-1", "need-2"]
    assert said["goals"] == []
    assert field_of("support", "support.needs.1.says", rows) == "needs.3.says"


def test_what_is_taken_out_is_referred_to_no_more() -> None:
    typed = typed_of(PLAN.support.model_dump(mode="json") if PLAN.support else {}) | {"needs.0.remove": "1"}
    said, _ = understood("support", as_sent(typed))

    support = Parts.model_validate({"support": said}).support

    assert support is not None
    assert support.needs == ()
    assert support.goals[0].needs == ()


def test_a_mistake_in_a_line_leads_to_where_it_was_typed() -> None:
    said, rows = understood("support", [("actions.1.owner", "Nell"), ("actions.1.organisation", "RL4C")])
    wrong = filled_in(Parts, {"support": said})

    assert isinstance(wrong, list)
    assert Problem("support.actions.0.says", "is missing; fill it in") in wrong
    assert field_of("support", "support.actions.0.says", rows) == "actions.1.says"


def test_mistakes_are_told_in_the_order_of_the_form() -> None:
    typed = [("summary", ""), ("goals.0.by.day", "31"), ("goals.0.by.month", "2"), ("actions.0.says", "")]
    wrong = ["actions.0.says", "agreed", "goals.0.by", "summary"]
    in_order = sorted(wrong, key=lambda field: place_of(field, typed))
    assert in_order == ["summary", "goals.0.by", "actions.0.says", "agreed"]


def test_what_is_no_form_of_ours_is_no_line() -> None:
    said, rows = understood("support", [("needs.x.says", "Stairs"), ("goals", "none"), ("summary", "Home")])

    assert (said["needs"], said["goals"], rows["needs"]) == ([], [], [])
    assert numbers("support", {"needs.x.says": "Stairs"})["needs"] == ["0", "1"]


def test_a_plan_reads_in_words_and_says_what_changed() -> None:
    now = in_words("support", PLAN.support, {"WH100": "Wulfrun Homes"}.get, str)  # type: ignore[arg-type]
    before = in_words("support", Support(summary="Home, with help"), str, str)

    assert ("Because of", "Cannot climb stairs") in dict(now.lists)["Goals"][0].facts
    assert ("Owner", "Hal Okafor, Wulfrun Homes") in dict(now.lists)["Actions"][0].facts
    assert list(changed(now, before)) == ["Coordinated by", "Reviewed by", "Agreement", "Needs", "Goals", "Actions"]
    assert in_words("wishes", PLAN.wishes, str, str).title == TITLES["wishes"]


def test_whom_to_call_is_rung_from_the_plan() -> None:
    call = SimpleNamespace(text="He falls", facts=[("Do", "Stay with him"), ("Call", "his son, 01632 960001")])
    told = SimpleNamespace(facts=[], lists=[("What to look for", [call])], is_empty=False)
    words: Any = environment().get_template("people/_plan.html").module

    assert 'his son, <a href="tel:01632960001">01632 960001</a>' in str(words.words(told))
