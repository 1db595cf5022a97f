"""The tables of the meeting: what stands now, and beside it every state that it was ever in.

`content` is JSON of what people wrote, whose shape the modules of each thing know; what is looked up by is a column. No
foreign key leads to a person: people are never deleted.
"""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.database.transactions import metadata


def _instant(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _whole() -> list[Column[object]]:
    """What every thing has: whoever writes says which version they saw, so that nobody overwrites another's words."""
    return [
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("content", JSONB, nullable=False),
    ]


referral = Table(
    "mdt_referral",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locality", Text, nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("urgency", Text, nullable=False),
    _instant("received_at", nullable=False),
    Column("triage_due", Date, nullable=False),
    *_whole(),
)

caseload = Table(
    "mdt_caseload",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locality", Text, nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("since", Date, nullable=False),
    Column("next_review", Date, nullable=False),
    *_whole(),
)

meeting = Table(
    "mdt_meeting",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locality", Text, nullable=False),
    Column("sitting", Date, nullable=False),  # the day of the cadence that it was made for, wherever it was moved
    _instant("starts_at", nullable=False),
    _instant("ends_at", nullable=False),
    _instant("locked_at"),
    _instant("closed_at"),
    *_whole(),
    UniqueConstraint("locality", "sitting"),
)

agenda_item = Table(
    "mdt_agenda_item",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("meeting_id", Uuid, ForeignKey("mdt_meeting.id"), nullable=False, index=True),
    Column("caseload_id", Uuid, ForeignKey("mdt_caseload.id"), nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    _instant("ended_at"),
    *_whole(),
)

invitation = Table(
    "mdt_invitation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("meeting_id", Uuid, ForeignKey("mdt_meeting.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("profile", Text),  # of guests: the agreement's clause says what it opens
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    _instant("ended_at"),
    *_whole(),
    Index("ix_mdt_invitation_account", "issuer", "subject"),
    # INVARIANT: nobody is invited twice at once to one meeting
    Index(
        "uq_mdt_invitation_standing",
        "meeting_id",
        "issuer",
        "subject",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

invitation_item = Table(
    "mdt_invitation_item",
    metadata,
    Column("invitation_id", Uuid, ForeignKey("mdt_invitation.id"), primary_key=True),
    Column("item_id", Uuid, ForeignKey("mdt_agenda_item.id"), primary_key=True, index=True),
)

attendance = Table(
    "mdt_attendance",
    metadata,
    Column("meeting_id", Uuid, ForeignKey("mdt_meeting.id"), primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("arrived_at", DateTime(timezone=True), primary_key=True),
    _instant("left_at"),
    Column("seat", Text),  # the core role that they fill, if any
    Column("requester", JSONB, nullable=False),  # whom the agreement decides for while they are in the room
)

action = Table(
    "mdt_action",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locality", Text, nullable=False, index=True),
    Column("item_id", Uuid, ForeignKey("mdt_agenda_item.id"), nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("issuer", Text),
    Column("subject", Text),
    Column("organisation", Text, nullable=False),
    Column("original_due", Date, nullable=False),
    Column("due", Date, nullable=False),
    _instant("ended_at"),
    *_whole(),
    Index("ix_mdt_action_owner", "issuer", "subject"),
    Index("ix_mdt_action_open", "due", postgresql_where=text("ended_at IS NULL")),
)

case_study = Table(
    "mdt_case_study",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("locality", Text, nullable=False, index=True),
    Column("caseload_id", Uuid, ForeignKey("mdt_caseload.id"), nullable=False, index=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("permitted_until", Date),
    _instant("ended_at"),
    *_whole(),
)

history = Table(
    "mdt_history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("thing", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    _instant("at", nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("content", JSONB, nullable=False),
)

outbox = Table(
    "mdt_outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # the same notice is never sent twice
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("link", Text, nullable=False),
    _instant("created_at", nullable=False),
    _instant("due_at", nullable=False),
    Column("attempts", Integer, nullable=False),
    _instant("sent_at"),
    _instant("given_up_at"),
    Column("issuer", Text),
    Column("subject", Text),
    Index("ix_mdt_outbox_thing", text("split_part(key, '/', 2)")),
    Index("ix_mdt_outbox_due", "due_at", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
)
