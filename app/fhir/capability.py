"""`GET /metadata`: what this server can do, read off its routes and its table of search parameters. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from app.adapters.fhir_bundle.labels import HEADINGS
from app.fhir.read.kinds import INCLUDED, KINDS, OF_TEAMS, PARAMETERS
from app.mdt.as_fhir.elements import SOURCE
from app.mdt.as_fhir.reading import KINDS as TEAM
from app.mdt.as_fhir.reading import OF_NOBODY
from app.vocabulary.fhir_systems import OURS

_INTERACTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "type/id"): "read",
    ("GET", "type/id/_history/id"): "vread",
    ("GET", "type/id/_history"): "history-instance",
    ("GET", "type/_history"): "history-type",
    ("GET", "type"): "search-type",
    ("POST", "type"): "create",
    ("PUT", "type/id"): "update",
    ("PUT", "type"): "update",
    ("PATCH", "type/id"): "patch",
    ("DELETE", "type/id"): "delete",
}
_WRITING: Final = frozenset({"create", "update", "patch", "delete"})
"""What is done only with the types that partners send."""

_OF_PEOPLE: Final = (
    "The id of a person is that of a Patient put together from the partners' accounts of them, which has no versions;"
    " each account is a Patient too, that refers to it. People are found by one NHS number or a partner's own, or by a"
    " name with a whole date of birth or a full postcode; use POST to keep each out of addresses."
)
_OF_OTHERS: Final = "A search is of one person's record: `patient` is required."
_OF_TASKS: Final = (
    "With `patient`, what is recorded of the person; without it, the actions that the calling system was given by a"
    " multidisciplinary team. It accepts, declines, completes or gives up one by updating its status."
)
_OF_SUBSCRIPTIONS: Final = "By rest-hook, to an address that the operator allowed; each system sees its own alone."
_OF_AUDIT_EVENTS: Final = (
    "What the calling system's own organisation was shown, and was refused, after IHE's Basic Audit Log Patterns: of"
    " one `patient`, by `date`, or both."
)
_OF_DOCUMENTS: Final = (
    "Of one person, the minutes of each discussion by a multidisciplinary team, preliminary until the meeting's are"
    " signed, and their page of each meeting's pack, put together for its reader: `patient` is required."
)
_OF_NOTICES: Final = (
    "What left by mail of a multidisciplinary team's work. With `patient`, of that person; without it, what the"
    " caller's own teams sent, with nothing of whom it was about."
)
_OF_HISTORY: Final = (
    "Who took which step of a multidisciplinary team's work, of one `patient`; nothing of what was said."
)
_OF_OPTIONS: Final = "Options that a multidisciplinary team did not take for one `patient`, each with why."
_OF_PLACES: Final = "A locality's multidisciplinary team: it names nobody."
_OF_REPORTS: Final = (
    "The measures of a team's locality in a `period`: a year, a month or a day. Nobody is named, and small counts are"
    " kept back."
)
_OF_THE_TEAM: Final = (
    f" With `_source={SOURCE}`, what multidisciplinary teams did with the person, as far as the reader may read it; its"
    " ids are no numbers, and it has no versions."
)
_OF_MEETINGS: Final = (
    " A multidisciplinary team's meeting (Appointment) and its agenda (List) name no patient, and are read by id alone."
)
_OF_ALL_OTHERS: Final[Mapping[str, str]] = {
    "Communication": _OF_NOTICES,
    "Composition": _OF_DOCUMENTS,
    "HealthcareService": _OF_PLACES,
    "Organization": _OF_PLACES,
    "PractitionerRole": "Who sits in the caller's own multidisciplinary teams.",
    "Provenance": _OF_HISTORY,
    "RequestGroup": _OF_OPTIONS,
    "MeasureReport": _OF_REPORTS,
    "Measure": "How each measure of a multidisciplinary team is defined.",
    "Patient": _OF_PEOPLE,
    "Task": _OF_TASKS,
    "Subscription": _OF_SUBSCRIPTIONS,
    "AuditEvent": _OF_AUDIT_EVENTS,
    "Binary": "",
    "Bundle": "",
}
_ALL: Final = (*KINDS, "AuditEvent", "Binary", "Bundle", *OF_TEAMS, "Measure", "MeasureReport", "Subscription")
_SEARCHED: Final[Mapping[str, Mapping[str, str]]] = {
    "AuditEvent": {"date": "date", "patient": "reference"},
    **{kind: {"patient": "reference"} for kind in OF_TEAMS if kind in TEAM},
    "MeasureReport": {"period": "date"},
    **{kind: {"_source": "uri"} for kind in TEAM if kind not in (*OF_NOBODY, *OF_TEAMS)},
}
"""By what else types are searched for: those that are no entries of a record, and a team's work."""

_PARAMETER: Final = re.compile(r"\{[^}]+\}")


