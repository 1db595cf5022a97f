"""An event of the trail as a FHIR AuditEvent, after IHE's Basic Audit Log Patterns (BALP 1.1). Pure.

What was searched for the trail holds only as a keyed hash, so that is the query which is told; from which network
address somebody asked it does not hold, and says so. A refusal has no profile there, as all of them are of successes;
and it names nobody, as who was refused is not told whether anybody is known by what they asked for.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.audit.event import Kind
from app.governance.oversight.looks import REFUSED
from app.identity.systems.system import ISSUER as SYSTEMS
from app.vocabulary.fhir_elements import coding, identifier, reference
from app.vocabulary.fhir_systems import DATA_ABSENT_REASON, ODS_ORGANISATION, OURS, TERMINOLOGY

PROFILES: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_ABSENT: Final = {"url": DATA_ABSENT_REASON, "valueCode": "unknown"}
_REASONS: Final[Mapping[str, str]] = {"direct-care": "TREAT", "mdt": "CAREMGT", "access-review": "PATRQT"}
"""HL7's ActReason of purposes that have one; the agreement's own word stands beside it."""

Json = dict[str, Any]


def audit_event(event: Mapping[str, Any], base: str) -> Json:
    """One event; `base` is the address of this door."""
    kind = Kind(event["kind"])
    profile = _profile(kind, event)
    return {
        "resourceType": "AuditEvent",
        "id": event["id"],
        **({"meta": {"profile": [f"{PROFILES}.{profile}"]}} if profile else {}),
        **_what(kind),
        "recorded": event["at"],
        "outcome": "4" if kind in REFUSED else "0",
        **({"outcomeDesc": "Nothing was shown"} if kind in REFUSED else {}),
        **({"purposeOfEvent": _purpose(event)} if event.get("purpose") else {}),
        "agent": list(_agents(kind, event, base)),
        "source": {
            "observer": _SERVER,
            "type": [coding(f"{TERMINOLOGY}/security-source-type", "4", "Application Server")],
        },
        "entity": list(_entities(kind, event, base)),
    }


def _profile(kind: Kind, event: Mapping[str, Any]) -> str:
    if kind is Kind.EXPORT:
        return "PrivacyDisclosure.Source"
    if kind is Kind.FIND:
        return "PatientQuery" if "person" in event else "Query"
    return "PatientRead" if kind in (Kind.VIEW, Kind.ENTRY) and "person" in event else ""


def _what(kind: Kind) -> Json:
    if kind is Kind.EXPORT:
        disclosed = coding(f"{TERMINOLOGY}/iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event")
        return {"type": coding(_DICOM, "110106", "Export"), "subtype": [disclosed], "action": "R"}
    if kind is Kind.EMERGENCY_OPENED:
        override = coding(_DICOM, "110127", "Emergency Override Started")
        return {"type": coding(_DICOM, "110113", "Security Alert"), "subtype": [override], "action": "E"}
    code, action = ("search", "E") if kind is Kind.FIND else ("read", "R")
    return {
        "type": coding(f"{TERMINOLOGY}/audit-event-type", "rest", "Restful Operation"),
        "subtype": [coding("http://hl7.org/fhir/restful-interaction", code, code)],
        "action": action,
    }


def _purpose(event: Mapping[str, Any]) -> list[Json]:
    purpose = event["purpose"]
    codings = [coding(f"{OURS}/CodeSystem/purpose", purpose, purpose)]
    if reason := _REASONS.get(purpose):
        codings.append({"system": f"{TERMINOLOGY}/v3-ActReason", "code": reason})
    told = [{"coding": codings}]
    if any(fact.startswith("opening/") for fact in event.get("relied_on", ())):
        told.append({"coding": [coding(f"{TERMINOLOGY}/v3-ActReason", "BTG", "break the glass")]})
    return told


_SERVER: Final[Json] = {"display": "Pisano"}


def _agents(kind: Kind, event: Mapping[str, Any], base: str) -> Iterator[Json]:
    """The two machines, as DICOM and IHE call them: who asks a query is its source, who reads its destination."""
    client, server = ("110153", "110152") if kind is Kind.FIND else ("110152", "110153")
    is_system = event["issuer"] == SYSTEMS
    yield {
        "type": _role(client),
        "who": _user(event) if is_system else {"display": "Where the user asked from"},
        "requestor": is_system,
        "network": {"extension": [_ABSENT]},
    }
    yield {
        "type": _role(server),
        "who": _SERVER,
        "requestor": False,
        "network": {"address": base, "type": "5"},
    }
    if not is_system:
        yield _person(event)
    if organisation := event.get("organisation"):
        yield {
            "type": {"coding": [coding(f"{TERMINOLOGY}/v3-RoleClass", "PROV", "healthcare provider")]},
            "who": reference(ODS_ORGANISATION, organisation),
            "requestor": False,
        }


def _person(event: Mapping[str, Any]) -> Json:
    told: Json = {
        "type": {"coding": [coding(f"{TERMINOLOGY}/v3-ParticipationType", "IRCP", "information recipient")]},
        "who": _user(event),
        "requestor": True,
    }
    if role := event.get("role"):
        told["role"] = [{"coding": [coding(f"{OURS}/CodeSystem/role", role, role)]}]
    if agreements := event.get("agreements"):
        told["policy"] = [f"urn:pisano:agreement:{version}" for version in agreements]
    if event.get("purpose"):
        told["purposeOfUse"] = _purpose(event)
    return told


def _entities(kind: Kind, event: Mapping[str, Any], base: str) -> Iterator[Json]:
    if (person := event.get("person")) and kind not in REFUSED:
        yield {
            "what": {"reference": f"{base}/Patient/{person}"},
            "type": coding(f"{TERMINOLOGY}/audit-entity-type", "1", "Person"),
            "role": coding(f"{TERMINOLOGY}/object-role", "1", "Patient"),
        }
    if kind is Kind.FIND:
        yield {
            "type": coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
            "role": coding(f"{TERMINOLOGY}/object-role", "24", "Query"),
            "description": "A keyed hash of what was searched for",
            "query": b64encode(f"criteria={event.get('criteria', '')}".encode()).decode(),
        }
    else:
        yield _record(event)
    if request := event.get("request"):
        yield {
            "what": {"identifier": {"value": request}},
            "type": coding("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId", ""),
        }


def _record(event: Mapping[str, Any]) -> Json:
    """What was shown: under which headings of which partners, by which clauses."""
    details = [
        {"type": label, "valueString": clauses}
        for clauses, labels in event.get("permitted", {}).items()
        for label in labels
    ]
    return {
        "what": {"display": "The shared record of the person"},
        "type": coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
        "role": coding(f"{TERMINOLOGY}/object-role", "4", "Domain Resource"),
        **({"detail": details} if details else {}),
    }


def _user(event: Mapping[str, Any]) -> Json:
    issuer = event["issuer"]
    system = issuer if "://" in issuer else f"{OURS}/Id/{issuer}"
    return {"identifier": identifier(system, event["subject"])}


def _role(code: str) -> Json:
    return {"coding": [coding(_DICOM, code, {"110153": "Source Role ID", "110152": "Destination Role ID"}[code])]}
