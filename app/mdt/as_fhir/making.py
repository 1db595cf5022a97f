"""What stands for one thing of the team's work, for one requester: each decided as at any other door."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from app.care_plan.read import read_plan
from app.mdt import store
from app.mdt.as_fhir import pack as packs
from app.mdt.as_fhir.caseload import care_team, episode, goals, kept_out
from app.mdt.as_fhir.elements import SOURCE, Resource, instant
from app.mdt.as_fhir.meeting import agenda, appointment, care_plan, decided, encounter, options_not_taken
from app.mdt.as_fhir.minutes import minutes
from app.mdt.as_fhir.notices import about, communication
from app.mdt.as_fhir.provenance import provenance
from app.mdt.as_fhir.referral import referral
from app.mdt.as_fhir.tasks import task
from app.mdt.desk import Desk
from app.mdt.notice_store import notices_of
from app.mdt.packs.pack import computed, pack
from app.mdt.reading import discussed, referred, whole
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.locality import Localities
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.notice import Notice
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import unless_refused
from app.mdt.workflow.thing import Thing
from app.record.inquiry import Inquiry
from app.sharing.facts import account_of
from app.sharing.names import names_of

Resources = list[Resource]
Maker = Callable[[Desk, Inquiry, UUID, str], Awaitable[Resources]]
"""Makes what stands for the thing of an id; of all of it, no more need be made than the type that is asked for."""

_OF_PACKS: Final = ("Composition", "DocumentReference")


class _Of(NamedTuple):
    """Of which thing of a locality's team something is told; of no person where it is a meeting."""

    thing: type[Thing]
    id: UUID
    locality: str
    person_id: UUID | None


