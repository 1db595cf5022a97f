"""One resource of the team's work by its id, or those of one person: each under the reader's own decision.

What does not exist and what is none of the reader's business are refused alike. Each reading is told to the trail,
thing by thing, before it is answered.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from app.mdt import referred, store, whole
from app.mdt.agenda import AgendaItem
from app.mdt.as_fhir.elements import Resource
from app.mdt.as_fhir.measures import measure_report
from app.mdt.as_fhir.meeting import agenda, appointment, care_plan, care_team, encounter, episode
from app.mdt.as_fhir.minutes import minutes
from app.mdt.as_fhir.referral import referral
from app.mdt.caseload import CaseloadEntry
from app.mdt.desk import Desk
from app.mdt.impact.measures import team_measures
from app.mdt.lifecycle import Relation
from app.mdt.meeting import Meeting
from app.mdt.office import Office, unknown
from app.mdt.referral import Referral
from app.mdt.thing import Refusal, Refused, Thing
from app.person.store import members_of
from app.record.access import Inquiry

KINDS: Final[Mapping[str, type[Thing]]] = {
    "ServiceRequest": Referral,
    "QuestionnaireResponse": Referral,
    "Consent": Referral,
    "Task": Referral,
    "EpisodeOfCare": CaseloadEntry,
    "CareTeam": CaseloadEntry,
    "Encounter": AgendaItem,
    "CarePlan": AgendaItem,
    "Composition": AgendaItem,
    "Appointment": Meeting,
    "List": Meeting,
}
"""The types that there are, each with the thing that it tells of."""

OF_NOBODY: Final = frozenset(kind for kind, thing in KINDS.items() if thing is Meeting)
"""Those that tell of no person, and are read by their id alone."""

_ID: Final = re.compile(r"(?:[a-z]+-)?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:\.\d{1,3})?")
_REPORT: Final = re.compile(r"([a-z0-9-]{1,40})\.([0-9-]{4,10})")

Resources = list[Resource]


async def one(desk: Desk, inquiry: Inquiry, kind: str, id: str) -> Resource | Refusal:
    """The resource of a type and an id."""
    said = _ID.fullmatch(id)
    if said is None or kind not in KINDS:
        return await desk.ask(inquiry, _refuse)
    found = await _resources(desk, inquiry, KINDS[kind], UUID(said[1]))
    if isinstance(found, Refusal):
        return found
    chosen = [each for each in found if (each["resourceType"], each["id"]) == (kind, id)]
    return await desk.ask(inquiry, lambda office: _told(office, KINDS[kind], UUID(said[1]), chosen)[0])


async def of_person(desk: Desk, inquiry: Inquiry, kind: str, person_id: UUID) -> Resources | Refusal:
    """All resources of a type about a person that the reader may read, in whichever team.

    Of whoever has no part in any of them it is refused, whether or not there is such a person.
    """
    thing = KINDS[kind]
    held = await desk.ask(inquiry, lambda office: _of_person(office, thing, person_id))
    if isinstance(held, Refusal):
        return held
    answered: Resources = []
    for thing_id in held:
        found = await _resources(desk, inquiry, thing, thing_id)
        chosen = [] if isinstance(found, Refusal) else [each for each in found if each["resourceType"] == kind]
        if chosen:
            told = await desk.ask(inquiry, _telling(thing, thing_id, chosen))
            answered += [] if isinstance(told, Refusal) else told
    return answered


async def report(
    desk: Desk, inquiry: Inquiry, id: str, period: Callable[[str], tuple[date, date]]
) -> Resource | Refusal:
    """The measures of a locality's team, by an id such as `northgate.2026-05`; raises what `period` does."""
    said = _REPORT.fullmatch(id)
    if said is None:
        return await desk.ask(inquiry, _refuse)
    first, last = period(said[2])
    if said[1] not in desk.localities.by_id:
        return await desk.ask(inquiry, _refuse)
    told = await team_measures(desk, inquiry, said[1], first, last)
    if isinstance(told, Refusal):
        return told
    locality = desk.localities.by_id[said[1]]
    return measure_report(id, told, first=first, last=last, host=locality.host, title=locality.title, at=inquiry.at)


