"""Whoever acts at the command line of a place, and the transaction in which they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection

from app.audit.keys import chain_key
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.governance.signing.agreeing import Acting, lawful
from app.governance.signing.store import states
from app.settings import settings, who_types
from app.sharing.checked.agreement import read_agreements
from app.sharing.compile import version_of
from app.sharing.facts import Account
from app.sharing.law import Agreements

ISSUER: Final = "command-line"
"""What stands for a sign-in provider where the operating system vouches for who acts."""


@contextmanager
def acting_here(role: Role = Role.SERVICE) -> Iterator[tuple[Connection, Acting]]:
    """A transaction on this place's database, by whoever is at the command line."""
    by = Account(ISSUER, who_types())
    acting = Acting(by=by, at=datetime.now(UTC), key=chain_key(settings()), new_id=uuid4)
    with place_engine(settings(), role) as engine, transaction(engine) as connection:
        yield connection, acting


def agreements_here(connection: Connection) -> Agreements:
    """What rules this place: by their files, or by their lives where agreements have to be signed."""
    place = settings()
    agreements = read_agreements(place.agreements)
    if not place.signed_agreements:
        return agreements
    return lawful(agreements, states(connection, [version_of(each).sha256 for each in agreements.documents]))
