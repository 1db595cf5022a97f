"""What a partner has stated through one feed, found again by the number or the key that it knows. For its sender."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.database.transactions import fetch_rows
from app.record.kept.encode import version_id
from app.vocabulary.ods_code import OdsCode


class CurrentEntry(NamedTuple):
    """One entry as it stands now; `message` brought this version, which its source wrote when it was `recorded`."""

    number: int
    person_id: UUID
    filed_as: UUID
    key: str
    type: str
    version: int
    message: int
    standing: str
    digest: bytes
    stored_at: datetime
    started: datetime | None
    recorded: datetime | None

    @property
    def version_id(self) -> str:
        """What this version is called outside."""
        return version_id(self.digest, self.stored_at)


_COLUMNS: Final = (
    "id, person_id, filed_as, key, resource_type, version, message, standing, digest, stored_at, started, recorded"
)


def by_number(
    connection: Connection, partner: OdsCode, adapter: str, numbers: Collection[int]
) -> dict[int, CurrentEntry]:
    """The partner's own entries of these numbers."""
    return _select(connection, "partner = %s AND adapter = %s AND id = ANY(%s)", (partner, adapter, list(numbers)))


def by_key(connection: Connection, partner: OdsCode, adapter: str, keys: Collection[str]) -> dict[int, CurrentEntry]:
    """The partner's own entries under these keys, whoever they are about."""
    return _select(connection, "partner = %s AND adapter = %s AND key = ANY(%s)", (partner, adapter, list(keys)))


def of_people(connection: Connection, people: Collection[UUID], numbers: Collection[int]) -> dict[int, CurrentEntry]:
    """The entries of these numbers, of people to whom they belong."""
    return _select(connection, "person_id = ANY(%s) AND id = ANY(%s)", (list(people), list(numbers)))


def _select(connection: Connection, condition: str, parameters: tuple[object, ...]) -> dict[int, CurrentEntry]:
    if not parameters[-1]:
        return {}
    query = f"SELECT {_COLUMNS} FROM entry WHERE {condition}"  # noqa: S608  # ours, with bound parameters
    return {row[0]: CurrentEntry(*row) for row in fetch_rows(connection, query, parameters)}
