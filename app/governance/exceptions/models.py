"""The steps by which staff raised and lifted flags; each stays as it was written."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text, Uuid

from app.database.transactions import metadata

flag_step = Table(
    "flag_step",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("why", Text, nullable=False),
)
