"""What everybody passes who is answered of the record: they are decided about, and told to the trail, before it.

Whoever reads for an answer without it does not pass `make test`: the contract on `record.store` names who may.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID, uuid5

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind, search_criteria
from app.audit.telling import disclosure
from app.audit.trail import Trail
from app.database.pipeline import Read
from app.governance.exceptions.obligations import unmet_by
from app.record.inquiry import Inquiry
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts
from app.sharing.law import Agreements
from app.vocabulary.category import Category
from app.vocabulary.label import Label
from app.vocabulary.token import READ, Action

Raw = AsyncConnection[TupleRow]


class Shown(Protocol):
    """An entry that is disclosed, in whatever form."""

    @property
    def number(self) -> int:
        """Its id."""

    @property
    def label(self) -> Label:
        """What the decision permitted."""


Found = tuple[UUID | None, Decision, Sequence[Shown]]
"""Somebody who was looked for, what may be read of them, and what of it is disclosed; `None` for nobody."""


class Door:
    """The agreements by which a place decides, the trail that it tells, and the database behind both."""

    def __init__(
        self, read: Read, pool: AsyncConnectionPool[Raw], trail: Trail, criteria_key: ChainKey, agreements: Agreements
    ) -> None:
        self.read, self.pool, self.trail, self.agreements = read, pool, trail, agreements
        self._criteria_key = criteria_key

    def decide(self, inquiry: Inquiry, action: Action, facts: PersonFacts) -> Decision:
        """What the requester may do to a person of these facts; nothing where an obligation is not done."""
        decision = decide(
            inquiry.requester,
            action=action,
            purpose=inquiry.purpose,
            facts=facts,
            agreements=self.agreements,
            at=inquiry.at,
        )
        # INVARIANT: whoever cannot carry out an obligation refuses
        unmet = unmet_by(decision.obligations, inquiry.requester, facts, inquiry.at)
        return decision._replace(granted=(), unmet=unmet) if unmet else decision

    async def tell(
        self,
        kind: Kind,
        inquiry: Inquiry,
        decision: Decision,
        person_id: UUID,
        shown: Sequence[Shown],
        action: Action = READ,
    ) -> None:
        """INVARIANT: nothing that was read is answered before this returns."""
        await self.trail.commit(told_of(kind, inquiry, action, decision, person_id, shown))

    async def tell_found(
        self, inquiry: Inquiry, action: Action, found: Sequence[Found], searched: Mapping[str, str]
    ) -> None:
        """INVARIANT: nobody is named before this returns; of nobody it tells that somebody looked."""
        criteria = search_criteria(self._criteria_key, searched)
        of_nobody = (None, self.decide(inquiry, action, PersonFacts()), ())
        await self.trail.commit(
            *[
                told_of(Kind.FIND, inquiry, action, decision, person_id, shown, criteria)
                for person_id, decision, shown in found or [of_nobody]
            ]
        )


def only(decision: Decision, headings: frozenset[Category]) -> Decision:
    """What a decision permits under a few headings alone."""
    only = decision.lattice.mask(categories=headings)
    few = [grant._replace(mask=grant.mask & only) for grant in decision.granted if grant.mask & only]
    return decision._replace(granted=tuple(few))


def told_of(
    kind: Kind,
    inquiry: Inquiry,
    action: Action,
    decision: Decision,
    person_id: UUID | None,
    shown: Sequence[Shown],
    criteria: str = "",
    *,
    beside: str = "",
) -> Event:
    """What the trail is told of one person's part in an answer; `beside` parts it from others of the same person's."""
    return disclosure(
        inquiry,
        kind,
        person_id,
        decision,
        id=uuid5(inquiry.id, f"{kind}/{person_id}{beside}"),
        action=action,
        labels={one.label for one in shown},
        entries=[one.number for one in shown],
        criteria=criteria,
        request=str(inquiry.id),
    )
