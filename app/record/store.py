"""Reading one person's entries: only with a decision in hand, and only what it permits leaves the database.

This is the service's hot path.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from app.pipeline import Read, Setting
from app.record.encode import label_number
from app.record.merge import Line
from app.record.sifted import Sifted
from app.sharing.decision import Decision, Granted, Permission
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.wire import Bigints, Dates

# `label = ANY ($2)` would go through hundreds of labels for each entry. They are in order, so `width_bucket` finds by
# halving the place of the one that may be the entry's, and whether it is decides; `$3` holds the dates at those places.
_PERMITTED: Final = b"""
    FROM entry
    WHERE entry.person_id = $1 AND entry.standing <> 'entered-in-error'
      AND ($2::int8[])[width_bucket(entry.label, $2)] = entry.label
      AND ($3::date[] IS NULL OR entry.occurred_on IS NULL
           OR entry.occurred_on >= ($3)[width_bucket(entry.label, $2)])
"""
_LINES: Final = (
    b"SELECT entry.id, entry.label, entry.comparison, entry.started, entry.ended, entry.standing, entry.summary"
    + _PERMITTED
    + b"ORDER BY entry.started DESC NULLS LAST, entry.id DESC"
)
_VERSIONED: Final = (
    b"SELECT entry.id, entry.label, entry.comparison, entry.started, entry.ended, entry.standing, entry.summary,"
    b" entry.stored_at, %b" + _PERMITTED
)
_LINE_VERSIONS: Final = (
    _VERSIONED % b"true"
    + b" UNION ALL "
    + _VERSIONED.replace(b"FROM entry\n", b"FROM entry_version AS entry\n") % b"false"
)
_RESOURCES: Final = b"SELECT entry.id, entry.label, entry.resource_type, entry.resource" + _PERMITTED
_FORMER_RESOURCES: Final = _RESOURCES.replace(b"FROM entry\n", b"FROM entry_version AS entry\n")
_WHOSE: Final = b"SELECT person_id FROM entry WHERE id = $1"
_DOCUMENT: Final = (
    b"SELECT attachment.content_type, attachment.content, entry.label, entry.id"
    + _PERMITTED.replace(
        b"FROM entry\n",
        b"FROM entry JOIN attachment ON attachment.entry_id = entry.id AND attachment.version = entry.version\n",
    )
    + b" AND entry.id = $4"
)

_OF_MANY: Final = (
    b"SELECT entry.person_id, entry.id, entry.label, entry.resource_type, entry.started, entry.ended, entry.standing,"
    b" entry.resource, entry.summary"
    + _PERMITTED.replace(b"entry.person_id = $1", b"entry.person_id = ANY ($1::uuid[])")
    + b" AND entry.category = ANY ($4::text[])"
)


_DECIDED: Final = b"""
    SELECT set_config('pisano.people', $1, true) IS NULL, set_config('pisano.labels', $2, true) IS NULL,
           set_config('pisano.not_before', $3, true) IS NULL, set_config('pisano.entry', '', true) IS NULL
"""
_ASKED_WHOSE: Final = b"""
    SELECT set_config('pisano.people', '', true) IS NULL, set_config('pisano.entry', $1, true) IS NULL
"""
_UNDECIDED: Final[Setting] = _DECIDED, ("", "", "")


class LineVersion(NamedTuple):
    """A line as it stands or stood, and when it came to."""

    line: Line
    stored_at: datetime
    is_current: bool


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

    permitted: Bigints  # in ascending order
    not_before: Dates | None  # from when on, label by label; `None` where all are permitted however old
    labels: Mapping[int, Label]
    settings: tuple[str, str]  # the same for the policies of the tables, which are the second lock (migration 0026)

    def over(self, *people: UUID) -> Setting:
        """What lets the database show these people's entries as the decision permits, and nobody else's."""
        return _DECIDED, (f"{{{','.join(map(str, people))}}}", *self.settings)


@lru_cache(maxsize=512)
def _filter(lattice: Lattice, granted: tuple[Granted, ...]) -> _Filter:
    permitted = Decision(lattice=lattice, agreements=(), granted=granted).permitted
    labels = {label_number(label): label for label in sorted(permitted, key=label_number)}
    not_before = [permitted[label].not_before for label in labels.values()]
    dates = Dates(day or date.min for day in not_before) if any(not_before) else None
    return _Filter(Bigints(labels), dates, labels, _as_settings(permitted))


def _as_settings(permitted: Mapping[Label, Permission]) -> tuple[str, str]:
    """The labels' numbers, those first that most entries have, and from when on each is permitted, in that order."""
    labels = sorted(permitted, key=lambda label: (_STRICTNESS[label.sensitivity], label_number(label)))
    numbers = b"".join(label_number(label).to_bytes(8) for label in labels)
    not_before = [permitted[label].not_before for label in labels]
    dates = ",".join((day or date.min).isoformat() for day in not_before) if any(not_before) else None
    return numbers.hex(), f"{{{dates}}}" if dates else ""


