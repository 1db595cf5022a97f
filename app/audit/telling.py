"""What the trail is told of a requester: what they did, or what a decision let them see of a record. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from app.audit.event import Event, Kind, team_code
from app.identity.requester import Requester
from app.sharing.decision import Decision
from app.sharing.facts import account_of
from app.vocabulary.label import Label
from app.vocabulary.london import london_date
from app.vocabulary.token import Action, Purpose


class Reading(StrEnum):
    """What was read of looks and of those who oversee them: the `reason` of `AUDIT_READ`, and where that was refused.

    What was read of it, such as whose weekly report, may stand behind a stroke.
    """

    WHO_SAW = "who-saw"
    OWN_LOOKS = "own-looks"
    OWN_AUDIT = "own-audit"
    SEARCH = "search"
    WHY = "why"
    ALERTS = "alerts"
    ALERT = "alert"
    OBJECTIONS = "objections"
    SPECIAL_RECORDS = "special-records"
    CASE_STUDIES = "case-studies"
    WEEKLY_REPORT = "weekly-report"
    EXPORT = "export"


class Asked(Protocol):
    """Who asks or acts, what for, and when."""

    @property
    def requester(self) -> Requester:
        """In the one role that they selected."""

    @property
    def purpose(self) -> Purpose:
        """As the agreement calls it."""

    @property
    def at(self) -> datetime:
        """In UTC."""


class Said(TypedDict, total=False):
    """What an act may say beside who did it to whom: fields of `Event`."""

    action: Action
    relied_on: Sequence[str]
    agreements: Sequence[str]
    entries: Sequence[int]
    criteria: str
    reason: str
    request: str


def act_of(asked: Asked, kind: Kind, person: UUID | None, *, id: UUID, **said: Unpack[Said]) -> Event:
    """What a requester did, in their role and for their purpose, where no decision is told with it."""
    return Event(
        kind=kind,
        id=id,
        at=asked.at,
        actor=account_of(asked.requester),
        role=asked.requester.role,
        organisation=asked.requester.organisation,
        person=person,
        purpose=asked.purpose,
        **said,
    )


def disclosure(
    asked: Asked,
    kind: Kind,
    person: UUID | None,
    decision: Decision,
    *,
    id: UUID,
    action: Action,
    labels: Iterable[Label] = (),
    entries: Sequence[int] = (),
    criteria: str = "",
    request: str = "",
) -> Event:
    """What to commit before a decision's answer leaves: the act, or that it was denied, or that it raised an alarm.

    `labels` and `entries` are what the answer discloses; raises `KeyError` for a label that is not permitted.
    """
    if decision.denied:
        kind = Kind.DENIED if decision.alarm is None else Kind.INDETERMINATE_ALARM
    requester = asked.requester
    return Event(
        kind=kind,
        id=id,
        at=asked.at,
        actor=account_of(requester),
        role=requester.role,
        organisation=requester.organisation,
        person=person,
        purpose=asked.purpose,
        action=action,
        permitted=decision.disclosed(labels),
        withheld=decision.prohibitions,
        relied_on=decision.relied_on,
        agreements=[str(version) for version in decision.agreements],
        entries=entries,
        criteria=criteria,
        reason=_why_refused(decision),
        request=request,
        teams=sorted(map(team_code, requester.teams)),
        trained=requester.training_until is not None and london_date(asked.at) <= requester.training_until,
    )


def _why_refused(decision: Decision) -> str:
    """As a code: which obligations are not met, or what raised an alarm; empty where neither is so."""
    if decision.unmet:
        return "/".join(("unmet", *sorted(decision.unmet)))
    return (decision.alarm or "").replace("; ", "/").replace(" ", "-")
