"""Whoever handles what is otherwise than usual for a person: objections, and relationships that staff make."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Unpack
from uuid import UUID

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.telling import Said, act_of
from app.audit.trail import record
from app.identity.requester import Requester
from app.person.standing_store import stands_for
from app.person.store import who_holds
from app.sharing.decide import decide
from app.sharing.facts import PersonFacts, account_of
from app.sharing.known.former_store import facts_then
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import READ, Purpose

_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Who acts, for what, when, and what it takes to tell the trail.

    `for_the_place` where the place itself vouches for them at its command line: no relationship is asked of them, and
    the role is the one in which they say that they act.
    """

    requester: Requester
    purpose: Purpose
    at: datetime
    agreements: Agreements
    key: ChainKey
    new_id: Callable[[], UUID]
    for_the_place: bool = False

    def event(self, person_id: UUID | None, kind: Kind, **said: Unpack[Said]) -> Event:
        """What the trail is told."""
        return act_of(self, kind, person_id, id=self.new_id(), **said)

    def tell(self, connection: Connection, person_id: UUID | None, kind: Kind, **said: Unpack[Said]) -> None:
        """Tell the trail; last in a transaction, as it holds a chain until that ends."""
        record(connection, [self.event(person_id, kind, **said)], key=self.key)

    @property
    def acting(self) -> Acting:
        """The same where what they do is for no purpose of an agreement."""
        return Acting(
            by=account_of(self.requester),
            at=self.at,
            key=self.key,
            new_id=self.new_id,
            role=self.requester.role,
            organisation=self.requester.organisation,
        )

    def sees(self, facts: PersonFacts) -> bool:
        """Whether the agreements let them read anything of somebody of whom these facts hold."""
        decision = decide(
            self.requester, action=READ, purpose=self.purpose, facts=facts, agreements=self.agreements, at=self.at
        )
        return not decision.denied


def in_force(by: Handling) -> list[Agreement]:
    """The agreements in force just then, as they are written."""
    return documents_in_force(by.agreements, by.at)


def signed_by_own(by: Handling) -> list[Agreement]:
    """Those of them that the organisation of whoever acts signed."""
    return [each for each in in_force(by) if by.requester.organisation in each.organisations("all")]


def documents_in_force(agreements: Agreements, at: datetime) -> list[Agreement]:
    """Those of a place's agreements that are in force at an instant, as they are written."""
    versions = {(version.id, version.version) for version in agreements.in_force(at).agreements}
    return [each for each in agreements.documents if (each.isa, each.version) in versions]


def standing_with_facts(
    connection: Connection, person_id: UUID | None, at: datetime
) -> tuple[UUID | None, PersonFacts]:
    """Who stands for a person, with all that decides about them at an instant; `None` and nothing for nobody.

    The database is asked the same about somebody as about nobody.
    """
    asked = person_id or _NOBODY
    standing = stands_for(connection, asked)
    (facts,) = facts_then(connection, [(standing or asked, at)])
    return (standing, facts) if standing else (None, PersonFacts())


def own_id(connection: Connection, by: Handling) -> UUID | None:
    """The person who whoever acts is themselves, where that is known."""
    return named_by(connection, by.requester.nhs_number) if by.requester.nhs_number else None


def named_by(connection: Connection, number: NHSNumber) -> UUID | None:
    """The person whom an NHS number names."""
    held = who_holds(connection, [number.digits]).get(number.digits)
    return held.person_id if held else None
