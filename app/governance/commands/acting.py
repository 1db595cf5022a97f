"""Whoever acts at the command line of a place, and the transaction in which they do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from app.audit.acting import Acting, operator
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.governance.signing.agreeing import lawful
from app.governance.signing.store import states
from app.settings import settings
from app.sharing.checked.agreement import read_agreements
from app.sharing.compile import version_of
from app.sharing.law import Agreements


@contextmanager
def acting_here(role: Role = Role.SERVICE) -> Iterator[tuple[Connection, Acting]]:
    """A transaction on this place's database, by whoever is at the command line."""
    acting = operator(settings())
    with place_engine(settings(), role) as engine, transaction(engine) as connection:
        yield connection, acting


def agreements_here(connection: Connection) -> Agreements:
    """What rules this place: by their files, or by their lives where agreements have to be signed."""
    place = settings()
    agreements = read_agreements(place.agreements)
    if not place.signed_agreements:
        return agreements
    return lawful(agreements, states(connection, [version_of(each).sha256 for each in agreements.documents]))
