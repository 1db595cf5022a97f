"""A plan's parts hang together, and are read from FHIR as they were written."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.care_plan.fhir import author_of, part_of, resource_of
from app.care_plan.plan import (
    HEADINGS,
    AboutMe,
    Action,
    Contingency,
    Goal,
    IfThen,
    Need,
    Parts,
    Support,
    Wish,
    Wishes,
)

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
PLAN = Parts(
    about_me=AboutMe(what_matters="To sleep upstairs again", how_to_support="Speak slowly"),
    support=Support(
        summary="Home, with help",
        needs=(Need(id="stairs", says="Cannot climb stairs"),),
        goals=(
            Goal(id="upstairs", says="Sleep upstairs", needs=("stairs",), test="A week of it", by=date(2026, 9, 1)),
        ),
        actions=(
            Action(id="lift", says="Fit a lift", goals=("upstairs",), owner="Hal Okafor", organisation="WH100"),
            Action(id="visit", says="Visit weekly", owner="Nell Rushton", organisation="rl4c", status="in-progress"),
        ),
        coordinator="Nell Rushton",
        review_by=date(2026, 9, 30),
        agreed="agreed",
    ),
    contingency=Contingency(steps=(IfThen(sign="A fall", do="Call the falls team", call="01632 960200"),)),
    wishes=Wishes(documents=(Wish(kind="respect", kept_at="In the hall", held_by="8A999", dated=date(2026, 1, 2)),)),
)

words = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30)
days = st.none() | st.dates(date(2020, 1, 1), date(2035, 1, 1))
ids = st.lists(st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,9}\Z"), min_size=6, max_size=6, unique=True)
statuses = st.sampled_from(["proposed", "active", "on-hold", "achieved", "not-achieved", "cancelled"])


@st.composite
def supports(draw: Any) -> Support:
    names = draw(ids)
    needs = tuple(Need(id=name, says=draw(words)) for name in names[: draw(st.integers(0, 2))])
    of_needs = tuple(need.id for need in needs)
    goals = tuple(
        Goal(
            id=name,
            says=draw(words),
            needs=of_needs,
            test=draw(st.none() | words),
            by=draw(days),
            status=draw(statuses),
        )
        for name in names[2 : 2 + draw(st.integers(0, 2))]
    )
    actions = tuple(
        Action(
            id=name,
            says=draw(words),
            goals=tuple(goal.id for goal in goals),
            owner=draw(words),
            organisation="RL4C",
            due=draw(days),
            mdt_action=draw(st.none() | st.uuids()),
        )
        for name in names[4 : 4 + draw(st.integers(0, 2))]
    )
    return Support(
        summary=draw(st.none() | words),
        needs=needs,
        goals=goals,
        actions=actions,
        coordinator=draw(st.none() | words),
        review_by=draw(days),
        agreed=draw(st.sampled_from(["agreed", "best-interests", "not-yet"])),
    )


def written(part: str, value: Any) -> dict[str, Any]:
    return resource_of(part, value, author="Nell Rushton", organisation="RL4C", at=AT)


def test_every_part_has_a_heading_of_its_own() -> None:
    assert HEADINGS.keys() == Parts.model_fields.keys()
    assert len(set(HEADINGS.values())) == len(HEADINGS)


def test_a_plan_is_read_as_it_was_written() -> None:
    resources = [written(part, getattr(PLAN, part)) for part in HEADINGS]

    assert dict(filter(None, map(part_of, resources))) == dict(PLAN)
    assert {author_of(resource) for resource in resources} == {"Nell Rushton"}


@given(supports())
def test_any_needs_goals_and_actions_are_read_as_they_were_written(support: Support) -> None:
    assert part_of(written("support", support)) == ("support", support)


@pytest.mark.parametrize("part", HEADINGS)
def test_each_part_is_sound_fhir(part: str) -> None:
    resource = written(part, getattr(PLAN, part))
    whole = {**resource, "id": "1", "subject": {"reference": "Patient/1"}}

    get_fhir_model_class(resource["resourceType"]).model_validate(whole)


def test_what_is_wrong_with_a_plan_is_told_without_a_word_of_it() -> None:
    """An error ends in a log."""
    for wrong in ({"says": "Cannot climb stairs", "id": "Mrs Ferrante"}, {"says": "x" * 5000, "id": "stairs"},
                  {"says": "Cannot climb stairs", "id": "stairs", "told_by": "Mrs Ferrante"}):  # fmt: skip
        with pytest.raises(ValidationError) as told:
            Need.model_validate(wrong)
        assert not any(words in str(told.value) for words in ("Ferrante", "climb", "xxx"))


def test_a_plan_that_was_decided_on_cannot_be_changed_by_whoever_shows_it() -> None:
    with pytest.raises(ValidationError):
        PLAN.about_me.what_matters = "Nothing"  # type: ignore[misc,union-attr]  # which is what is tried


def test_an_empty_plan_is_sound_fhir_too() -> None:
    whole = {**written("support", Support()), "id": "1", "subject": {"reference": "Patient/1"}}

    get_fhir_model_class("CarePlan").model_validate(whole)


def test_somebody_elses_care_plan_is_no_part_of_it() -> None:
    assert part_of({"resourceType": "CarePlan", "status": "active", "intent": "plan"}) is None


def test_a_wish_tells_that_a_document_exists_and_never_what_it_says() -> None:
    assert set(Wish.model_fields) == {"kind", "kept_at", "held_by", "dated"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"support": {"goals": [{"id": "g", "says": "Walk", "needs": ["no-such"]}]}},
        {"support": {"actions": [{"id": "a", "says": "Do", "goals": ["g"], "owner": "N", "organisation": "RL4C"}]}},
        {"support": {"needs": [{"id": "n", "says": "1"}, {"id": "n", "says": "2"}]}},
        {"support": {"needs": [{"id": "N !", "says": "1"}]}},
        {"support": {"needs": [{"id": "n", "says": "  "}]}},
        {"support": {"actions": [{"id": "a", "says": "Do", "owner": "N", "organisation": "not an ODS code"}]}},
        {"contingency": {"steps": []}},
        {"about_me": {"what_matters": "x" * 4001}},
        {"secrets": {}},
    ],
)
def test_what_does_not_hang_together_is_no_plan(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Parts.model_validate(wrong)
    assert "x" * 50 not in str(refused.value)
