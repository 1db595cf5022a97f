"""Systems that are registered, and the tokens that they were given."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSON

from app.database.transactions import metadata

system = Table(
    "system",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("keys", JSON),
    Column("keys_address", Text),
    Column("assured_until", Date),
    Column("registered", DateTime(timezone=True), nullable=False),
    Column("revoked", DateTime(timezone=True)),
)
system_token = Table(
    "system_token",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("system", Text, ForeignKey("system.id"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False, index=True),
)
