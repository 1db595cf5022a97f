"""Systems and their tokens in PostgreSQL. Of a token only its hash is kept: whoever reads the table can use none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.identity.systems.models import system, system_token
from app.identity.systems.scopes import Scopes
from app.identity.systems.system import System
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

_OF_ID: Final = "SELECT * FROM system WHERE id = %s"
_HOLDER: Final = """
    SELECT system.*, token.scopes AS granted, token.ends
    FROM system_token token JOIN system ON system.id = token.system
    WHERE token.sha256 = %s AND token.ends > %s AND system.revoked IS NULL
"""
_PUT: Final = """
    WITH ended AS (DELETE FROM system_token WHERE ends <= %(at)s)
    INSERT INTO system_token (sha256, system, scopes, ends) VALUES (%(sha256)s, %(system)s, %(scopes)s, %(ends)s)
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """A system and since when; `revoked` says when it ceased to be believed."""

    system: System
    registered: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class TokenOf:
    """Whose token it is, what it permits, and until when."""

    system: System
    scopes: Scopes
    ends: datetime


def register(connection: Connection, one: System, *, at: datetime) -> None:
    """Register a system, or change what it is registered for; one that was revoked is believed again."""
    row = {**_row(one), "registered": at, "revoked": None}
    changing = {name: value for name, value in row.items() if name not in ("id", "registered")}
    connection.execute(insert(system).values(row).on_conflict_do_update(index_elements=["id"], set_=changing))
    connection.execute(delete(system_token).where(system_token.c.system == one.id))


def revoke(connection: Connection, id: str, *, at: datetime) -> bool:
    """Believe a system no longer, nor any token it holds; `False` where none of that id is believed."""
    revoked = update(system).where(system.c.id == id, system.c.revoked.is_(None)).values(revoked=at)
    connection.execute(delete(system_token).where(system_token.c.system == id))
    return connection.execute(revoked).rowcount == 1


def systems(connection: Connection) -> list[Registered]:
    """Every system that was ever registered, by id."""
    return [_registered(row) for row in connection.execute(select(system).order_by(system.c.id)).mappings()]


async def system_of(connection: AsyncConnection[Any], id: str) -> Registered | None:
    """The system of an id."""
    row = await _one(connection, _OF_ID, id)
    return _registered(row) if row else None


async def put_token(
    connection: AsyncConnection[Any], token: str, id: str, scopes: Scopes, *, ends: datetime, at: datetime
) -> None:
    """Keep a token's hash until it ends; those that ended go."""
    row = {"sha256": _hash(token), "system": id, "scopes": str(scopes), "ends": ends, "at": at}
    await connection.execute(_PUT, row)


async def token_of(connection: AsyncConnection[Any], token: str, *, at: datetime) -> TokenOf | None:
    """Whose token it is, if it is one, has not ended, and its system is believed."""
    row = await _one(connection, _HOLDER, _hash(token), at)
    return TokenOf(_system(row), Scopes.parse(row["granted"]), row["ends"]) if row else None


async def _one(connection: AsyncConnection[Any], query: str, *parameters: object) -> Mapping[str, Any] | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, parameters)
        return await cursor.fetchone()


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _row(one: System) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "organisation": str(one.organisation),
        "role": str(one.role),
        "purpose": str(one.purpose),
        "scopes": str(one.scopes),
        "keys": one.keys,
        "keys_address": one.keys_address,
        "assured_until": one.assured_until,
    }


def _registered(row: Any) -> Registered:
    return Registered(_system(row), row["registered"], row["revoked"])


def _system(row: Any) -> System:
    return System(
        id=row["id"],
        name=row["name"],
        organisation=OdsCode(row["organisation"]),
        role=Role(row["role"]),
        purpose=Purpose(row["purpose"]),
        scopes=Scopes.parse(row["scopes"]),
        keys=row["keys"],
        keys_address=row["keys_address"],
        assured_until=row["assured_until"],
    )
