"""Sessions, and what was being typed when one ended."""

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSON

from app.database.transactions import metadata

session = Table(
    "session",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("provider_session", Text),
    Column("said", JSON, nullable=False),
    Column("chosen", Integer),
    Column("started", DateTime(timezone=True), nullable=False),
    Column("seen", DateTime(timezone=True), nullable=False),
    Index("ix_session_owner", "issuer", "subject"),
)

kept_form = Table(
    "kept_form",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("kept", DateTime(timezone=True), nullable=False),
)
