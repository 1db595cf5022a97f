"""The one door to the record: every read is decided, written to the trail, and only then answered.

A refusal is `None`, whatever the reason: nobody of that id, nothing permitted, or none of the asker's business. It is
written to the trail too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid5

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from app.audit.chain import ChainKey
from app.audit.event import Kind, disclosure, search_criteria
from app.audit.trail import Trail
from app.identity.requester import Requester
from app.person import find
from app.person.find import Candidate, Criteria
from app.record.everything import Everything
from app.record.freshness import feeds_now
from app.record.store import Document, permitted_document, permitted_lines, permitted_resources
from app.record.view import PersonView, partner_feeds
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts
from app.sharing.law import Agreements
from app.sharing.store import facts_of
from app.vocabulary.category import Category
from app.vocabulary.label import Label
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Action, Purpose

FIND, READ = Action("find"), Action("read")
_FOUND_BY = Category("demographics")
_MOST_CANDIDATES = 20

Raw = AsyncConnection[TupleRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Who asks, what for, and when; `id` names it in the trail and in logs."""

    id: UUID
    requester: Requester
    purpose: Purpose
    at: datetime


class SharedRecord:
    """The records of a place, as its agreements let them be read."""

    def __init__(
        self, pool: AsyncConnectionPool[Raw], trail: Trail, criteria_key: ChainKey, agreements: Agreements
    ) -> None:
        self._pool, self._trail, self._criteria_key, self._agreements = pool, trail, criteria_key, agreements

    async def view(self, inquiry: Inquiry, person_id: UUID) -> PersonView | None:
        """The person's record as pages show it."""
        async with self._pool.connection() as connection:
            decision = self._decide(inquiry, READ, await facts_of(connection, person_id))
            lines = [] if decision.denied else await permitted_lines(connection, person_id, decision)
            feeds = [] if decision.denied else await feeds_now(connection)
        shown = {line.label for line in lines}
        await self._record(Kind.VIEW, inquiry, READ, decision, person_id, shown, [line.number for line in lines])
        if decision.denied:
            return None
        return PersonView(
            person_id=person_id,
            decision=decision,
            lines=lines,
            feeds=partner_feeds(feeds, inquiry.at),
            at=inquiry.at,
        )

    async def everything(self, inquiry: Inquiry, person_id: UUID) -> Everything | None:
        """The person's record as FHIR: the same decision as a view, told to the trail as leaving in another form."""
        async with self._pool.connection() as connection:
            decision = self._decide(inquiry, READ, await facts_of(connection, person_id))
            resources = [] if decision.denied else await permitted_resources(connection, person_id, decision)
        shown = {resource.label for resource in resources}
        numbers = [resource.number for resource in resources]
        await self._record(Kind.EXPORT, inquiry, READ, decision, person_id, shown, numbers)
        return None if decision.denied else Everything(person_id, decision, resources)

    async def document(self, inquiry: Inquiry, person_id: UUID, number: int) -> Document | None:
        """One document of the person's record."""
        async with self._pool.connection() as connection:
            decision = self._decide(inquiry, READ, await facts_of(connection, person_id))
            found = None if decision.denied else await permitted_document(connection, person_id, decision, number)
        shown = [found] if found else []
        labels, numbers = {one.label for one in shown}, [one.number for one in shown]
        await self._record(Kind.ENTRY, inquiry, READ, decision, person_id, labels, numbers)
        return found

    async def find_by_nhs_number(self, inquiry: Inquiry, number: NHSNumber) -> UUID | None:
        """The id of the person whom a number names."""
        async with self._pool.connection() as connection:
            person_id = await find.by_nhs_number(connection, number)
            facts = await facts_of(connection, person_id) if person_id else PersonFacts()
        decision = self._decide(inquiry, FIND, facts)
        criteria = search_criteria(self._criteria_key, {"nhs_number": number.digits})
        await self._record(Kind.FIND, inquiry, FIND, decision, person_id, (), (), criteria=criteria)
        return None if decision.denied else person_id

    async def search(self, inquiry: Inquiry, criteria: Criteria) -> list[Candidate]:
        """Who may be meant, of those whom the asker may find; as the partners state them that may be read for it."""
        async with self._pool.connection() as connection:
            anyone = self._decide(inquiry, FIND, PersonFacts())
            stating = {label.controller for label in anyone.permitted if label.category == _FOUND_BY}
            offered = await find.search(connection, criteria, controllers=frozenset(stating), limit=_MOST_CANDIDATES)
            decided = [(one, self._decide(inquiry, FIND, await facts_of(connection, one.person_id))) for one in offered]
        shown = [(one, decision) for one, decision in decided if not decision.denied]
        searched = search_criteria(self._criteria_key, _as_searched(criteria))
        for one, decision in shown:
            await self._record(Kind.FIND, inquiry, FIND, decision, one.person_id, (), (), criteria=searched)
        if not shown:
            await self._record(Kind.FIND, inquiry, FIND, anyone, None, (), (), criteria=searched)
        return [one for one, _ in shown]

    def _decide(self, inquiry: Inquiry, action: Action, facts: PersonFacts) -> Decision:
        return decide(
            inquiry.requester,
            action=action,
            purpose=inquiry.purpose,
            facts=facts,
            agreements=self._agreements,
            at=inquiry.at,
        )

    async def _record(
        self,
        kind: Kind,
        inquiry: Inquiry,
        action: Action,
        decision: Decision,
        person_id: UUID | None,
        labels: Iterable[Label],
        entries: Sequence[int],
        *,
        criteria: str = "",
    ) -> None:
        """INVARIANT: nothing is answered before this returns."""
        event = disclosure(
            kind,
            decision,
            inquiry.requester,
            id=uuid5(inquiry.id, f"{kind}/{person_id}"),
            at=inquiry.at,
            person=person_id,
            purpose=inquiry.purpose,
            action=action,
            labels=labels,
            entries=entries,
            criteria=criteria,
            request=str(inquiry.id),
        )
        await self._trail.commit(event)


def _as_searched(criteria: Criteria) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(criteria).items() if value is not None}
