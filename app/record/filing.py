"""Filing entries in bulk, as intake does: every version kept, nothing written twice.

The statements are raw SQL over arrays and COPY, for it is here that a million rows pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection

from app.record.comparison import comparison_of
from app.record.encode import close, digest_of, encode, entry_id, label_number, occurred_on
from app.vocabulary.label import Label
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry

_ENTRY: Final = {
    "person_id": "uuid",
    "id": "int8",
    "filed_as": "uuid",
    "partner": "text",
    "adapter": "text",
    "key": "text",
    "label": "int8",
    "category": "text",
    "sensitivity": "text",
    "version": "int4",
    "resource_type": "text",
    "comparison": "text",
    "started": "timestamptz",
    "ended": "timestamptz",
    "recorded": "timestamptz",
    "standing": "text",
    "occurred_on": "date",
    "message": "int8",
    "line": "int4",
    "stored_at": "timestamptz",
    "digest": "bytea",
    "summary": "bytea",
    "resource": "bytea",
}
_COLUMNS: Final = tuple(_ENTRY)
_TYPES: Final = tuple(_ENTRY.values())
_VERSION: Final = _COLUMNS.index("version")
_NAMED: Final = {
    "person_id",
    "id",
    "filed_as",
    "partner",
    "adapter",
    "key",
}  # what an entry keeps through all its versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The message that is being filed; `at` is the instant of storing, in UTC."""

    partner: OdsCode
    adapter: str
    message: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """An entry whose person is known: `person_id` stands for `filed_as`, whom the subject's own identifiers name."""

    person_id: UUID
    filed_as: UUID
    entry: Entry


