"""What the record shows of each event.

Event descriptions are free text that may name a place: that of a service stands with its provider, in an entry that
is hidden where the person's location is, and those of other events are not read. Why the person is supported is an
entry of its own category, so it is not repeated here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from app.adapters.social_care_cld.dates import midnight
from app.adapters.social_care_cld.events import Event
from app.adapters.social_care_cld.observation import observation, told
from app.adapters.social_care_cld.rules import ASSESSMENT, REQUEST, REVIEW, SERVICE
from app.adapters.social_care_cld.values import CODE_SYSTEM, Value
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, extension, identifier, known, period
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Standing

_ASSESSMENTS: Final = Category("assessments")
_CARE_PACKAGES: Final = Category("care-packages")
_CARE_PLANS: Final = Category("care-plans")
_REFERRALS: Final = Category("referrals")
_HOURS: Final = ("hourly", "per hour")  # as councils write the unit of an hour
_CQC_LOCATION: Final = "https://pisano.example/fhir/Id/cqc-location"
_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/client-level-data-"
_SOURCE_OF_REQUEST: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-SourceOfServiceRequest"


def event_entries(event: Event) -> Iterator[Entry]:
    """All entries of one event, the event itself first."""
    return _ENTRIES[event.kind](event)


def _request(event: Event) -> Iterator[Entry]:
    route, outcome = event.coded("route_of_access"), event.coded("outcome")
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "status": "completed",
        "intent": "order",
        "code": {"text": "Request for adult social care support"},
        "authoredOn": event.started.isoformat(),
        "occurrencePeriod": _period(event),
        **_extensions({_SOURCE_OF_REQUEST: route, f"{_EXTENSION}outcome": outcome}),
    }
    title = _title("Request for adult social care support", route)
    yield _entry(event, _REFERRALS, resource, title, told({"Outcome": outcome}), route.sensitivity)


def _assessment(event: Event) -> Iterator[Entry]:
    kind, outcome = event.coded("assessment_type"), event.coded("outcome")
    involved = event.coded("method_of_assessment")
    resource = _encounter(event, kind, involved) | _extensions({f"{_EXTENSION}outcome": outcome})
    detail = told({"Outcome": outcome, "Involved": involved})
    yield _entry(event, _ASSESSMENTS, resource, _title("Social care assessment", kind), detail)
    needs = {"Eligible needs identified": event.coded("eligible_needs")}
    if any(needs.values()):
        found = observation(needs) | {"effectivePeriod": _period(event)}
        yield _entry(event, _ASSESSMENTS, found, told(needs), part="/eligible-needs")


def _review(event: Event) -> Iterator[Entry]:
    reason, involved = event.coded("review_reason"), event.coded("method_of_review")
    outcome, achieved = event.coded("outcome"), event.coded("review_outcomes")
    extensions = _extensions({f"{_EXTENSION}outcome": outcome, f"{_EXTENSION}review-outcomes-achieved": achieved})
    resource = _encounter(event, reason, involved) | extensions
    detail = told({"Outcome": outcome, "Outcomes achieved": achieved, "Involved": involved})
    title = _title("Review of care and support", reason)
    yield _entry(event, _CARE_PLANS, resource, title, detail, reason.sensitivity)


def _service(event: Event) -> Iterator[Entry]:
    kind, component = event.coded("service_type"), event.coded("service_component")
    delivery, outcome = event.coded("delivery_mechanism"), event.coded("outcome")
    resource = _episode(event, kind, component, delivery) | _extensions({f"{_EXTENSION}outcome": outcome})
    title = component.words or kind.words or "Adult social care service"
    detail = told({"Type": kind, "Delivery": delivery, "Outcome": outcome})
    if planned := _planned_units(event):
        units = {"url": f"{_EXTENSION}planned-units-per-week", "valueString": planned}
        resource["extension"] = [*resource.get("extension", ()), units]
        detail = f"{_hours_planned(event) or f'Planned units a week: {planned}'}; {detail}"
    yield _entry(event, _CARE_PACKAGES, resource, title, detail, kind.sensitivity)
    if event.row.provider_name or event.row.provider_id or event.row.description:
        yield _provider(event, kind)


def _planned_units(event: Event) -> str:
    """How much is planned, with the unit where the source names one; what it costs is never read."""
    units, unit = event.row.planned_units, event.row.unit_type
    return f"{units} ({unit})" if units and unit else units


def _hours_planned(event: Event) -> str:
    """`14 hours a week planned`, where units are hours; empty where they are anything else."""
    if event.row.unit_type.lower() not in _HOURS:
        return ""
    hours = event.row.planned_units.removesuffix(".0")
    return f"{hours} {'hour' if hours == '1' else 'hours'} a week planned"


def _provider(event: Event, kind: Value) -> Entry:
    """Who provides a service and where, which tells where the person is: apart from the fact of the service."""
    row = event.row
    organisation = known(
        identifier=identifier(_CQC_LOCATION, row.provider_id) if row.provider_id else None, display=row.provider_name
    )
    resource = _episode(event, kind) | known(managingOrganization=organisation)
    title = f"Provided by {row.provider_name or row.provider_id}" if organisation else "As the council describes it"
    sensitivity = kind.sensitivity or Sensitivity.LOCATING
    return _entry(event, _CARE_PACKAGES, resource, title, row.description, sensitivity, part="/provider")


def _encounter(event: Event, kind: Value, involved: Value) -> Resource:
    code = coding(f"{CODE_SYSTEM}event-type", event.kind, event.kind)
    resource = {"resourceType": "Encounter", "status": "finished", "class": code, "period": _period(event)}
    participants = [{"type": [involved.concept]}] if involved else None
    return resource | known(type=[kind.concept] if kind else None, participant=participants)


def _episode(event: Event, *kinds: Value) -> Resource:
    status = "planned" if event.started > event.as_at else "finished" if _is_over(event) else "active"
    resource = {"resourceType": "EpisodeOfCare", "status": status, "period": _period(event)}
    return resource | known(type=[kind.concept for kind in kinds if kind])


def _extensions(found: Mapping[str, Value]) -> Resource:
    return known(extension=[extension(url, value.concept) for url, value in found.items() if value])


def _period(event: Event) -> Resource:
    return period(event.started.isoformat(), event.ended.isoformat() if event.ended else None)


def _is_over(event: Event) -> bool:
    return event.ended is not None and event.ended <= event.as_at


def _title(subject: str, found: Value) -> str:
    return f"{subject}: {found.words}" if found else subject


def _entry(
    event: Event,
    category: Category,
    resource: Resource,
    title: str,
    detail: str = "",
    sensitivity: Sensitivity | None = None,
    *,
    part: str = "",
) -> Entry:
    return Entry(
        key=event.key + part,
        category=category,
        resource=resource,
        title=title,
        detail=detail,
        line=event.row.line,
        sensitivity=sensitivity or Sensitivity.NORMAL,
        started=midnight(event.started),
        ended=midnight(event.ended) if event.ended else None,
        recorded=midnight(event.as_at),
        standing=Standing.ENDED if _is_over(event) else Standing.CURRENT,
    )


_ENTRIES: Final[dict[str, Callable[[Event], Iterator[Entry]]]] = {
    REQUEST: _request,
    ASSESSMENT: _assessment,
    SERVICE: _service,
    REVIEW: _review,
}
