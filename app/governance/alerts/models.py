"""The tables of what waits for the privacy officer."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Identity, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from app.database.transactions import metadata

privacy_alert = Table(
    "privacy_alert",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("fact", Text, nullable=False),  # what was done, by kind and id, such as `opening/7`
    Column("person_id", Uuid),  # of nobody in particular, where the alert is about how somebody works
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("raised", DateTime(timezone=True), nullable=False),
    Column("review_due", DateTime(timezone=True), nullable=False),
    Column("reviewed", DateTime(timezone=True)),
    Column("reviewed_by", Text),
    Column("outcome", Text),
    Column("state", Text, nullable=False, server_default="raised"),
    Column("on", Date),  # the London day that it is about
    Column("evidence", JSONB),  # events of the trail by place, and figures: never a name or number of anybody
    CheckConstraint("(reviewed IS NULL) = (outcome IS NULL)", name="reviewed_with_outcome"),
    Index("ix_privacy_alert_open", "review_due", postgresql_where=text("reviewed IS NULL")),
    Index("ix_privacy_alert_organisation", "organisation", "raised"),
)

privacy_alert_step = Table(
    "privacy_alert_step",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("alert", Uuid, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("note", Text),
)

opening_afterwards = Table(
    "opening_afterwards",
    metadata,
    Column("opening", BigInteger, primary_key=True, autoincrement=False),
    Column("said", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
