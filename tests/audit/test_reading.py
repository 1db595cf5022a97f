"""Who saw a person, and what someone did: answered for IG leads, and told to the trail too."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from app.audit import reading
from app.audit.acting import Acting
from app.audit.checking.verify import verify
from app.audit.event import Kind
from app.audit.reading import TooSoon
from app.audit.store import About, HeldEvent
from app.database.transactions import transaction
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from tests.audit.acts import AT, KEY, NURSE, PERSON, recorded, view

SOMEBODY = UUID(int=77)
LEAD = Acting(
    by=Account("local", "ig.lead"),
    at=AT + timedelta(days=1),
    key=KEY,
    new_id=uuid4,
    role=Role("ig-lead"),
    organisation=OdsCode("RL4"),
)


def read(engine: Engine, about: About, by: Acting = LEAD) -> list[HeldEvent]:
    with transaction(engine) as connection:
        return reading.read_trail(connection, about, by)


def requests(told: list[HeldEvent]) -> list[str]:
    return [one.event.get("request", "") for one in told]


def test_the_events_about_a_person_are_told_newest_first(engine: Engine) -> None:
    recorded(engine, view(1), view(2, person=SOMEBODY), view(3))
    told = read(engine, About(person=PERSON))
    assert requests(told) == ["request-3", "request-1"]
    assert [(one.chain, one.sequence) for one in told] == [(4, 3), (4, 1)]


def test_a_merge_is_told_of_both_people(engine: Engine) -> None:
    recorded(engine, view(1, kind=Kind.MERGE, person=PERSON, other=SOMEBODY))
    assert (
        requests(read(engine, About(person=PERSON))) == requests(read(engine, About(person=SOMEBODY))) == ["request-1"]
    )


def test_what_someone_did_is_told_and_not_what_their_namesake_at_another_provider_did(engine: Engine) -> None:
    recorded(engine, view(1), view(2, actor=NURSE._replace(issuer="https://other.example")), view(3))
    assert requests(read(engine, About(account=NURSE))) == ["request-3", "request-1"]
    assert requests(read(engine, About(account=NURSE, person=SOMEBODY))) == []


def test_a_period_begins_with_its_first_instant_and_ends_before_its_last(engine: Engine) -> None:
    recorded(engine, *(view(number) for number in range(1, 6)))
    within = About(person=PERSON, since=AT + timedelta(minutes=2), until=AT + timedelta(minutes=4))
    assert requests(read(engine, within)) == ["request-3", "request-2"]


def test_no_more_is_told_than_was_asked_for(engine: Engine) -> None:
    recorded(engine, *(view(number) for number in range(1, 6)))
    assert requests(read(engine, About(person=PERSON, most=2))) == ["request-5", "request-4"]


def test_reading_the_trail_is_told_to_the_trail(engine: Engine) -> None:
    recorded(engine, view(1))
    read(engine, About(person=PERSON))
    read(engine, About(account=NURSE), replace(LEAD, at=LEAD.at + timedelta(seconds=1)))
    by_actor, about_person = read(engine, About(account=LEAD.by))
    assert (about_person.event["kind"], about_person.event["person"]) == ("audit-read", str(PERSON))
    assert (about_person.event["role"], about_person.event["organisation"]) == ("ig-lead", "RL4")
    assert by_actor.event["kind"] == "audit-read"
    assert NURSE.subject not in str(by_actor.event)


def test_retention_deletes_what_events_say_and_the_trail_still_verifies(engine: Engine) -> None:
    recorded(engine, *(view(number) for number in range(1, 6)))
    with transaction(engine) as connection:
        assert reading.forget(connection, LEAD, before=AT + timedelta(minutes=4)) == 3
        left = connection.execute(
            text(
                "SELECT sequence FROM audit_event WHERE event IS NULL AND salt IS NULL"
                " AND (at, issuer, subject, person, other) IS NULL"
            )
        ).scalars()
        assert sorted(left) == [1, 2, 3]
        assert verify(connection, KEY).faults == ()
    assert requests(read(engine, About(person=PERSON))) == ["request-5", "request-4"]
    (told,) = read(engine, About(account=LEAD.by, until=LEAD.at + timedelta(seconds=1), most=5))[1:]
    assert (told.event["kind"], told.event["forgotten"]) == ("audit-forgotten", {"4": 3})


def test_retention_of_everything_leaves_what_it_did_itself(engine: Engine) -> None:
    recorded(engine, view(1), view(2))
    with transaction(engine) as connection:
        assert reading.forget(connection, LEAD, before=LEAD.at) == 2
        assert reading.forget(connection, LEAD, before=LEAD.at) == 0
        found = verify(connection, KEY)
    assert (found.faults, found.events) == ((), 3)


def test_an_event_out_of_time_order_is_kept_with_those_after_it(engine: Engine) -> None:
    recorded(engine, view(1), view(9), view(2))
    with transaction(engine) as connection:
        assert reading.forget(connection, LEAD, before=AT + timedelta(minutes=5)) == 1
        assert verify(connection, KEY).faults == ()


def test_what_is_not_over_cannot_be_forgotten(engine: Engine) -> None:
    with transaction(engine) as connection, pytest.raises(TooSoon, match="give a date that is past"):
        reading.forget(connection, LEAD, before=LEAD.at + timedelta(seconds=1))
