"""A set of labels as PostgreSQL takes it, written once: encoding hundreds of numbers anew costs more than the query."""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_BIGINT: Final = psycopg.adapters.types["int8"]


@dataclass(frozen=True, slots=True)
class LabelSet:
    """An array of bigint in the binary form of PostgreSQL's protocol."""

    wire: bytes

    @classmethod
    def of(cls, numbers: Collection[int]) -> "LabelSet":
        """The set of these label numbers."""
        if not numbers:
            return cls(struct.pack("!iiI", 0, 0, _BIGINT.oid))
        head = struct.pack("!iiIii", 1, 0, _BIGINT.oid, len(numbers), 1)  # one dimension, no nulls, counted from 1
        return cls(head + b"".join(struct.pack("!iq", 8, number) for number in numbers))


class _LabelSetDumper(Dumper):
    format = Format.BINARY
    oid = _BIGINT.array_oid

    def dump(self, obj: LabelSet) -> Buffer:
        return obj.wire


psycopg.adapters.register_dumper(LabelSet, _LabelSetDumper)
