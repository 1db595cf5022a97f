"""One resource of the team's work by its id, or those of one person: each under the requester's own decision.

What does not exist and what is none of the requester's business are refused alike. What is answered is told to the
trail, thing by thing, before it is.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from app.identity.systems.system import ISSUER
from app.mdt import store
from app.mdt.as_fhir import teams
from app.mdt.as_fhir.elements import Resource
from app.mdt.as_fhir.making import MAKERS, Maker, sent_by_teams
from app.mdt.as_fhir.measures import measure_report
from app.mdt.as_fhir.partners import MAKERS_FOR_SYSTEMS
from app.mdt.desk import Desk
from app.mdt.impact.measures import team_measures
from app.mdt.reading.taking_part import own_invitation
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import Refused, unknown, unless_refused
from app.mdt.workflow.thing import OfPerson, Thing
from app.person.standing_store import members_of
from app.record.inquiry import Inquiry

KINDS: Final[Mapping[str, tuple[type[Thing], ...]]] = {
    "ServiceRequest": (Referral,),
    "QuestionnaireResponse": (Referral,),
    "Consent": (Referral,),
    "Task": (Referral, Action),
    "EpisodeOfCare": (CaseloadEntry,),
    "CareTeam": (CaseloadEntry,),
    "Flag": (CaseloadEntry,),
    "Goal": (CaseloadEntry,),
    "Encounter": (AgendaItem,),
    "CarePlan": (AgendaItem,),
    "RequestGroup": (AgendaItem,),
    "Composition": (AgendaItem,),
    "DocumentReference": (AgendaItem,),
    "Observation": (AgendaItem,),
    "Communication": (Referral, Action, Meeting),
    "Provenance": (Referral, CaseloadEntry, AgendaItem, Action, Meeting),
    "Appointment": (Meeting,),
    "List": (Meeting,),
}
"""The types that there are, each with the things that it tells of."""

OF_NOBODY: Final = frozenset(kind for kind, things in KINDS.items() if things == (Meeting,))
"""Those that tell of no person, and are read by their id alone."""

OF_TEAMS: Final = teams.KINDS
"""Those that tell how a team is made up, and of no person either."""

_ID: Final = re.compile(r"(?:[a-z][a-z-]*-)?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:\.[0-9a-f]{1,12})?")
_REPORT: Final = re.compile(r"([a-z0-9-]{1,40})\.([0-9-]{4,10})")


class Found(NamedTuple):
    """One resource that the requester may read, and of which thing it tells; of none where it names nobody."""

    thing: type[Thing] | None
    id: UUID | None
    resource: Resource


async def one(desk: Desk, inquiry: Inquiry, kind: str, id: str) -> Resource:
    """The resource of a type and an id."""
    if kind in OF_TEAMS:
        return await _alone(desk, inquiry, await of_teams(desk, inquiry, kind), id)
    said = _ID.fullmatch(id)
    for thing in KINDS.get(kind, ()):
        found = await _found(desk, inquiry, kind, thing, UUID(said[1])) if said else []
        if any(each.resource["id"] == id for each in found):
            return await _alone(desk, inquiry, found, id)
    return await _alone(desk, inquiry, await of_nobody(desk, inquiry, kind) if said else [], id)


async def _alone(desk: Desk, inquiry: Inquiry, found: list[Found], id: str) -> Resource:
    chosen = [each for each in found if each.resource["id"] == id]
    if not chosen:
        return await desk.ask(inquiry, _refuse)
    await tell(desk, inquiry, chosen)
    return chosen[0].resource


async def of_person(desk: Desk, inquiry: Inquiry, kind: str, person_id: UUID) -> list[Found]:
    """All resources of a type about a person that the requester may read, of whichever team; `tell` what is answered.

    Of whoever has no part in any of them it is refused, whether or not there is such a person.
    """
    things = [thing for thing in KINDS[kind] if issubclass(thing, OfPerson)]
    if inquiry.requester.issuer == ISSUER and not await desk.record.glancing.may_see(inquiry, person_id):
        raise unknown()
    held = await desk.ask(inquiry, lambda office: _of_person(office, things, person_id))
    return [each for thing, id in held for each in await _found(desk, inquiry, kind, thing, id)]


async def of_nobody(desk: Desk, inquiry: Inquiry, kind: str) -> list[Found]:
    """All of a type that tell of no person, or of whom they tell is left out: what the requester's own teams sent."""
    made = await sent_by_teams(desk, inquiry) if kind == "Communication" else []
    return [Found(None, None, each) for each in made]


