"""Reading one person's entries: only with a decision in hand, and only what it permits leaves the database.

This is the service's hot path.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from app.pipeline import Read
from app.record.encode import label_number
from app.record.merge import Line
from app.record.wire import LabelSet
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice
from app.vocabulary.label import Label

_PERMITTED: Final = b"""
    FROM entry
    WHERE entry.person_id = $1 AND entry.standing <> 'entered-in-error'
      AND (entry.label = ANY($2) OR entry.label = ANY($3) AND EXISTS (
          SELECT FROM unnest($3, $4::date[]) AS aging (label, not_before)
          WHERE aging.label = entry.label AND (entry.occurred_on IS NULL OR entry.occurred_on >= aging.not_before)))
"""
_LINES: Final = (
    b"SELECT entry.id, entry.label, entry.comparison, entry.started, entry.ended, entry.standing, entry.summary"
    + _PERMITTED
)
_RESOURCES: Final = b"SELECT entry.id, entry.label, entry.resource_type, entry.resource" + _PERMITTED
_DOCUMENT: Final = (
    b"SELECT attachment.content_type, attachment.content, entry.label, entry.id"
    + _PERMITTED.replace(
        b"FROM entry\n",
        b"FROM entry JOIN attachment ON attachment.entry_id = entry.id AND attachment.version = entry.version\n",
    )
    + b" AND entry.id = $5"
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

    lasting: LabelSet  # permitted however old
    aging: LabelSet  # permitted from a date on, the dates of `not_before`, label by label
    not_before: list[date]
    labels: Mapping[int, Label]


@lru_cache(maxsize=512)
def _filter(lattice: Lattice, granted: tuple[Granted, ...]) -> _Filter:
    permitted = Decision(lattice=lattice, agreements=(), granted=granted).permitted
    aging = {label_number(label): one.not_before for label, one in permitted.items() if one.not_before is not None}
    labels = {label_number(label): label for label in permitted}
    return _Filter(LabelSet.of(labels.keys() - aging.keys()), LabelSet.of(aging), list(aging.values()), labels)


async def permitted_lines(read: Read, person_id: UUID, decision: Decision) -> list[Line]:
    """The lines that the decision permits, in no particular order."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_LINES, (person_id, only.lasting, only.aging, only.not_before))
    labels = only.labels
    return [Line(row[0], labels[row[1]], *row[2:]) for row in rows]


async def permitted_resources(read: Read, person_id: UUID, decision: Decision) -> list[Resource]:
    """The FHIR resources that the decision permits, in no particular order."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_RESOURCES, (person_id, only.lasting, only.aging, only.not_before))
    return [Resource(row[0], only.labels[row[1]], row[2], row[3]) for row in rows]


async def permitted_documents(read: Read, person_id: UUID, decision: Decision, *, number: int) -> list[Document]:
    """One document, where the decision permits the entry that points to it; else none."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_DOCUMENT, (person_id, only.lasting, only.aging, only.not_before, number))
    return [Document(row[3], only.labels[row[2]], row[0], row[1]) for row in rows]
