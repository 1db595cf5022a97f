"""Passwords of local accounts in PostgreSQL: their hashes, and the attempts that were wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from app.identity.passwords.lock_out import Attempts
from app.identity.passwords.models import account_password

_LOOK: Final = (
    "SELECT hash, must_change, locked, wrong, waits_until FROM account_password WHERE username = %s FOR UPDATE"
)
_COUNT: Final = "UPDATE account_password SET wrong = %s, waits_until = %s WHERE username = %s"
_RIGHT: Final = """
    UPDATE account_password SET wrong = 0, waits_until = NULL, hash = coalesce(%s, hash)
    WHERE username = %s AND NOT locked
"""
_CHANGE: Final = """
    UPDATE account_password SET hash = %s, must_change = false WHERE username = %s AND NOT locked
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a password that may be looked at now. It prints without the hash."""

    hash: str
    must_change: bool

    def __repr__(self) -> str:
        return "Kept(•••)"


async def attempt(connection: AsyncConnection[Any], username: str, *, at: datetime) -> Kept | None:
    """What to check a password against, having counted the attempt as a wrong one already.

    So however many are made at once, no more are looked at than are allowed. `None` where there is no such account, or
    it is locked or waits.
    """
    async with connection.transaction():
        row = await (await connection.execute(_LOOK, (username,))).fetchone()
        if row is None:
            return None
        kept, must_change, locked, wrong, waits_until = row
        attempts = Attempts(wrong, waits_until)
        if locked or not attempts.open_at(at):
            return None
        counted = attempts.after_another(at)
        await connection.execute(_COUNT, (counted.wrong, counted.waits_until, username))
        return Kept(kept, must_change)


async def was_right(connection: AsyncConnection[Any], username: str, *, anew: str | None = None) -> bool:
    """Forget the attempts, and keep a hash that was made anew; `False` where the account was locked meanwhile."""
    return (await connection.execute(_RIGHT, (anew, username))).rowcount == 1


async def change_password(connection: AsyncConnection[Any], username: str, hash: str) -> bool:
    """Keep the hash of a password that its owner chose; `False` where the account was locked meanwhile."""
    return (await connection.execute(_CHANGE, (hash, username))).rowcount == 1


def put_password(connection: Connection, username: str, hash: str, *, must_change: bool) -> None:
    """Give an account a password, open, with no attempts behind it."""
    row: dict[str, object] = {
        "hash": hash,
        "must_change": must_change,
        "locked": False,
        "wrong": 0,
        "waits_until": None,
    }
    statement = insert(account_password).values(username=username, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["username"], set_=row))


def set_locked(connection: Connection, username: str, locked: bool) -> bool:
    """Lock an account, or open it and forget the attempts; `False` where it has no password."""
    changed: dict[str, object] = {"locked": locked} if locked else {"locked": False, "wrong": 0, "waits_until": None}
    of_account = update(account_password).where(account_password.c.username == username)
    return connection.execute(of_account.values(changed)).rowcount == 1


def passwords(connection: Connection) -> dict[str, tuple[bool, bool, datetime | None]]:
    """By username: whether the password must be changed, whether the account is locked, and until when it waits."""
    kept = account_password.c
    rows = connection.execute(select(kept.username, kept.must_change, kept.locked, kept.waits_until))
    return {username: (must_change, locked, waits_until) for username, must_change, locked, waits_until in rows}
