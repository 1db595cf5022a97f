"""By the hour a long trail is looked at from the last head on, by the day as a whole; nothing left off is believed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from app.audit.checking.faults import Fault, Wrong
from app.audit.checking.left_off import LeftOff
from app.audit.checking.sealing import Sealed, Seals
from app.audit.checking.verify import judged, verify
from app.database.transactions import open_engine
from tests.audit.acts import AT, KEY, OF_TRANSACTIONS, recorded, tampering, view

HOUR = timedelta(hours=1)
BLOCK = 4
FIRST = 10  # events before the first head: two blocks and half of a third


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a short trail has several."""
    for module in ("chain_store", "checking.verify", "checking.vouching"):
        monkeypatch.setattr(f"app.audit.{module}.BLOCK", BLOCK)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    recorded(engine, *(view(number) for number in range(1, FIRST + 1)))
    yield engine
    engine.dispose()


@pytest.fixture
def seals(tmp_path: Path) -> Seals:
    return Seals(tmp_path / "heads", Ed25519PrivateKey.generate(), KEY, parts_from=1)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """From which event on the chain was looked at, each time that a head was to be sealed."""
    told: list[list[int]] = []

    def judging(connection, key, walks):  # type: ignore[no-untyped-def]  # as the one it stands for
        told.append([walk.begun for walk in walks if walk.chain == OF_TRANSACTIONS])
        return judged(connection, key, walks)

    monkeypatch.setattr("app.audit.checking.sealing.judged", judging)
    return told


def seal(seals: Seals, engine: Engine, at: datetime) -> Sealed:
    sealed = seals.seal(engine, at=at)
    assert isinstance(sealed, Sealed), sealed
    return sealed


def faults(seals: Seals, engine: Engine, at: datetime) -> list[tuple[Wrong, int | None]]:
    found = seals.seal(engine, at=at)
    assert not isinstance(found, Sealed)
    return [(fault.wrong, fault.first) for fault in found if isinstance(fault, Fault)]


def edit(engine: Engine, sequence: int) -> None:
    with tampering(engine) as connection:
        connection.execute(text(f"UPDATE audit_event SET event = '{{}}' WHERE sequence = {sequence}"))


def test_by_the_hour_what_came_since_is_looked_at_and_by_the_day_the_whole(
    engine: Engine, seals: Seals, looks: list[list[int]]
) -> None:
    numbers = count(FIRST + 1)
    for hours in (0, 1, 2, 23, 24, 25):
        head = seal(seals, engine, AT + hours * HOUR).head
        with engine.connect() as connection:
            assert verify(connection, KEY).chains[OF_TRANSACTIONS].root == head.chains[OF_TRANSACTIONS].root
        recorded(engine, *(view(next(numbers)) for _ in range(3)))
    assert looks == [[0], [8], [12], [16], [0], [20]]


def test_where_nothing_came_since_the_head_meets_the_tree_that_was_left_and_the_whole_is_not_looked_at(
    engine: Engine, seals: Seals, looks: list[list[int]]
) -> None:
    recorded(engine, view(FIRST + 1), view(FIRST + 2))  # a head at the end of a block, from which the check goes on
    heads = [seal(seals, engine, AT + hours * HOUR).head for hours in range(3)]
    assert len({head.chains[OF_TRANSACTIONS].root for head in heads}) == 1
    assert looks == [[0], [12], [12]]


def test_a_short_trail_is_looked_at_as_a_whole_each_time(engine: Engine, seals: Seals, looks: list[list[int]]) -> None:
    whole = Seals(seals.folder, seals.signing, KEY)
    for hours in range(2):
        seal(whole, engine, AT + hours * HOUR)
    assert looks == [[0], [0]]


def test_what_was_done_to_what_came_since_is_found_at_the_hour(engine: Engine, seals: Seals) -> None:
    seal(seals, engine, AT)
    recorded(engine, view(FIRST + 1), view(FIRST + 2))
    edit(engine, FIRST + 1)
    assert faults(seals, engine, AT + HOUR) == [(Wrong.EDITED, FIRST + 1)]


@pytest.mark.parametrize("statement", ["DELETE FROM audit_event WHERE sequence > 9", "DELETE FROM audit_event"])
def test_what_a_head_counted_and_is_gone_is_found_at_the_hour(engine: Engine, seals: Seals, statement: str) -> None:
    seal(seals, engine, AT)
    with tampering(engine) as connection:
        connection.execute(text(statement))
    assert Wrong.SEALED_OTHERWISE in {wrong for wrong, _ in faults(seals, engine, AT + HOUR)}


def test_what_was_done_to_what_is_older_is_found_by_the_day(engine: Engine, seals: Seals) -> None:
    seal(seals, engine, AT)
    edit(engine, 2)
    seal(seals, engine, AT + HOUR)
    assert faults(seals, engine, AT + 24 * HOUR) == [(Wrong.EDITED, 2)]


def test_where_it_left_off_is_believed_in_nothing(engine: Engine, seals: Seals, looks: list[list[int]]) -> None:
    seal(seals, engine, AT)
    file = seals.folder.with_name("left-off.json")
    left_off = LeftOff.read(file)
    assert left_off is not None
    reached = left_off.chains[OF_TRANSACTIONS]
    said = file.read_text()
    forged = said.replace(reached.subtrees[0].hex(), "ab" * 32)
    assert forged != said
    for hours, content in enumerate((forged, said, "not json", "[]"), start=1):
        file.write_text(content)
        head = seal(seals, engine, AT + hours * HOUR).head
        with engine.connect() as connection:
            assert verify(connection, KEY).chains[OF_TRANSACTIONS].root == head.chains[OF_TRANSACTIONS].root
    assert looks == [[0], [8], [0], [0], [0], [0]]  # forged: from there, then the whole; of another head or none: whole
