"""What happened to a thing of the team's as FHIR R4 (Provenance): which step, when, by whom; nothing of what was said.

Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from app.mdt.as_fhir.elements import Resource, instant, reference, resource, text
from app.mdt.reading.answers.things import HistoryRow
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.thing import Thing
from app.vocabulary.fhir_elements import organisation

TARGETS: Final[Mapping[type[Thing], str]] = {
    Referral: "ServiceRequest",
    CaseloadEntry: "EpisodeOfCare",
    AgendaItem: "Encounter",
    Action: "Task",
    Meeting: "Appointment",
}
"""Which resource stands for a thing as a whole."""


def provenance(kind: type[Thing], id: UUID, history: Sequence[HistoryRow]) -> Iterator[Resource]:
    """Each step that was taken of a thing."""
    for one in history:
        made = resource(
            "Provenance",
            f"{id}.{one['version']}",
            target=[reference(TARGETS[kind], id)],
            recorded=instant(one["at"]),
            activity=text(one["event"]),
            agent=[
                {
                    "role": [{"text": one["role"]}],
                    "who": {"type": "Practitioner", "display": one["by"]},
                    "onBehalfOf": organisation(one["organisation"]),
                }
            ],
        )
        yield made | {"meta": made["meta"] | {"lastUpdated": instant(one["at"])}}
