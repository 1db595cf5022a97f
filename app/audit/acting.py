"""Whoever acts beside the record: who they are, when, and what it takes to tell the trail of what they do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Unpack
from uuid import UUID, uuid4

from sqlalchemy import Connection

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.keys import chain_key
from app.audit.telling import Said
from app.audit.trail import record
from app.settings import Settings, who_types
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

COMMAND_LINE: Final = "command-line"
"""What stands for a sign-in provider where the operating system vouches for who acts."""


class Done(Said, total=False):
    """What an act may say beside: whom and what else it was about, and of which account or key."""

    person: UUID | None
    other: UUID | None
    changed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who acts, when, and what it takes to tell the trail; `role` and `organisation` where they act in and for one."""

    by: Account
    at: datetime
    key: ChainKey
    new_id: Callable[[], UUID]
    role: Role | None = None
    organisation: OdsCode | None = None

    def event(self, kind: Kind, *, organisation: OdsCode | None = None, **done: Unpack[Done]) -> Event:
        """What the trail is told; of another `organisation` where the act is about that one's."""
        return Event(
            kind=kind,
            id=self.new_id(),
            at=self.at,
            actor=self.by,
            role=self.role,
            organisation=organisation or self.organisation,
            **done,
        )

    def tell(
        self, connection: Connection, kind: Kind, *, organisation: OdsCode | None = None, **done: Unpack[Done]
    ) -> None:
        """Tell the trail; last in a transaction, as it holds a chain until that ends."""
        record(connection, [self.event(kind, organisation=organisation, **done)], key=self.key)


def operator(place: Settings) -> Acting:
    """Whoever is at the command line of a place, just now."""
    return Acting(by=Account(COMMAND_LINE, who_types()), at=datetime.now(UTC), key=chain_key(place), new_id=uuid4)
