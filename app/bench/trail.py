"""What checking the whole trail takes, beside PostgreSQL streaming the same rows to nobody."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine

from app.audit.chain import CHAINS, ChainKey, Head, extend
from app.audit.checking.anchors import TrailHead
from app.audit.checking.sealing import processes_for, verified
from app.audit.event import Event, FoundBy, Kind
from app.bench import processor
from app.database.transactions import copy_rows, transaction
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role

_AT_ONCE: Final = 4000
_ALIKE: Final = 20
_COLUMNS: Final = {
    "chain": "int2", "sequence": "int8", "leaf": "bytea", "link": "bytea", "salt": "bytea", "event": "bytea",
    "at": "timestamptz", "issuer": "text", "subject": "text", "person": "uuid", "other": "uuid",
}  # fmt: skip
_STREAM: Final = "COPY audit_event TO STDOUT (FORMAT BINARY)"  # as the table stands, which is soonest
_INDEXES: Final = """
    SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'audit_event'::regclass AND NOT indisprimary
"""
_HEAD: Final = """
    INSERT INTO audit_chain (chain, length, link, seal) VALUES (%s, %s, %s, %s)
    ON CONFLICT (chain) DO UPDATE SET (length, link, seal) = (excluded.length, excluded.link, excluded.seal)
        WHERE audit_chain.length < excluded.length
"""
_SEALED: Final = 10  # times while it is written
_NOT_YET_SEALED: Final = 1000  # events at most: what an hour brings where ten million come in a year
_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_PEOPLE: Final = UUID("00000000-0000-4000-8000-000000000001")


class Taken(NamedTuple):
    """Seconds by the clock, and of processor: here and in the process of PostgreSQL that reads."""

    clock: float
    processor: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking by one process took, checking as `audit verify` does it by the clock, and streaming the `bytes`."""

    rows: int
    alone: Taken
    verifying: float
    streaming: Taken
    bytes: int

    @property
    def of_streaming(self) -> float:
        """The speed of checking, of that of streaming."""
        return self.streaming.clock / self.verifying

    @property
    def of_streaming_by_processor(self) -> float:
        """The same of one process by what both take of a processor, which other work disturbs less."""
        return self.streaming.processor / self.alone.processor


def fill(engine: Engine, rows: int, key: ChainKey) -> list[TrailHead]:
    """Write a trail of that many views into all chains, and seal it now and then, but not at last; gives the heads."""
    with transaction(engine) as connection:
        for (index,) in connection.exec_driver_sql(_INDEXES).all():  # of what events are searched by, not checked
            connection.exec_driver_sql(f"DROP INDEX {index}")
    chains, sealed, first = [key.start(chain) for chain in range(CHAINS)], list[TrailHead](), 0
    until = rows - min(_NOT_YET_SEALED, rows // _SEALED)
    for part in range(1, _SEALED + 1):
        _write(engine, chains, range(first, first := until * part // _SEALED), key)
        found = verified(engine, key, sealed, processes=processes_for(engine))
        sealed.append(TrailHead(_BEGAN + timedelta(seconds=first), key.name, found.chains))
    _write(engine, chains, range(first, rows), key)
    return sealed


def _write(engine: Engine, heads: list[Head], numbers: range, key: ChainKey) -> None:
    """Write views into all chains, one of each in turn, as services that run side by side do."""
    for first in numbers[::_AT_ONCE]:
        said = _said(range(first, min(first + _AT_ONCE, numbers.stop)))
        written = [_written(heads, chain, said[chain::CHAINS], key) for chain in range(CHAINS)]
        in_turn = [row for rows in zip_longest(*written) for row in rows if row is not None]
        with transaction(engine) as connection:
            copy_rows(connection, "audit_event", _COLUMNS, in_turn)
    with transaction(engine) as connection:
        for head in heads:
            connection.exec_driver_sql(_HEAD, (head.chain, head.length, head.link, key.seal(head)))


def _said(numbers: range) -> list[tuple[bytes, FoundBy]]:
    """What views say, some at a time alike but for their request: to make each anew takes longer than to check it."""
    said = []
    for first in numbers[::_ALIKE]:
        view = _view(first)
        content, request = view.canonical(), view.request.encode()
        alike = range(first, min(first + _ALIKE, numbers.stop))
        said += [(content.replace(request, _request(number).encode()), view.found_by) for number in alike]
    return said


def _written(heads: list[Head], chain: int, said: Sequence[tuple[bytes, FoundBy]], key: ChainKey) -> list[Any]:
    """The rows of what comes next in a chain, whose head moves on."""
    heads[chain], records = extend(key, heads[chain], [(b"0123456789abcdef", content) for content, _ in said])
    return [
        (chain, record.sequence, record.leaf, record.link, record.salt, record.event, *found_by)
        for record, (_, found_by) in zip(records, said, strict=True)
    ]


def _request(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _view(number: int) -> Event:
    """As large as a view of thirty entries under six labels is."""
    return Event(
        kind=Kind.VIEW,
        id=uuid5(_PEOPLE, str(number)),
        at=_BEGAN + timedelta(seconds=number),
        actor=Account("https://sign-in.example", f"nurse.{number // _ALIKE % 500}"),
        role=Role("community-nurse"),
        organisation=OdsCode("RL4C"),
        person=UUID(int=_PEOPLE.int + number * 7919 % 100_000),
        purpose=Purpose("direct-care"),
        action=Action("read"),
        permitted={"G-NURSE": [f"RL4/{category}/normal" for category in ("problems", "medications", "allergies")]},
        relied_on=(f"relationship/{number}",),
        agreements=("wulfrun@1.6.0#" + "a" * 64,),
        entries=tuple(range(number, number + 30)),
        request=_request(number),
        trained=True,
    )


def measure(engine: Engine, rows: int, key: ChainKey, sealed: Sequence[TrailHead], *, rounds: int = 3) -> Checked:
    """The best of some rounds of each, in turn; the trail must be whole."""
    with engine.connect() as connection:
        backend: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    streaming, alone, several, sizes = [], [], [], []
    processes = processes_for(engine)
    for _ in range(rounds):
        streaming.append(_timed(backend, lambda: sizes.append(_stream(engine))))
        alone.append(_timed(backend, lambda: _check(engine, rows, key, sealed, 1)))
        if processes > 1:
            several.append(_timed(backend, lambda: _check(engine, rows, key, sealed, processes)))
    return Checked(rows, _best(alone), _best([*alone, *several]).clock, _best(streaming), sizes[0])


def _timed(backend: int, work: Callable[[], None]) -> Taken:
    clocks: tuple[Callable[[], float], ...] = (
        time.perf_counter,
        lambda: time.process_time() + processor.seconds(backend),
    )
    began = [clock() for clock in clocks]
    work()
    return Taken(*(clock() - then for clock, then in zip(clocks, began, strict=True)))


def _best(taken: Sequence[Taken]) -> Taken:
    return Taken(*map(min, zip(*taken, strict=True)))


def _check(engine: Engine, rows: int, key: ChainKey, sealed: Sequence[TrailHead], processes: int) -> None:
    found = verified(engine, key, sealed, processes=processes)
    if found.faults or found.events != rows:
        raise AssertionError("the trail that was to be checked is not whole")


def _stream(engine: Engine) -> int:
    with transaction(engine) as connection:
        return sum(map(len, _streamed(connection)))


def _streamed(connection: Connection) -> Iterator[Any]:
    with connection.connection.cursor().copy(_STREAM) as copy:
        yield from copy
