"""Reading one person's entries: only with a decision in hand, and only what it permits.

Both locks stand here: the database shows what the settings permit that go with each read (`lock`), and of what it
showed nothing goes on that the decision does not permit. This is the service's hot path.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg

from app.database.pipeline import Read
from app.record.lock import UNDECIDED, Lock, Row, asked_whose, lock_of
from app.record.merge import Line
from app.record.sifted import Sifted
from app.sharing.decision import Decision, Granted
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode

# The last column is for `Lock.let_through`: the day on which an entry occurred, where the decision asks for any.
_READ: Final = b"""
    SELECT %b, CASE WHEN $2::bool THEN entry.occurred_on END
    FROM entry
    WHERE entry.person_id = $1 AND entry.standing <> 'entered-in-error'
"""
_LINE: Final = b"entry.id, entry.label, entry.comparison, entry.started, entry.ended, entry.standing, entry.summary"
_LINES: Final = _READ % _LINE + b"ORDER BY entry.started DESC NULLS LAST, entry.id DESC"
_FILED_AS: Final = _READ % b"entry.id, entry.label, entry.filed_as"
_FORMER: Final = b"FROM entry_version AS entry\n"
_LINE_VERSIONS: Final = (
    _READ % (_LINE + b", entry.stored_at, entry.version, true")
    + b"UNION ALL"
    + (_READ % (_LINE + b", entry.stored_at, entry.version, false")).replace(b"FROM entry\n", _FORMER)
)
_RESOURCES: Final = _READ % b"entry.id, entry.label, entry.resource_type, entry.resource"
_FORMER_RESOURCES: Final = _RESOURCES.replace(b"FROM entry\n", _FORMER)
_NEWEST_FIRST: Final = b"ORDER BY entry.version DESC"
_OF_ONE: Final = b"AND entry.id = $3\n"
# INVARIANT: how rows lie in a table, which what is hidden beside them changes, is no order in which anything is told.
_NUMBER: Final = attrgetter("number")
_WHOSE: Final = b"SELECT person_id FROM entry WHERE id = $1"
_DOCUMENT: Final = (_READ % b"entry.id, entry.label, attachment.content_type, attachment.content").replace(
    b"FROM entry\n",
    b"FROM entry JOIN attachment ON attachment.entry_id = entry.id AND attachment.version = entry.version\n",
) + b"AND entry.id = $3"
_OF_MANY: Final = (
    _READ.replace(b"entry.person_id = $1", b"entry.person_id = ANY ($1::uuid[])")
    % b"entry.person_id, entry.id, entry.label, entry.resource_type, entry.started, entry.ended, entry.standing,"
    b" entry.resource, entry.summary" + b"AND entry.category = ANY ($3::text[])"
)


class LineVersion(NamedTuple):
    """A line as it stands or stood, and when it came to."""

    line: Line
    stored_at: datetime
    version: int
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


async def _let_through(read: Read, statement: bytes, lock: Lock, person_id: UUID, *more: object) -> Sequence[Row]:
    """What both locks let through of what a statement finds of a person."""
    rows = await read(statement, (person_id, bool(lock.not_before), *more), lock.over(person_id))
    return lock.let_through(rows, label=1)


async def permitted_lines(read: Read, person_id: UUID, decision: Decision) -> list[Line]:
    """The lines that the decision permits, the newest first: by when it began, and what has no date last."""
    lock = lock_of(decision)
    labels = lock.labels
    return [
        Line(number, labels[label], comparison, started, ended, standing, summary)
        for number, label, comparison, started, ended, standing, summary, _ in await _let_through(
            read, _LINES, lock, person_id
        )
    ]


async def filed_under(read: Read, person_id: UUID, decision: Decision) -> dict[UUID, set[OdsCode]]:
    """As whom what the decision permits was filed, each with the partners whose entries those are."""
    lock = lock_of(decision)
    filed: dict[UUID, set[OdsCode]] = {}
    for _, label, filed_as, _ in await _let_through(read, _FILED_AS, lock, person_id):
        filed.setdefault(filed_as, set()).add(lock.labels[label].controller)
    return filed


async def permitted_versions_of_lines(read: Read, person_id: UUID, decision: Decision) -> list[LineVersion]:
    """Every line that the decision permits, with those of its former versions that it permits too.

    INVARIANT: of what is not permitted now, no version is: it may have been sealed since.
    """
    lock = lock_of(decision)
    versions = [
        LineVersion(Line(row[0], lock.labels[row[1]], *row[2:7]), *row[7:10])
        for row in await _let_through(read, _LINE_VERSIONS, lock, person_id)
    ]
    current = {version.line.number for version in versions if version.is_current}
    return [version for version in versions if version.line.number in current]


async def permitted_resources(
    read: Read, person_id: UUID, decision: Decision, *, number: int | None = None
) -> list[Resource]:
    """The FHIR resources that the decision permits, by their numbers; of one `number`, that alone."""
    return await _permitted_resources(read, _RESOURCES, b"", person_id, decision, number)


async def permitted_versions(
    read: Read, person_id: UUID, decision: Decision, *, number: int | None = None
) -> list[Resource]:
    """The same, each followed by those of its former versions that the decision permits as well, the newest first.

    INVARIANT: of what is not permitted now, no version is: it may have been sealed since.
    """
    current = await permitted_resources(read, person_id, decision, number=number)
    former: dict[int, list[Resource]] = {}
    for version in await _permitted_resources(read, _FORMER_RESOURCES, _NEWEST_FIRST, person_id, decision, number):
        former.setdefault(version.number, []).append(version)
    return [version for one in current for version in (one, *former.get(one.number, ()))]


async def _permitted_resources(
    read: Read, statement: bytes, ordered: bytes, person_id: UUID, decision: Decision, number: int | None
) -> list[Resource]:
    lock = lock_of(decision)
    asked, of_one = (statement, ()) if number is None else (statement + _OF_ONE, (number,))
    permitted = [
        Resource(of, lock.labels[label], kind, content)
        for of, label, kind, content, _ in await _let_through(read, asked + ordered, lock, person_id, *of_one)
    ]
    permitted.sort(key=_NUMBER)
    return permitted


async def whose(read: Read, number: int) -> UUID | None:
    """Whose entry that is, which is for a decision alone and never to be told."""
    rows = await read(_WHOSE, (number,), asked_whose(number))
    return rows[0][0] if rows else None


async def permitted_documents(read: Read, person_id: UUID, decision: Decision, *, number: int) -> list[Document]:
    """One document, where the decision permits the entry that points to it; else none."""
    lock = lock_of(decision)
    return [
        Document(of, lock.labels[label], content_type, content)
        for of, label, content_type, content, _ in await _let_through(read, _DOCUMENT, lock, person_id, number)
    ]


def permitted_of_many(
    connection: psycopg.Connection[Any], decisions: Mapping[UUID, Decision], *, categories: Collection[Category]
) -> dict[UUID, list[Sifted]]:
    """Under some headings, the entries that each person's own decision permits, by their numbers.

    People whose decisions permit alike are read together: for most of them, all do.
    """
    alike: dict[tuple[Lattice, tuple[Granted, ...]], list[UUID]] = {}
    for person, decision in decisions.items():
        alike.setdefault((decision.lattice, decision.granted), []).append(person)
    found: dict[UUID, list[Sifted]] = {person: [] for person in decisions}
    for people in alike.values():
        lock = lock_of(decisions[people[0]])
        cursor = psycopg.RawCursor(connection)
        headings = [str(category) for category in categories]
        cursor.execute(*lock.over(*people))
        cursor.execute(_OF_MANY, (people, bool(lock.not_before), headings), binary=True)
        for person, number, label, *more, _ in lock.let_through(cursor, label=2):
            found[person].append(Sifted(number, lock.labels[label], *more))
        cursor.execute(*UNDECIDED)
    for permitted in found.values():
        permitted.sort(key=_NUMBER)
    return found
