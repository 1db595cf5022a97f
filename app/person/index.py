"""Whose it is: subjects resolved to people, many at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.person.resolution import Found, Resolution
from app.person.tracing import Traced
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Subject


def resolve(
    connection: Connection, partner: OdsCode, subjects: Sequence[Subject], *, at: datetime, new_id: Callable[[], UUID]
) -> list[Resolution]:
    """Say whose each subject is, in their order; call it with as many at a time as there are.

    A verified number that is new here makes a person. What was found is remembered: the partner's local identifier
    for that person, and what the partner states of them. `at` is when that became known.
    """
    raise NotImplementedError


def resolve_traced(
    connection: Connection,
    partner: OdsCode,
    answered: Sequence[tuple[Subject, Traced]],
    *,
    at: datetime,
    by: str,
    new_id: Callable[[], UUID],
) -> list[Resolution]:
    """Resolve subjects for whom a trace has found an NHS number; a number that it replaced is joined to it."""
    raise NotImplementedError


def confirm(
    connection: Connection, partner: OdsCode, subject: Subject, person_id: UUID, *, at: datetime
) -> Found | None:
    """Remember that a person has decided whose a waiting subject is; `None` where there is no such person."""
    raise NotImplementedError


def admit(
    connection: Connection, partner: OdsCode, subject: Subject, *, at: datetime, new_id: Callable[[], UUID]
) -> Found:
    """Remember that a person has checked a waiting subject's NHS number: the subject is whoever holds it, or new.

    Raises `ValueError` for a subject without a number.
    """
    raise NotImplementedError
