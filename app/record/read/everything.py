"""A person's permitted entries as FHIR resources, after one decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

import orjson

from app.record.door import Shown
from app.record.store import Resource
from app.sharing.decision import Decision
from app.vocabulary.fhir_systems import ODS_ORGANISATION, OURS
from app.vocabulary.ods_code import OdsCode

__all__ = ["ETHNIC_CATEGORY", "Everything", "Resource", "TakenT", "as_patient"]

_ABOUT_THE_PERSON: Final = ("identifier", "name", "telecom", "address", "generalPractitioner", "communication")
ETHNIC_CATEGORY: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
_DEATH: Final = ("deceasedDateTime", "deceasedBoolean")
_ONE_OF: Final = (("gender",), ("birthDate",), _DEATH)
"""What one has once; of the forms of one thing FHIR lets a resource have but one, and the day says more."""
SAID_TO_BE_ALIVE: Final = f"{OURS}/StructureDefinition/said-to-be-alive"


@dataclass(frozen=True, slots=True)
class Everything:
    """All that one decision permits of a person, by the numbers of the entries."""

    person_id: UUID
    decision: Decision
    resources: Sequence[Resource]

    @property
    def accounts(self) -> list[Resource]:
        """The partners' own accounts of who the person is, each a Patient that refers to the person."""
        return [resource for resource in self.resources if resource.kind == "Patient"]

    @property
    def notices(self) -> tuple[str, ...]:
        """What the viewer is told of what is not shown."""
        return self.decision.notices.said


class Taken(Protocol):
    """What an answer takes of what is permitted."""

    @property
    def shown(self) -> Sequence[Shown]:
        """All that it discloses anything of."""


TakenT = TypeVar("TakenT", bound=Taken)


def as_patient(person_id: UUID, accounts: Iterable[Resource]) -> dict[str, Any]:
    """One Patient of several accounts: all that differ of what one has many of, the newest of what one has once.

    A death that any of them tells stands, with whoever says that the person is alive.
    """
    told = [(orjson.loads(one.content), one.label.controller) for one in accounts]
    stated = sorted([account for account, _ in told], key=_last_updated, reverse=True)
    patient: dict[str, Any] = {"resourceType": "Patient", "id": str(person_id)}
    for element in _ABOUT_THE_PERSON:
        held: list[Any] = []
        for account in stated:
            held += [value for value in account.get(element, ()) if value not in held]
        if held:
            patient[element] = held
    for forms in _ONE_OF:
        for element in forms:
            said = next((account[element] for account in stated if account.get(element)), None)
            if said and not any(form in patient for form in forms):
                patient[element] = said
    living = sorted({partner for account, partner in told if account.get("deceasedBoolean") is False})
    for element in patient.keys() & _DEATH if living else ():
        patient[f"_{element}"] = {"extension": [_said_to_be_alive(partner) for partner in living]}
    if ethnic := next((one for account in stated for one in account.get("extension", ()) if _is_ethnic(one)), None):
        patient["extension"] = [ethnic]
    return patient


def _said_to_be_alive(partner: OdsCode) -> dict[str, Any]:
    by = {"type": "Organization", "identifier": {"system": ODS_ORGANISATION, "value": partner}}
    return {"url": SAID_TO_BE_ALIVE, "valueReference": by}


def _is_ethnic(extension: Mapping[str, Any]) -> bool:
    return extension.get("url") == ETHNIC_CATEGORY


def _last_updated(account: Mapping[str, Any]) -> str:
    updated: str = account["meta"]["lastUpdated"]
    return updated
