"""Rows of a council's own export, under its own headings, each about one person whom it names by `person_id`."""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final

from app.adapters.delimited import Column, rows, spelling
from app.adapters.housing.facts import members, persons
from app.adapters.housing.facts.persons import statements
from app.adapters.housing.kinds import KINDS, NAMED, PERSON, Kind
from app.adapters.housing.rows import Row
from app.vocabulary.statement import Finding, Sender, Utterance

FIELDS: Final = tuple(dict.fromkeys(["record_type", *PERSON, *chain(*(kind.columns for kind in KINDS))]))
"""Every column that a file may have, by our names; `Sender.columns` gives the partner's heading for any of them."""

_OF_PERSONS: Final = frozenset({"tenant_id", "household_member_id"})
_NAMED: Final = {spelling(name): kind for name, kind in NAMED.items()}


def read(message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
    """Say what a file says, or raise `UnreadableMessage` as `delimited.rows` does; `person_id` must be a heading."""
    columns = [Column(sender.columns.get(name, name), required=name == "person_id") for name in FIELDS]
    for found in rows(message, columns, encoding=sender.encoding):
        if isinstance(found, Finding):
            yield found
        else:
            yield from _said(dict(zip(FIELDS, found.values, strict=True)), found.line, sender)


def _said(fields: dict[str, str], line: int, sender: Sender) -> Iterator[Utterance]:
    kind = _kind(fields)
    if kind is None:
        nameless = Row("record", fields, line=line, partner=sender.partner)
        yield nameless.refused("record_type", "`record_type` is not known, nor does the row hold a record's identifier")
        return
    if not fields.get(kind.key) and kind.key in _OF_PERSONS:
        fields[kind.key] = fields["person_id"]
    row = Row(kind.name, fields, line=line, partner=sender.partner)
    refusal = row.refusal(("person_id", *kind.required), kind.dates)
    yield from [refusal] if refusal else _statements(kind, row)


def _statements(kind: Kind, row: Row) -> Iterator[Utterance]:
    person, tenant = row.text("person_id"), row.text("tenant_id")
    identity = persons.identity(row, person) if kind.name == "tenancy" else ()
    yield from statements(row, person, chain(identity, kind.read(row, person)), home=row)
    if kind.name == "household_member_person" and tenant not in ("", person):
        nothing = Row(kind.name, {}, line=row.line, partner=row.partner)
        yield from statements(nothing, tenant, members.as_contact(row, tenant), home=nothing)
    yield from row.findings


def _kind(fields: dict[str, str]) -> Kind | None:
    if stated := fields["record_type"]:
        return _NAMED.get(spelling(stated))
    return next((kind for kind in KINDS if fields[kind.key]), None)
