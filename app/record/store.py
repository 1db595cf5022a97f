"""Reading one person's entries: only with a decision in hand, and only what it permits leaves the database.

Raw psycopg with binary results, for this is the service's hot path.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from app.record.encode import label_number
from app.record.merge import Line
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice
from app.vocabulary.label import Label

_PERMITTED: Final = """
    FROM unnest(%b::int8[], %b::date[]) AS permitted (label, not_before)
    JOIN entry ON entry.person_id = %b AND entry.label = permitted.label
    WHERE entry.standing <> 'entered-in-error'
      AND (permitted.not_before IS NULL OR entry.occurred_on IS NULL OR entry.occurred_on >= permitted.not_before)
"""
_LINES: Final = (
    "SELECT entry.id, entry.label, entry.comparison, entry.started, entry.ended, entry.standing, entry.summary"
    + _PERMITTED
)
_RESOURCES: Final = "SELECT entry.id, entry.label, entry.resource_type, entry.resource" + _PERMITTED
_DOCUMENT: Final = (
    "SELECT attachment.content_type, attachment.content, entry.label, entry.id"
    + _PERMITTED.replace(
        "WHERE",
        "JOIN attachment ON attachment.entry_id = entry.id AND attachment.version = entry.version WHERE",
    )
    + " AND entry.id = %b"
)


class Resource(NamedTuple):
    """One permitted entry as FHIR; `content` is JSON that is joined, never parsed."""

    number: int
    label: Label
    kind: str
    content: bytes


class Document(NamedTuple):
    """What a DocumentReference points to."""

    number: int
    label: Label
    content_type: str
    content: bytes


class _Filter(NamedTuple):
    """A decision as the database takes it, and the way back from a row's number to its label."""

    numbers: list[int]
    not_before: list[date | None]
    labels: Mapping[int, Label]


@lru_cache(maxsize=512)
def _filter(lattice: Lattice, granted: tuple[Granted, ...]) -> _Filter:
    permitted = Decision(lattice=lattice, agreements=(), granted=granted).permitted
    numbers = [label_number(label) for label in permitted]
    return _Filter(
        numbers,
        [permission.not_before for permission in permitted.values()],
        dict(zip(numbers, permitted, strict=True)),
    )


async def permitted_lines(connection: AsyncConnection[Any], person_id: UUID, decision: Decision) -> list[Line]:
    """The lines that the decision permits, in no particular order."""
    only = _filter(decision.lattice, decision.granted)
    cursor = connection.cursor(binary=True)
    await cursor.execute(_LINES, (only.numbers, only.not_before, person_id))
    labels = only.labels
    return [Line(row[0], labels[row[1]], *row[2:]) for row in await cursor.fetchall()]


async def permitted_resources(connection: AsyncConnection[Any], person_id: UUID, decision: Decision) -> list[Resource]:
    """The FHIR resources that the decision permits, in no particular order."""
    only = _filter(decision.lattice, decision.granted)
    cursor = connection.cursor(binary=True)
    await cursor.execute(_RESOURCES, (only.numbers, only.not_before, person_id))
    return [Resource(row[0], only.labels[row[1]], row[2], row[3]) for row in await cursor.fetchall()]


async def permitted_documents(
    connection: AsyncConnection[Any], person_id: UUID, decision: Decision, *, number: int
) -> list[Document]:
    """One document, where the decision permits the entry that points to it; else none."""
    only = _filter(decision.lattice, decision.granted)
    cursor = connection.cursor(binary=True)
    await cursor.execute(_DOCUMENT, (only.numbers, only.not_before, person_id, number))
    return [Document(row[3], only.labels[row[2]], row[0], row[1]) for row in await cursor.fetchall()]
