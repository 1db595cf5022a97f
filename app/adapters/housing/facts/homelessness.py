"""Homelessness: which duty the authority owes and by when, support needs, and temporary accommodation.

The sections of H-CLIC that matter to care, from the case system: the national return itself holds no names. The reason
for homelessness is not read.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from app.adapters.delimited import spelling
from app.adapters.elements import joined
from app.adapters.housing import codes
from app.adapters.housing.facts.addresses import address_of
from app.adapters.housing.facts.entries import Fact, after, bounded, entry, flag, period, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Relationship

_HOMELESSNESS: Final = Category("homelessness")


def read_duty(row: Row, person: str) -> Iterator[Fact]:
    """A duty owed, and by when; while it lasts the case is why the authority may ask."""
    started, ended, duty = row.on("start_date"), row.on("end_date"), _duty(row)
    own = f"{row.text('homelessness_case_id')}/{spelling(row.text('duty'))}/{person}"
    target = started + timedelta(days=duty.days) if started and duty.days else None
    yield entry(
        row,
        f"EpisodeOfCare/homelessness/{own}",
        _HOMELESSNESS,
        {
            "resourceType": "EpisodeOfCare",
            "status": "finished" if ended else "active",
            "type": [duty.concept],
            **period(started, ended),
        },
        joined((f"Homelessness: {duty.name}", told(f"{duty.days}-day target", target))),
        details=[told("since", started), told("until", ended), told("outcome:", row.text("outcome"))],
        started=started,
        ended=ended,
    )
    if started:
        yield Relationship(
            key=bounded(f"homelessness/{own}"),
            kind="caseload",
            started=london_midnight(started),
            ended=after(ended),
        )


def read_placement(row: Row, person: str) -> Iterator[Fact]:
    """Temporary accommodation: that the person is in some stands apart from where and in what, which locate them."""
    started, ended = row.on("start_date"), row.on("end_date")
    own = f"{row.text('homelessness_case_id')}/{started or ''}/{person}"
    yield entry(
        row,
        f"EpisodeOfCare/temporary-accommodation/{own}",
        _HOMELESSNESS,
        {
            "resourceType": "EpisodeOfCare",
            "status": "finished" if ended else "active",
            "type": [{"text": "Temporary accommodation"}],
            **period(started, ended),
        },
        joined(("Temporary accommodation", told("since", started), told("until", ended))),
        started=started,
        ended=ended,
    )
    placement = codes.in_words(row.text("placement_type"))
    address = address_of(row, use="old" if ended else "temp", started=started, ended=ended)
    if placement or address:
        where = address.get("text", "") if address else ""
        yield entry(
            row,
            f"Patient/temporary-accommodation/{own}",
            _HOMELESSNESS,
            {"resourceType": "Patient", "address": [address or {"use": "temp", "text": placement}]},
            joined(("Temporary accommodation", where), ": "),
            details=[placement],
            started=started,
            ended=ended,
            sensitivity=Sensitivity.LOCATING,
        )


def read_support_need(row: Row, person: str) -> Iterator[Fact]:
    """A support need, as a Flag; offending is not imported."""
    given = row.text("support_need")
    need = codes.support_need(given)
    if need is None:
        row.warn("support_need", "is not a known support need; it is kept as given, and not shared by default")
        need = codes.SupportNeed(Sensitivity.RESTRICTED, imported=True)
    if need.imported:
        yield entry(
            row,
            f"Flag/support-need/{row.text('homelessness_case_id')}/{spelling(given)}/{person}",
            _HOMELESSNESS,
            flag(_HOMELESSNESS, {"text": given}, active=True, started=None, ended=None),
            f"Support need: {given}",
            sensitivity=need.sensitivity,
        )


def _duty(row: Row) -> codes.Duty:
    given = row.text("duty")
    duty = codes.duty(given)
    if duty is None:
        row.warn("duty", "is not a known duty; it is kept as given")
    return duty or codes.Duty({"text": given}, given, None)
