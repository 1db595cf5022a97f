"""Sessions that have not ended."""

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSON

from app.database import metadata

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
