"""A meeting as FHIR R4, for whoever may see it: a Bundle of what stands for what, as no ratified profile exists.

The Appointment lists no patient, as one person's search must not reveal another; the agenda is a List without a
subject. Of each person whom the reader may see: their place on the caseload (EpisodeOfCare), who cares (CareTeam), the
discussion (Encounter) and what was decided (CarePlan, whose activities are the Tasks that the FHIR door gives).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final
from uuid import UUID

from app.mdt import whole
from app.mdt.as_fhir.elements import Resource, instant, known, organisation, patient, resource, team
from app.mdt.desk import Desk
from app.mdt.thing import Refusal
from app.record.access import Inquiry

_ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_APPOINTMENT: Final = {
    "planned": "booked", "locked": "booked", "in-progress": "arrived", "closed": "fulfilled", "signed": "fulfilled",
    "cancelled": "cancelled",
}  # fmt: skip
_ANSWERED: Final = {"invited": "needs-action", "accepted": "accepted", "declined": "declined", "revoked": "declined"}
_EPISODE: Final = {"active": "active", "stepped-down": "finished", "joined": "cancelled"}
_ENCOUNTER: Final = {
    "listed": "planned", "under-discussion": "in-progress", "discussed": "finished", "carried-over": "cancelled",
    "withdrawn": "cancelled",
}  # fmt: skip


async def meeting_as_fhir(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> Resource | Refusal:
    """A Bundle of a meeting and of those on its agenda whom the reader may see."""
    told = await whole.meeting(desk, inquiry, meeting_id)
    if isinstance(told, Refusal):
        return told
    locality = desk.localities.by_id[told["locality"]]
    resources = [appointment(told, locality.title), agenda(told)]
    for row in told["agenda"]:
        entry = await whole.caseload_entry(desk, inquiry, row["caseload_id"])
        if not isinstance(entry, Refusal):
            resources += [episode(entry, locality.host), care_team(entry)]
        item = await whole.item(desk, inquiry, row["id"])
        if not isinstance(item, Refusal):
            resources += [encounter(item, meeting_id), *care_plan(item)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": inquiry.at.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def appointment(told: Mapping[str, Any], title: str) -> Resource:
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
        cancelationReason={"text": told["reason"]} if told["state"] == "cancelled" and told.get("reason") else None,
        participant=[{"actor": team(title), "status": "accepted"}, *invited],
    )


def agenda(told: Mapping[str, Any]) -> Resource:
    """Whom the reader may see of the agenda, in its order."""
    entries = [{"item": {"reference": f"EpisodeOfCare/{row['caseload_id']}"}} for row in told["agenda"]]
    return resource(
        "List",
        f"agenda-{told['id']}",
        status="current",
        mode="working" if told["state"] == "planned" else "snapshot",
        title="Agenda",
        entry=entries,
        emptyReason=None if entries else {"text": "Nobody whom the reader may see"},
    )


def episode(entry: Mapping[str, Any], host: str, history: Sequence[Mapping[str, Any]] = ()) -> Resource:
    """A place on the caseload; `history` is what happened to it, the first first."""
    return resource(
        "EpisodeOfCare",
        str(entry["id"]),
        status=_EPISODE[entry["state"]],
        statusHistory=list(_statuses(history)),
        patient=patient(entry),
        managingOrganization=organisation(host),
        period=known(start=str(entry["since"]), end=_left(entry)),
        referralRequest=[{"reference": f"ServiceRequest/{one}"} for one in entry["referrals"]],
        careManager={"display": entry["lead"]["name"]} if entry["lead"] else None,
        team=[{"reference": f"CareTeam/team-{entry['id']}"}],
    )


def _statuses(history: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    """Each while in which its status was the same: taken on, stepped down, back again."""
    changed = [one for n, one in enumerate(history) if n == 0 or one["after"] != history[n - 1]["after"]]
    for one, following in zip_longest(changed, changed[1:]):
        ended = instant(following["at"]) if following else None
        yield {"status": _EPISODE[one["after"]], "period": known(start=instant(one["at"]), end=ended)}


def care_team(entry: Mapping[str, Any]) -> Resource:
    """Who leads and who coordinates for this person."""
    named = (("Lead professional", entry["lead"]), ("Care coordinator", entry["coordinator"]))
    return resource(
        "CareTeam",
        f"team-{entry['id']}",
        status="active" if entry["state"] == "active" else "inactive",
        subject=patient(entry),
        participant=[
            {
                "role": [{"text": role}],
                "member": {"display": one["name"]},
                "onBehalfOf": organisation(one["organisation"]),
            }
            for role, one in named
            if one
        ],
    )


def encounter(item: Mapping[str, Any], meeting_id: UUID) -> Resource:
    """The discussion of one person; its period is what the clock counted, where the reader may read it."""
    stints: Sequence[Any] = item.get("stints", ())
    ended = stints[-1]["ended"] if stints else None
    return resource(
        "Encounter",
        str(item["id"]),
        status=_ENCOUNTER[item["state"]],
        **{"class": {"system": _ACT, "code": "VR", "display": "virtual"}},
        subject=patient(item),
        participant=[{"individual": {"display": name}} for name in item["present"]],
        appointment=[{"reference": f"Appointment/{meeting_id}"}],
        period=known(start=instant(stints[0]["began"]), end=instant(ended) if ended else None) if stints else None,
        reasonCode=[{"text": item["question"]}] if item.get("question") else None,
        episodeOfCare=[{"reference": f"EpisodeOfCare/{item['caseload_id']}"}],
    )


def care_plan(item: Mapping[str, Any]) -> Iterator[Resource]:
    """What was decided, where something was and the reader may read it."""
    if item["state"] == "discussed" and item["outcome"] and "summary" in item:
        yield resource(
            "CarePlan",
            f"decision-{item['id']}",
            status="active",
            intent="plan",
            title=str(item["outcome"]).replace("-", " ").capitalize(),
            description=item["rationale"] or item["no_action_reason"],
            subject=patient(item),
            encounter={"reference": f"Encounter/{item['id']}"},
            activity=[{"reference": {"reference": f"Task/{one['id']}"}} for one in item.get("actions", ())],
        )


def _left(entry: Mapping[str, Any]) -> str | None:
    stepped = entry["stepped_down"]
    return str(stepped[-1]["on"]) if stepped and entry["state"] == "stepped-down" else None
