"""By what somebody sees a record, of the facts that the decision relied on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.governance.handling import standing_with_facts
from app.identity.requester import Requester
from app.sharing.facts import EmergencyOpening, Relationship


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Relationships that were found or made, an opening with a reason, an invitation.

    `in_emergency` where the decision rests on the opening; else it met an agreement that asks for a reason besides.
    """

    relationships: tuple[Relationship, ...] = ()
    opening: EmergencyOpening | None = None
    in_emergency: bool = False
    invited: bool = False


def grounds_of(
    connection: Connection, person_id: UUID, relied_on: Collection[str], requester: Requester, at: datetime
) -> Grounds:
    """The grounds that these facts are, by kind and id as a decision tells them."""
    _, facts = standing_with_facts(connection, person_id, at)
    openings = [each for each in facts.openings if each.covers(requester, at)]
    return Grounds(
        relationships=tuple(each for each in facts.relationships if f"relationship/{each.id}" in relied_on),
        opening=max(openings, key=lambda each: each.ended, default=None),
        in_emergency=any(f"opening/{each.id}" in relied_on for each in openings),
        invited=any(fact.startswith("invitation/") for fact in relied_on),
    )