async def own_localities(desk: Desk, inquiry: Inquiry) -> list[str] | Refusal:
    """The localities of whose teams the reader is."""
    return await desk.ask(inquiry, _own_localities)


def _own_localities(office: Office) -> list[str]:
    own = [name for name in office.localities.by_id if Relation.MEMBER in office.relations(None, name)]
    if not own:
        raise Refused(unknown())
    return sorted(own)


def _of_person(office: Office, kind: type[Thing], person_id: UUID) -> list[UUID]:
    standing = office.standing({person_id}).get(person_id, person_id)
    people = set(members_of(office.connection, standing))
    found = [each.id for each in store.among(office.connection, kind, person_id=people) if _has_part(office, each)]
    if not found:
        _own_localities(office)
    return found


def _has_part(office: Office, thing: Thing) -> bool:
    if Relation.MEMBER in office.relations(None, office.locality_of(thing)):
        return True
    if isinstance(thing, AgendaItem):
        return _is_invited_for(office, thing)
    return Relation.REFERRER in office.relations(thing, office.locality_of(thing))


def _is_invited_for(office: Office, item: AgendaItem) -> bool:
    try:
        invited = whole.own_invitation(office, office.held(Meeting, item.meeting_id))
    except Refused:
        return False
    return item.id in store.items_of(office.connection, [invited.id])[invited.id]


async def _resources(desk: Desk, inquiry: Inquiry, kind: type[Thing], thing_id: UUID) -> Resources | Refusal:
    """Everything that stands for a thing, as far as the reader may read it."""
    return await _MAKE[kind](desk, inquiry, thing_id)


async def _of_referral(desk: Desk, inquiry: Inquiry, id: UUID) -> Resources | Refusal:
    told = await referred.referral_as_decided(desk, inquiry, id)
    if isinstance(told, Refusal):
        return told
    return referral(told, desk.localities.by_id[told["locality"]].title)


async def _of_entry(desk: Desk, inquiry: Inquiry, id: UUID) -> Resources | Refusal:
    told = await whole.caseload_entry(desk, inquiry, id)
    if isinstance(told, Refusal):
        return told
    history = await whole.history(desk, inquiry, CaseloadEntry, id)
    if isinstance(history, Refusal):
        return history
    return [episode(told, desk.localities.by_id[told["locality"]].host, history), care_team(told)]


async def _of_item(desk: Desk, inquiry: Inquiry, id: UUID) -> Resources | Refusal:
    told = await whole.item(desk, inquiry, id)
    if isinstance(told, Refusal):
        return told
    held = await desk.ask(
        inquiry, lambda office: (office.held(AgendaItem, id), office.held(Meeting, told["meeting_id"]))
    )
    if isinstance(held, Refusal):
        return held
    item, meeting = held
    locality = desk.localities.by_id[meeting.locality]
    kept = minutes(told, item, meeting, locality.host, locality.title)
    return [encounter(told, meeting.id), *care_plan(told), *kept]


async def _of_meeting(desk: Desk, inquiry: Inquiry, id: UUID) -> Resources | Refusal:
    told = await whole.meeting(desk, inquiry, id)
    if isinstance(told, Refusal):
        return told
    return [appointment(told, desk.localities.by_id[told["locality"]].title), agenda(told)]


_MAKE: Final[Mapping[type[Thing], Callable[[Desk, Inquiry, UUID], Awaitable[Resources | Refusal]]]] = {
    Referral: _of_referral,
    CaseloadEntry: _of_entry,
    AgendaItem: _of_item,
    Meeting: _of_meeting,
}


def _telling(kind: type[Thing], thing_id: UUID, chosen: Resources) -> Callable[[Office], Resources]:
    return lambda office: _told(office, kind, thing_id, chosen)


def _told(office: Office, kind: type[Thing], thing_id: UUID, chosen: Resources) -> Resources:
    """What is answered of a thing, once the trail is told; raises `Refused` where that is nothing."""
    if not chosen:
        raise Refused(unknown())
    held = office.held(kind, thing_id)
    office.tell(f"{held.lifecycle.name.replace(' ', '-')}/read", held.id, person=getattr(held, "person_id", None))
    return chosen


def _refuse(_office: Office) -> Resource:
    raise Refused(unknown())
