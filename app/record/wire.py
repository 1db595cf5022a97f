"""Arrays as PostgreSQL takes them, written once: encoding hundreds of labels anew costs more than the query."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_BIGINT: Final = psycopg.adapters.types["int8"]
_DATE: Final = psycopg.adapters.types["date"]
_EPOCH: Final = date(2000, 1, 1).toordinal()
_EVER: Final = struct.pack("!i", -(1 << 31))  # the date `-infinity`


@dataclass(frozen=True, slots=True)
class _Array:
    """One dimension, without nulls, in the binary form of PostgreSQL's protocol."""

    wire: bytes


class LabelSet(_Array):
    """An array of bigint, in ascending order."""

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "LabelSet":
        """The set of these label numbers."""
        return cls(_array(_BIGINT.oid, [struct.pack("!q", number) for number in sorted(numbers)]))


class Dates(_Array):
    """An array of dates; `None` is written as one before all others."""

    @classmethod
    def of(cls, dates: Iterable[date | None]) -> "Dates":
        """These dates, in their order."""
        return cls(_array(_DATE.oid, [struct.pack("!i", day.toordinal() - _EPOCH) if day else _EVER for day in dates]))


def _array(oid: int, values: list[bytes]) -> bytes:
    if not values:
        return struct.pack("!iiI", 0, 0, oid)
    head = struct.pack("!iiIii", 1, 0, oid, len(values), 1)  # one dimension, no nulls, counted from 1
    return head + b"".join(struct.pack("!i", len(value)) + value for value in values)


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> Buffer:
        return obj.wire


class _LabelSetDumper(_Dumper):
    oid = _BIGINT.array_oid


class _DatesDumper(_Dumper):
    oid = _DATE.array_oid


psycopg.adapters.register_dumper(LabelSet, _LabelSetDumper)
psycopg.adapters.register_dumper(Dates, _DatesDumper)
