"""What a partner's own system reads of the team's work, by its agreement: what its organisation referred and what
became of it, and of whom it cares for that a team looks after them, who leads, and what was decided.

Under each the agreement lets the system read what it stands for: referrals, the care team, care plans. Nothing that was
said about somebody is in it, and nothing of whoever objects to that organisation; all else is refused.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from app.mdt import store
from app.mdt.as_fhir.caseload import care_team, episode
from app.mdt.as_fhir.elements import Resource
from app.mdt.as_fhir.making import Maker, Resources, goals_of_plan, stamped
from app.mdt.as_fhir.meeting import Decided, care_plan
from app.mdt.as_fhir.referral import referral
from app.mdt.desk import Desk
from app.mdt.reading.answers.caseload import OnCaseload
from app.mdt.reading.answers.referrals import Received
from app.mdt.reading.answers.things import Became
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, DISCUSSION, QUESTION
from app.mdt.workflow.lifecycles.states import ReferralState
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.thing import Thing
from app.record.inquiry import Inquiry
from app.vocabulary.category import Category

_CARE_TEAM: Final = Category("care-team")
_OF_ENTRIES: Final = {"EpisodeOfCare": QUESTION, "CareTeam": _CARE_TEAM, "Goal": DISCUSSION}
"""Under which heading each type that stands for a place on the caseload is read."""

_OF_REFERRALS: Final = frozenset({"ServiceRequest", "QuestionnaireResponse", "Consent", "Task"})


async def _of_referral(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    """What the system's own organisation referred: its own forms, and what became of it."""
    told = await desk.ask(inquiry, lambda office: _own_referral(office, id))
    if kind not in _OF_REFERRALS or QUESTION not in await desk.record.glancing.may_see(inquiry, told["person_id"]):
        raise unknown()
    return await stamped(desk, inquiry, referral(told, desk.localities.by_id[told["locality"]]), {id})


def _own_referral(office: Office, id: UUID) -> Received:
    held = office.as_it_stands(office.held(Referral, id))
    own = office.inquiry.requester.organisation
    made = [one for one in held.content.made if one.by.organisation == own]
    if not made or own in held.kept_from:
        raise unknown()
    return {
        "id": held.id,
        "person_id": held.person_id,
        "locality": held.locality,
        "state": held.state,
        "urgency": held.urgency,
        "received_at": held.received_at,
        "triage_due": held.triage_due,
        "made": made,
        "remarks": held.content.remarks[-1:] if held.state != ReferralState.RECEIVED else (),
    }


async def _of_entry(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    """That a team looks after somebody, since when, and who leads and coordinates; the goals of their plan."""
    told, history = await desk.ask(inquiry, lambda office: _entry(office, id))
    heading = _OF_ENTRIES.get(kind)
    if heading is None or heading not in await desk.record.glancing.may_see(inquiry, told["person_id"]):
        raise unknown()
    if kind == "Goal":
        return await goals_of_plan(desk, inquiry, id, told["person_id"])
    locality = desk.localities.by_id[told["locality"]]
    return await stamped(desk, inquiry, [episode(told, locality, history), care_team(told, locality)], {id})


def _entry(office: Office, id: UUID) -> tuple[OnCaseload, list[Became]]:
    held = office.as_it_stands(office.held(CaseloadEntry, id))
    own = office.inquiry.requester.organisation
    if own in held.content.kept_from:
        raise unknown()
    referrals = store.among(office.connection, Referral, id=set(held.content.referrals))
    told: OnCaseload = {
        "id": held.id,
        "person_id": held.person_id,
        "locality": held.locality,
        "state": held.state,
        "since": held.since,
        "referrals": [one.id for one in referrals if own in {made.by.organisation for made in one.content.made}],
        "lead": held.content.lead,
        "coordinator": held.content.coordinator,
        "stepped_down": held.content.stepped_down,
    }
    return told, [{"after": row.after, "at": row.at} for row in store.history_of(office.connection, held.id)]


async def _of_item(desk: Desk, inquiry: Inquiry, id: UUID, kind: str) -> Resources:
    """What was decided of somebody, without why; which actions it led to, where those may be read."""
    told = await desk.ask(inquiry, lambda office: _decided(office, id))
    seen = await desk.record.glancing.may_see(inquiry, told.person_id) if kind == "CarePlan" else ()
    if DISCUSSION not in seen:
        raise unknown()
    made: list[Resource] = list(care_plan(told if ACTIONS in seen else told._replace(actions=())))
    return await stamped(desk, inquiry, made, {id})


def _decided(office: Office, id: UUID) -> Decided:
    held = office.as_it_stands(office.held(AgendaItem, id))
    entry = office.held(CaseloadEntry, held.caseload_id)
    if office.inquiry.requester.organisation in entry.content.kept_from:
        raise unknown()
    actions = store.among(office.connection, Action, item_id=held.id)
    own = [one.id for one in actions if one.organisation == office.inquiry.requester.organisation]
    return Decided(held.id, held.person_id, held.state, held.content.outcome, why=None, actions=own)


MAKERS_FOR_SYSTEMS: Final[Mapping[type[Thing], Maker]] = {
    Referral: _of_referral,
    CaseloadEntry: _of_entry,
    AgendaItem: _of_item,
}
