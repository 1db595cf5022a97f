"""Reading the trail, of which the trail is told too; and letting retention delete what it says."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store
from app.audit.acting import Acting
from app.audit.chain import CHAINS
from app.audit.event import Kind, search_criteria
from app.audit.store import About, HeldEvent, Opened
from app.audit.telling import Reading
from app.audit.trail import record
from app.errors import DomainError


class TooSoon(DomainError):
    """Retention was asked to delete what is not over yet."""


def read_trail(connection: Connection, about: About, acting: Acting) -> list[HeldEvent]:
    """What the trail says, the newest first. Show it only once the transaction is committed, for that tells of it."""
    told = store.events(connection, about)
    criteria = search_criteria(acting.key, about.account._asdict()) if about.account else ""
    acting.tell(connection, Kind.AUDIT_READ, person=about.person, criteria=criteria)
    return told


def opened_lately(connection: Connection, acting: Acting, *, since: datetime, most: int) -> list[Opened]:
    """Whose records whoever acts opened since an instant, the last first, told as `read_trail` is."""
    told = store.opened_by(connection, acting.by, since=since, most=most)
    acting.tell(connection, Kind.AUDIT_READ, criteria=search_criteria(acting.key, acting.by._asdict()))
    return told


def tell_of_export(connection: Connection, acting: Acting, *, with_events: bool) -> None:
    """Tell the trail that it is about to be written out: to be committed before that begins."""
    acting.tell(connection, Kind.AUDIT_READ, reason=f"{Reading.EXPORT}/{'events' if with_events else 'leaves'}")


def forget(connection: Connection, acting: Acting, *, before: datetime) -> int:
    """Delete what events from before an instant say, and record how far that went; returns how many those were.

    Leaves and links stay, so that the chains still verify. A chain is forgotten from its start up to the first event
    that is kept. Raises `TooSoon`.
    """
    if before > acting.at:
        raise TooSoon("what has not happened yet cannot be forgotten; give a date that is past")
    reach = {chain: store.older_than(connection, chain, before) for chain in range(CHAINS)}
    count = sum(store.forget(connection, chain, up_to) for chain, up_to in reach.items())
    if count:
        forgotten = {str(chain): up_to for chain, up_to in reach.items() if up_to}
        told = replace(acting.event(Kind.AUDIT_FORGOTTEN), forgotten=forgotten)
        record(connection, [told], key=acting.key)
    return count
