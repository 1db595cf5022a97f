"""What is filed, and what is held already under the same person and key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import as_json, fetch_rows
from app.record.kept.encode import as_stated, version_id
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Resource, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The message that is being filed; `at` is the instant of storing, in UTC.

    `waited` is true for what waited for a person: it gives way to what the same message said without waiting.
    """

    partner: OdsCode
    adapter: str
    message: int
    at: datetime
    waited: bool = False


class Filed(NamedTuple):
    """An entry whose person is known: `person_id` stands for `filed_as`, whom the subject's own identifiers name.

    `is_first` where the partner stated nothing of that person before, so that nothing of it is held.
    """

    person_id: UUID
    filed_as: UUID
    entry: Entry
    is_first: bool = False


class Known(NamedTuple):
    """What an entry that is silent draws upon, under the names that it has in an entry."""

    resource: Resource
    started: datetime | None
    ended: datetime | None
    standing: Standing
    sensitivity: Sensitivity


class Written(Protocol):
    """What is held, by when its source wrote it and in which message it came."""

    @property
    def recorded(self) -> datetime | None:
        """The instant in UTC at which its source wrote it."""

    @property
    def message(self) -> int:
        """The number of its message in the inbox."""


class Held(NamedTuple):
    """What is held under one person and key; `known` only where an entry may be silent on some of it."""

    number: int
    version: int
    recorded: datetime | None
    message: int
    digest: bytes
    stored_at: datetime
    known: Known | Entry | None

    @property
    def version_id(self) -> str:
        """What this version is called outside."""
        return version_id(self.digest, self.stored_at)


Name = tuple[int, str]
"""Whom an entry is filed as, and its key."""


def held_of(connection: Connection, filed: Sequence[Filed], source: Source) -> dict[Name, Held]:
    """What is stored of the same. The names travel as one JSON text, which costs far less than arrays do."""
    names: dict[Name, dict[str, object]] = {}
    for one in filed:
        name = {"person_id": one.person_id, "filed_as": one.filed_as, "key": one.entry.key, "keeping": False}
        name = names.setdefault((one.filed_as.int, one.entry.key), name)
        name["keeping"] = name["keeping"] or bool(one.entry.keeps or one.entry.presumes or one.entry.only_if_new)
    if not names:
        return {}
    rows = fetch_rows(
        connection,
        """
        SELECT named.filed_as, named.key, e.*
        FROM json_to_recordset(%s::json) AS named (person_id uuid, filed_as uuid, key text, keeping bool),
        LATERAL (
            SELECT id, version, recorded, message, digest, stored_at,
                   person_id, started, ended, standing, sensitivity, CASE WHEN named.keeping THEN resource END
            FROM entry WHERE (entry.person_id, entry.filed_as, partner, adapter, entry.key)
                = (named.person_id, named.filed_as, %s, %s, named.key)
            LIMIT 1  -- each is found by its index: a file grows the table faster than statistics tell
        ) AS e
        """,
        (as_json(list(names.values())), source.partner, source.adapter),
    )
    return {
        (filed_as.int, key): Held(number, version, recorded, message, digest, stored_at, _known(*known))
        for filed_as, key, number, version, recorded, message, digest, stored_at, *known in rows
    }


def _known(
    person_id: UUID,
    started: datetime | None,
    ended: datetime | None,
    standing: str,
    sensitivity: str,
    resource: bytes | None,
) -> Known | None:
    if resource is None:
        return None
    return Known(as_stated(resource, person_id), started, ended, Standing(standing), Sensitivity(sensitivity))


def is_older(entry: Entry, source: Source, previous: Written) -> bool:
    """Whether what is held was written after an entry, or came after it where its source says no time."""
    if entry.recorded is not None and previous.recorded is not None and entry.recorded != previous.recorded:
        return entry.recorded < previous.recorded
    return source.message < previous.message or (source.waited and source.message == previous.message)
