"""Arrays as PostgreSQL takes them, written at once: the driver's own way costs more than many a query.

One written for hundreds of labels may be kept and sent again and again.
"""

import struct
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NULL: Final = struct.pack("!i", -1)
_length: Final = struct.Struct("!i").pack
_head: Final = struct.Struct("!iiIii").pack  # dimensions, whether any is null, of what, how many, counted from 1
_head_of_none: Final = struct.Struct("!iiI").pack


class Array:
    """One dimension, in the binary form of PostgreSQL's protocol; `None` is null."""

    __slots__ = ("wire",)

    element: ClassVar[str]
    oid: ClassVar[int]  # of such an array, and
    of: ClassVar[int]  # of an element

    def __init_subclass__(cls) -> None:
        cls.oid = psycopg.adapters.types[cls.element].array_oid
        cls.of = psycopg.adapters.types[cls.element].oid

    @staticmethod
    def write(value: Any) -> bytes:
        """One element, without its length."""
        raise NotImplementedError

    def __init__(self, values: Iterable[Any]) -> None:
        write = self.write
        elements = [_NULL if value is None else _length(len(one := write(value))) + one for value in values]
        head = _head(1, _NULL in elements, self.of, len(elements), 1) if elements else _head_of_none(0, 0, self.of)
        self.wire = head + b"".join(elements)


class Bigints(Array):
    """Of int."""

    __slots__ = ()
    element = "int8"

    @staticmethod
    def write(value: int) -> bytes:
        """Eight bytes."""
        return struct.pack("!q", value)


class Dates(Array):
    """Of date."""

    __slots__ = ()
    element = "date"

    @staticmethod
    def write(value: date) -> bytes:
        """Days since 2000."""
        return struct.pack("!i", value.toordinal() - _EPOCH.toordinal())


class Instants(Array):
    """Of datetime with a time zone."""

    __slots__ = ()
    element = "timestamptz"

    @staticmethod
    def write(value: datetime) -> bytes:
        """Microseconds since 2000."""
        return struct.pack("!q", (value - _EPOCH) // _MICROSECOND)


class Texts(Array):
    """Of str."""

    __slots__ = ()
    element = "text"

    @staticmethod
    def write(value: str) -> bytes:
        """UTF-8."""
        return value.encode()


class Byteas(Array):
    """Of bytes."""

    __slots__ = ()
    element = "bytea"

    @staticmethod
    def write(value: bytes) -> bytes:
        """Themselves."""
        return value


class Jsons(Byteas):
    """Of JSON as bytes."""

    __slots__ = ()
    element = "json"


class Uuids(Array):
    """Of UUID."""

    __slots__ = ()
    element = "uuid"

    @staticmethod
    def write(value: UUID) -> bytes:
        """Sixteen bytes."""
        return value.bytes


class _Dumper(Dumper):
    """Its oid is the instance's, as a class that had one would be taken for whatever else is of that type."""

    format = Format.BINARY

    def __init__(self, cls: type[Array], context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = cls.oid

    def dump(self, obj: Array) -> Buffer:
        return obj.wire


for _array in (Bigints, Dates, Instants, Texts, Byteas, Jsons, Uuids):
    psycopg.adapters.register_dumper(_array, _Dumper)
