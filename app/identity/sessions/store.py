"""Sessions in PostgreSQL, each under the hash of what its browser holds."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Json
from sqlalchemy import Connection, delete

from app.identity.sessions.models import session
from app.identity.sessions.session import Session, SignedIn

SEEN_EVERY: Final = timedelta(minutes=1)
"""How exact the last sight of a session is, so that a page's many requests write once."""

TYPING_KEPT: Final = timedelta(hours=12)
"""How long after its end it is known whose a session was, so that what they were typing can be kept for them."""

_COLUMNS: Final = "sha256, issuer, subject, provider_session, said, chosen, started"
_LIVES: Final = "seen > %(seen_after)s AND seen < %(seen_before)s AND started > %(started_after)s"
_REMEMBERED: Final = "seen > %(seen_after)s - %(kept)s AND started > %(started_after)s - %(kept)s"
_PUT: Final = f"""
    WITH ended AS (DELETE FROM session WHERE NOT ({_REMEMBERED}))
    INSERT INTO session ({_COLUMNS}, seen) VALUES
    (%(sha256)s, %(issuer)s, %(subject)s, %(provider_session)s, %(said)s, %(chosen)s, %(started)s, %(at)s)
"""  # noqa: S608  # nothing in it is anybody's
_FIND: Final = f"SELECT {_COLUMNS}, seen FROM session WHERE sha256 = %(sha256)s AND {_LIVES}"  # noqa: S608  # as above
_SEE: Final = "UPDATE session SET seen = %s WHERE sha256 = %s AND seen < %s"
_REMAINING: Final = "SELECT seen, started FROM session WHERE sha256 = %s"
_WHOSE: Final = """
    SELECT issuer, subject FROM session
    WHERE sha256 = %s AND NOT coalesce((said ->> 'for_themselves')::boolean, false)
"""
_KEEP: Final = """
    WITH forgotten AS (DELETE FROM kept_form WHERE kept < %(forgotten)s)
    INSERT INTO kept_form (id, issuer, subject, page, action, fields, kept)
    VALUES (%(id)s, %(issuer)s, %(subject)s, %(page)s, %(action)s, %(fields)s, %(kept)s)
"""
_KEPT: Final = """
    SELECT id, issuer, subject, page, action, fields FROM kept_form
    WHERE id = %s AND issuer = %s AND subject = %s AND kept >= %s
"""
_END: Final = "DELETE FROM session WHERE sha256 = %s"
_END_OF_OWNER: Final = """
    DELETE FROM session WHERE issuer = %s AND (subject = %s OR %s::text IS NULL)
    AND (provider_session = %s OR %s::text IS NULL) RETURNING subject
"""


class Limits(NamedTuple):
    """How long a session lasts unused, and in all."""

    idle: timedelta
    whole: timedelta


class KeptForm(NamedTuple):
    """What somebody was typing when their session ended: on which page, where it was sent, and its fields in order."""

    id: UUID
    issuer: str
    subject: str
    page: str
    action: str
    fields: Any

    def __repr__(self) -> str:
        return f"KeptForm({self.id})"


async def put_session(connection: AsyncConnection[Any], one: Session, *, limits: Limits, at: datetime) -> None:
    """Keep a session; those that ended long ago go."""
    owner = one.signed_in
    row = {
        "sha256": one.key,
        "issuer": owner.issuer,
        "subject": owner.subject,
        "provider_session": owner.provider_session,
        "said": Json(owner.as_json()),
        "chosen": one.chosen,
        "started": one.started,
        "at": at,
    }
    await connection.execute(_PUT, row | _bounds(limits, at) | {"kept": TYPING_KEPT})


async def session_of(
    connection: AsyncConnection[Any], key: bytes, *, limits: Limits, at: datetime, is_use: bool = True
) -> Session | None:
    """The session of a key, if it has not ended; asking for it is a use of it, unless it is only looked at."""
    row = await (await connection.execute(_FIND, {"sha256": key} | _bounds(limits, at))).fetchone()
    if row is None:
        return None
    _, issuer, subject, provider_session, said, chosen, started, seen = row
    if is_use and seen < at - SEEN_EVERY:
        await connection.execute(_SEE, (at, key, at))
    owner = SignedIn.from_json(issuer, subject, provider_session, said)
    return Session(key, owner, chosen, started, started + limits.whole)


async def remaining(connection: AsyncConnection[Any], key: bytes, *, limits: Limits, at: datetime) -> timedelta | None:
    """How long a session lasts if it is not used; looking is no use of it. `None` where there is none."""
    row = await (await connection.execute(_REMAINING, (key,))).fetchone()
    return None if row is None else min(row[0] + limits.idle, row[1] + limits.whole) - at


async def whose(connection: AsyncConnection[Any], key: bytes) -> tuple[str, str] | None:
    """The issuer and subject of which of the staff a session is or was lately, whether or not it has ended."""
    return await (await connection.execute(_WHOSE, (key,))).fetchone()


async def keep_form(connection: AsyncConnection[Any], one: KeptForm, *, at: datetime) -> None:
    """Keep what somebody typed; what was kept long ago goes."""
    row = one._replace(fields=Json(one.fields))._asdict() | {"kept": at, "forgotten": at - TYPING_KEPT}
    await connection.execute(_KEEP, row)


async def kept_form(
    connection: AsyncConnection[Any], id: UUID, *, owner: tuple[str, str], at: datetime
) -> KeptForm | None:
    """What was kept under an id, for whoever typed it and nobody else."""
    row = await (await connection.execute(_KEPT, (id, *owner, at - TYPING_KEPT))).fetchone()
    if row is None:
        return None
    number, issuer, subject, page, action, fields = row
    return KeptForm(number, issuer, subject, page, action, [(name, value) for name, value in fields])


async def end_session(connection: AsyncConnection[Any], key: bytes) -> bool:
    """End a session; `False` where it had ended."""
    return (await connection.execute(_END, (key,))).rowcount == 1


async def end_sessions_of(
    connection: AsyncConnection[Any], issuer: str, *, subject: str | None, provider_session: str | None
) -> list[str]:
    """End what a provider says has ended: one session of its, or all of a subject's; returns the subject of each."""
    if subject is None and provider_session is None:
        return []
    parameters = (issuer, subject, subject, provider_session, provider_session)
    cursor = await connection.execute(_END_OF_OWNER, parameters)
    return [row[0] for row in await cursor.fetchall()]


def end_all(connection: Connection, issuer: str, subject: str) -> None:
    """End every session of someone whose access has changed."""
    connection.execute(delete(session).where(session.c.issuer == issuer, session.c.subject == subject))


def _bounds(limits: Limits, at: datetime) -> dict[str, datetime]:
    """`seen_before` is for a clock that was put back: a session of what is tomorrow by now must not wait until then."""
    return {"seen_after": at - limits.idle, "seen_before": at + limits.idle, "started_after": at - limits.whole}
