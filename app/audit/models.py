"""The tables of the trail: what was done, and how far each chain has come.

Triggers, which the migrations make, keep them append-only. `event` is `json`, not `jsonb`: it keeps the very bytes that
were hashed. What it is found by stands beside it, as reading that out of it for each index would double the cost of
recording it; `verify` sees to it that both say the same.
"""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSON

from app.database.transactions import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("chain", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("event", JSON),
    Column("at", DateTime(timezone=True)),
    Column("issuer", Text),
    Column("subject", Text),
    Column("person", Uuid),
    Column("other", Uuid),
)

Index("ix_audit_event_person", audit_event.c.person, audit_event.c.at)
Index("ix_audit_event_other", audit_event.c.other, audit_event.c.at, postgresql_where=audit_event.c.other.is_not(None))
Index("ix_audit_event_subject", audit_event.c.subject, audit_event.c.at)
Index(
    "ix_audit_event_at",
    audit_event.c.at,
    postgresql_using="brin",
    postgresql_with={"autosummarize": True, "pages_per_range": 32},
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("chain", SmallInteger, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)
