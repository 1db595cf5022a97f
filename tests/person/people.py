"""Synthetic people, with NHS numbers of the 999 range, for the tests of app/person."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Subject, Tracing

ACUTE, COUNCIL, MENTAL_HEALTH, HOUSING = map(OdsCode, ("RL4", "E3001", "TAJ", "HOU1"))
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def _numbers() -> Iterator[NHSNumber]:
    for stem in (f"999{n:06}" for n in count()):
        for check in "0123456789":
            try:
                yield NHSNumber(stem + check)
            except ValueError:
                continue


NUMBERS = [number for number, _ in zip(_numbers(), range(40), strict=False)]


def new_ids(start: int = 1) -> Callable[[], UUID]:
    """Opaque ids that count up, so that a test can name them."""
    counter = count(start)
    return lambda: UUID(int=next(counter), version=4)


MARY = Subject(
    local_id="MARY-1",
    nhs_number=NUMBERS[0],
    tracing=Tracing.VERIFIED,
    family_name="O'Neill",
    given_names=("Mary", "Ann"),
    birth_date=date(1951, 7, 4),
    gender="female",
    postcode="WV1 4PJ",
    uprn="100071000001",
)
JOHN = Subject(
    local_id="JOHN-1",
    nhs_number=NUMBERS[1],
    tracing=Tracing.VERIFIED,
    family_name="Khan",
    given_names=("John",),
    birth_date=date(1948, 1, 30),
    gender="male",
    postcode="WV2 1AA",
    uprn="100071000002",
)


def said(subject: Subject, **changes: Any) -> Subject:
    """The subject as another message puts it."""
    return replace(subject, **changes)


def without_number(subject: Subject, **changes: Any) -> Subject:
    """The subject as a partner that knows no NHS number puts it."""
    return replace(subject, nhs_number=None, tracing=Tracing.UNSTATED, **changes)


def without_name(subject: Subject, **changes: Any) -> Subject:
    """The subject as Client Level Data and MHSDS put it."""
    return replace(subject, family_name=None, given_names=(), **changes)


def all_known(connection: Connection) -> list[list[tuple[object, ...]]]:
    """All that the index holds, but for the links."""
    tables = ("person", "person_nhs_number", "person_identifier", "person_identity")
    return [
        [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))] for table in tables
    ]
