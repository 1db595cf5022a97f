"""A person's record as a FHIR searchset bundle, after one decision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from app.record.store import Resource
from app.sharing.decision import Decision

_ABOUT_THE_PERSON: Final = ("identifier", "name", "telecom", "address", "generalPractitioner", "communication")
_ONE_OF: Final = ("gender", "birthDate", "deceasedBoolean", "deceasedDateTime")


@dataclass(frozen=True, slots=True)
class Everything:
    """What `$everything` answers."""

    person_id: UUID
    decision: Decision
    resources: Sequence[Resource]

    def bundle(self, base: str) -> bytes:
        """A Bundle whose full URLs begin with `base`.

        First the Patient whose id is the person's, put together from the partners' accounts of them; then those
        accounts, each a Patient that refers to it; then all else; last what the viewer is told is not shown. There is
        no total, as that would count what is withheld.
        """
        accounts = [resource for resource in self.resources if resource.kind == "Patient"]
        patient = orjson.dumps(_patient(self.person_id, (orjson.loads(one.content) for one in accounts)))
        entries = [_match(f"{base}/Patient/{self.person_id}", patient)]
        entries += [
            _match(f"{base}/{one.kind}/{one.number}", one.content)
            for one in sorted(self.resources, key=lambda one: (one.kind != "Patient", one.kind, one.number))
        ]
        entries.append(_outcome(self.decision))
        return b'{"resourceType":"Bundle","type":"searchset","entry":[' + b",".join(entries) + b"]}"


def _match(url: str, resource: bytes) -> bytes:
    return b'{"fullUrl":"' + url.encode() + b'","resource":' + resource + b',"search":{"mode":"match"}}'


def _patient(person_id: UUID, accounts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One Patient of several accounts: all that differ of what one has many of, the newest of what one has once."""
    patient: dict[str, Any] = {"resourceType": "Patient", "id": str(person_id)}
    for account in sorted(accounts, key=lambda one: str(one["meta"]["lastUpdated"]), reverse=True):
        for element in _ABOUT_THE_PERSON:
            held = patient.setdefault(element, [])
            held += [value for value in account.get(element, []) if value not in held]
        for element in _ONE_OF:
            if element in account:
                patient.setdefault(element, account[element])
    return {element: value for element, value in patient.items() if value}


def _outcome(decision: Decision) -> bytes:
    notices = decision.notices
    told = [notices.banner, *([notices.withheld] if notices.withheld else [])]
    if notices.not_for_role:
        told.append("Your role does not see: " + ", ".join(one.heading for one in notices.not_for_role) + ".")
    issues = [{"severity": "information", "code": "suppressed", "diagnostics": text} for text in told]
    outcome = orjson.dumps({"resourceType": "OperationOutcome", "issue": issues})
    return b'{"resource":' + outcome + b',"search":{"mode":"outcome"}}'
