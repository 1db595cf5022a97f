"""Whoever owns the database may change anything in it, yet `verify` finds what they did, and says where."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from app.audit.chain import CHAINS, ChainKey, extend
from app.audit.checking.anchors import ChainRoot, TrailHead
from app.audit.checking.faults import Wrong
from app.audit.checking.sealing import verified
from app.audit.checking.verify import Verification, verify
from app.audit.event import Kind
from app.audit.merkle import EMPTY
from app.audit.trail import record
from app.database.transactions import open_engine
from tests.audit.acts import AT, KEY, OF_TRANSACTIONS, recorded, tampering, view

CHAIN = OF_TRANSACTIONS
LENGTH = 12

Told = list[tuple[Wrong, int | None, int | None, int | None]]


@pytest.fixture(scope="module")
def trail(module_database_url: str) -> Iterator[Engine]:
    """Twelve views in one chain."""
    engine = open_engine(module_database_url)
    recorded(engine, *(view(number) for number in range(1, LENGTH + 1)))
    yield engine
    engine.dispose()


@pytest.fixture
def owner(trail: Engine) -> Iterator[Connection]:
    """A connection of whoever owns the database; what they do lasts for one test."""
    with trail.connect() as connection:
        for table in ("audit_event", "audit_chain"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield connection
        connection.rollback()


def told(found: Verification) -> Told:
    return [(fault.wrong, fault.chain, fault.first, fault.last) for fault in found.faults]


def tamper(owner: Connection, *statements: str) -> Told:
    """What is told then; where a signed head vouched for all that was there before, exactly what is told without."""
    head = TrailHead(AT, KEY.name, verify(owner, KEY).chains)
    for statement in statements:
        owner.execute(text(statement))
    assert verify(owner, KEY, [head]).faults == verify(owner, KEY, [head.vouching_for_nothing]).faults
    return told(verify(owner, KEY))


def test_a_trail_that_nobody_touched_is_whole(trail: Engine) -> None:
    with trail.connect() as connection:
        found = verify(connection, KEY)
    assert (found.faults, found.events) == ((), LENGTH)


def test_a_trail_that_has_not_begun_is_whole(engine: Engine) -> None:
    with engine.connect() as connection:
        found = verify(connection, KEY)
    assert found.faults == ()
    assert found.chains == tuple(ChainRoot(chain, 0, EMPTY) for chain in range(CHAINS))


def test_an_edited_event_is_found(owner: Connection) -> None:
    edit = "UPDATE audit_event SET event = replace(event::text, 'nurse.7', 'nurse.8')::json WHERE sequence = 5"
    assert tamper(owner, edit) == [(Wrong.EDITED, CHAIN, 5, 5)]


def test_an_edit_of_nothing_but_a_space_is_found(owner: Connection) -> None:
    assert tamper(owner, "UPDATE audit_event SET event = (' ' || event::text)::json WHERE sequence = 12") == [
        (Wrong.EDITED, CHAIN, 12, 12)
    ]


def test_an_edit_that_takes_its_leaf_along_is_found(owner: Connection) -> None:
    edit = (
        "UPDATE audit_event SET event = '{}', leaf = sha256('\\x00'::bytea || salt || '{}'::bytea) WHERE sequence = 5"
    )
    assert tamper(owner, edit) == [(Wrong.EDITED, CHAIN, 5, 5)]


def test_an_event_that_took_the_place_of_another_is_found(owner: Connection) -> None:
    edit = (
        "UPDATE audit_event SET event = '{}', leaf = sha256('\\x00'::bytea || salt || '{}'::bytea), "
        "link = sha256(link) WHERE sequence = 5"
    )
    assert tamper(owner, edit) == [(Wrong.EDITED, CHAIN, 5, 5)]


def test_a_deleted_event_is_found(owner: Connection) -> None:
    assert tamper(owner, "DELETE FROM audit_event WHERE sequence IN (3, 7, 8)") == [
        (Wrong.DELETED, CHAIN, 3, 3),
        (Wrong.DELETED, CHAIN, 7, 8),
    ]


RENUMBER = (
    "UPDATE audit_event SET sequence = sequence + 1000 + ({by}) WHERE sequence > {after}",
    "UPDATE audit_event SET sequence = sequence - 1000 WHERE sequence > 1000",
)


def test_a_deleted_event_is_found_though_the_others_were_renumbered(owner: Connection) -> None:
    renumber = [statement.format(by=-1, after=6) for statement in RENUMBER]
    assert tamper(owner, "DELETE FROM audit_event WHERE sequence = 6", *renumber) == [(Wrong.DELETED, CHAIN, 6, 6)]


INSERT = (
    "INSERT INTO audit_event SELECT chain, {at}, sha256('\\x00'::bytea || salt || '{{}}'::bytea), sha256(link), "
    "salt, '{{}}' FROM audit_event WHERE sequence = 1"
)
MOVE_HEAD = (
    "UPDATE audit_chain SET (length, link) = (SELECT sequence, link FROM audit_event WHERE sequence = {to}) "
    f"WHERE chain = {CHAIN}"
)


def test_an_inserted_event_is_found(owner: Connection) -> None:
    renumber = [statement.format(by=1, after=8) for statement in RENUMBER]
    assert tamper(owner, *renumber, INSERT.format(at=9)) == [(Wrong.INSERTED, CHAIN, 9, 9)]


def test_an_appended_event_is_found(owner: Connection) -> None:
    assert tamper(owner, INSERT.format(at=13)) == [(Wrong.INSERTED, CHAIN, 13, 13)]


def test_an_appended_event_is_found_though_the_head_row_tells_of_it(owner: Connection) -> None:
    assert tamper(owner, INSERT.format(at=13), MOVE_HEAD.format(to=13)) == [
        (Wrong.HEAD_EDITED, CHAIN, None, None),
        (Wrong.INSERTED, CHAIN, 13, 13),
    ]


def test_events_that_changed_places_are_found(owner: Connection) -> None:
    swap = (
        "UPDATE audit_event SET sequence = 1000 WHERE sequence = 4",
        "UPDATE audit_event SET sequence = 4 WHERE sequence = 9",
        "UPDATE audit_event SET sequence = 9 WHERE sequence = 1000",
    )
    assert tamper(owner, *swap) == [(Wrong.MOVED, CHAIN, 4, 4), (Wrong.MOVED, CHAIN, 9, 9)]


def test_an_event_that_was_moved_to_another_chain_is_found(owner: Connection) -> None:
    assert tamper(owner, "UPDATE audit_event SET (chain, sequence) = (0, 1) WHERE sequence = 12") == [
        (Wrong.INSERTED, 0, 1, 1),
        (Wrong.TRUNCATED, CHAIN, 12, 12),
    ]


def test_an_event_of_a_chain_that_there_is_not_is_found(owner: Connection) -> None:
    assert tamper(owner, "UPDATE audit_event SET chain = 99 WHERE sequence = 12") == [
        (Wrong.TRUNCATED, CHAIN, 12, 12),
        (Wrong.INSERTED, 99, None, None),
    ]


def test_truncation_is_found(owner: Connection) -> None:
    assert tamper(owner, "DELETE FROM audit_event WHERE sequence > 9") == [(Wrong.TRUNCATED, CHAIN, 10, 12)]


def test_truncation_is_found_though_the_head_row_was_moved_to_match(owner: Connection) -> None:
    assert tamper(
        owner,
        "DELETE FROM audit_event WHERE sequence > 9",
        MOVE_HEAD.format(to=9),
    ) == [(Wrong.HEAD_EDITED, CHAIN, None, None)]


def test_a_head_row_that_was_set_back_is_found(owner: Connection) -> None:
    put_back_head_of(owner, 9)
    assert told(verify(owner, KEY)) == [(Wrong.HEAD_ROLLED_BACK, CHAIN, 10, 12)]


def put_back_head_of(owner: Connection, length: int) -> None:
    """Put in the head row of an earlier time, as someone who kept a copy of it can."""
    events = [
        (bytes(salt), said.encode())
        for salt, said in owner.execute(text("SELECT salt, event::text FROM audit_event ORDER BY sequence"))
    ]
    head, _ = extend(KEY, KEY.start(CHAIN), events[:length])
    owner.exec_driver_sql(
        "UPDATE audit_chain SET (length, link, seal) = (%s, %s, %s) WHERE chain = %s",
        (head.length, head.link, KEY.seal(head), CHAIN),
    )


def test_a_head_row_that_is_gone_is_found(owner: Connection) -> None:
    assert tamper(owner, f"DELETE FROM audit_chain WHERE chain = {CHAIN}") == [(Wrong.HEAD_MISSING, CHAIN, None, None)]


def test_a_trail_of_which_all_events_are_gone_is_found(owner: Connection) -> None:
    assert tamper(owner, "DELETE FROM audit_event") == [(Wrong.TRUNCATED, CHAIN, 1, LENGTH)]


def test_another_key_is_told_as_such(trail: Engine) -> None:
    with trail.connect() as connection:
        found = verify(connection, ChainKey(b"o" * 32))
    assert told(found) == [(Wrong.WRONG_KEY, None, None, None)]


def test_with_the_right_key_forged_head_rows_are_not_taken_for_another_key(owner: Connection) -> None:
    found = tamper(owner, "UPDATE audit_chain SET seal = link")
    assert found == [(Wrong.HEAD_EDITED, chain, None, None) for chain in range(CHAINS)]


@pytest.fixture
def sealed(trail: Engine, owner: Connection) -> list[TrailHead]:
    """Heads sealed after the twelve events, and after the three that came then."""
    heads = [TrailHead(AT, KEY.name, verify(owner, KEY).chains)]
    record(owner, [view(number) for number in (13, 14, 15)], key=KEY)
    heads.append(TrailHead(AT + timedelta(hours=1), KEY.name, verify(owner, KEY).chains))
    return heads


def test_a_whole_trail_agrees_with_every_head_that_was_sealed(owner: Connection, sealed: list[TrailHead]) -> None:
    record(owner, [view(16)], key=KEY)
    assert told(verify(owner, KEY, sealed)) == []


def test_a_truncation_that_puts_an_old_head_row_back_is_found_by_a_sealed_head_alone(
    owner: Connection, sealed: list[TrailHead]
) -> None:
    owner.execute(text("DELETE FROM audit_event WHERE sequence > 13"))
    put_back_head_of(owner, 13)
    assert told(verify(owner, KEY)) == []  # nothing inside the database tells: this is what heads are sealed for
    found = verify(owner, KEY, sealed)
    assert told(found) == [(Wrong.SEALED_OTHERWISE, CHAIN, 14, 15)]
    assert "2026-06-01T10:30" in found.faults[0].text


def test_a_history_that_a_holder_of_the_key_rewrote_is_found_by_a_sealed_head(
    owner: Connection, sealed: list[TrailHead]
) -> None:
    owner.execute(text("DELETE FROM audit_event WHERE sequence > 12"))
    put_back_head_of(owner, 12)
    record(owner, [view(number) for number in (23, 24, 25, 26)], key=KEY)
    assert told(verify(owner, KEY)) == []
    assert told(verify(owner, KEY, sealed)) == [(Wrong.SEALED_OTHERWISE, CHAIN, 13, 15)]


def test_a_trail_that_was_emptied_is_found_by_a_sealed_head(owner: Connection, sealed: list[TrailHead]) -> None:
    owner.execute(text("DELETE FROM audit_event"))
    owner.execute(text("DELETE FROM audit_chain"))
    assert told(verify(owner, KEY)) == []
    assert told(verify(owner, KEY, sealed)) == [(Wrong.SEALED_OTHERWISE, CHAIN, 1, 15)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("person", "NULL"),
        ("person", "'00000000-0000-4000-8000-000000000009'"),
        ("other", "'00000000-0000-4000-8000-000000000009'"),
        ("subject", "'nurse.8'"),
        ("issuer", "'https://other.example'"),
        ("at", "at + interval '1 microsecond'"),
    ],
)
def test_an_event_that_is_no_longer_found_by_what_it_says_is_found(owner: Connection, column: str, value: str) -> None:
    assert tamper(owner, f"UPDATE audit_event SET {column} = {value} WHERE sequence = 5") == [
        (Wrong.EDITED, CHAIN, 5, 5)
    ]


def test_words_that_went_without_a_retention_are_missed(owner: Connection) -> None:
    erase = "UPDATE audit_event SET event = NULL, salt = NULL WHERE sequence <= {last}"
    assert tamper(owner, erase.format(last=3)) == [(Wrong.ERASED, CHAIN, 1, 3)]
    retention = view(13, kind=Kind.AUDIT_FORGOTTEN, forgotten={str(CHAIN): 5})
    record(owner, [retention], key=KEY)
    assert tamper(owner, erase.format(last=5)) == []
    assert tamper(owner, erase.format(last=7)) == [(Wrong.ERASED, CHAIN, 6, 7)]


def test_a_forged_retention_excuses_nothing(owner: Connection) -> None:
    forge = """UPDATE audit_event SET event = '{{"kind":"{kind}","forgotten":{forgotten}}}' WHERE sequence = 12"""
    erase = "UPDATE audit_event SET event = NULL, salt = NULL WHERE sequence <= 3"
    edited, erased = (Wrong.EDITED, CHAIN, 12, 12), (Wrong.ERASED, CHAIN, 1, 3)
    for kind, forgotten in (("audit-forgotten", '{"4":"all"}'), ("audit-forgotten", "7"), ("x-audit-forgotten", "{}")):
        assert tamper(owner, forge.format(kind=kind, forgotten=forgotten).replace(":", "\\:"), erase) == [
            edited,
            erased,
        ]


def test_several_processes_find_what_one_does(engine: Engine) -> None:
    recorded(engine, *(view(number) for number in range(5)))
    sealed = [TrailHead(AT, KEY.name, verified(engine, KEY, []).chains)]
    assert verified(engine, KEY, sealed, processes=2) == verified(engine, KEY, sealed)
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 3"))
        connection.execute(text("UPDATE audit_event SET subject = 'another' WHERE sequence = 1"))
    found = verified(engine, KEY, sealed, processes=2)
    assert found == verified(engine, KEY, sealed)
    assert {fault.wrong for fault in found.faults} == {Wrong.DELETED, Wrong.EDITED, Wrong.SEALED_OTHERWISE}
