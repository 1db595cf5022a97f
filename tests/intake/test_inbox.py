"""What arrives is on disk before anyone is told, once, in order, and in parts."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from app.adapters.registry import UnknownAdapter
from app.database.transactions import open_engine, transaction
from app.intake.arriving import inbox, parts
from app.intake.arriving.inbox import (
    ATTEMPTS,
    NEXT,
    Due,
    NotMoved,
    State,
    claim,
    move,
    receive,
    try_again_later,
)
from app.intake.arriving.locks import try_partner
from app.intake.arriving.parts import open_message
from app.vocabulary.ods_code import OdsCode
from tests.intake.feed import COUNCIL, NOON, Speaking, column, rows, send, sent, states
from tests.person.people import ACUTE

MEGABYTE = 1 << 20

pytestmark = pytest.mark.usefixtures("spoken")


def test_a_message_is_on_disk_when_its_sender_is_told(engine: Engine, module_database_url: str) -> None:
    number = send(engine, b"kept")

    other = open_engine(module_database_url)  # sees what is committed, and nothing else
    try:
        assert column(other, "SELECT bytes FROM inbox_part WHERE message = %s", number) == [b"kept"]
        (message,) = rows(other, "SELECT * FROM inbox_message")
    finally:
        other.dispose()
    assert (message.partner, message.adapter, message.state, message.size) == ("RL4", "spoken", "received", 4)
    assert message.sha256 == hashlib.sha256(b"kept").digest()
    assert message.received_at == NOON


class Failing(io.BytesIO):
    """A connection that breaks after the first megabyte."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise ConnectionError
        return super().read(size)


def test_a_message_that_does_not_arrive_whole_is_not_there_at_all(engine: Engine) -> None:
    with pytest.raises(ConnectionError):
        receive(engine, Failing(bytes(2 * MEGABYTE)), partner=ACUTE, adapter="spoken", at=NOON)

    assert column(engine, "SELECT count(*) FROM inbox_part UNION ALL SELECT count(*) FROM inbox_message") == [0, 0]


def test_a_message_for_no_adapter_is_refused_before_it_is_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(UnknownAdapter, match="no adapter is called `spokne`; there are: acute-hl7v2, "):
        send(engine, b"kept", adapter="spokne")
    assert states(engine) == []


def test_the_same_message_twice_counts_once(engine: Engine) -> None:
    first = sent(engine, b"kept", message_id="0001")
    second = sent(engine, b"kept", message_id="0001")

    assert (first.again, second.again) == (False, True)
    assert first.message == second.message
    assert column(engine, "SELECT message FROM inbox_part") == [first.message]


@pytest.mark.parametrize(
    "how",
    [{"message_id": "0002"}, {"partner": COUNCIL}, {"adapter": "written"}, {"word": b"another"}],
    ids=["another name", "another partner", "another adapter", "another content under the same name"],
)
def test_another_message_is_not_taken_for_the_same(engine: Engine, how: dict[str, object]) -> None:
    first: dict[str, Any] = {"word": b"kept", "message_id": "0001", "partner": ACUTE, "adapter": "spoken"}
    sent(engine, **first)

    assert not sent(engine, **(first | how)).again
    assert states(engine) == ["received", "received"]


def test_the_same_message_at_once_on_two_connections_counts_once(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: sent(engine, b"kept" * MEGABYTE), range(4)))

    assert sorted(answer.again for answer in answers) == [False, True, True, True]
    assert len({answer.message for answer in answers}) == 1
    assert column(engine, "SELECT count(*) FROM inbox_part") == [4]


def test_a_message_that_is_being_processed_can_be_sent_again(engine: Engine) -> None:
    send(engine, b"kept")
    with transaction(engine) as connection:
        assert claim(connection, NOON) is not None
        assert sent(engine, b"kept").again


def test_a_feed_that_speaks_is_known_with_what_it_covers(engine: Engine) -> None:
    send(engine, b"first", at=NOON - timedelta(days=1))
    send(engine, b"second", at=NOON)

    (feed,) = rows(engine, "SELECT * FROM feed")
    assert (feed.partner, feed.adapter, feed.covers, feed.last_message_at) == ("RL4", "spoken", ["problems"], NOON)


