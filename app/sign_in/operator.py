"""What an operator changes at the command line of who may sign in, in one transaction with what tells of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.place_engine import place_engine
from app.database.transactions import Role, transaction
from app.settings import Settings, who_types
from app.sharing.facts import Account

ISSUER: Final = "command-line"
"""What stands for a sign-in provider where the operating system vouches for who acts."""

T = TypeVar("T")


def change(
    place: Settings, kind: Kind, changed: str, act: Callable[[Connection, datetime], T], *, reason: str = ""
) -> T:
    """Carry out a change of an account's or a system's access, and tell the trail; what raises changes nothing."""
    at = datetime.now(UTC)
    with _connected(place) as connection:
        done = act(connection, at)
        event = Event(kind=kind, id=uuid4(), at=at, actor=Account(ISSUER, who_types()), changed=changed, reason=reason)
        record(connection, [event], key=chain_key(place))
        return done


def seen(place: Settings, look: Callable[[Connection], T]) -> T:
    """Look without changing anything."""
    with _connected(place) as connection:
        return look(connection)


@contextmanager
def _connected(place: Settings) -> Iterator[Connection]:
    with place_engine(place, Role.SERVICE) as engine, transaction(engine) as connection:
        yield connection
