"""Asking to be told, and asking no longer: what a system may do with subscriptions of its own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine

from app.database.transactions import in_transaction
from app.errors import DomainError
from app.identity.published import is_allowed
from app.identity.requester import Requester
from app.record.kept.changes import Topic
from app.subscriptions import store
from app.subscriptions.subscription import SigningKey, Status, Subscription

_MOST: int = 20  # that are not off, of one system


class NotTaken(DomainError):
    """A subscription that cannot be."""


@dataclass(frozen=True, slots=True)
class Subscribing:
    """What a place lets be subscribed: to addresses on `hosts`, told under secrets that `key` makes."""

    engine: Engine
    key: SigningKey
    hosts: Collection[str]
    loopback: bool

    async def ask(self, by: Requester, topic: Topic, endpoint: str, *, id: UUID, at: datetime) -> Subscription:
        """A subscription that stands once its address answered with the challenge; raises `NotTaken`."""
        if not is_allowed(endpoint, hosts=self.hosts, loopback=self.loopback):
            raise NotTaken("nothing is told to that address: the place's operator must allow its host first")
        one = Subscription(
            id=id,
            system=by.subject,
            organisation=by.organisation,
            topic=topic,
            endpoint=endpoint,
            status=Status.REQUESTED,
            created=at,
        )
        await in_transaction(self.engine, lambda connection: _add(connection, one))
        return one

    async def all_of(self, by: Requester) -> list[Subscription]:
        """The system's own, the oldest first."""
        return await in_transaction(self.engine, lambda connection: store.subscriptions(connection, by.subject))

    async def end(self, by: Requester, id: UUID) -> bool:
        """Tell nothing more; `False` where the system has no such subscription."""
        return await in_transaction(self.engine, lambda connection: store.unsubscribe(connection, id, by.subject))


def _add(connection: Connection, one: Subscription) -> None:
    held = [each for each in store.subscriptions(connection, one.system) if each.status is not Status.OFF]
    if len(held) >= _MOST:
        raise NotTaken("the system has as many subscriptions as one may have; end one first")
    store.subscribe(connection, one)
