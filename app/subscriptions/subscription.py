"""What a system asked to be told, where, and how far that has come. Pure."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.record.kept.changes import Topic
from app.vocabulary.ods_code import OdsCode

PATIENCE: Final = timedelta(days=3)
"""How long an address may fail until it is given up."""

_FIRST, _LONGEST = timedelta(seconds=2), timedelta(hours=1)


class Status(StrEnum):
    """As FHIR R4 calls it."""

    REQUESTED = "requested"  # the address has yet to show that it wants this
    ACTIVE = "active"
    ERROR = "error"  # given up
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One topic, told to one address of one system; `error` says what went wrong last, in our words."""

    id: UUID
    system: str
    organisation: OdsCode
    topic: Topic
    endpoint: str
    status: Status
    created: datetime
    failing_since: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What every subscription's secret is made from, so that none is kept; its `repr` does not show it."""

    secret: bytes

    def __repr__(self) -> str:
        return "SigningKey(•••)"

    def of(self, subscription: UUID) -> str:
        """The secret that the place and the subscriber share."""
        return hmac.digest(self.secret, subscription.bytes, "sha256").hex()

    def challenge(self, subscription: UUID) -> str:
        """What the address must answer once to show that it wants to be told."""
        return hmac.digest(self.secret, b"challenge" + subscription.bytes, "sha256").hex()[:32]


def signature(secret: str, timestamp: int, content: bytes) -> str:
    """HMAC-SHA256 of the timestamp (seconds since 1970), a full stop and the content, under the secret as told."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + content, "sha256").hex()


def again_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts that failed: twice as long each time, up to an hour."""
    return min(_FIRST * (1 << min(attempts - 1, 12)), _LONGEST)


def is_given_up(failing_since: datetime, at: datetime) -> bool:
    """Whether an address has failed for too long."""
    return at - failing_since >= PATIENCE
