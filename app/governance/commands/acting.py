"""Whoever acts at the command line of a place, and the transaction in which they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection

from app.audit.keys import chain_key
from app.database.postgres import database_address
from app.database.transactions import Role, open_engine, transaction
from app.governance.signing.agreeing import Acting
from app.settings import settings
from app.sharing.facts import Account

ISSUER: Final = "command-line"
"""What stands for a sign-in provider where the operating system vouches for who acts."""


@contextmanager
def acting_here(role: Role = Role.SERVICE) -> Iterator[tuple[Connection, Acting]]:
    """A transaction on this place's database, by whoever is at the command line."""
    by = Account(ISSUER, getuser())
    acting = Acting(by=by, at=datetime.now(UTC), key=chain_key(settings()), new_id=uuid4)
    with database_address(settings()) as url:
        engine = open_engine(url, role=role)
        try:
            with transaction(engine) as connection:
                yield connection, acting
        finally:
            engine.dispose()
