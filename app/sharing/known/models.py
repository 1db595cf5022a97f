"""The tables of facts that decide: who has to do with whom, what people objected to, what must be heeded.

Each row belongs to the person whom the source's own identifiers name. What a merge joins is joined on reading, so that
undoing it parts exactly what belongs to whom. No foreign key leads to a person: people are never deleted.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from app.database.transactions import metadata

relationship = Table(
    "relationship",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("partner", Text, nullable=False),  # who says so
    Column("key", Text, nullable=False),  # the partner's own, stable from message to message
    Column("message", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("organisation", Text, nullable=False),  # who may ask, all of it where nothing narrows it
    Column("team", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("ended", DateTime(timezone=True)),
    Column("revoked", DateTime(timezone=True)),
    Column("evidence", Text),  # what it rests on, where staff made it
    Column("recorded_from", DateTime(timezone=True), server_default=text("clock_timestamp()"), nullable=False),
    UniqueConstraint("partner", "key"),
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="whole_account"),
)

objection = Table(
    "objection",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("upheld", Boolean, nullable=False),
    Column("category", Text),
    Column("organisation", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("ended", DateTime(timezone=True)),
    Column("recorded_from", DateTime(timezone=True), server_default=text("clock_timestamp()"), nullable=False),
    Column("lodged_issuer", Text),
    Column("lodged_subject", Text),
    Column("decided_issuer", Text),
    Column("decided_subject", Text),
    Column("decision", Text),
    Column("decided", DateTime(timezone=True)),
    Column("meeting", Text),  # a locality, or one of its meetings: `northgate/2026-12-03`
    Column("team", Text),  # the locality's workgroup, where all of its meetings are meant
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="whole_account"),
)

person_flag = Table(
    "person_flag",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("raised", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("message", BigInteger, nullable=False),
    Column("recorded_from", DateTime(timezone=True), server_default=text("clock_timestamp()"), nullable=False),
)

emergency_opening = Table(
    "emergency_opening",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("ended", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_from", DateTime(timezone=True), server_default=text("clock_timestamp()"), nullable=False),
    CheckConstraint("ended > started", name="in_order"),
    CheckConstraint("reason <> ''", name="with_reason"),
)
