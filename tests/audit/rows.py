"""Rows of the trail as COPY sends them in binary."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from app.audit.page import Page, Stored

EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def columns(stored: Stored) -> list[bytes | None]:
    record, by = stored
    at = None if by.at is None else int((by.at - EPOCH).total_seconds() * 1_000_000)
    return [
        record.sequence.to_bytes(8, signed=True),
        record.leaf,
        record.link,
        None if at is None else at.to_bytes(8, signed=True),
        None if by.person is None else by.person.bytes,
        None if by.other is None else by.other.bytes,
        None if by.issuer is None else by.issuer.encode(),
        None if by.subject is None else by.subject.encode(),
        record.salt,
        record.event,
    ]


def row(values: Sequence[bytes | None]) -> bytes:
    """As COPY writes it in binary."""
    parts = [(-1).to_bytes(4, signed=True) if value is None else len(value).to_bytes(4) + value for value in values]
    return len(values).to_bytes(2) + b"".join(parts)


def page_of(rows: Sequence[bytes]) -> Page:
    return Page(b"".join(rows), list(accumulate(map(len, rows))))


def page(stored: Sequence[Stored]) -> Page:
    return page_of([row(columns(one)) for one in stored])
