"""What a partner's own staff and systems were shown, for that partner's own audit system."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit import store
from app.audit.event import Kind
from app.audit.store import About, Position
from app.audit.telling import Reading
from app.governance.handling import Handling
from app.governance.oversight.looks import REFUSED
from app.governance.oversight.trail_search import Found, one_page
from app.person.standing_store import members_of, stands_for

TOLD: Final = frozenset(
    {
        Kind.FIND,
        Kind.VIEW,
        Kind.ENTRY,
        Kind.EXPORT,
        Kind.EMERGENCY_OPENED,
        Kind.DENIED,
        Kind.INDETERMINATE_ALARM,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of one person or of all, in [since, until) in UTC, from `after` on; no more than `most` at once."""

    person_id: UUID | None
    since: datetime | None
    until: datetime | None
    after: Position | None
    most: int


def own_disclosures(connection: Connection, wanted: Wanted, by: Handling) -> Found:
    """The newest first; of nobody, and of somebody whom none of theirs was ever shown, nothing: both alike. Of a person
    no refusal is told, as that would tell that they are known here.

    Show it only once the transaction is committed, for that tells the trail.
    """
    standing = stands_for(connection, wanted.person_id) if wanted.person_id else None
    person = standing or wanted.person_id  # of nobody the database is asked the same
    about = About(
        person=person,
        former={*members_of(connection, person)} - {person} if person else (),
        organisations={by.requester.organisation},
        kinds=TOLD - REFUSED if wanted.person_id else TOLD,
        since=wanted.since,
        until=wanted.until,
        after=wanted.after,
        most=wanted.most + 1,
    )
    told = store.events(connection, about)
    by.tell(connection, standing, Kind.AUDIT_READ, reason=Reading.OWN_AUDIT)
    return one_page(told, wanted.most)
