"""From signing in to signing out. What opens anything is told to the trail before it counts; what closes it, after."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.audit.event import Event, Kind
from app.audit.trail import Trail
from app.identity.sessions.session import Cookie, Session, SignedIn
from app.identity.sessions.store import (
    KeptForm,
    Limits,
    end_session,
    end_sessions_of,
    keep_form,
    kept_form,
    put_session,
    remaining,
    session_of,
    whose,
)
from app.sharing.facts import Account


class Sessions:
    """The sessions of a place. What a browser holds changes with what it may do: at sign-in, and with each role."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], trail: Trail, *, limits: Limits) -> None:
        self._pool, self._trail, self.limits = pool, trail, limits

    async def start(self, signed_in: SignedIn, *, at: datetime, instead_of: Cookie | None) -> tuple[Cookie, Session]:
        """Begin a session; whatever the browser held before opens nothing any more.

        Whoever holds one position takes it; whoever holds several chooses, and is nobody in particular until then.
        """
        held = Cookie()
        chosen = 0 if len(signed_in.positions) == 1 else None
        session = Session(held.key, signed_in, chosen, at, at + self.limits.whole)
        taken = [_event(Kind.ROLE_CHOSEN, session, at)] if session.position else []
        await self._trail.commit(_event(Kind.SIGNED_IN, session, at), *taken)
        await self._replace(session, instead_of, at)
        return held, session

    async def find(self, held: Cookie, *, at: datetime, is_use: bool = True) -> Session | None:
        """The session that a browser holds, if it has not ended; this is a use of it, unless it is only looked at."""
        async with self._pool.connection() as connection:
            return await session_of(connection, held.key, limits=self.limits, at=at, is_use=is_use)

    async def remaining(self, held: Cookie, *, at: datetime) -> timedelta:
        """How long the session that a browser holds lasts unused; nothing where it ended. Asking is no use of it."""
        async with self._pool.connection() as connection:
            left = await remaining(connection, held.key, limits=self.limits, at=at)
        return max(left or timedelta(), timedelta())

    async def keep(
        self, held: Cookie, page: str, action: str, fields: list[tuple[str, str]], *, at: datetime
    ) -> UUID | None:
        """Keep what was typed in a session that ended lately, for its owner; `None` where nobody knows whose it was."""
        async with self._pool.connection() as connection:
            owner = await whose(connection, held.key)
            if owner is None:
                return None
            kept = KeptForm(uuid4(), *owner, page, action, fields)
            await keep_form(connection, kept, at=at)
            return kept.id

    async def kept(self, id: UUID, owner: Account, *, at: datetime) -> KeptForm | None:
        """What was kept for whoever signed in again; nobody else is given it."""
        async with self._pool.connection() as connection:
            return await kept_form(connection, id, owner=(owner.issuer, owner.subject), at=at)

    async def choose(
        self, held: Cookie, session: Session, position: int, *, at: datetime
    ) -> tuple[Cookie, Session] | None:
        """Take another of one's positions; `None` for one that is not theirs. It lasts no longer for that."""
        if position not in range(len(session.signed_in.positions)):
            return None
        renewed = Cookie()
        chosen = Session(renewed.key, session.signed_in, position, session.started, session.ends)
        await self._trail.commit(_event(Kind.ROLE_CHOSEN, chosen, at))
        await self._replace(chosen, held, at)
        return renewed, chosen

    async def end(self, held: Cookie, session: Session, *, at: datetime) -> None:
        """Sign out: somebody is out even where the trail cannot be told."""
        async with self._pool.connection() as connection:
            await end_session(connection, held.key)
        await self._trail.commit(_event(Kind.SIGNED_OUT, session, at))

    async def end_for_provider(
        self, issuer: str, *, subject: str | None, provider_session: str | None, at: datetime
    ) -> None:
        """Sign out whoever a provider says has signed out there: they are out even where the trail cannot be told."""
        async with self._pool.connection() as connection:
            subjects = await end_sessions_of(connection, issuer, subject=subject, provider_session=provider_session)
        ended = [
            Event(kind=Kind.SIGNED_OUT, id=uuid4(), at=at, actor=Account(issuer, one), reason="by-provider")
            for one in subjects
        ]
        if ended:
            await self._trail.commit(*ended)

    async def _replace(self, session: Session, before: Cookie | None, at: datetime) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            if before is not None:
                await end_session(connection, before.key)
            await put_session(connection, session, limits=self.limits, at=at)


def _event(kind: Kind, session: Session, at: datetime) -> Event:
    """Signing in and out is done by somebody in no role in particular."""
    position = session.position if kind is Kind.ROLE_CHOSEN else None
    owner = session.signed_in
    return Event(
        kind=kind,
        id=uuid4(),
        at=at,
        actor=Account(owner.issuer, owner.subject),
        role=position.role if position else None,
        organisation=position.organisation if position else None,
    )
