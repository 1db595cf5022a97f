"""The home: hazards that were reported or found in it, and investigations.

Where in the home is told; the address is not.
"""

from collections.abc import Iterator
from typing import Any, Final

from app.adapters.housing import codes
from app.adapters.housing.facts.entries import Fact, entry, iso, period, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.statement import Resource, Standing

_HOME: Final = Category("home")


def read_hazard_report(row: Row, person: str) -> Iterator[Fact]:
    """A hazard that someone reported in the person's home; over once closed, or made safe with no status besides."""
    reported, made_safe, hazard = row.on("date_reported"), row.on("made_safe_date"), _hazard(row)
    over = _is_over(row)
    yield entry(
        row,
        f"Observation/hazard-report/{row.text('hazard_report_id')}/{person}",
        _HOME,
        {
            "resourceType": "Observation",
            "status": "final",
            "code": hazard or {"text": "Hazard reported in the home"},
            **known(
                effectiveDateTime=iso(reported),
                valueString=row.text("description"),
                component=[
                    *_component("Emergency action taken", valueBoolean=row.yes("emergency_action_taken")),
                    *_component("Further work required", valueBoolean=row.yes("further_work_required")),
                    *_component("Made safe on", valueDateTime=iso(made_safe)),
                ],
            ),
        },
        f"Hazard reported in the home{': ' + hazard['text'] if hazard else ''}",
        details=[
            row.text("description"),
            row.text("location_details"),
            told("status:", row.text("report_status")),
            "emergency action taken" if row.yes("emergency_action_taken") else "",
            told("made safe on", made_safe),
            "further work required" if row.yes("further_work_required") else "",
            told("further work due by", row.on("further_work_due_date")),
        ],
        started=reported,
        ended=made_safe if over else None,
        standing=Standing.ENDED if over else Standing.CURRENT,
    )


def read_investigation(row: Row, person: str) -> Iterator[Fact]:
    """A landlord's investigation, planned or done; that no hazard was confirmed says nothing before it is done."""
    planned, done = row.on("investigation_scheduled_date"), row.on("investigation_completed_date")
    confirmed = row.yes("hazard_confirmed") if done else None
    found = "" if confirmed is None else ": hazard confirmed" if confirmed else ": no hazard found"
    yield entry(
        row,
        f"Task/investigation/{row.text('investigation_id')}/{person}",
        _HOME,
        {
            "resourceType": "Task",
            "status": "completed" if done else "requested",
            "intent": "order",
            "code": {"text": "Hazard investigation"},
            **known(description=row.text("investigation_notes")),
            **period(done or planned, done, element="executionPeriod"),
            **known(
                output=[{"type": {"text": "Hazard confirmed"}, **value} for value in _value(valueBoolean=confirmed)]
            ),
        },
        f"Hazard investigation {'done' if done else 'planned'}{found}",
        details=[
            codes.in_words(row.text("investigation_type")),
            row.text("investigation_notes"),
            told("planned for", None if done else planned),
            "outside the landlord's time limit" if row.yes("sla_breach_flag") else "",
        ],
        started=done or planned,
        ended=done,
        standing=Standing.ENDED if done else Standing.PLANNED,
    )


def read_hazard_found(row: Row, person: str) -> Iterator[Fact]:
    """A hazard that an investigation found in the person's home; over as the report is that led to it."""
    found, over = row.on("investigation_completed_date"), _is_over(row)
    hazard = _hazard(row) or {"text": "Hazard found in the home"}
    severity = row.text("severity")
    own = row.text("investigation_hazard_id") or f"{row.text('investigation_id')}/{row.text('hazard_type')}"
    yield entry(
        row,
        f"Observation/hazard/{own}/{person}",
        _HOME,
        {
            "resourceType": "Observation",
            "status": "final",
            "code": hazard,
            **known(
                effectiveDateTime=iso(found),
                valueCodeableConcept={"text": severity} if severity else {},
            ),
        },
        f"Hazard found in the home: {hazard['text']}",
        details=[
            told("severity:", severity),
            told("HHSRS category", row.text("hhsrs_category")),
            row.text("notes"),
        ],
        started=found,
        ended=row.on("made_safe_date") if over else None,
        standing=Standing.ENDED if over else Standing.CURRENT,
    )


def _hazard(row: Row) -> Resource | None:
    """The hazard as the HHSRS names it, else as given."""
    given = row.text("hazard_type")
    return codes.hazard(given) or ({"text": codes.in_words(given)} if given else None)


def _is_over(row: Row) -> bool:
    word = row.text("report_status")
    status = codes.status("report", word) if word else None
    if word and status is None:
        row.warn("report_status", "is not a known status; it is kept as given")
    return status.standing is Standing.ENDED if status else row.on("made_safe_date") is not None


def _component(name: str, **value: Any) -> list[Resource]:
    return [{"code": {"text": name}, **value} for value in _value(**value)]


def _value(**value: Any) -> list[Resource]:
    return [value] if known(**value) else []
