"""A meeting as FHIR R4, for whoever may see it: a Bundle of what stands for what, as no ratified profile exists.

The Appointment lists no patient, as one person's search must not reveal another; the agenda is a List without a
subject. Of each person whom the requester may see: their place on the caseload (EpisodeOfCare), who cares (CareTeam),
the discussion (Encounter) and what was decided (CarePlan, whose activities are the Tasks that the FHIR door gives).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.mdt.as_fhir.caseload import care_team, episode
from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource, team
from app.mdt.desk import Desk
from app.mdt.reading import discussed, whole
from app.mdt.reading.answers.agenda import ItemTold
from app.mdt.reading.answers.meetings import MeetingTold
from app.mdt.workflow.agenda import Outcome
from app.mdt.workflow.lifecycles.states import ItemState, MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.refusal import unless_refused
from app.record.inquiry import Inquiry
from app.vocabulary.fhir_elements import known
from app.vocabulary.fhir_systems import ACT_CODE

_APPOINTMENT: Final = {
    "planned": "booked", "locked": "booked", "in-progress": "arrived", "closed": "fulfilled", "signed": "fulfilled",
    "cancelled": "cancelled",
}  # fmt: skip
_ANSWERED: Final = {"invited": "needs-action", "accepted": "accepted", "declined": "declined", "revoked": "declined"}
_ENCOUNTER: Final = {
    "listed": "planned", "under-discussion": "in-progress", "discussed": "finished", "carried-over": "cancelled",
    "withdrawn": "cancelled",
}  # fmt: skip


async def meeting_as_fhir(desk: Desk, inquiry: Inquiry, meeting_id: UUID, *, base: str) -> Resource:
    """A Bundle of a meeting and of those on its agenda whom the requester may see; `base` is the FHIR door's address.

    Each entry stands there under the address that it is read by, so that they find each other by their references.
    """
    told = await whole.meeting(desk, inquiry, meeting_id)
    locality = desk.localities.by_id[told["locality"]]
    resources = [appointment(told, locality), agenda(told)]
    for row in told["agenda"]:
        entry = await unless_refused(whole.caseload_entry(desk, inquiry, row["caseload_id"]))
        if entry is not None:
            resources += [episode(entry, locality), care_team(entry, locality)]
        item = await unless_refused(discussed.item(desk, inquiry, row["id"]))
        if item is not None:
            resources += [encounter(item, meeting_id), *care_plan(decided(item))]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": inquiry.at.isoformat(),
        "entry": [{"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources],
    }


def appointment(told: MeetingTold, locality: LocalityDocument) -> Resource:
    """The meeting and who comes: no patient, ever."""
    invited = [
        {
            "actor": {"type": "Practitioner", "display": one["name"]},
            "type": [{"text": one["seat"] or one["kind"]}],
            "status": _ANSWERED[one["state"]],
        }
        for one in told.get("invitations", ())
    ]
    return resource(
        "Appointment",
        str(told["id"]),
        status=_APPOINTMENT[told["state"]],
        serviceType=[{"text": "Multidisciplinary team meeting"}],
        start=instant(told["starts_at"]),
        end=instant(told["ends_at"]),
        comment=told.get("place"),
        cancelationReason={"text": told["reason"]}
        if told["state"] == MeetingState.CANCELLED and told.get("reason")
        else None,
        participant=[{"actor": team(locality), "status": "accepted"}, *invited],
    )


def agenda(told: MeetingTold) -> Resource:
    """Whom the requester may see of the agenda, in its order."""
    entries = [{"item": {"reference": f"EpisodeOfCare/{row['caseload_id']}"}} for row in told["agenda"]]
    return resource(
        "List",
        f"agenda-{told['id']}",
        status="current",
        mode="working" if told["state"] == MeetingState.PLANNED else "snapshot",
        title="Agenda",
        entry=entries,
        emptyReason=None if entries else {"text": "Nobody whom the requester may see"},
    )


def encounter(item: ItemTold, meeting_id: UUID) -> Resource:
    """The discussion of one person; its period is what the clock counted, where the requester may read it."""
    stints: Sequence[Any] = item.get("stints", ())
    ended = stints[-1]["ended"] if stints else None
    return resource(
        "Encounter",
        str(item["id"]),
        status=_ENCOUNTER[item["state"]],
        **{"class": {"system": ACT_CODE, "code": "VR", "display": "virtual"}},
        subject=patient(item["person_id"]),
        participant=[{"individual": {"display": name}} for name in item["present"]],
        appointment=[{"reference": f"Appointment/{meeting_id}"}],
        period=known(start=instant(stints[0]["began"]), end=instant(ended) if ended else None) if stints else None,
        reasonCode=[{"text": item["question"]}] if item.get("question") else None,
        episodeOfCare=[{"reference": f"EpisodeOfCare/{item['caseload_id']}"}],
    )


class Decided(NamedTuple):
    """What the team came to about somebody, and the actions that it led to; `why` as far as it may be told."""

    item_id: UUID
    person_id: UUID
    state: str
    outcome: Outcome | None
    why: str | None
    actions: Sequence[UUID]


def decided(item: ItemTold) -> Decided | None:
    """What was decided in a discussion, for a requester who may read what was said."""
    if "summary" not in item:
        return None
    why, actions = item["rationale"] or item["no_action_reason"], [one["id"] for one in item.get("actions", ())]
    return Decided(item["id"], item["person_id"], item["state"], item["outcome"], why, actions)


def care_plan(told: Decided | None) -> Iterator[Resource]:
    """What was decided, where something was."""
    if told and told.state == ItemState.DISCUSSED and told.outcome:
        yield resource(
            "CarePlan",
            f"decision-{told.item_id}",
            status="active",
            intent="plan",
            title=str(told.outcome).replace("-", " ").capitalize(),
            description=told.why,
            subject=patient(told.person_id),
            encounter=reference("Encounter", told.item_id),
            activity=[{"reference": reference("Task", one)} for one in told.actions],
        )


def options_not_taken(item: ItemTold) -> Iterator[Resource]:
    """Each option that the team did not take, with why, where the requester may read what was said."""
    for n, declined in enumerate(item.get("not_taken", ()), start=1):
        yield resource(
            "RequestGroup",
            f"{item['id']}.{n}",
            status="revoked",
            intent="proposal",
            subject=patient(item["person_id"]),
            encounter=reference("Encounter", item["id"]),
            reasonCode=[{"text": declined["why"]}] if declined["why"] else None,
            action=[{"title": declined["option"], "resource": {"display": declined["option"]}}],  # as FHIR demands one
        )