@dataclass(slots=True)
class Outcome:
    """What filing did, in entries; `late_lines` are those whose entry was older than what is held."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late_lines: list[int] = field(default_factory=list)


class _Held(NamedTuple):
    """What is stored under one person and key; `resource` only where an entry is silent on something it must keep."""

    number: int
    version: int
    recorded: datetime | None
    message: int
    digest: bytes
    resource: bytes | None


_Name = tuple[UUID, UUID, str]
_Row = tuple[Any, ...]


def file_entries(connection: Connection, filed: Sequence[Filed], source: Source) -> Outcome:
    """Store entries under their persons; stating the same again changes nothing.

    An entry older than the one held is not shown in its place: its line is reported, its message stays in the inbox.
    The caller holds the feed's lock, so that no one else files entries of this partner and adapter meanwhile.
    """
    outcome = Outcome()
    stored = _held(connection, filed, source)
    latest = dict(stored)
    rows: dict[_Name, _Row] = {}
    passing: list[_Row] = []  # versions that this same message replaces again
    attachments: list[_Row] = []
    for one in filed:
        name = (one.person_id, one.filed_as, one.entry.key)
        previous = latest.get(name)
        entry = _with_what_it_keeps(one.entry, previous)
        label = Label(source.partner, entry.category, entry.sensitivity)
        digest = digest_of(entry, label)
        if previous is not None and previous.digest == digest:
            outcome.unchanged += 1
            continue
        if previous is not None and _is_older(entry, source.message, previous):
            outcome.late_lines.append(entry.line)
            continue
        if name in rows:
            passing.append(rows[name])
        elif previous is None:
            outcome.new += 1
        else:
            outcome.changed += 1
        rows[name], resource = _row(entry, name, previous, label, digest, source)
        latest[name] = _Held(rows[name][1], rows[name][_VERSION], entry.recorded, source.message, digest, resource)
        if entry.attachment is not None:
            attachments.append(_attachment(rows[name], entry))
    _write(connection, [row for name, row in rows.items() if name not in stored], "entry")
    _replace(connection, [row for name, row in rows.items() if name in stored])
    _write(connection, passing, "entry_version")
    _write_attachments(connection, attachments)
    return outcome


def snapshot_before(connection: Connection, prefix: str, as_at: date, source: Source) -> date | None:
    """Note that a message holds a feed's whole state under a prefix; return the date of the snapshot before it.

    `None` for the first, and for one as at no later date than the last, which is no news.
    """
    before: date | None = connection.exec_driver_sql(
        """
        INSERT INTO snapshot AS held (partner, adapter, prefix, as_at, message) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (partner, adapter, prefix) DO UPDATE SET as_at = EXCLUDED.as_at, message = EXCLUDED.message
            WHERE held.as_at < EXCLUDED.as_at
        RETURNING (SELECT before.as_at FROM snapshot before
                   WHERE (before.partner, before.adapter, before.prefix) = (held.partner, held.adapter, held.prefix))
        """,
        (source.partner, source.adapter, prefix, as_at, source.message),
    ).scalar_one_or_none()
    return before


def close_missing(connection: Connection, prefix: str, source: Source, *, ended: datetime) -> int:
    """End every open entry of a feed under `prefix` that the message did not state; return how many there were.

    Which it stated is in the temporary table `stated_key`, which intake fills.
    """
    open_entries = connection.exec_driver_sql(
        f"""
        SELECT {", ".join(f"e.{name}" for name in _COLUMNS)} FROM entry e
        WHERE e.partner = %s AND e.adapter = %s AND starts_with(e.key, %s) AND e.ended IS NULL
          AND e.standing = 'current' AND NOT EXISTS (SELECT FROM stated_key s WHERE s.key = e.key)
        """,  # noqa: S608  # column names of ours
        (source.partner, source.adapter, prefix),
    ).all()
    _replace(connection, [_closed(tuple(row), ended, source) for row in open_entries])
    return len(open_entries)


def _closed(row: _Row, ended: datetime, source: Source) -> _Row:
    held = dict(zip(_COLUMNS, row, strict=True))
    version = held["version"] + 1
    by = close(
        held["resource"], held["summary"], ended=max(ended, held["started"] or ended), version=version, at=source.at
    )
    held |= {
        "version": version,
        "ended": ended,
        "standing": "ended",
        "occurred_on": london_date(ended),
        "message": source.message,
        "stored_at": source.at,
        "digest": b"closed" + held["digest"][:26],
        "summary": by.summary,
        "resource": by.resource,
    }
    return tuple(held[name] for name in _COLUMNS)


def _held(connection: Connection, filed: Sequence[Filed], source: Source) -> dict[_Name, _Held]:
    keeping: dict[_Name, bool] = {}
    for one in filed:
        name = (one.person_id, one.filed_as, one.entry.key)
        keeping[name] = keeping.get(name, False) or bool(one.entry.keeps)
    if not keeping:
        return {}
    rows = connection.exec_driver_sql(
        """
        SELECT e.person_id, e.filed_as, e.key, e.id, e.version, e.recorded, e.message, e.digest,
               CASE WHEN named.keeping THEN e.resource END
        FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bool[]) AS named (person_id, filed_as, key, keeping)
        JOIN entry e ON (e.person_id, e.filed_as, e.partner, e.adapter, e.key)
            = (named.person_id, named.filed_as, %s, %s, named.key)
        """,
        (
            [person for person, _, _ in keeping],
            [filed_as for _, filed_as, _ in keeping],
            [key for _, _, key in keeping],
            list(keeping.values()),
            source.partner,
            source.adapter,
        ),
    )
    return {(row[0], row[1], row[2]): _Held(*row[3:]) for row in rows}


def _with_what_it_keeps(entry: Entry, previous: _Held | None) -> Entry:
    """Where a message is silent on an element, what was known stays (HL7 v2: an empty field is no statement)."""
    if not entry.keeps or previous is None or previous.resource is None:
        return entry
    before = orjson.loads(previous.resource)
    kept = {element: before[element] for element in entry.keeps if element in before and element not in entry.resource}
    return replace(entry, resource={**entry.resource, **kept}) if kept else entry


def _is_older(entry: Entry, message: int, previous: _Held) -> bool:
    if entry.recorded is not None and previous.recorded is not None and entry.recorded != previous.recorded:
        return entry.recorded < previous.recorded
    return message < previous.message


def _row(
    entry: Entry,
    name: _Name,
    previous: _Held | None,
    label: Label,
    digest: bytes,
    source: Source,
) -> tuple[_Row, bytes]:
    provenance = Provenance(source.partner, source.adapter, source.message, entry.line)
    person_id, filed_as, _ = name
    number = previous.number if previous else entry_id(filed_as, provenance, entry.key)
    version = previous.version + 1 if previous else 1
    encoded = encode(
        entry, person_id=person_id, number=number, version=version, label=label, provenance=provenance, at=source.at
    )
    row = (
        person_id,
        number,
        filed_as,
        source.partner,
        source.adapter,
        entry.key,
        label_number(label),
        str(label.category),
        str(label.sensitivity),
        version,
        entry.resource["resourceType"],
        comparison_of(entry),
        entry.started,
        entry.ended,
        entry.recorded,
        str(entry.standing),
        occurred_on(entry),
        source.message,
        entry.line,
        source.at,
        digest,
        encoded.summary,
        encoded.resource,
    )
    return row, encoded.resource


def _attachment(row: _Row, entry: Entry) -> _Row:
    content = entry.resource.get("content", [{}])[0].get("attachment", {})
    return row[1], row[_VERSION], content.get("contentType", "application/octet-stream"), entry.attachment


def _copy(
    connection: Connection, target: str, columns: Sequence[str], types: Sequence[str], rows: Iterable[_Row]
) -> None:
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {target} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _write(connection: Connection, rows: Sequence[_Row], target: str) -> None:
    if rows:
        _copy(connection, target, _COLUMNS, _TYPES, rows)


def _write_attachments(connection: Connection, rows: Sequence[_Row]) -> None:
    if rows:
        columns = ("entry_id", "version", "content_type", "content")
        _copy(connection, "attachment", columns, ("int8", "int4", "text", "bytea"), rows)


def _replace(connection: Connection, rows: Sequence[_Row]) -> None:
    if not rows:
        return
    names = ", ".join(_COLUMNS)
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_entry (LIKE entry INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
    )
    _copy(connection, "incoming_entry", _COLUMNS, _TYPES, rows)
    connection.exec_driver_sql(
        f"""
        INSERT INTO entry_version ({names})
        SELECT {", ".join(f"e.{name}" for name in _COLUMNS)}
        FROM incoming_entry JOIN entry e USING (person_id, id)
        """  # noqa: S608  # column names of ours
    )
    changing = [name for name in _COLUMNS if name not in _NAMED]
    connection.exec_driver_sql(
        f"""
        UPDATE entry e SET {", ".join(f"{name} = i.{name}" for name in changing)}
        FROM incoming_entry i WHERE e.person_id = i.person_id AND e.id = i.id
        """  # noqa: S608  # column names of ours
    )
    connection.exec_driver_sql("DELETE FROM incoming_entry")
