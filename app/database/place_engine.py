"""A place's database as its command line uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.database.postgres import database_address
from app.database.transactions import Role, opened_engine
from app.settings import Settings


@contextmanager
def place_engine(place: Settings, role: Role | None) -> Iterator[Engine]:
    """An engine on a place's database, for as long as the block lasts; as its owner where no role is named."""
    with database_address(place) as url, opened_engine(url, role=role) as engine:
        yield engine
