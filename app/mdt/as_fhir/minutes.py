"""The minutes of one person as a Composition: what was said and decided of them, and of nobody else. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.mdt.as_fhir.elements import Resource, instant, patient, reference, resource, section, team_name
from app.mdt.reading.answers.agenda import ItemTold
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.lifecycles.states import ItemState, MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting
from app.vocabulary.fhir_elements import known, organisation

_SAID: Final[Mapping[str, str]] = {
    "question": "The question for the team",
    "summary": "Summary",
    "options": "Options",
    "outcome": "Outcome",
    "rationale": "Why",
    "no_action_reason": "Why nobody is to do anything",
    "dissent": "Dissent",
    "risks": "Risks and safety net",
    "withheld": "Information withheld, and why",
    "tells_person": "Who tells the person",
    "review_on": "The team looks again",
}


def minutes(told: ItemTold, item: AgendaItem, meeting: Meeting, locality: LocalityDocument) -> Iterator[Resource]:
    """One person's minutes once they were discussed, for whoever may read discussions of them.

    They are preliminary until the meeting's are signed.
    """
    if item.state != ItemState.DISCUSSED or item.ended_at is None or "summary" not in told:
        return
    kept = meeting.content.minutes
    signed = meeting.state == MeetingState.SIGNED and kept is not None and kept.signed_by is not None
    yield resource(
        "Composition",
        str(item.id),
        status="final" if signed else "preliminary",
        type={"text": "Minutes of a multidisciplinary team meeting"},
        subject=patient(told["person_id"]),
        encounter=reference("Encounter", item.id),
        date=instant(item.ended_at),
        author=[organisation(locality.host, team_name(locality))],
        title="What the multidisciplinary team said and decided",
        attester=[
            known(
                mode="professional",
                time=instant(kept.signed_at) if kept.signed_at else None,
                party={"type": "Practitioner", "display": kept.signed_by.name},
            )
        ]
        if signed and kept and kept.signed_by
        else None,
        section=list(_sections(told)),
    )


def _sections(told: ItemTold) -> Iterator[Resource]:
    yield section("Present", told["present"] or ("Nobody: it was decided without a discussion",))
    for name, title in _SAID.items():
        if said := told.get(name):
            yield section(title, said if isinstance(said, list | tuple) else [said])
    if view := told.get("view"):
        yield section("The person's view", [f"{view['said']} ({view['whose']}, {view['how']}, {view['on']})"])
    if declined := told.get("not_taken"):
        yield section(
            "Options not taken, and why",
            [f"{one['option']}: {one['why'] or 'no reason is recorded'}" for one in declined],
        )
    if actions := told.get("actions"):
        said = [f"{one['what']}: {one['owner'].name if one['owner'] else 'nobody'}, by {one['due']}" for one in actions]
        yield section("Actions", said) | {"entry": [reference("Task", one["id"]) for one in actions]}
