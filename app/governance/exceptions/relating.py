"""Relationships that staff make: brought in by a colleague who has one of their own, or claimed for oneself.

The agreement says which kinds, who may, and how long they last (`made_relationships`). A claim is told to the privacy
officer. Whoever saw the person only by such a relationship brings nobody in, so that none grows from another.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind
from app.errors import DomainError
from app.governance.alerts.store import raise_alert
from app.governance.exceptions.opening import review_within
from app.governance.handling import Handling, in_force, signed_by_own, standing_with_facts
from app.governance.own_words import own_words
from app.sharing.facts import Account, PersonFacts, Relationship, account_of
from app.sharing.known.store import put_made_relationship
from app.sharing.written.document import MadeRelationship
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ


class NotMade(DomainError):
    """The agreement lets nobody, or not this role, make such a relationship; or nobody said why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A relationship to be made: of which kind, and why, in words that never reach the trail.

    `colleague` and their `organisation` are whom it is for; without them it is the requester's own claim.
    """

    kind: str
    evidence: str
    colleague: Account | None = None
    organisation: OdsCode | None = None

    @property
    def by(self) -> str:
        """As the agreement calls it."""
        return "colleague" if self.colleague else "self"


def make(connection: Connection, person_id: UUID | None, making: Making, by: Handling) -> Relationship | None:
    """Make a relationship, and tell the trail; `None` for whoever may not, alike where nobody has that id.

    Raises `NotMade` where the agreement knows no such relationship for this role, whoever the person is.
    """
    terms = _terms(making, by)
    standing, facts = standing_with_facts(connection, person_id, by.at)
    relationship = _relationship(making, terms, by)
    if standing is None or not _may(making, relationship, facts, by):
        by.tell(connection, person_id, Kind.DENIED, action=READ, reason=f"relationship/{making.by}")
        return None
    number = put_made_relationship(connection, standing, relationship, making.evidence, str(by.new_id()))
    fact = f"relationship/{number}"
    if making.by == "self":
        due = by.at + review_within(by.agreements, by.at)
        raise_alert(connection, by.new_id(), standing, by.requester, kind="claim", fact=fact, at=by.at, due=due)
    by.tell(connection, standing, Kind.RELATIONSHIP_MADE, reason=making.by, relied_on=(fact,))
    return replace(relationship, id=str(number))


def _terms(making: Making, by: Handling) -> MadeRelationship:
    demand_evidence(making.evidence)
    found = [
        terms
        for agreement in signed_by_own(by)
        for terms in agreement.made_relationships
        if (terms.kind, terms.by) == (making.kind, making.by) and by.requester.role in terms.roles
    ]
    if not found:
        raise NotMade("no agreement in force lets your role make such a relationship; see its made_relationships")
    return min(found, key=lambda terms: terms.lasts)


def demand_evidence(evidence: str) -> None:
    """Enough words of one's own; raises `NotMade`."""
    own_words(evidence, NotMade, asked="what this relationship rests on")


def _relationship(making: Making, terms: MadeRelationship, by: Handling) -> Relationship:
    return Relationship(
        id="asked",
        kind=making.kind,
        organisation=making.organisation or by.requester.organisation,
        started=by.at,
        ended=by.at + max(terms.lasts, timedelta()),
        account=making.colleague or account_of(by.requester),
    )


def _may(making: Making, relationship: Relationship, facts: PersonFacts, by: Handling) -> bool:
    """A claim must show its maker something; who brings in a colleague must see something by what a feed told."""
    if making.by == "self":
        return by.sees(replace(facts, relationships=(*facts.relationships, relationship)))
    made = {terms.kind for agreement in in_force(by) for terms in agreement.made_relationships}
    told = tuple(each for each in facts.relationships if each.kind not in made)
    return relationship.organisation in by.agreements.lattice.of_controller and by.sees(
        replace(facts, relationships=told, openings=(), invitations=())
    )