async def _of_referral(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    told = await referred.referral_as_decided(desk, inquiry, id)
    made = referral(told, desk.localities.by_id[told["locality"]])
    of = _Of(Referral, id, told["locality"], told["person_id"])
    return await _with_what_stands_beside(desk, inquiry, of, kind, made, {id})


async def _of_entry(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    told = await whole.caseload_entry(desk, inquiry, id)
    if kind == "Goal":
        return await goals_of_plan(desk, inquiry, id, told["person_id"])
    history = await whole.history(desk, inquiry, CaseloadEntry, id)
    locality = desk.localities.by_id[told["locality"]]
    called = map(names_of(desk.record.agreements).partner, told["kept_from"])
    made = [episode(told, locality, history), care_team(told, locality), *kept_out(told, called)]
    of = _Of(CaseloadEntry, id, told["locality"], told["person_id"])
    return await _with_what_stands_beside(desk, inquiry, of, kind, made, {id})


async def goals_of_plan(desk: Desk, inquiry: Inquiry, entry_id: UUID, person_id: UUID) -> Resources:
    """The goals of the person's plan, of a requester who may read that part of it."""
    plan = await read_plan(desk.record, inquiry, person_id)
    written = next((one for one in plan.written if one.part == "support"), None) if plan else None
    return list(goals(entry_id, person_id, written.content.goals, written.at)) if written else []


async def _of_item(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    told = await discussed.item(desk, inquiry, id)
    item, meeting = await desk.ask(
        inquiry, lambda office: (office.held(AgendaItem, id), office.held(Meeting, told["meeting_id"]))
    )
    if kind == "Observation":
        found = await computed(desk, inquiry, told["person_id"], meeting.locked_at or inquiry.at)
        scores = [packs.score(one, id, told["person_id"]) for one in found.scores]
        return await stamped(desk, inquiry, scores, {id, meeting.id}, also=found.changed_at)
    kept = list(minutes(told, item, meeting, desk.localities.by_id[meeting.locality]))
    made = [
        encounter(told, meeting.id),
        *care_plan(decided(told)),
        *options_not_taken(told),
        *kept,
        *map(packs.document, kept),
    ]
    rests_on = {id, meeting.id, *(one["id"] for one in told.get("actions", ()))}
    of = _Of(AgendaItem, id, meeting.locality, told["person_id"])
    own = await _with_what_stands_beside(desk, inquiry, of, kind, made, rests_on)
    return own + await _of_pack(desk, inquiry, meeting, id, rests_on) if kind in _OF_PACKS else own


async def _of_pack(
    desk: Desk, inquiry: Inquiry, meeting: Meeting, item_id: UUID, rests_on: Collection[UUID]
) -> Resources:
    """The page of the pack, as a document, where the requester has one."""
    told = await unless_refused(pack(desk, inquiry, meeting.id, only=item_id))
    if told is None:
        return []
    locality = desk.localities.by_id[meeting.locality]
    made: Resources = []
    for page in told.pages:
        composed = packs.composition(told, page, locality)
        both = [composed, packs.document(composed)]
        made += await stamped(desk, inquiry, both, rests_on, also=page.changed_at)
    return made


async def _of_meeting(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    told = await whole.meeting(desk, inquiry, id)
    made = [appointment(told, desk.localities.by_id[told["locality"]]), agenda(told)]
    rests_on = {id, *(one["id"] for one in (*told["agenda"], *told.get("invitations", ())))}
    return await _with_what_stands_beside(desk, inquiry, _Of(Meeting, id, told["locality"], None), kind, made, rests_on)


async def _of_action(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    told = await whole.action(desk, inquiry, id)
    held = await desk.ask(inquiry, lambda office: office.as_it_stands(office.held(Action, id)))
    made = task(held)
    made["meta"] |= {"source": SOURCE}
    of = _Of(Action, id, told["locality"], told["person_id"])
    return await _with_what_stands_beside(desk, inquiry, of, kind, [made], {id})


MAKERS: Final[Mapping[type[Thing], Maker]] = {
    Referral: _of_referral,
    CaseloadEntry: _of_entry,
    AgendaItem: _of_item,
    Meeting: _of_meeting,
    Action: _of_action,
}


async def _with_what_stands_beside(
    desk: Desk, inquiry: Inquiry, of: _Of, kind: str, made: Resources, rests_on: Collection[UUID]
) -> Resources:
    """What stands for a thing, with when any of what it rests on changed; or what happened to it, or was sent of it."""
    if kind == "Provenance":
        history = await unless_refused(whole.history(desk, inquiry, of.thing, of.id))
        return list(provenance(of.thing, of.id, history or ()))
    if kind == "Communication":
        sent = await desk.ask(inquiry, lambda office: _notices(office, of.id, of.locality))
        called = names_of_staff(desk.localities)
        return [communication(one, called, about(one, of.person_id)) for one in sent]
    return await stamped(desk, inquiry, made, rests_on)


async def stamped(
    desk: Desk, inquiry: Inquiry, made: Resources, rests_on: Iterable[UUID], *, also: datetime | None = None
) -> Resources:
    """These, with when any of what they rest on last changed: things of the team's, `also` what the record shows."""
    ids = set(rests_on)
    found = await desk.ask(inquiry, lambda office: store.last_changed(office.connection, ids))
    at = max(filter(None, (found, also)), default=None)
    if at is None:
        return made
    return [one | {"meta": one["meta"] | {"lastUpdated": instant(at)}} for one in made]


def _notices(office: Office, thing_id: UUID, locality: str) -> list[Notice]:
    """What was sent of a thing, of a meeting its invitations too; to whoever is not of the team only what they got."""
    invitations = store.among(office.connection, Invitation, meeting_id=thing_id)
    sent = notices_of(office.connection, {thing_id, *(one.id for one in invitations)})
    if Relation.MEMBER in office.relations(None, locality):
        return sent
    return [one for one in sent if one.account == account_of(office.inquiry.requester)]


async def sent_by_teams(desk: Desk, inquiry: Inquiry) -> Resources:
    """What left by mail of the meetings of the requester's own teams, and to the requester; of nobody about whom.

    INVARIANT: that mail about somebody went to others is itself something of that person, and is found by patient only.
    """
    found = await desk.ask(inquiry, _of_own_teams)
    called = names_of_staff(desk.localities)
    return [communication(one, called) for one in found]


def _of_own_teams(office: Office) -> list[Notice]:
    own = office.own_localities()
    meetings = [one.id for one in store.among(office.connection, Meeting, locality=own)]
    invitations = [one.id for one in store.among(office.connection, Invitation, meeting_id=meetings)]
    about_people = [one.id for kind in (Action, Referral) for one in store.among(office.connection, kind, locality=own)]
    theirs = account_of(office.inquiry.requester)
    return [
        *notices_of(office.connection, {*meetings, *invitations}),
        *(one for one in notices_of(office.connection, set(about_people)) if one.account == theirs),
    ]


def names_of_staff(localities: Localities) -> Callable[[Notice], str | None]:
    """What whoever a notice is for is called: as a locality names them, else by account or address."""
    named = {staff.as_account: staff.name for one in localities.by_id.values() for staff in one.everyone}

    def called(notice: Notice) -> str | None:
        account = notice.account
        return (named.get(account) or account.subject) if account else notice.recipient or None

    return called
