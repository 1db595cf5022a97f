"""A place on the caseload as FHIR R4: since when and in which states, who cares, whom the person keeps out, goals.

Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest
from typing import Final
from uuid import UUID

from app.care_plan.plan import Goal
from app.care_plan.support_as_fhir import goal as goal_of_plan
from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource
from app.mdt.reading.answers.caseload import OnCaseload
from app.mdt.reading.answers.things import Became
from app.mdt.workflow.lifecycles.states import CaseloadState
from app.mdt.workflow.locality import LocalityDocument
from app.vocabulary.fhir_elements import known, organisation

_OF_THE_PLAN: Final = frozenset({"resourceType", "id", "subject", "addresses"})
"""What of a goal leads only within the plan that holds it."""

_EPISODE: Final = {"active": "active", "stepped-down": "finished", "joined": "cancelled"}


def episode(entry: OnCaseload, locality: LocalityDocument, history: Sequence[Became] = ()) -> Resource:
    """A place on the caseload; `history` is what happened to it, the first first."""
    return resource(
        "EpisodeOfCare",
        str(entry["id"]),
        status=_EPISODE[entry["state"]],
        statusHistory=list(_statuses(history)),
        patient=patient(entry["person_id"]),
        managingOrganization=organisation(locality.host),
        period=known(start=str(entry["since"]), end=_left(entry)),
        referralRequest=[{"reference": f"ServiceRequest/{one}"} for one in entry["referrals"]],
        careManager={"display": entry["lead"].name} if entry["lead"] else None,
        team=[{"reference": f"CareTeam/team-{entry['id']}"}],
    )


def _statuses(history: Sequence[Became]) -> Iterator[Resource]:
    """Each while in which its status was the same: taken on, stepped down, back again."""
    changed = [one for n, one in enumerate(history) if n == 0 or one["after"] != history[n - 1]["after"]]
    for one, following in zip_longest(changed, changed[1:]):
        ended = instant(following["at"]) if following else None
        yield {"status": _EPISODE[one["after"]], "period": known(start=instant(one["at"]), end=ended)}


def care_team(entry: OnCaseload, locality: LocalityDocument) -> Resource:
    """Who leads and who coordinates for this person."""
    named = (("Lead professional", entry["lead"]), ("Care coordinator", entry["coordinator"]))
    return resource(
        "CareTeam",
        f"team-{entry['id']}",
        status="active" if entry["state"] == CaseloadState.ACTIVE else "inactive",
        subject=patient(entry["person_id"]),
        participant=[
            {
                "role": [{"text": role}],
                "member": {"display": one.name},
                "onBehalfOf": organisation(one.organisation),
            }
            for role, one in named
            if one
        ],
        managingOrganization=[reference("Organization", locality.locality)],
    )


def kept_out(entry: OnCaseload, called: Iterable[str]) -> Iterator[Resource]:
    """An alert of the organisations that the person does not want to take part, by what they are called, if any."""
    if names := sorted(called):
        yield resource(
            "Flag",
            f"flag-{entry['id']}",
            status="active" if entry["state"] == CaseloadState.ACTIVE else "inactive",
            category=[{"text": "Sharing"}],
            code={"text": f"Does not want these to take part: {', '.join(names)}"},
            subject=patient(entry["person_id"]),
            period=known(start=str(entry["since"]), end=_left(entry)),
        )


def goals(entry_id: UUID, person_id: UUID, those: Iterable[Goal], at: datetime) -> Iterator[Resource]:
    """The goals of the person's plan, each by itself; `at` is when that part of the plan was last written."""
    for one in those:
        told = {name: said for name, said in goal_of_plan(one).items() if name not in _OF_THE_PLAN}
        made = resource("Goal", f"{entry_id}.{sha256(one.id.encode()).hexdigest()[:12]}", **told)
        yield made | {"subject": patient(person_id), "meta": made["meta"] | {"lastUpdated": instant(at)}}


def _left(entry: OnCaseload) -> str | None:
    stepped = entry["stepped_down"]
    return str(stepped[-1].on) if stepped and entry["state"] == CaseloadState.STEPPED_DOWN else None
