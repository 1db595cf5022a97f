"""The inbox and what waits for a person."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.database.transactions import metadata

inbox_message = Table(
    "inbox_message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("partner", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("message_id", Text, nullable=False),  # what its sender calls it; empty where it has no name
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("counts", JSONB),
    UniqueConstraint("partner", "adapter", "message_id", "sha256"),
    Index("ix_inbox_message_due", "partner", "adapter", "id", postgresql_where=text("state = 'received'")),
)

inbox_part = Table(
    "inbox_part",
    metadata,
    Column(
        "message", BigInteger, ForeignKey("inbox_message.id", deferrable=True, initially="DEFERRED"), primary_key=True
    ),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("message", BigInteger, ForeignKey("inbox_message.id"), nullable=False, index=True),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("part", Text),
    Column("text", Text, nullable=False),
)

waiting = Table(
    "waiting",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("message", BigInteger, ForeignKey("inbox_message.id"), nullable=False, index=True),
    Column("partner", Text, nullable=False),
    Column("adapter", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("local_id", Text),
    Column("reason", Text, nullable=False),
    Column("disagrees", ARRAY(Text), nullable=False),
    Column("candidates", ARRAY(Uuid), nullable=False),
    Column("statement", LargeBinary, nullable=False),  # JSON: the whole statement, to be filed once its person is known
    Column("state", Text, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("settled_by", Text),
    Column("person_id", Uuid),
    Index("ix_waiting_open", "partner", "local_id", postgresql_where=text("state = 'open'")),
)

doubt = Table(
    "doubt",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("person_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entry", BigInteger),
    Column("source", Text, nullable=False),  # where the entry came from: `PARTNER/FEED/MESSAGE/LINE`
    Column("said", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("raised", DateTime(timezone=True), nullable=False),
    Column("outcome", Text),
    Column("answer", Text),
    Column("settled_at", DateTime(timezone=True)),
    Column("settled_by", Text),
    CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_with_outcome"),
    Index("ix_doubt_open", "id", postgresql_where=text("outcome IS NULL")),
    Index("ix_doubt_subject", "subject"),
)
