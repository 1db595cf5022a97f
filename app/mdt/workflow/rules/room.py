"""The room of a meeting: who is in it and was, kept as they came in, and which seats of the team they fill. Pure.

The agreement decides for whoever is in the room as they came in, for as long as they are there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.identity.requester import Requester
from app.mdt.workflow.agenda import AgendaItem, Stint
from app.sharing.facts import Account, account_of
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A while that somebody was in the room, and the seat that they filled, if any; they are in it until `left_at`."""

    requester: Requester
    seat: str | None
    arrived_at: datetime
    left_at: datetime | None = None

    @property
    def account(self) -> Account:
        """By which they sign in."""
        return account_of(self.requester)

    @property
    def is_here(self) -> bool:
        """Whether they are in the room now."""
        return self.left_at is None

    def is_during(self, stint: Stint) -> bool:
        """Whether they were in the room for any while of a discussion."""
        began_in_time = stint.ended is None or self.arrived_at < stint.ended
        return began_in_time and (self.left_at is None or self.left_at > stint.began)


def seats_filled(room: Iterable[Stay]) -> set[str]:
    """The seats of the team that somebody fills now."""
    return {stay.seat for stay in room if stay.is_here and stay.seat is not None}


def seats_at(room: Iterable[Stay], at: datetime) -> set[str]:
    """Those that somebody filled at an instant."""
    there = (stay for stay in room if stay.arrived_at <= at and (stay.left_at is None or stay.left_at > at))
    return {stay.seat for stay in there if stay.seat is not None}


def present_for(item: AgendaItem, room: Iterable[Stay]) -> list[Stay]:
    """Whose stay it was in any while in which an item was discussed."""
    return [stay for stay in room if any(stay.is_during(stint) for stint in item.content.stints)]


def as_kept(requester: Requester) -> dict[str, Any]:
    """A requester as JSON."""
    return {
        "subject": requester.subject,
        "issuer": requester.issuer,
        "name": requester.name,
        "organisation": str(requester.organisation),
        "role": str(requester.role),
        "teams": sorted(requester.teams),
        "nhs_number": requester.nhs_number.digits if requester.nhs_number else None,
        "training_until": requester.training_until.isoformat() if requester.training_until else None,
    }


def as_they_came(kept: dict[str, Any]) -> Requester:
    """The requester again."""
    return Requester(
        subject=kept["subject"],
        issuer=kept["issuer"],
        name=kept["name"],
        organisation=OdsCode(kept["organisation"]),
        role=Role(kept["role"]),
        teams=frozenset(kept["teams"]),
        nhs_number=NHSNumber(kept["nhs_number"]) if kept["nhs_number"] else None,
        training_until=date.fromisoformat(kept["training_until"]) if kept["training_until"] else None,
    )
