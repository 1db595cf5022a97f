"""The record's tables.

No foreign key leads to a person: people are never deleted, and the check would cost more than the row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.database.transactions import metadata


def _entry_columns() -> list[Column[object]]:
    return [
        Column(
            "filed_as", Uuid, nullable=False
        ),  # whom its subject's own identifiers name, whoever stands for them now
        Column("partner", Text, nullable=False),
        Column("adapter", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("label", BigInteger, nullable=False),  # partner, category and sensitivity as one number
        Column("category", Text, nullable=False),
        Column("sensitivity", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("resource_type", Text, nullable=False),
        Column("comparison", Text),  # equal where two partners state the same thing
        Column("started", DateTime(timezone=True)),
        Column("ended", DateTime(timezone=True)),
        Column("recorded", DateTime(timezone=True)),
        Column("standing", Text, nullable=False),
        Column("occurred_on", Date),  # in London; what an agreement's greatest age is measured from
        Column("message", BigInteger, nullable=False),
        Column("line", Integer, nullable=False),
        Column("stored_at", DateTime(timezone=True), nullable=False),
        Column(
            "digest", LargeBinary, nullable=False
        ),  # of what was stated, or a mark that it ended without a statement
        Column("summary", LargeBinary, nullable=False),  # JSON: one line of a view
        Column("resource", LargeBinary, nullable=False),  # JSON: the FHIR resource as it is answered
    ]


entry = Table(
    "entry",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_entry_columns(),
    UniqueConstraint("person_id", "filed_as", "partner", "adapter", "key"),
    postgresql_partition_by="HASH (person_id)",
)

entry_version = Table(
    "entry_version",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(
        Column(column.name, column.type, primary_key=column.name == "version", nullable=column.nullable)
        for column in _entry_columns()
    ),
)

entry_watch = Table(
    "entry_watch",
    metadata,
    Column("topic", Text, primary_key=True),
)
"""A row for each topic of which anyone is told."""

entry_change = Table(
    "entry_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("entry_id", BigInteger),
    Column("partner", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("thing", Uuid),  # of the team's, where it is no entry
)

attachment = Table(
    "attachment",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("adapter", Text, primary_key=True),
    Column("covers", ARRAY(Text)),  # the categories that its adapter can state; None: it has not spoken yet
    Column("expected_every", Interval),  # None: no promise was made, so it is never late
    Column("last_message_at", DateTime(timezone=True)),
    Column("last_processed_at", DateTime(timezone=True)),
    Column("complete_since", Date),  # from when on it tells of everything, as its partner declared; None: it did not
    Column("columns", LargeBinary),  # JSON: our field name to the partner's heading, for mapped files
    Column("most_ended", Integer),  # per cent of what is open that one message may end; None: the usual
    Column("relates", Boolean, server_default=false(), nullable=False),  # whether what it pushes relates its people
    Column("encoding", Text),  # of mapped files, as the partner declares it
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("adapter", Text, primary_key=True),
    Column("prefix", Text, primary_key=True),
    Column("as_at", Date, nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("held_back", BigInteger),  # a later message, which would end `missing` of what was `open_before`
    Column("missing", Integer),
    Column("open_before", Integer),
    Column("accepted", BigInteger),  # that message, where somebody said that it is whole
)

Index("ix_entry_id", entry.c.id)
Index("ix_entry_feed_key", entry.c.partner, entry.c.adapter, entry.c.key)
