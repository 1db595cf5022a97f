"""What the agreements offer to whoever is shown nothing, by role and purpose alone: it tells of no person. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.governance.exceptions.opening import Reason, opening_lasts
from app.governance.handling import documents_in_force
from app.identity.requester import Requester
from app.sharing.law import Agreements, Ask
from app.sharing.written.document import MadeRelationship
from app.vocabulary.token import READ, Purpose

_REASON: Final = "reason"  # the obligation to ask for one

IN_EMERGENCY: Final = {
    Reason.UNCONSCIOUS: "They are unconscious",
    Reason.CANNOT_BE_ASKED: "They cannot be asked, for another reason",
    Reason.URGENT_TREATMENT: "They need treatment at once",
    Reason.RISK_OF_HARM: "They or somebody else may come to harm",
}
OF_A_FLAGGED_RECORD: Final = {
    Reason.CARE_OF_FLAGGED_PERSON: "I care for them, and the record asks for a reason before it opens",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """What one role may do about it, for one purpose.

    `emergency` opens a record without a relationship; `reason` one that asks why before it opens, each for as long as
    `lasts`; `claims` are the relationships that it may state of itself.
    """

    emergency: bool
    reason: bool
    lasts: timedelta
    claims: tuple[MadeRelationship, ...]

    @property
    def reasons(self) -> dict[Reason, str]:
        """Why a record may be opened so, each as the form words it."""
        return (IN_EMERGENCY if self.emergency else {}) | (OF_A_FLAGGED_RECORD if self.reason else {})

    @property
    def opening(self) -> bool:
        """Whether it may open a record by giving a reason."""
        return self.emergency or self.reason

    def __bool__(self) -> bool:
        return self.opening or bool(self.claims)


def ways_in(requester: Requester, purpose: Purpose, agreements: Agreements, at: datetime) -> WaysIn:
    """The ways that are open to a requester who is shown nothing, whoever they asked about."""
    law = agreements.in_force(at)
    terms = law.terms.get(Ask(requester.organisation, requester.role, purpose, READ))
    flagged = any(_REASON in each for each in law.obligations_by_flag.values())
    return WaysIn(
        emergency=terms is not None and terms.emergency_access,
        reason=flagged and terms is not None and bool(terms.reach),
        lasts=opening_lasts(requester, purpose, agreements, at),
        claims=tuple(may_make("self", requester, purpose, agreements, at)),
    )


def may_make(
    by: str, requester: Requester, purpose: Purpose, agreements: Agreements, at: datetime
) -> list[MadeRelationship]:
    """The relationships that a role may make, `by` itself or for a colleague, which count for a purpose."""
    return [
        made
        for document in documents_in_force(agreements, at)
        if purpose in document.purposes and requester.organisation in document.organisations("all")
        for made in document.made_relationships
        if made.by == by and requester.role in made.roles and made.kind in document.purposes[purpose].relationships
    ]