def test_a_clock_that_ran_ahead_and_was_put_back_hides_no_feed_that_is_late(engine: Engine) -> None:
    send(engine, b"by a clock that is a day ahead", at=NOON + timedelta(days=1))
    send(engine, b"by the right one")

    assert column(engine, "SELECT last_message_at FROM feed") == [NOON]


# Parts


def test_a_message_lies_in_parts_of_a_megabyte(engine: Engine) -> None:
    content = Random(1).randbytes(2 * MEGABYTE + 5)
    told: list[int] = []
    number = receive(
        engine, io.BytesIO(content), partner=ACUTE, adapter="spoken", at=NOON, progress=told.append
    ).message

    assert column(engine, "SELECT length(bytes) FROM inbox_part ORDER BY part") == [MEGABYTE, MEGABYTE, 5]
    assert told == [MEGABYTE, MEGABYTE, 5]
    with transaction(engine) as connection, open_message(connection, number) as message:
        assert message.read() == content


class Trickling(io.BytesIO):
    """A connection that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 400_000))


def test_a_message_that_comes_in_small_pieces_lies_in_the_same_parts(engine: Engine) -> None:
    content = Random(1).randbytes(2 * MEGABYTE)
    number = receive(engine, Trickling(content), partner=ACUTE, adapter="spoken", at=NOON).message

    assert column(engine, "SELECT length(bytes) FROM inbox_part ORDER BY part") == [MEGABYTE, MEGABYTE]
    with transaction(engine) as connection, open_message(connection, number) as message:
        assert message.read() == content


def test_whoever_waits_is_told_how_much_of_a_message_was_read(engine: Engine) -> None:
    number = send(engine, bytes(MEGABYTE + 1))
    told: list[tuple[int, int]] = []
    with (
        transaction(engine) as connection,
        open_message(connection, number, progress=lambda size, of: told.append((size, of))) as message,
    ):
        message.read()

    assert told == [(MEGABYTE, MEGABYTE + 1), (1, MEGABYTE + 1)]


CONTENT = b"0123456789" * 5


@pytest.fixture(scope="module")
def kept(module_database_url: str) -> Iterator[tuple[Engine, int]]:
    """A message in parts of seven bytes."""
    engine = open_engine(module_database_url)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "PART_BYTES", 7)
        patched.setattr("app.adapters.registry.adapter", lambda _name: Speaking())
        number = send(engine, CONTENT)
    finish(engine, number)
    yield engine, number
    engine.dispose()


@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(0, 60), st.just(0)),
            st.tuples(st.just("seek"), st.integers(0, 60), st.just(io.SEEK_SET)),
            st.tuples(st.just("seek"), st.integers(-50, 0), st.just(io.SEEK_END)),
        ),
        max_size=8,
    )
)
def test_a_message_reads_as_a_file_does_and_can_be_wound_back(
    kept: tuple[Engine, int], steps: list[tuple[str, int, int]]
) -> None:
    engine, number = kept
    file = io.BytesIO(CONTENT)
    with pytest.MonkeyPatch.context() as patched, transaction(engine) as connection:
        patched.setattr(parts, "PART_BYTES", 7)
        with open_message(connection, number) as message:
            assert message.seekable()
            for step, amount, whence in steps:
                if step == "read":
                    assert message.read(amount) == file.read(amount)
                else:
                    assert message.seek(amount, whence) == file.seek(amount, whence)
                assert message.tell() == file.tell()


# Turns


def claimed(engine: Engine, at: datetime = NOON) -> int | None:
    with transaction(engine) as connection:
        due = claim(connection, at)
        return due.message if due else None


def finish(engine: Engine, number: int) -> None:
    with transaction(engine) as connection:
        move(connection, number, State.PROCESSED, at=NOON)


def test_messages_of_a_feed_come_in_the_order_of_their_arrival(engine: Engine) -> None:
    numbers = [send(engine, f"{number}".encode()) for number in range(3)]

    taken = []
    while (number := claimed(engine)) is not None:
        taken.append(number)
        finish(engine, number)
    assert taken == numbers


def test_a_message_is_due_when_it_came_also_where_the_clock_was_put_back_since(engine: Engine) -> None:
    number = send(engine, b"came", at=NOON + timedelta(hours=1))

    assert claimed(engine) == number


def fail(engine: Engine, number: int, at: datetime = NOON) -> State:
    with transaction(engine) as connection:
        due = claim(connection, at)
        assert due is not None
        assert due.message == number
        return try_again_later(connection, due, at=at)


def test_a_message_that_is_to_be_tried_again_holds_those_behind_it_and_no_other_feed(engine: Engine) -> None:
    first, second = send(engine, b"first"), send(engine, b"second")
    fail(engine, first)
    other = send(engine, b"another's", partner=COUNCIL)

    assert claimed(engine) == other
    finish(engine, other)
    assert claimed(engine) is None
    assert claimed(engine, NOON + timedelta(seconds=10)) == first
    finish(engine, first)
    assert claimed(engine) == second


def test_a_message_that_fails_waits_longer_each_time_and_then_for_a_person(engine: Engine) -> None:
    number = send(engine, b"hard")
    at, waits = NOON, []
    for _ in range(ATTEMPTS - 1):
        assert fail(engine, number, at) is State.RECEIVED
        (later,) = column(engine, "SELECT next_attempt_at FROM inbox_message")
        waits.append((later - at).total_seconds())
        at = later

    assert waits == [10, 30, 90, 270]
    assert fail(engine, number, at) is State.STUCK
    assert states(engine) == ["stuck"]


def test_two_workers_never_file_for_one_partner_at_once(engine: Engine) -> None:
    first, _ = send(engine, b"first"), send(engine, b"second")
    send(engine, b"the same partner's", adapter="written")
    other = send(engine, b"another's", partner=COUNCIL)

    with transaction(engine) as one, transaction(engine) as two, transaction(engine) as three:
        due = claim(one, NOON)
        assert due is not None
        assert due.message == first
        assert (found := claim(two, NOON)) is not None
        assert found.message == other
        assert claim(three, NOON) is None


def test_a_message_that_another_worker_finished_meanwhile_is_not_taken_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking for what is due and holding its partner, another worker may have done it, or put it off."""
    first, second = send(engine, b"first"), send(engine, b"second")

    def after_another(connection: Connection, partner: OdsCode) -> bool:
        finish(engine, first)
        return try_partner(connection, partner)

    monkeypatch.setattr(inbox, "try_partner", after_another)
    assert claimed(engine) == second