async def of_teams(desk: Desk, inquiry: Inquiry, kind: str) -> list[Found]:
    """How the teams of the place are made up; whose names are in them only for the requester's own teams."""
    names = await localities_of(desk, inquiry) if kind == teams.MEMBERS else sorted(desk.localities.by_id)
    made = [each for name in names for each in teams.team_resources(desk.localities.by_id[name], kind)]
    return [Found(None, None, each) for each in made]


async def tell(desk: Desk, inquiry: Inquiry, found: Iterable[Found]) -> None:
    """Tell the trail of what is about to be answered, each thing once."""
    things = dict.fromkeys((each.thing, each.id) for each in found)
    if things:
        await desk.ask(inquiry, lambda office: _tell(office, things))


async def report(desk: Desk, inquiry: Inquiry, id: str, period: Callable[[str], tuple[date, date]]) -> Resource:
    """The measures of a locality's team, by an id such as `northgate.2026-05`; raises what `period` does."""
    said = _REPORT.fullmatch(id)
    if said is None:
        return await desk.ask(inquiry, _refuse)
    first, last = period(said[2])
    if said[1] not in desk.localities.by_id:
        return await desk.ask(inquiry, _refuse)
    told = await team_measures(desk, inquiry, said[1], first, last)
    return measure_report(id, told, desk.localities.by_id[said[1]], first=first, last=last, at=inquiry.at)


async def localities_of(desk: Desk, inquiry: Inquiry) -> list[str]:
    """The localities of whose teams the requester is."""
    return await desk.ask(inquiry, Office.own_localities)


def _of_person(office: Office, kinds: Collection[type[OfPerson]], person_id: UUID) -> list[tuple[type[Thing], UUID]]:
    people = set(members_of(office.connection, office.stands_for(person_id)))
    found: list[tuple[type[Thing], UUID]] = [
        (kind, each.id)
        for kind in kinds
        for each in store.among(office.connection, kind, person_id=people)
        if _has_part(office, each)
    ]
    if not found and office.inquiry.requester.issuer != ISSUER:
        office.own_localities()
    return found


def _has_part(office: Office, thing: Thing) -> bool:
    if office.inquiry.requester.issuer == ISSUER or Relation.MEMBER in office.relations(
        None, office.locality_of(thing)
    ):
        return True
    if isinstance(thing, AgendaItem):
        return _is_invited_for(office, thing)
    return bool(office.relations(thing, office.locality_of(thing)) & {Relation.REFERRER, Relation.OWNER})


def _is_invited_for(office: Office, item: AgendaItem) -> bool:
    try:
        invited = own_invitation(office, office.held(Meeting, item.meeting_id))
    except Refused:
        return False
    return item.id in store.items_of(office.connection, [invited.id])[invited.id]


async def _found(desk: Desk, inquiry: Inquiry, kind: str, thing: type[Thing], id: UUID) -> list[Found]:
    """What of a type stands for a thing, as far as the requester may read it."""
    maker: Maker | None = (MAKERS_FOR_SYSTEMS if inquiry.requester.issuer == ISSUER else MAKERS).get(thing)
    made = await unless_refused(maker(desk, inquiry, id, kind)) if maker else None
    return [Found(thing, id, each) for each in made or () if each["resourceType"] == kind]


def _tell(office: Office, things: Collection[tuple[type[Thing] | None, UUID | None]]) -> None:
    for kind, id in things:
        if kind is None or id is None:
            office.tell("team/read", None)
        else:
            held = office.held(kind, id)
            person = held.person_id if isinstance(held, OfPerson) else None
            office.tell(f"{held.lifecycle.code}/read", held.id, person=person)


def _refuse(_office: Office) -> Resource:
    raise unknown()
