"""What tests have happen: acts of synthetic people, and a trail that holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine, text

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.trail import record
from app.database.transactions import transaction
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role

KEY = ChainKey(b"k" * 32)
AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
NURSE = Account("https://sign-in.example", "nurse.7")
PERSON = UUID("00000000-0000-4000-8000-000000000001")
OF_TRANSACTIONS = 4
"""The first chain that `record` writes to."""


def view(number: int, **changes: Any) -> Event:
    """A nurse's view of a person, the `number`th."""
    seen = Event(
        kind=Kind.VIEW,
        id=uuid5(PERSON, str(number)),
        at=AT + timedelta(minutes=number),
        actor=NURSE,
        role=Role("community-nurse"),
        organisation=OdsCode("RL4"),
        person=PERSON,
        purpose=Purpose("direct-care"),
        action=Action("read"),
        permitted={"G-CN-1 G-CN-2": ["RL4/medications/normal", "RL4/problems/normal"]},
        withheld=("X-SENS",),
        agreements=("wlv-icr@3.1.0#" + "a" * 64,),
        entries=(12, 15, 400),
        request=f"request-{number}",
    )
    return replace(seen, **changes)


def recorded(engine: Engine, *events: Event) -> None:
    """Record events, all in one chain."""
    with transaction(engine) as connection:
        record(connection, events, key=KEY)


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """A transaction of someone who owns the database, and switches off what keeps the trail append-only."""
    with transaction(engine) as connection:
        for table in ("audit_event", "audit_chain"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield connection
        for table in ("audit_event", "audit_chain"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