def test_a_message_that_another_worker_put_off_meanwhile_is_not_taken_early(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = send(engine, b"hard")
    due = Due(message=number, partner=ACUTE, adapter="spoken", attempts=0)

    def after_another(connection: Connection, partner: OdsCode) -> bool:
        with transaction(engine) as other:
            try_again_later(other, due, at=NOON)
        return try_partner(connection, partner)

    monkeypatch.setattr(inbox, "try_partner", after_another)
    assert claimed(engine) is None


# States


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(NEXT) == set(State)


@pytest.mark.parametrize(("current", "to"), list(product(State, State)))
def test_a_message_moves_as_the_table_says_and_no_other_way(engine: Engine, current: State, to: State) -> None:
    number = send(engine, b"kept")
    with transaction(engine) as connection:
        connection.exec_driver_sql("UPDATE inbox_message SET state = %s, attempts = 3", (current,))

    with transaction(engine) as connection:
        if to in NEXT[current]:
            move(connection, number, to, at=NOON)
        else:
            with pytest.raises(NotMoved, match=f"message {number} is not there, or cannot be {to} now"):
                move(connection, number, to, at=NOON)

    (message,) = rows(engine, "SELECT state, attempts, finished_at FROM inbox_message")
    moved = to in NEXT[current]
    assert message.state == (to if moved else current)
    assert message.attempts == (0 if moved and to is State.RECEIVED else 3)
    assert (message.finished_at is not None) == (moved and to is not State.RECEIVED)


def test_a_message_that_is_not_there_cannot_move(engine: Engine) -> None:
    with transaction(engine) as connection, pytest.raises(NotMoved):
        move(connection, 41, State.RECEIVED, at=NOON)
