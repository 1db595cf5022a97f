"""Subscriptions, and what is yet to be delivered."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, Table, Text, Uuid

from app.database.transactions import metadata

subscription = Table(
    "subscription",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("system", Text, nullable=False, index=True),
    Column("organisation", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("failing_since", DateTime(timezone=True)),
    Column("error", Text),  # in our words
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("subscription", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("entry_id", BigInteger),
    Column("thing", Uuid),  # of the team's; neither of the two: the handshake
    Column("attempts", Integer, nullable=False),
    Column("due", DateTime(timezone=True), nullable=False, index=True),
)

Index(None, delivery.c.subscription, delivery.c.person_id, delivery.c.id)
