"""Local accounts in PostgreSQL, and what was used once."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from psycopg import AsyncConnection
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from app.identity.account import LocalAccount
from app.identity.models import account
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

_BY_USERNAME = (
    "SELECT username, name, organisation, roles, teams, nhs_number, training_until FROM account WHERE username = %s"
)

_USE_ONCE: Final = """
    WITH ended AS (DELETE FROM used_once WHERE ends <= %(at)s)
    INSERT INTO used_once (issuer, sha256, ends) VALUES (%(issuer)s, %(sha256)s, %(ends)s) ON CONFLICT DO NOTHING
"""


def put_accounts(connection: Connection, accounts: Iterable[LocalAccount]) -> None:
    """Add accounts, or change those whose username is there."""
    rows = [_row(one) for one in accounts]
    statement = insert(account).values(rows)
    changing = {name: statement.excluded[name] for name in rows[0] if name != "username"}
    connection.execute(statement.on_conflict_do_update(index_elements=["username"], set_=changing))


def accounts(connection: Connection) -> list[LocalAccount]:
    """Every account, by username."""
    return [_account(tuple(row)) for row in connection.execute(select(account).order_by(account.c.username))]


def names_of_accounts(connection: Connection, usernames: Iterable[str]) -> dict[str, str]:
    """What those are called who have an account here, by username; whoever signs in by a provider need have none."""
    found = select(account.c.username, account.c.name).where(account.c.username.in_(sorted(usernames)))
    return {str(username): str(name) for username, name in connection.execute(found)}


async def account_of(connection: AsyncConnection, username: str) -> LocalAccount | None:
    """The account of that username, for the web."""
    cursor = await connection.execute(_BY_USERNAME, (username,))
    row = await cursor.fetchone()
    return _account(row) if row else None


async def use_once(connection: AsyncConnection[Any], issuer: str, id: str, *, ends: datetime, at: datetime) -> bool:
    """Whether this is the first use of an id of this issuer's; it is remembered until `ends`."""
    row = {"issuer": issuer, "sha256": sha256(id.encode()).digest(), "ends": ends, "at": at}
    return (await connection.execute(_USE_ONCE, row)).rowcount == 1


def _row(one: LocalAccount) -> dict[str, Any]:
    return {
        "username": one.username,
        "name": one.name,
        "organisation": one.organisation and str(one.organisation),
        "roles": [str(role) for role in one.roles],
        "teams": sorted(one.teams),
        "nhs_number": one.nhs_number.digits if one.nhs_number else None,
        "training_until": one.training_until,
    }


def _account(row: tuple[Any, ...]) -> LocalAccount:
    username, name, organisation, roles, teams, nhs_number, training_until = row
    return LocalAccount(
        username=username,
        name=name,
        organisation=organisation and OdsCode(organisation),
        roles=tuple(Role(role) for role in roles),
        teams=frozenset(teams),
        nhs_number=NHSNumber(nhs_number) if nhs_number else None,
        training_until=training_until,
    )
