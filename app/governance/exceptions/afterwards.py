"""What an opening was for, said afterwards by whoever opened the record, once; the privacy officer reads it beside."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind
from app.errors import DomainError
from app.governance.handling import Handling
from app.governance.own_words import own_words
from app.sharing.facts import Account, account_of

KEPT_IN_SIGHT: Final = timedelta(days=30)
"""How long an opening that was accounted for stays among one's own."""

_OWN: Final = """
    SELECT o.id, o.person_id, o.started, o.ended, o.reason, alert.review_due, alert.outcome, afterwards.said
    FROM emergency_opening o
    LEFT JOIN privacy_alert alert ON alert.fact = 'opening/' || o.id
    LEFT JOIN opening_afterwards afterwards ON afterwards.opening = o.id
    WHERE o.issuer = %(issuer)s AND o.subject = %(subject)s
        AND (afterwards.opening IS NULL OR o.started > %(since)s)
    ORDER BY o.started DESC
"""
_SAY: Final = """
    INSERT INTO opening_afterwards (opening, said, at)
    SELECT id, %(said)s, %(at)s FROM emergency_opening
    WHERE id = %(number)s AND issuer = %(issuer)s AND subject = %(subject)s
    ON CONFLICT DO NOTHING
"""
_WHOSE: Final = "SELECT person_id FROM emergency_opening WHERE id = %s"


class NothingSaid(DomainError):
    """An account of an opening is missing."""


class OwnOpening(NamedTuple):
    """An opening as its opener sees it; `said` is `None` while they owe the account, `outcome` until its review."""

    number: int
    person_id: UUID
    started: datetime
    ended: datetime
    reason: str
    review_due: datetime | None
    outcome: str | None
    said: str | None

    @property
    def waits(self) -> bool:
        """Whether its opener has still to say what it was for."""
        return self.said is None


def own_openings(connection: Connection, account: Account, *, at: datetime) -> list[OwnOpening]:
    """Somebody's openings, the newest first: all that they have not accounted for, and the lately accounted for."""
    asked = account._asdict() | {"since": at - KEPT_IN_SIGHT}
    return [OwnOpening(*row) for row in connection.exec_driver_sql(_OWN, asked)]


def say_afterwards(connection: Connection, number: int, said: str, by: Handling) -> bool:
    """Keep what one's own opening was for, and tell the trail that it was said.

    `False` where there is none of one's own under that number, or it was said already. Raises `NothingSaid`.
    """
    words = own_words(said, NothingSaid, asked="what you opened the record for and what came of it")
    kept = account_of(by.requester)._asdict() | {"number": number, "said": words, "at": by.at}
    if connection.exec_driver_sql(_SAY, kept).rowcount == 0:
        return False
    person_id: UUID = connection.exec_driver_sql(_WHOSE, (number,)).scalar_one()
    by.tell(connection, person_id, Kind.EMERGENCY_ACCOUNTED, relied_on=(f"opening/{number}",))
    return True
