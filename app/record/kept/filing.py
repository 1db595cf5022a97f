"""Filing entries in bulk, as intake does: every version kept, nothing written twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import copy_rows, fetch_rows
from app.record.barred.code_lists import code_lists, stricter
from app.record.kept import changes, relabelling, versions
from app.record.kept.changes import Topic
from app.record.kept.comparison import comparison_of
from app.record.kept.derived import names_of, names_of_sources, numbers_of_sources
from app.record.kept.encode import Stated, encode, entry_id, occurred_on, state
from app.record.kept.held import Filed, Held, Known, Name, Source, held_of, is_older
from app.record.kept.versions import Row
from app.record.label_numbers import label_number
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry, Resource, Standing


@dataclass(slots=True)
class Outcome:
    """What filing did, in entries; `late_lines` are those whose entry was older than what is held.

    `taken_lines` are those of what was shown of somebody else until now, `alike_lines` those of what may be the same
    as something that is shown of somebody else.
    `held` is how each entry stands that was filed, new or not.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late_lines: list[int] = field(default_factory=list)
    taken_lines: list[int] = field(default_factory=list)
    alike_lines: list[int] = field(default_factory=list)
    held: Iterable[Held] = field(default=(), compare=False, repr=False)


def file_entries(connection: Connection, filed: Sequence[Filed], source: Source) -> Outcome:
    """Store entries under their persons; stating the same again changes nothing.

    An entry older than the one held is not shown in its place: its line is reported, its message stays in the inbox.
    The caller holds the partner's lock, so that no one else files entries of its feeds meanwhile.
    """
    held = held_of(connection, [one for one in filed if not one.is_first], source)
    batch = _Batch(source, held, _asked_of(connection, filed))
    for one in filed:
        batch.take(one)
    batch.write(connection)
    return batch.outcome


class _Batch:
    """Entries filed together, in their order, each seeing what those before it left."""

    def __init__(self, source: Source, stored: dict[Name, Held], asked_of: Mapping[int, Sensitivity]) -> None:
        self._source, self._asked_of = source, asked_of
        self._stored = stored
        self._latest = dict(stored)
        self.outcome = Outcome(held=self._latest.values())
        self._rows: dict[Name, Row] = {}
        self._passing: list[Row] = []  # versions that this same batch replaces again
        self._attachments: list[Row] = []
        self._lists = code_lists()
        self._heeding: set[UUID] = set()  # of whom what is made of others may ask for more care than it says

    def take(self, one: Filed) -> None:
        """One entry: new, changed, the same as what is held, or older."""
        name = (one.filed_as.int, one.entry.key)
        previous = self._latest.get(name)
        entry = self._lists.labelled(self._as_careful_as_its_sources(one.entry))
        if previous is not None and previous.known is not None:
            entry = self._lists.labelled(_with_what_it_keeps(entry, previous.known))
            if _is_told_again(entry, previous.known):
                self.outcome.unchanged += 1
                return
        label = _label(self._source.partner, entry.category, entry.sensitivity)
        stated = state(entry, label)
        if previous is None:
            self.outcome.new += 1
        elif previous.digest == stated.digest or _stays(entry, previous):
            self.outcome.unchanged += 1
            return
        elif is_older(entry, self._source, previous):
            self.outcome.late_lines.append(entry.line)
            return
        else:
            self.outcome.changed += 1
            if name in self._rows:
                self._passing.append(self._rows[name])
        self._put(name, one, entry, label, stated)

    def _as_careful_as_its_sources(self, entry: Entry) -> Entry:
        asked = entry.sensitivity
        for number in numbers_of_sources(entry.resource) if self._asked_of else ():
            asked = stricter(asked, self._asked_of.get(number, asked))
        return entry if asked == entry.sensitivity else replace(entry, sensitivity=asked)

    def write(self, connection: Connection) -> None:
        """Write what was taken."""
        versions.add(connection, [row for name, row in self._rows.items() if name not in self._stored])
        versions.replace(connection, [row for name, row in self._rows.items() if name in self._stored])
        versions.add_former(connection, self._passing)
        copy_rows(connection, "attachment", _ATTACHMENT, self._attachments)
        if self._heeding:
            relabelling.heed(connection, self._lists, self._source.partner, self._heeding)
        told = [changes.Change(Topic.NEW_ENTRY, row[0], row[1], None, row[3]) for row in self._rows.values()]
        if told:
            changes.note(connection, told)

    def _put(self, name: Name, one: Filed, entry: Entry, label: Label, stated: Stated) -> None:
        source, previous = self._source, self._latest.get(name)
        provenance = Provenance(source.partner, source.adapter, source.message, entry.line)
        number = previous.number if previous else entry_id(one.filed_as, provenance, entry.key)
        version = previous.version + 1 if previous else 1
        if label.sensitivity not in _ORDINARY or _rests_on_what_is_held(entry):
            self._heeding.add(one.person_id)
        encoded = encode(
            entry,
            stated,
            person_id=one.person_id,
            number=number,
            label=label,
            provenance=provenance,
            at=source.at,
        )
        self._latest[name] = Held(number, version, entry.recorded, source.message, stated.digest, source.at, entry)
        self._rows[name] = (
            one.person_id,
            number,
            one.filed_as,
            source.partner,
            source.adapter,
            entry.key,
            label_number(label),
            label.category,
            label.sensitivity,
            version,
            entry.resource["resourceType"],
            comparison_of(entry),
            entry.started,
            entry.ended,
            entry.recorded,
            entry.standing,
            occurred_on(entry),
            source.message,
            entry.line,
            source.at,
            stated.digest,
            encoded.summary,
            encoded.resource,
        )
        if entry.attachment is not None:
            self._attachments.append((number, version, _content_type(entry), entry.attachment))