_STRICTNESS: Final = {sensitivity: place for place, sensitivity in enumerate(Sensitivity)}


async def permitted_lines(read: Read, person_id: UUID, decision: Decision) -> list[Line]:
    """The lines that the decision permits, the newest first: by when it began, and what has no date last."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_LINES, (person_id, only.permitted, only.not_before), only.over(person_id))
    labels = only.labels
    return [
        Line(number, labels[label], comparison, started, ended, standing, summary)
        for number, label, comparison, started, ended, standing, summary in rows
    ]


async def permitted_versions_of_lines(read: Read, person_id: UUID, decision: Decision) -> list[LineVersion]:
    """Every line that the decision permits, with those of its former versions that it permits too.

    INVARIANT: of what is not permitted now, no version is: it may have been sealed since.
    """
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_LINE_VERSIONS, (person_id, only.permitted, only.not_before), only.over(person_id))
    versions = [
        LineVersion(Line(row[0], only.labels[row[1]], *row[2:7]), stored_at=row[7], is_current=row[8]) for row in rows
    ]
    current = {version.line.number for version in versions if version.is_current}
    return [version for version in versions if version.line.number in current]


async def permitted_resources(read: Read, person_id: UUID, decision: Decision) -> list[Resource]:
    """The FHIR resources that the decision permits, in no particular order."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_RESOURCES, (person_id, only.permitted, only.not_before), only.over(person_id))
    return [Resource(row[0], only.labels[row[1]], row[2], row[3]) for row in rows]


async def permitted_versions(read: Read, person_id: UUID, decision: Decision) -> list[Resource]:
    """The same, each followed by those of its former versions that the decision permits as well, the newest first.

    INVARIANT: of what is not permitted now, no version is: it may have been sealed since.
    """
    only = _filter(decision.lattice, decision.granted)
    current = await permitted_resources(read, person_id, decision)
    newest_first = _FORMER_RESOURCES + b" ORDER BY entry.version DESC"
    rows = await read(newest_first, (person_id, only.permitted, only.not_before), only.over(person_id))
    former: dict[int, list[Resource]] = {}
    for row in rows:
        former.setdefault(row[0], []).append(Resource(row[0], only.labels[row[1]], row[2], row[3]))
    return [version for one in current for version in (one, *former.get(one.number, ()))]


async def whose(read: Read, number: int) -> UUID | None:
    """Whose entry that is, which is for a decision alone and never to be told."""
    rows = await read(_WHOSE, (number,), (_ASKED_WHOSE, (str(number),)))
    return rows[0][0] if rows else None


async def permitted_documents(read: Read, person_id: UUID, decision: Decision, *, number: int) -> list[Document]:
    """One document, where the decision permits the entry that points to it; else none."""
    only = _filter(decision.lattice, decision.granted)
    rows = await read(_DOCUMENT, (person_id, only.permitted, only.not_before, number), only.over(person_id))
    return [Document(row[3], only.labels[row[2]], row[0], row[1]) for row in rows]


def permitted_of_many(
    connection: psycopg.Connection[Any], decisions: Mapping[UUID, Decision], *, categories: Collection[Category]
) -> dict[UUID, list[Sifted]]:
    """Under some headings, the entries that each person's own decision permits, in no particular order.

    People whose decisions permit alike are read together: for most of them, all do.
    """
    alike: dict[tuple[Lattice, tuple[Granted, ...]], list[UUID]] = {}
    for person, decision in decisions.items():
        alike.setdefault((decision.lattice, decision.granted), []).append(person)
    found: dict[UUID, list[Sifted]] = {person: [] for person in decisions}
    for permitting, people in alike.items():
        only = _filter(*permitting)
        cursor = psycopg.RawCursor(connection)
        headings = [str(category) for category in categories]
        cursor.execute(*only.over(*people))
        cursor.execute(_OF_MANY, (people, only.permitted, only.not_before, headings), binary=True)
        for person, number, label, *more in cursor:
            found[person].append(Sifted(number, only.labels[label], *more))
        cursor.execute(*_UNDECIDED)
    return found
