"""Facts as they were: whatever changes them, what was known at an instant can be known again."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app.database.transactions import transaction
from app.sharing.facts import PersonFacts
from app.sharing.known.feed_store import put_flags, put_relationships, revoke_relationships
from app.sharing.known.former_store import facts_then
from app.vocabulary.ods_code import OdsCode
from tests.sharing.test_store import HE, SHE, Message, facts, know, raised, told
from tests.sharing.worlds import HERS, HIS, NOON


def now(connection: Connection) -> datetime:
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def then(engine: Engine, person: UUID, at: datetime) -> PersonFacts:
    with engine.connect() as connection:
        (found,) = facts_then(connection, [(person, at)])
    return found


def instant(engine: Engine) -> datetime:
    with engine.connect() as connection:
        return now(connection)


def test_what_is_known_now_is_what_was_known_just_now(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told())])
        put_flags(connection, Message(1), [(SHE, raised())])
    assert then(engine, SHE, instant(engine)) == facts(engine, SHE)
    assert facts(engine, SHE).relationships


def test_before_anything_was_recorded_nothing_was_known(engine: Engine) -> None:
    before = instant(engine)
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told())])
    assert then(engine, SHE, before).relationships == ()


def test_what_was_overwritten_ended_revoked_lowered_or_deleted_is_still_known_as_it_was(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        put_relationships(connection, Message(1), [(SHE, told("a")), (SHE, told("b"))])
        put_flags(connection, Message(1), [(SHE, raised()), (SHE, raised("dissent"))])
        connection.execute(
            text("INSERT INTO objection (person_id, scope, upheld, started) VALUES (:id, 'all', true, :at)"),
            {"id": SHE, "at": NOON},
        )
    was, at = facts(engine, SHE), instant(engine)
    with transaction(engine) as connection:
        put_relationships(connection, Message(2), [(SHE, told("a", kind="referral", ended=NOON))])
        revoke_relationships(connection, Message(2), "b")
        put_flags(connection, Message(2), [(SHE, raised(up=False))])
        connection.execute(text("DELETE FROM person_flag WHERE kind = 'dissent'"))
        connection.execute(text("UPDATE objection SET upheld = false"))
    changed = facts(engine, SHE)
    assert changed != was
    assert sorted(map(repr, then(engine, SHE, at).relationships)) == sorted(map(repr, was.relationships))
    assert set(then(engine, SHE, at).flags) == set(was.flags)
    assert then(engine, SHE, at).objections == was.objections
    assert then(engine, SHE, instant(engine)) == changed


def test_what_only_repeats_itself_is_not_kept_again(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS))
        for message in (1, 2, 3):
            put_relationships(connection, Message(message), [(SHE, told())])
            put_flags(connection, Message(message), [(SHE, raised())])
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM former_fact")).scalar_one() == 0


def test_a_relationship_that_was_filed_as_another_persons_was_theirs_then(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS))
        put_relationships(connection, Message(1), [(HE, told())])
    at = instant(engine)
    with transaction(engine) as connection:
        put_relationships(connection, Message(2), [(SHE, told())])
    assert (len(then(engine, HE, at).relationships), then(engine, SHE, at).relationships) == (1, ())
    after = instant(engine)
    assert (then(engine, HE, after).relationships, len(then(engine, SHE, after).relationships)) == ((), 1)


def test_two_were_one_only_while_they_were_joined(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS))
        put_relationships(connection, Message(1), [(SHE, told("a")), (HE, told("b"))])
    apart = instant(engine)
    with transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO person_link (id, retired, survivor, kind, made_at, made_by)"
                " VALUES (gen_random_uuid(), :he, :she, 'person', clock_timestamp(), 'someone')"
            ),
            {"he": HE, "she": SHE},
        )
    joined = instant(engine)
    with transaction(engine) as connection:
        connection.execute(text("UPDATE person_link SET undone_at = clock_timestamp()"))
    parted = instant(engine)
    assert [len(then(engine, SHE, at).relationships) for at in (apart, joined, parted)] == [1, 2, 1]
    assert [len(then(engine, HE, at).relationships) for at in (apart, joined, parted)] == [1, 1, 1]


def test_many_are_asked_about_at_once_in_their_order(engine: Engine) -> None:
    with transaction(engine) as connection:
        know(connection, (SHE, HERS), (HE, HIS))
        put_relationships(connection, Message(1), [(SHE, told("a"))])
        put_relationships(connection, Message(2, partner=OdsCode("LA508")), [(HE, told("a"))])
    at = instant(engine)
    with engine.connect() as connection:
        found = facts_then(connection, [(HE, at), (SHE, at), (UUID(int=5), at), (HE, at)])
    assert [[str(each.organisation) for each in one.relationships] for one in found] == [
        ["LA508"],
        ["RL4"],
        [],
        ["LA508"],
    ]
