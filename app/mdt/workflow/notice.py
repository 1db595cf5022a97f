"""What people are told by mail: that there is something to see, and where; never about whom. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.sharing.facts import Account


class NoticeKind(StrEnum):
    """What there is to see."""

    INVITED = "invited"
    MEETING_MOVED = "meeting-moved"
    MEETING_CANCELLED = "meeting-cancelled"
    REFERRAL_DECIDED = "referral-decided"
    REFERRAL_ASKED = "referral-asked"
    REFERRAL_LATE = "referral-late"
    TRIAGE_LATE = "triage-late"
    ACTION_OFFERED = "action-offered"
    ACTION_RETURNED = "action-returned"
    ACTION_SOON = "action-soon"
    ACTION_DUE = "action-due"
    ACTION_OVERDUE = "action-overdue"
    ACTION_ESCALATED = "action-escalated"
    ACTION_CHASED = "action-chased"


_SUBJECTS: Final = {
    NoticeKind.INVITED: "You are invited to a multidisciplinary team meeting",
    NoticeKind.MEETING_MOVED: "A multidisciplinary team meeting was moved",
    NoticeKind.MEETING_CANCELLED: "A multidisciplinary team meeting was cancelled",
    NoticeKind.REFERRAL_DECIDED: "A referral that you made was decided",
    NoticeKind.REFERRAL_ASKED: "The team asks for more about a referral that you made",
    NoticeKind.REFERRAL_LATE: "A referral that you made has not been taken up in time",
    NoticeKind.TRIAGE_LATE: "A referral to your team has not been triaged in time",
    NoticeKind.ACTION_OFFERED: "An action waits for you to accept it",
    NoticeKind.ACTION_RETURNED: "An action needs another owner",
    NoticeKind.ACTION_SOON: "An action of yours is due in three days",
    NoticeKind.ACTION_DUE: "An action of yours is due today",
    NoticeKind.ACTION_OVERDUE: "An action of yours is overdue",
    NoticeKind.ACTION_ESCALATED: "An action is overdue and needs your attention",
    NoticeKind.ACTION_CHASED: "Somebody waits for an action of yours",
}

REMINDERS: Final = {
    -3: NoticeKind.ACTION_SOON,
    0: NoticeKind.ACTION_DUE,
    3: NoticeKind.ACTION_OVERDUE,
    7: NoticeKind.ACTION_OVERDUE,
}
"""How many days after an action is due its owner is reminded."""

ESCALATIONS: Final = {3: "manager", 7: "chair"}
"""How many days after an action is due somebody else is told: the owner's manager, then the chair."""

_WAITS: Final = (1, 5, 15, 60, 240, 480, 960)  # minutes until a notice that could not be sent is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail that waits to be sent, or was; `recipient` is empty where no address is known."""

    id: UUID
    key: str
    kind: NoticeKind
    recipient: str
    link: str
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    issuer: str | None = None  # whom it is for, by account; it was not kept of the first
    subject: str | None = None

    @property
    def says(self) -> str:
        """What there is to see, in a line."""
        return _SUBJECTS[self.kind]

    @property
    def account(self) -> Account | None:
        """Whom it is for."""
        return Account.of(self.issuer, self.subject)

    @property
    def thing(self) -> UUID:
        """What it tells of: the second part of its key, which the database looks it up by too."""
        return UUID(self.key.split("/")[1])


def mail_of(notice: Notice, *, sender: str, address: str) -> EmailMessage:
    """The mail; sent twice it has the same Message-ID, so that it can be known for the same."""
    message = EmailMessage()
    message["From"], message["To"] = sender, notice.recipient
    message["Subject"] = notice.says
    message["Message-ID"] = f"<{notice.id}@mdt.pisano>"
    message["Date"] = notice.created_at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{notice.says}.\n\nSign in to see it: {address}{notice.link}\n")
    return message


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """When a notice that failed so many times is tried again; `None` once it is given up."""
    return at + timedelta(minutes=_WAITS[attempts - 1]) if attempts <= len(_WAITS) else None


def reminder_due(days_late: int) -> int | None:
    """The latest reminder whose day has come: one is sent, not all that were missed while nobody sent any."""
    return max((day for day in REMINDERS if day <= days_late), default=None)
