"""Past decisions made again: what the trail tells of each, with the facts as they were, by any agreements. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.audit.event import Kind, team_code
from app.identity.requester import Requester
from app.sharing.conditions import OWN_RECORD
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import Account, PersonFacts
from app.sharing.law import Agreements
from app.vocabulary.label import Label
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role

DECIDED: Final = (Kind.FIND, Kind.VIEW, Kind.ENTRY, Kind.EXPORT, Kind.DENIED)
"""The kinds of events that tell of a decision; one that was denied for want of an attribute tells too little of it."""

_ANY_NUMBER: Final = NHSNumber("9990000018")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A decision as the trail tells it."""

    at: datetime
    requester: Requester
    teams: frozenset[str]  # by `team_code`
    is_own: bool
    person: UUID | None
    purpose: Purpose
    action: Action
    denied: bool
    permitted: Mapping[str, Sequence[str]]
    withheld: tuple[str, ...]
    relied_on: tuple[str, ...]
    agreements: tuple[str, ...]
    reason: str

    @property
    def labels(self) -> frozenset[Label]:
        """What was disclosed."""
        return frozenset(Label.parse(label) for labels in self.permitted.values() for label in labels)


def past(event: Mapping[str, Any]) -> Past | None:
    """The decision of which an event tells; `None` for a refusal that tells too little of one.

    That is one for want of an attribute, or of something else than a record, such as a step of a team's.
    """
    if "action" not in event or "agreements" not in event:
        return None
    relied_on = tuple(event.get("relied_on", ()))
    at = datetime.fromisoformat(event["at"])
    account = Account(event["issuer"], event["subject"])
    return Past(
        at=at,
        requester=Requester(
            subject=account.subject,
            issuer=account.issuer,
            name="as the trail tells",
            organisation=OdsCode(event["organisation"]),
            role=Role(event["role"]),
            training_until=london_date(at) if event.get("trained") else None,
        ),
        teams=frozenset(event.get("teams", ())),
        is_own=OWN_RECORD in relied_on,
        person=UUID(event["person"]) if "person" in event else None,
        purpose=Purpose(event["purpose"]),
        action=Action(event["action"]),
        denied=event["kind"] == Kind.DENIED,
        permitted=event.get("permitted", {}),
        withheld=tuple(event.get("withheld", ())),
        relied_on=relied_on,
        agreements=tuple(event.get("agreements", ())),
        reason=event.get("reason", ""),
    )


def again(one: Past, facts: PersonFacts, agreements: Agreements) -> Decision:
    """Decide once more for the same requester at the same instant; `facts` are the person's as they were then."""
    requester, then = asked_again(one, facts)
    return decide(requester, action=one.action, purpose=one.purpose, facts=then, agreements=agreements, at=one.at)


def asked_again(one: Past, facts: PersonFacts) -> tuple[Requester, PersonFacts]:
    """The same requester before the same person, as both were.

    Whether the record was the requester's own is taken from the trail, which holds no NHS number.
    """
    teams = frozenset(each.team for each in facts.relationships if each.team and team_code(each.team) in one.teams)
    theirs = frozenset({_ANY_NUMBER}) if one.is_own else frozenset()
    requester = replace(one.requester, teams=teams, nhs_number=_ANY_NUMBER if one.is_own else None)
    return requester, replace(facts, nhs_numbers=theirs)


def is_the_same(one: Past, decision: Decision) -> bool:
    """Whether a decision made again gives what the trail tells: the answer, its clauses, and the facts relied on."""
    told = one.withheld == decision.prohibitions and one.relied_on == decision.relied_on
    if one.denied:
        return told and (decision.denied or one.reason.startswith("unmet"))
    permitted = decision.permitted
    if decision.denied or not one.labels <= permitted.keys():
        return False
    disclosed = decision.disclosed(one.labels)
    return told and {clauses: sorted(labels) for clauses, labels in one.permitted.items()} == disclosed


def asked_about(decisions: Iterable[Past]) -> list[tuple[UUID, datetime]]:
    """Whose facts are needed, as they were when."""
    return [(each.person, each.at) for each in decisions if each.person is not None]
