"""What somebody who reads a record doubts, for a data manager to settle. Nothing is changed by a doubt itself.

What was written is kept here and reaches neither the trail nor a log.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind
from app.errors import DomainError
from app.governance.handling import Handling
from app.governance.own_words import own_words
from app.sharing.facts import Account, account_of

MOST: Final = 100


class Doubting(StrEnum):
    """What is doubted."""

    NOT_THIS_PERSON = "not-this-person"
    LOOKS_WRONG = "looks-wrong"


class Outcome(StrEnum):
    """What came of it."""

    PARTNER_TOLD = "partner-told"  # who recorded it mends it, and what is shown here follows
    MENDED = "mended"  # two people were parted or joined, or a message was filed anew
    NOTHING_WRONG = "nothing-wrong"


class NothingSaid(DomainError):
    """A doubt, or the answer to one, says too little."""


class Doubt(NamedTuple):
    """One doubt; `source` is `PARTNER/FEED/MESSAGE/LINE` of the entry that it is about, or empty for the whole record.

    `outcome` and `answer` are `None` while it waits.
    """

    number: int
    person_id: UUID
    kind: str
    source: str
    said: str
    name: str
    organisation: str
    raised: datetime
    outcome: str | None
    answer: str | None

    @property
    def sender(self) -> str:
        """Whose the line is that it is about; empty for the whole record."""
        return self.source.partition("/")[0]


_COLUMNS: Final = "id, person_id, kind, source, said, name, organisation, raised, outcome, answer"
_RAISE: Final = """
    INSERT INTO doubt (person_id, kind, entry, source, said, issuer, subject, name, organisation, raised)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_SETTLE: Final = """
    UPDATE doubt SET outcome = %s, answer = %s, settled_at = %s, settled_by = %s
    WHERE id = %s AND outcome IS NULL RETURNING person_id
"""


def raise_doubt(
    connection: Connection,
    person_id: UUID,
    kind: Doubting,
    said: str,
    by: Handling,
    *,
    entry: int | None = None,
    source: str = "",
) -> int:
    """Keep a doubt of whoever may see what it is about, and tell the trail of it; raises `NothingSaid`."""
    words = own_words(said, NothingSaid, asked="what makes you doubt it")
    who = by.requester
    row = (person_id, kind, entry, source, words, who.issuer, who.subject, who.name, who.organisation, by.at)
    number: int = connection.exec_driver_sql(_RAISE, row).scalar_one()
    entries = [entry] if entry is not None else []
    by.tell(connection, person_id, Kind.DOUBT_RAISED, reason=kind, entries=entries)
    return number


def open_doubts(connection: Connection) -> list[Doubt]:
    """What waits to be settled, the longest first."""
    return _select(connection, "outcome IS NULL ORDER BY id LIMIT %s", (MOST,))


def doubt(connection: Connection, number: int) -> Doubt | None:
    """One that waits."""
    return next(iter(_select(connection, "id = %s AND outcome IS NULL", (number,))), None)


def own_doubts(connection: Connection, account: Account, *, since: datetime) -> list[Doubt]:
    """What somebody doubted, the newest first: what waits, and what was settled since an instant."""
    condition = "subject = %s AND issuer = %s AND (outcome IS NULL OR settled_at > %s) ORDER BY id DESC LIMIT %s"
    return _select(connection, condition, (account.subject, account.issuer, since, MOST))


def settle_doubt(connection: Connection, number: int, outcome: Outcome, answer: str, by: Handling) -> bool:
    """Say what came of a doubt, to whoever raised it; `False` where none waits under that number."""
    words = own_words(answer, NothingSaid, asked="what you found, to whoever raised it")
    values = (outcome, words, by.at, account_of(by.requester).subject, number)
    person_id = connection.exec_driver_sql(_SETTLE, values).scalar_one_or_none()
    if person_id is None:
        return False
    by.tell(connection, person_id, Kind.WORKLIST_RESOLVED, reason=f"doubt-{number}-{outcome}")
    return True


def _select(connection: Connection, condition: str, parameters: tuple[object, ...]) -> list[Doubt]:
    rows = connection.exec_driver_sql(f"SELECT {_COLUMNS} FROM doubt WHERE {condition}", parameters)  # noqa: S608  # ours
    return [Doubt(*row) for row in rows]
