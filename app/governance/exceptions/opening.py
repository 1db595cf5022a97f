"""Opening one person's record with a reason: in an emergency, or where an agreement asks for a reason.

The reason comes first, it is for one person and a short time, and the privacy officer is told and reviews it. The
opening, the alert and the event of the trail are one transaction. What an opening then shows is for the agreements to
decide as ever: it overrides no legal bar, no location restriction, nobody's own record and no suspended agreement.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.chain import ChainKey
from app.audit.event import Kind
from app.audit.telling import act_of
from app.audit.trail import record
from app.errors import DomainError
from app.governance.alerts.store import raise_alert
from app.governance.exceptions.obligations import unmet_by
from app.governance.handling import documents_in_force, standing_with_facts
from app.governance.own_words import own_words
from app.identity.requester import Requester
from app.sharing.conditions import EmergencyGround
from app.sharing.decide import decide
from app.sharing.facts import EmergencyOpening, PersonFacts, account_of
from app.sharing.known.store import put_opening
from app.sharing.law import Agreements, Ask
from app.vocabulary.token import READ, Action, Purpose

REASON_LASTS: Final = timedelta(hours=1)
"""How long a reason counts where no agreement gives an emergency a time."""

REVIEW_WITHIN: Final = timedelta(days=5)
"""How soon an opening is reviewed where no agreement says so: days of the calendar, the sooner of both readings."""

_OPEN: Final = Action("open")


class Reason(StrEnum):
    """Why a record is opened; words of the opener's own stand beside it."""

    UNCONSCIOUS = "unconscious"
    CANNOT_BE_ASKED = "cannot-be-asked"
    URGENT_TREATMENT = "urgent-treatment"
    RISK_OF_HARM = "risk-of-harm"
    CARE_OF_FLAGGED_PERSON = "care-of-flagged-person"  # the relationship is there, and the agreement asks why


class NoReason(DomainError):
    """The reason comes first."""


class NotNeeded(DomainError):
    """Whoever asks sees it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks to open what, why and when; `details` are their own words, and never reach the trail."""

    requester: Requester
    purpose: Purpose
    reason: Reason
    details: str
    at: datetime

    def __post_init__(self) -> None:
        demand_reason(self.details)


def demand_reason(details: str) -> None:
    """Enough words of one's own; raises `NoReason`."""
    own_words(details, NoReason, asked="why you must see this record now")


def open_record(
    connection: Connection,
    person_id: UUID | None,
    asking: Asking,
    *,
    agreements: Agreements,
    key: ChainKey,
    new_id: Callable[[], UUID],
) -> EmergencyOpening | None:
    """Open a record, and tell the trail; `None` for whoever would see nothing by it, alike where it is nobody's.

    Raises `NotNeeded`.
    """
    standing, facts = standing_with_facts(connection, person_id, asking.at)
    opening = _opening(asking, agreements)
    shows = standing is not None and _shows_anything(asking, facts, opening, agreements)
    event = act_of(
        asking,
        Kind.EMERGENCY_OPENED if shows else Kind.DENIED,
        standing or person_id,
        id=new_id(),
        action=_OPEN,
        reason=asking.reason,
        agreements=[str(version) for version in agreements.in_force(asking.at).agreements],
    )
    if not shows or standing is None:
        record(connection, [event], key=key)
        return None
    kept = replace(opening, id=str(put_opening(connection, standing, opening, f"{asking.reason}: {asking.details}")))
    due = asking.at + review_within(agreements, asking.at)
    fact = f"opening/{kept.id}"
    raise_alert(connection, new_id(), standing, asking.requester, kind="opening", fact=fact, at=asking.at, due=due)
    record(connection, [replace(event, relied_on=(fact,))], key=key)
    return kept


def _opening(asking: Asking, agreements: Agreements) -> EmergencyOpening:
    return EmergencyOpening(
        id="asked",
        account=account_of(asking.requester),
        organisation=asking.requester.organisation,
        started=asking.at,
        ended=asking.at + opening_lasts(asking.requester, asking.purpose, agreements, asking.at),
    )


def opening_lasts(requester: Requester, purpose: Purpose, agreements: Agreements, at: datetime) -> timedelta:
    """The shortest time that an agreement in force gives, never more than an hour."""
    terms = agreements.in_force(at).terms.get(Ask(requester.organisation, requester.role, purpose, READ))
    grounds = [ground for ground, _ in terms.grants if isinstance(ground, EmergencyGround)] if terms else []
    return min([REASON_LASTS, *(ground.lasts for ground in grounds)])


def _shows_anything(asking: Asking, facts: PersonFacts, opening: EmergencyOpening, agreements: Agreements) -> bool:
    """Whether the opening would let them see something; raises `NotNeeded` where they see all of it already."""
    seen = _seen(asking, facts, agreements)
    opened = _seen(asking, replace(facts, openings=(*facts.openings, opening)), agreements)
    if opened and not opened & ~seen:
        raise NotNeeded("you see already all that this would show you; ask for the record")
    return bool(opened)


def _seen(asking: Asking, facts: PersonFacts, agreements: Agreements) -> int:
    """The labels that they see; none while an obligation is unmet."""
    decision = decide(
        asking.requester, action=READ, purpose=asking.purpose, facts=facts, agreements=agreements, at=asking.at
    )
    return 0 if unmet_by(decision.obligations, asking.requester, facts, asking.at) else decision.mask


def review_within(agreements: Agreements, at: datetime) -> timedelta:
    """The shortest time within which an agreement in force has `review` done."""
    times = [
        terms.within
        for document in documents_in_force(agreements, at)
        for name, terms in document.obligations.items()
        if name == "review" and terms.within
    ]
    return min([REVIEW_WITHIN, *times])
