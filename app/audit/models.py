"""The tables of the trail: what was done, and how far each chain has come.

Triggers, which the migration makes, keep them append-only. `event` is `json`, not `jsonb`: it keeps the very bytes that
were hashed.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, Table, Uuid, cast
from sqlalchemy.dialects.postgresql import JSON

from app.database import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("chain", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("event", JSON),
)

event_person = cast(audit_event.c.event.op("->>")("person"), Uuid)
event_other = cast(audit_event.c.event.op("->>")("other"), Uuid)
event_subject = audit_event.c.event.op("->>")("subject")
event_issuer = audit_event.c.event.op("->>")("issuer")
event_at = audit_event.c.event.op("->>")("at")

Index("ix_audit_event_person", event_person, event_at)
Index("ix_audit_event_other", event_other, event_at, postgresql_where=event_other.is_not(None))
Index("ix_audit_event_subject", event_subject, event_at)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("chain", SmallInteger, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)
