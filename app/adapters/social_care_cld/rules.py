"""The rules that a row of Client Level Data must keep, each by the heading it is about (release 1 specification).

A row is refused where its event could not be told from another or placed in time; everything else is a warning, and
the row goes in. Rules about the person are checked once for each person in a file, as their fields stand on each row.
"""

import re
from collections.abc import Callable
from typing import Final

from app.adapters.delimited import is_date, mangled_by_spreadsheet, sound_date
from app.adapters.row_rules import Rule
from app.adapters.social_care_cld.headings import HEADINGS, EventRow
from app.adapters.social_care_cld.values import LISTS, value
from app.vocabulary.statement import Severity

REQUEST, ASSESSMENT, SERVICE, REVIEW = LISTS["event_type"]
SERVICE_USER, UNPAID_CARER, KNOWN_BY_ASSOCIATION = LISTS["client_type"]

_CQC_LOCATION: Final = re.compile("1-[0-9]+")
_EMPTY: Final = "is mandatory, and empty"
_NO_DATE: Final = "is no date; write 2025-04-01 or 01/04/2025"

Breach = Callable[[EventRow], bool]


def event_type(row: EventRow) -> str:
    """The type of the row's event in release 2 wording, as written where it is not listed, "" where it has none."""
    return value("event_type", row.event_type).code


def client_type(row: EventRow) -> str:
    """The client type in release 2 wording, as written where it is not listed."""
    return value("client_type", row.client_type).code


def is_carer(row: EventRow) -> bool:
    """Whether the row is about someone as an unpaid carer."""
    return client_type(row) in (UNPAID_CARER, KNOWN_BY_ASSOCIATION)


def is_person_only(row: EventRow) -> bool:
    """Whether the row tells of a carer known by association and of no event."""
    return not row.event_type and client_type(row) == KNOWN_BY_ASSOCIATION


def _ends_before_it_starts(row: EventRow) -> bool:
    return (
        is_date(row.event_start) and is_date(row.event_end) and sound_date(row.event_end) < sound_date(row.event_start)
    )


def _refuse(field: str, breach: Breach, text: str) -> Rule[EventRow]:
    return Rule(f"CLD-R1 {HEADINGS[field]}", Severity.REFUSED, breach, text)


def _warn(field: str, breach: Breach, text: str) -> Rule[EventRow]:
    return Rule(f"CLD-R1 {HEADINGS[field]}", Severity.WARNING, breach, text)


def _wants(field: str) -> Rule[EventRow]:
    return _warn(field, lambda row: not getattr(row, field), _EMPTY)


def _event_wants(field: str, *kinds: str) -> Rule[EventRow]:
    return _warn(
        field,
        lambda row: not getattr(row, field) and event_type(row) in kinds,
        f"is mandatory for each {' or '.join(kinds).lower()}, and empty",
    )


def _is_listed(field: str) -> Rule[EventRow]:
    def unlisted(row: EventRow) -> bool:
        written = getattr(row, field)
        return bool(written) and not value(field, written).listed

    return _warn(field, unlisted, "is not in the published list; it is kept as written")


def _links(field: str) -> tuple[Rule[EventRow], ...]:
    return (
        _warn(
            field,
            lambda row: mangled_by_spreadsheet(getattr(row, field)),
            "a spreadsheet has rounded it, so the link is not made; export the column as text",
        ),
        _warn(
            field,
            lambda row: getattr(row, field) == row.person_id,
            "is the carer's own, so the link is not made",
        ),
    )


ROW_RULES: Final = (
    _refuse("la_code", lambda row: not row.la_code, _EMPTY),
    _refuse("period_end", lambda row: not is_date(row.period_end), _NO_DATE),
    _refuse("person_id", lambda row: not row.person_id, _EMPTY),
    _refuse(
        "person_id",
        lambda row: mangled_by_spreadsheet(row.person_id),
        "a spreadsheet has rounded it; export the column as text",
    ),
    _refuse("client_type", lambda row: client_type(row) not in LISTS["client_type"], "is not in the published list"),
)
"""Of every row."""

EVENT_RULES: Final = (
    _refuse("event_type", lambda row: event_type(row) not in LISTS["event_type"], "is not in the published list"),
    _refuse("event_start", lambda row: not is_date(row.event_start), _NO_DATE),
    _refuse("event_end", lambda row: bool(row.event_end) and not is_date(row.event_end), _NO_DATE),
    _refuse("event_end", _ends_before_it_starts, "is before the start date"),
    _refuse(
        "event_end",
        lambda row: not row.event_end and event_type(row) in (REQUEST, ASSESSMENT, REVIEW),
        "is mandatory for all but a service, and empty",
    ),
    _warn(
        "event_end",
        lambda row: not row.event_end and is_date(row.death_date),
        "is mandatory where a date of death is given; the service is taken to end with it",
    ),
    _event_wants("support_reason", ASSESSMENT, SERVICE, REVIEW),
    _is_listed("support_reason"),
    _warn(
        "outcome",
        lambda row: not row.outcome and value("assessment_type", row.assessment_type).code != "Financial assessment",
        "is mandatory for all but a financial assessment, and empty",
    ),
    _is_listed("outcome"),
    _event_wants("route_of_access", REQUEST),
    _is_listed("route_of_access"),
    _event_wants("assessment_type", ASSESSMENT),
    _event_wants("service_type", SERVICE),
    _is_listed("service_type"),
    _event_wants("service_component", SERVICE),
    _is_listed("delivery_mechanism"),
    _warn(
        "provider_id",
        lambda row: bool(row.provider_id) and not _CQC_LOCATION.fullmatch(row.provider_id),
        "is no CQC location, which is 1- and digits; it is kept as written",
    ),
    _event_wants("review_reason", REVIEW),
    _event_wants("method_of_review", REVIEW),
)
"""Of every row that tells of an event."""

PERSON_RULES: Final = (
    _wants("nhs_number"),
    _wants("gender"),
    _is_listed("gender"),
    _wants("ethnicity"),
    _wants("birth_date"),
    _warn(
        "birth_date",
        lambda row: bool(row.birth_date) and not is_date(row.birth_date),
        "is no date; the person is read without it",
    ),
    _warn(
        "death_date",
        lambda row: bool(row.death_date) and not is_date(row.death_date),
        "is no date; the person is read without it",
    ),
    _wants("postcode"),
    _wants("accommodation"),
    _is_listed("accommodation"),
    _is_listed("employment"),
    _wants("has_unpaid_carer"),
    _warn(
        "adult_1",
        lambda row: bool(row.adult_1) and not is_carer(row),
        "is linked to an unpaid carer only, so the link is not made",
    ),
)
"""Of every person."""

CARER_RULES: Final = tuple(rule for field in ("adult_1", "adult_2", "adult_3") for rule in _links(field))
"""Of every unpaid carer."""
