"""Which events of the trail are acts of somebody, and which of those are looks at one person."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.audit.event import Kind
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.act import Act, act_of, people_of
from tests.watch.acts import act, person

PERSON = UUID(int=7, version=4)
TOLD = {
    "kind": "view",
    "at": "2026-06-10T08:00:00+00:00",
    "issuer": "https://sign-in.example",
    "subject": "nurse.7",
    "role": "community-nurse",
    "organisation": "RL4C",
    "person": str(PERSON),
    "request": "r1",
}


def told(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**TOLD, **changes}.items() if value is not None}


def test_an_act_is_all_that_the_trail_tells_of_it() -> None:
    assert act_of("0/1", told()) == Act(
        event="0/1",
        kind=Kind.VIEW,
        at=datetime(2026, 6, 10, 8, tzinfo=UTC),
        actor=Account("https://sign-in.example", "nurse.7"),
        role=Role("community-nurse"),
        organisation=OdsCode("RL4C"),
        person=PERSON,
        request="r1",
    )
    of_nobody = act_of("0/1", told(kind="find", person=None, request=None))
    assert of_nobody
    assert (of_nobody.person, of_nobody.request, of_nobody.is_look) == (None, "", False)


LOOKS = {"view", "entry", "export", "emergency-opened", "denied", "indeterminate-alarm"}


@pytest.mark.parametrize("kind", Kind)
def test_looks_copies_openings_and_refusals_are_watched_and_searches_are_no_looks(kind: Kind) -> None:
    found = act_of("0/1", told(kind=str(kind)))
    assert (found is not None) is (kind in LOOKS | {"find"})
    assert bool(found and found.is_look) is (kind in LOOKS)


@pytest.mark.parametrize("kind", sorted(LOOKS))
def test_what_is_about_nobody_is_a_look_at_nobody(kind: str) -> None:
    found = act_of("0/1", told(kind=kind, person=None))
    assert found
    assert not found.is_look


@pytest.mark.parametrize("absent", ["role", "organisation"])
def test_who_acts_for_no_partner_is_not_watched(absent: str) -> None:
    """A worker, or somebody who looks at their own."""
    assert act_of("0/1", told(**{absent: None})) is None


def test_whom_acts_are_about_are_the_people_in_them() -> None:
    assert people_of([act(1, 1), act(2, None), act(3, 1), act(4, 2)]) == {person(1), person(2)}
