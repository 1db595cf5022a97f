"""Finding people in the record: by number, by name, as FHIR; nobody whom they may not find, by nothing hidden."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final
from uuid import UUID

from app.person import find
from app.person.find import Candidate, Criteria
from app.record.door import Door, Found, Raw
from app.record.inquiry import Inquiry
from app.record.read.everything import Everything, TakenT
from app.record.store import permitted_resources
from app.sharing.decision import Decision
from app.sharing.known.gathering import facts_by_nhs_number
from app.sharing.known.many import facts_of_each
from app.vocabulary.category import Category
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import FIND

_FOUND_BY: Final = Category("demographics")
_MOST_LIKELY, _MOST_CANDIDATES = 1000, 20


class Finding:
    """Who may be meant; whoever is named was told to the trail before, and so was a search that names nobody."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def by_nhs_number(self, inquiry: Inquiry, number: NHSNumber) -> UUID | None:
        """The id of the person whom a number names."""
        person_id, facts = await facts_by_nhs_number(self._door.read, number, at=inquiry.at)
        decision = self._door.decide(inquiry, FIND, facts)
        await self._door.tell_found(inquiry, FIND, [(person_id, decision, ())], {"nhs_number": number.digits})
        return None if decision.denied else person_id

    async def search(self, inquiry: Inquiry, criteria: Criteria) -> list[Candidate]:
        """Who may be meant, of those whom the requester may find, as partners state them that may be read for it."""
        async with self._door.pool.connection() as connection:
            likely = await self._likely(connection, inquiry, criteria)
            shown = await _as_permitted(connection, criteria, likely)
        found = [(one.person_id, likely[one.person_id], ()) for one in shown]
        await self._door.tell_found(inquiry, FIND, found, _as_searched(criteria))
        return shown

    async def patients(
        self, inquiry: Inquiry, whom: NHSNumber | Criteria, take: Callable[[Everything], TakenT | None]
    ) -> list[TakenT]:
        """What `take` takes of each person who may be meant and whom the requester may find; `None` leaves one out."""
        searched = {"nhs_number": whom.digits} if isinstance(whom, NHSNumber) else _as_searched(whom)
        told: list[Found] = []
        found: list[TakenT] = []
        for person_id, decision in (await self._meant(inquiry, whom)).items():
            resources = [] if decision.denied else await permitted_resources(self._door.read, person_id, decision)
            taken = None if decision.denied else take(Everything(person_id, decision, resources))
            if taken is not None:
                found.append(taken)
            if taken is not None or decision.denied:
                told.append((person_id, decision, taken.shown if taken else ()))
        await self._door.tell_found(inquiry, FIND, told, searched)
        return found

    async def _meant(self, inquiry: Inquiry, whom: NHSNumber | Criteria) -> dict[UUID, Decision]:
        """Who may be meant, and what may be read to find them: nothing at all of some whom a number names."""
        if isinstance(whom, Criteria):
            async with self._door.pool.connection() as connection:
                decided = await self._likely(connection, inquiry, whom)
                return {one.person_id: decided[one.person_id] for one in await _as_permitted(connection, whom, decided)}
        person_id, facts = await facts_by_nhs_number(self._door.read, whom, at=inquiry.at)
        return {person_id: self._door.decide(inquiry, FIND, facts)} if person_id else {}

    async def _likely(self, connection: Raw, inquiry: Inquiry, criteria: Criteria) -> dict[UUID, Decision]:
        """Whoever answers to the criteria by anyone's account, each with what the requester may read to find them."""
        everyone = frozenset(self._door.agreements.lattice.controllers)
        offered = await find.search(connection, criteria, controllers=everyone, limit=_MOST_LIKELY)
        facts = await facts_of_each(connection, [one.person_id for one in offered], at=inquiry.at)
        decided = {person_id: self._door.decide(inquiry, FIND, known) for person_id, known in facts.items()}
        return {person_id: decision for person_id, decision in decided.items() if not decision.denied}


async def _as_permitted(connection: Raw, criteria: Criteria, likely: Mapping[UUID, Decision]) -> list[Candidate]:
    """Of these people, those who answer to the criteria by the accounts that may be read of them, and no others."""
    readable: dict[frozenset[OdsCode], set[UUID]] = {}
    for person_id, decision in likely.items():
        stating = frozenset(label.controller for label in decision.permitted if label.category == _FOUND_BY)
        readable.setdefault(stating, set()).add(person_id)
    found = [
        one
        for controllers, people in readable.items()
        for one in await find.search(connection, criteria, controllers=controllers, limit=_MOST_LIKELY)
        if one.person_id in people
    ]
    return found[:_MOST_CANDIDATES]


def _as_searched(criteria: Criteria) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(criteria).items() if value is not None}