_ORDINARY: Final = frozenset({Sensitivity.NORMAL, Sensitivity.LOCATING})


@lru_cache(maxsize=4096)
def _label(partner: OdsCode, category: Category, sensitivity: Sensitivity) -> Label:
    return Label(partner, category, sensitivity)


_ATTACHMENT: Final = {"entry_id": "int8", "version": "int4", "content_type": "text", "content": "bytea"}


def _content_type(entry: Entry) -> str:
    attachment: Resource = entry.resource.get("content", [{}])[0].get("attachment", {})
    kind: str = attachment.get("contentType", "application/octet-stream")
    return kind


def _rests_on_what_is_held(entry: Entry) -> bool:
    """Whether it names a source as its sender calls it, which the same message does not tell of."""
    named = [name for name in names_of_sources(entry.resource) if "|" in name]
    told = {name for one in entry.derived_from for name in names_of(0, one)} if named else ()
    return any(name not in told for name in named)


def _asked_of(connection: Connection, filed: Sequence[Filed]) -> dict[int, Sensitivity]:
    """How much care is asked for by what is held, of which any of these is made; few are."""
    made = [(one.person_id, number) for one in filed for number in numbers_of_sources(one.entry.resource)]
    if not made:
        return {}
    rows = fetch_rows(
        connection,
        "SELECT id, sensitivity FROM entry WHERE person_id = ANY (%s) AND id = ANY (%s)",
        ([*{person for person, _ in made}], [*{number for _, number in made}]),
    )
    return {number: Sensitivity(sensitivity) for number, sensitivity in rows}


def _with_what_it_keeps(entry: Entry, known: Known | Entry) -> Entry:
    """Where a message is silent, what was known stays (HL7 v2: an empty field is no statement)."""
    before = known.resource
    kept = {element: before[element] for element in entry.keeps if element in before and element not in entry.resource}
    kept |= {element: before[element] for element in entry.presumes if element in before}
    beside = {name: getattr(known, name) for name in entry.presumes if name in _BESIDE}
    if "sensitivity" in beside:  # what its own words or order ask for is no presumption
        beside["sensitivity"] = stricter(entry.sensitivity, known.sensitivity)
    return replace(entry, resource={**entry.resource, **kept}, **beside) if kept or beside else entry


def _is_told_again(entry: Entry, known: Known | Entry) -> bool:
    """Whether this batch holds the same already: adapters give the very resource of the message before where they can.

    It is then not written out to be compared: a fifth of what a hospital sends.
    """
    return (
        isinstance(known, Entry)
        and entry.resource is known.resource
        and entry.attachment is known.attachment
        and _BESIDE_RESOURCE(entry) == _BESIDE_RESOURCE(known)
    )


_BESIDE_RESOURCE: Final = attrgetter(
    "category", "sensitivity", "title", "detail", "concept", "started", "ended", "standing"
)
_BESIDE: Final = frozenset({"started", "ended", "standing", "sensitivity"})
"""What an entry may presume beside its resource."""


def _stays(entry: Entry, previous: Held) -> bool:
    """Whether an entry is meant only for want of one, and there is one."""
    return entry.only_if_new and previous.known is not None and previous.known.standing != Standing.ENTERED_IN_ERROR
