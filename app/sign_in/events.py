"""What the trail is told of signing in: who, as far as that is known, and a code for what went wrong."""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.audit.event import Event, Kind
from app.identity.requester import Requester
from app.sharing.facts import Account, account_of

NOBODY: Final = Account("none", "nobody")
"""Stands for whoever cannot be told: what they typed for a name might be a password, or a patient's name."""


def token_issued(requester: Requester, *, id: UUID, at: datetime) -> Event:
    """That a system was believed, and may ask from now on."""
    return Event(
        kind=Kind.TOKEN_ISSUED,
        id=id,
        at=at,
        actor=account_of(requester),
        role=requester.role,
        organisation=requester.organisation,
    )


def refusal(kind: Kind, *, id: UUID, at: datetime, reason: str, whom: Account = NOBODY) -> Event:
    """That someone was not believed: `whom` they claimed to be, if there is such a one, and why not."""
    return Event(kind=kind, id=id, at=at, actor=whom, reason=reason)
