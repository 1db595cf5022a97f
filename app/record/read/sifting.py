"""Looking among many people at once: each is decided about by themselves, and whoever is named is told to the trail."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

import psycopg
from psycopg import IsolationLevel

from app.audit.event import Event, Kind
from app.database.transactions import Role, acting_as
from app.record.door import Door
from app.record.inquiry import Inquiry
from app.record.read.sift import considered
from app.record.sifted import Choose, ChosenT, Considered
from app.sharing.facts import account_of
from app.vocabulary.category import Category
from app.vocabulary.token import READ

_LOOKING: Final[Mapping[str, Any]] = {
    "connect_timeout": 5,
    "options": f"{acting_as(Role.SERVICE)} -c statement_timeout=120s",
}

MadeT = TypeVar("MadeT")


class Sifting:
    """All those among whom the requester may look; one at a time in each process, as it is the work of many views."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._one_at_a_time = asyncio.Lock()

    async def sift(
        self,
        inquiry: Inquiry,
        categories: Collection[Category],
        choose: Choose[ChosenT],
        *,
        criteria: Mapping[str, str],
    ) -> Sequence[ChosenT] | None:
        """Name some of all those among whom the requester may look; `None` where there is nobody of whom they may read.

        `choose` is given each of them with what may be read for the purpose, in a thread of its own, and keeps few.
        """
        chosen = await self._made(inquiry, categories, choose)
        named = [(one.considered.person_id, one.considered.decision, one.shown) for one in chosen or ()]
        await self._door.tell_found(inquiry, READ, named, criteria)
        return chosen

    async def survey(
        self,
        inquiry: Inquiry,
        categories: Collection[Category],
        make: Callable[[Iterator[Considered]], MadeT],
        *,
        first: Set[UUID] = frozenset(),
    ) -> MadeT | None:
        """What is made of all among whom the requester may look, where it names nobody; `None` where there is nobody.

        `make` is given those of `first` before all others.
        INVARIANT: `make` gives numbers of many people, from which nobody can be told.
        """
        made = await self._made(inquiry, categories, make, first)
        await self._door.trail.commit(_surveyed(inquiry, Kind.DENIED if made is None else Kind.SURVEY))
        return made

    async def _made(
        self,
        inquiry: Inquiry,
        categories: Collection[Category],
        make: Callable[[Iterator[Considered]], MadeT],
        first: Set[UUID] = frozenset(),
    ) -> MadeT | None:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._made_in_a_thread, inquiry, categories, make, first)

    def _made_in_a_thread(
        self,
        inquiry: Inquiry,
        categories: Collection[Category],
        make: Callable[[Iterator[Considered]], MadeT],
        first: Set[UUID],
    ) -> MadeT | None:
        with psycopg.connect(str(self._door.pool.conninfo), **_LOOKING) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ  # all of it as of one moment
            connection.read_only = True
            people = considered(
                connection,
                inquiry.requester.organisation,
                partial(self._door.decide, inquiry, READ),
                categories=categories,
                at=inquiry.at,
                first=first,
            )
            one = next(people, None)
            return None if one is None else make(chain((one,), people))


def _surveyed(inquiry: Inquiry, kind: Kind) -> Event:
    """What the trail is told where nobody is named: that somebody looked at all whom they have to do with."""
    return Event(
        kind=kind,
        id=uuid5(inquiry.id, kind),
        at=inquiry.at,
        actor=account_of(inquiry.requester),
        role=inquiry.requester.role,
        organisation=inquiry.requester.organisation,
        purpose=inquiry.purpose,
        action=READ,
        request=str(inquiry.id),
    )
