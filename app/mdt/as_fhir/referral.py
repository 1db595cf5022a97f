"""A referral as FHIR R4: what is asked (ServiceRequest), each referrer's form, what the person said to it, and triage.

What partners wrote stands there as far as the requester may read it: all of it for who triages, their own for
referrers. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource, team, text
from app.mdt.reading.answers.referrals import Received
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.referral import Agreement, Made, ReferralForm, Stance
from app.vocabulary.fhir_elements import codeable_concept, known, organisation
from app.vocabulary.fhir_systems import OURS, TERMINOLOGY

_RECIPIENT: Final = {"system": f"{TERMINOLOGY}/v3-ParticipationType", "code": "IRCP"}
_PROVISION: Final = {Stance.AGREES: "permit", Stance.OBJECTS: "deny"}
_REQUEST: Final = {"received": "active", "awaiting-information": "on-hold", "accepted": "completed"}
_TRIAGE: Final = {"received": "requested", "awaiting-information": "on-hold", "withdrawn": "cancelled"}
_SBAR: Final = ("source", "situation", "background", "assessment", "recommendation", "question", "urgency")
_ASKED: Final[Mapping[str, str]] = {
    "source": "By which way the person came to be referred",
    "situation": "Situation",
    "background": "Background",
    "assessment": "Assessment",
    "recommendation": "Recommendation",
    "question": "The question for the team",
    "urgency": "How soon",
    "why_urgent": "Why it is urgent",
    "what_matters": "What matters to the person, in their words",
    "was": "Whether the person was told",
    "how": "How they were told",
    "on": "When they were told",
    "why_not": "Why they were not told",
    "stance": "What the person says to it",
    "objects_to": "Whom they do not want there",
    "best_interests": "Why it is in their best interests, and who was consulted",
    "overriding_reason": "Why their objection is overridden",
}


def referral(told: Received, locality: LocalityDocument) -> list[Resource]:
    """All that stands for one referral to the team of a locality."""
    made = list(enumerate(told["made"], start=1))
    return [
        service_request(told, locality),
        triage(told),
        *(questionnaire_response(told, one, n) for n, one in made),
        *(consent(told, one, n) for n, one in made),
    ]


def service_request(told: Received, locality: LocalityDocument) -> Resource:
    """What is asked of the team; once it is triaged it is done, or it came to nothing."""
    made = told["made"]
    return resource(
        "ServiceRequest",
        str(told["id"]),
        status=_REQUEST.get(told["state"], "revoked"),
        intent="order",
        category=[{"text": "Referral to a multidisciplinary team"}],
        priority=told["urgency"],
        subject=patient(told["person_id"]),
        authoredOn=instant(told["received_at"]),
        requester=_practitioner(made[0]) if made else None,
        performer=[team(locality)],
        reasonCode=[{"text": one.form.question} for one in made],
        supportingInfo=[
            reference(kind, f"{told['id']}.{n}")
            for n in range(1, len(made) + 1)
            for kind in ("QuestionnaireResponse", "Consent")
        ],
        note=[
            {"authorString": one.by.name, "time": instant(one.at), "text": f"{one.event}: {one.said}"}
            for one in told["remarks"]
        ],
    )


def triage(told: Received) -> Resource:
    """The decision about it, with the last day on which it is in time."""
    return resource(
        "Task",
        f"triage-{told['id']}",
        status=_TRIAGE.get(told["state"], "completed"),
        businessStatus={"text": told["state"]},
        intent="order",
        priority=told["urgency"],
        code={"text": "Triage"},
        focus=reference("ServiceRequest", told["id"]),
        **{"for": patient(told["person_id"])},
        authoredOn=instant(told["received_at"]),
        restriction={"period": {"end": str(told["triage_due"])}},
    )


def questionnaire_response(told: Received, made: Made, number: int) -> Resource:
    """One referrer's form, as it was filled in."""
    return resource(
        "QuestionnaireResponse",
        f"{told['id']}.{number}",
        questionnaire=f"{OURS}/Questionnaire/mdt-referral",
        status="completed",
        basedOn=[reference("ServiceRequest", told["id"])],
        subject=patient(told["person_id"]),
        authored=instant(made.at),
        author=_practitioner(made),
        item=list(_items(made.form)),
    )


def _items(form: ReferralForm) -> Iterator[Resource]:
    for name in _SBAR:
        yield _answered(name, getattr(form, name))
    if form.why_urgent is not None:
        yield _answered("why_urgent", form.why_urgent)
    segments = [{"valueString": str(segment)} for segment in form.segments]
    yield {"linkId": "segments", "text": "Population segments", "answer": segments}
    yield _group("informed", "Whether and how the person was told", form.informed.model_dump(mode="json"))
    yield _group("agreement", "What the person says to it", form.agreement.model_dump(mode="json"))
    yield _answered("what_matters", form.what_matters)


def _group(name: str, title: str, said: Mapping[str, Any]) -> Resource:
    items = [_answered(part, value) for part, value in said.items() if value not in (None, [])]
    return {"linkId": name, "text": title, "item": items}


def _answered(name: str, value: Any) -> Resource:
    values = value if isinstance(value, list) else [value]
    return {"linkId": name.replace("_", "-"), "text": _ASKED[name], "answer": [_answer(name, one) for one in values]}


def _answer(name: str, value: Any) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueDate" if name == "on" else "valueString": str(value)}


def consent(told: Received, made: Made, number: int) -> Resource:
    """What the person says to being discussed, as this referrer was told; to whom they object stands as actors."""
    said = made.form.agreement
    return resource(
        "Consent",
        f"{told['id']}.{number}",
        status="proposed" if said.stance is Stance.NOT_ASKED else "active",
        scope=codeable_concept(f"{TERMINOLOGY}/consentscope", "patient-privacy"),
        category=[{"text": "To being discussed by a multidisciplinary team"}],
        patient=patient(told["person_id"]),
        dateTime=instant(made.at),
        performer=[patient(told["person_id"])] if said.stance in _PROVISION else None,
        organization=[organisation(made.by.organisation)],
        sourceReference=reference("QuestionnaireResponse", f"{told['id']}.{number}"),
        policyRule=text(said.stance),
        provision=_provision(said),
    )


def _provision(said: Agreement) -> Resource | None:
    """What the person themselves permits or forbids; nothing where they were not asked, or cannot decide it."""
    kind = _PROVISION.get(said.stance)
    actors = [{"role": {"coding": [_RECIPIENT]}, "reference": organisation(code)} for code in said.objects_to]
    return None if kind is None else known(type=kind, actor=actors)


def _practitioner(made: Made) -> Resource:
    return {"type": "Practitioner", "display": f"{made.by.name}, {made.by.organisation}"}
