"""Reading the trail, of which the trail is told too; and letting retention delete what it says."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.audit import store
from app.audit.chain import CHAINS, ChainKey
from app.audit.event import Event, Kind, search_criteria
from app.audit.store import About, Opened, Told
from app.audit.telling import Reading
from app.audit.trail import record
from app.errors import DomainError
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role


class TooSoon(DomainError):
    """Retention was asked to delete what is not over yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads the trail or lets it forget, when, and the id by which it will tell of that."""

    id: UUID
    at: datetime
    account: Account
    role: Role | None = None
    organisation: OdsCode | None = None

    def act(self, kind: Kind) -> Event:
        """The event that tells of it, without what it was about."""
        return Event(
            kind=kind, id=self.id, at=self.at, actor=self.account, role=self.role, organisation=self.organisation
        )


def read_trail(connection: Connection, about: About, *, by: Reader, key: ChainKey) -> list[Told]:
    """What the trail says, the newest first. Show it only once the transaction is committed, for that tells of it."""
    told = store.events(connection, about)
    criteria = search_criteria(key, about.account._asdict()) if about.account else ""
    record(connection, [replace(by.act(Kind.AUDIT_READ), person=about.person, criteria=criteria)], key=key)
    return told


def opened_lately(connection: Connection, *, since: datetime, most: int, by: Reader, key: ChainKey) -> list[Opened]:
    """Whose records the reader opened since an instant, the last first, told as `read_trail` is."""
    told = store.opened_by(connection, by.account, since=since, most=most)
    criteria = search_criteria(key, by.account._asdict())
    record(connection, [replace(by.act(Kind.AUDIT_READ), criteria=criteria)], key=key)
    return told


def tell_of_export(connection: Connection, *, by: Reader, key: ChainKey, with_events: bool) -> None:
    """Tell the trail that it is about to be written out: to be committed before that begins."""
    reason = f"{Reading.EXPORT}/{'events' if with_events else 'leaves'}"
    record(connection, [replace(by.act(Kind.AUDIT_READ), reason=reason)], key=key)


def forget(connection: Connection, *, before: datetime, by: Reader, key: ChainKey) -> int:
    """Delete what events from before an instant say, and record how far that went; returns how many those were.

    Leaves and links stay, so that the chains still verify. A chain is forgotten from its start up to the first event
    that is kept. Raises `TooSoon`.
    """
    if before > by.at:
        raise TooSoon("what has not happened yet cannot be forgotten; give a date that is past")
    reach = {chain: store.older_than(connection, chain, before) for chain in range(CHAINS)}
    count = sum(store.forget(connection, chain, up_to) for chain, up_to in reach.items())
    if count:
        forgotten = {str(chain): up_to for chain, up_to in reach.items() if up_to}
        record(connection, [replace(by.act(Kind.AUDIT_FORGOTTEN), forgotten=forgotten)], key=key)
    return count