class Route(NamedTuple):
    """One method of one path below this door, such as `GET` of `{kind}/{id}`."""

    method: str
    path: str


def statement(
    routes: Iterable[Route], *, base: str, on: date, version: str, kinds: Iterable[str] = _ALL
) -> dict[str, Any]:
    """A CapabilityStatement of these routes; `on` is the day of asking, in London."""
    told = list(routes)
    rest: dict[str, Any] = {
        "mode": "server",
        "documentation": (
            "Every answer is filtered by the information sharing agreement: what is not permitted is answered as though"
            " it did not exist, and nothing that is counted counts it. Say what for: `?purpose=`, or the header"
            " `Purpose-Of-Use`."
        ),
        "resource": [_resource(kind, told) for kind in kinds],
    }
    if Route("POST", "") in told:
        rest["interaction"] = [{"code": "transaction"}, {"code": "batch"}]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on.isoformat(),
        "publisher": "Pisano",
        "kind": "instance",
        "software": {"name": "Pisano", "version": version},
        "implementation": {"description": "A shared care record", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [rest],
    }


def interactions(kind: str, routes: Iterable[Route]) -> list[str]:
    """What can be done with a type, in the order of FHIR's own list."""
    found = {
        code
        for route in routes
        if (code := _INTERACTIONS.get((route.method, _shape(kind, route.path))))
        and (kind in HEADINGS or code not in _WRITING or route.path.partition("/")[0] == kind)
    }
    return [code for code in dict.fromkeys(_INTERACTIONS.values()) if code in found]


def operations(kind: str, routes: Iterable[Route]) -> list[str]:
    """The operations of a type, without their dollar sign."""
    shapes = [_shape(kind, route.path) for route in routes]
    found = {shape.rpartition("/$")[2] for shape in shapes if "/$" in shape}
    return sorted(found if kind in (*HEADINGS, "Bundle") else found - {"validate"})


def _resource(kind: str, routes: Iterable[Route]) -> dict[str, Any]:
    parameters = [
        {"name": parameter.name, "type": str(parameter.matched)}
        for parameter in sorted(PARAMETERS.get(kind, {}).values(), key=lambda one: one.name)
    ]
    parameters += [{"name": name, "type": type} for name, type in _SEARCHED.get(kind, {}).items()]
    told = interactions(kind, routes)
    searched = kind != "Patient" and kind in KINDS
    if searched:
        parameters.append({"name": "patient", "type": "reference", "documentation": "Whose record."})
    resource: dict[str, Any] = {
        "type": kind,
        "supportedProfile": [f"{OURS}/StructureDefinition/Pisano-{kind}"] if kind in HEADINGS else [],
        "documentation": _OF_ALL_OTHERS.get(kind, _OF_OTHERS) + _of_the_team(kind),
        "interaction": [{"code": code} for code in told],
        "versioning": "versioned" if "vread" in told else "no-version",
        "readHistory": "vread" in told,
        **(_by_identifier(routes) if kind in HEADINGS else {}),
        "searchParam": parameters,
        "operation": [
            {"name": name, "definition": _DEFINITIONS.get(name, f"{_OF_RESOURCE}-{name}")}
            for name in operations(kind, routes)
        ],
    }
    if searched:
        resource["searchInclude"] = [f"{kind}:{name}" for name in ("patient", *INCLUDED)]
    return {name: value for name, value in resource.items() if value or value is False}


def _by_identifier(routes: Iterable[Route]) -> dict[str, Any]:
    """What is done by `?identifier=system|value`, of one resource at a time."""
    told = set(routes)
    return {
        "conditionalCreate": Route("POST", "{kind}") in told,
        "conditionalUpdate": Route("PUT", "{kind}") in told,
        "conditionalDelete": "single" if Route("DELETE", "{kind}") in told else "not-supported",
    }


def _of_the_team(kind: str) -> str:
    if kind in OF_NOBODY:
        return _OF_MEETINGS
    return _OF_THE_TEAM if kind in TEAM and kind in KINDS else ""


_DEFINITIONS: Final[Mapping[str, str]] = {
    "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    "match": "http://hl7.org/fhir/OperationDefinition/Patient-match",
    "summary": "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
}
_OF_RESOURCE: Final = "http://hl7.org/fhir/OperationDefinition/Resource"


def _shape(kind: str, path: str) -> str:
    """A path as `_INTERACTIONS` writes it; of another type, nothing."""
    first, *rest = path.split("/")
    any_kind = _PARAMETER.fullmatch(first) and (
        kind in KINDS or (kind in OF_TEAMS and len(rest) < 2 and "_history" not in rest)
    )
    if not (any_kind or first == kind):
        return ""
    return "/".join(["type", *("id" if _PARAMETER.search(part) else part for part in rest)])
