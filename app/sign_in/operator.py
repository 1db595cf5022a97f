"""What an operator changes at the command line of who may sign in, in one transaction with what tells of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from app.audit.acting import operator
from app.audit.event import Kind
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.settings import Settings

T = TypeVar("T")


def change(
    place: Settings, kind: Kind, changed: str, act: Callable[[Connection, datetime], T], *, reason: str = ""
) -> T:
    """Carry out a change of an account's or a system's access, and tell the trail; what raises changes nothing."""
    acting = operator(place)
    with _connected(place) as connection:
        done = act(connection, acting.at)
        acting.tell(connection, kind, changed=changed, reason=reason)
        return done


def seen(place: Settings, look: Callable[[Connection], T]) -> T:
    """Look without changing anything."""
    with _connected(place) as connection:
        return look(connection)


@contextmanager
def _connected(place: Settings) -> Iterator[Connection]:
    with place_engine(place, Role.SERVICE) as engine, transaction(engine) as connection:
        yield connection
