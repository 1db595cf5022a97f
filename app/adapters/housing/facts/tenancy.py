"""The tenancy: that it exists, of which type, since when; and, apart from it, where."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.adapters.elements import joined, local_code_system
from app.adapters.housing import codes
from app.adapters.housing.facts.addresses import home
from app.adapters.housing.facts.entries import Fact, after, bounded, entry, period, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, known, reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Relationship, Resource, Standing

_TENANCY: Final = Category("tenancy")
_ACTIVE: Final = codes.Status("active", Standing.CURRENT)


def read(row: Row, person: str) -> Iterator[Fact]:
    """A tenancy of one of its tenants: an EpisodeOfCare with the landlord, the home, and a relationship while it lasts.

    EpisodeOfCare, rather than Basic, because FHIR's own readers then find its status, type, period and organisation.
    """
    started, ended, status = row.on("start_date"), row.on("end_date"), _status(row)
    shown = status or _ACTIVE
    yield entry(
        row,
        f"EpisodeOfCare/tenancy/{row.text('tenancy_id')}/{person}",
        _TENANCY,
        _episode(row, shown, started, ended),
        joined((_kind(row), told("since", started), told("until", ended))),
        details=["" if status else told("the landlord's word for it:", row.text("tenancy_status"))],
        started=started,
        ended=ended,
        standing=shown.standing,
    )
    yield from home(row, person, since=started, past=shown.standing is Standing.ENDED)
    yield from _relationship(row, person, status)


def read_home(row: Row, person: str) -> Iterator[Fact]:
    """Where a member of the household lives who does not hold the tenancy; since when is not known."""
    yield from home(row, person, past=is_over(row))


def is_over(row: Row) -> bool:
    """Whether the landlord's word for the tenancy says that it has ended."""
    status = _status(row)
    return status is not None and status.standing is Standing.ENDED


def lasts_until(row: Row) -> date:
    """For comparing tenancies: the last day, the end of time where it is open, the beginning where it is just over."""
    return row.on("end_date") or (date.min if is_over(row) else date.max)


def _kind(row: Row) -> str:
    kind = codes.in_words(row.text("tenancy_type") or row.text("tenancy_type_code") or "type not told")
    return kind if "tenancy" in kind.lower() else f"Tenancy: {kind}"


def _status(row: Row) -> codes.Status | None:
    word = row.text("tenancy_status")
    status = codes.status("tenancy", word) if word else _ACTIVE
    if status is None:
        row.warn("tenancy_status", "is not a known status; the tenancy is shown, but gives no reason to ask")
    return status


def _episode(row: Row, status: codes.Status, started: date | None, ended: date | None) -> Resource:
    code = row.text("tenancy_type_code")
    concept = known(
        coding=[coding(local_code_system(row.partner, "tenureType"), code)] if code else [],
        text=row.text("tenancy_type"),
    )
    return {
        "resourceType": "EpisodeOfCare",
        "status": status.fhir,
        **known(type=[concept] if concept else []),
        "managingOrganization": reference(ODS_ORGANISATION, str(row.partner)),
        **period(started, ended),
    }


def _relationship(row: Row, person: str, status: codes.Status | None) -> Iterator[Fact]:
    """An open tenancy is why the landlord may ask; one that is over, or may be, closes what was opened before."""
    started = row.on("start_date")
    if started is None:
        row.warn("start_date", "is missing; the tenancy is shown, but gives no reason to ask")
        return
    if status is not None and status.standing is Standing.PLANNED:
        return
    ended = after(row.on("end_date"))
    if status is None or (status.standing is Standing.ENDED and ended is None):
        ended = london_midnight(started)
    yield Relationship(
        key=bounded(f"tenancy/{row.text('tenancy_id')}/{person}"),
        kind="tenancy",
        started=london_midnight(started),
        ended=ended,
    )
