"""Works on the home: repairs, and adaptations, Disabled Facilities Grants among them.

No cost, estimate or grant is read, nor how to enter the home (key safes and their codes).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.adapters.delimited import spelling
from app.adapters.discretion import holds_amount
from app.adapters.housing import codes
from app.adapters.housing.facts.entries import Fact, entry, iso, period, told
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.statement import Resource, Standing

_HOME: Final = Category("home")
_EQUIPMENT: Final = Category("equipment")

_STAGE: Final = {
    "requested": "asked for",
    "accepted": "agreed, not yet begun",
    "in-progress": "works in progress",
    "on-hold": "on hold",
    "completed": "done",
    "cancelled": "cancelled",
    "rejected": "refused",
}
_STANDING: Final = {
    "requested": Standing.PLANNED,
    "accepted": Standing.PLANNED,
    "in-progress": Standing.CURRENT,
    "on-hold": Standing.CURRENT,
    "completed": Standing.ENDED,
    "cancelled": Standing.ENDED,
    "rejected": Standing.ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    asked: date | None
    agreed: date | None
    begun: date | None
    done: date | None

    @property
    def status(self) -> str:
        """The FHIR status of a Task that the dates alone tell."""
        if self.done:
            return "completed"
        if self.begun:
            return "in-progress"
        return "accepted" if self.agreed else "requested"


def read_work_order(row: Row, person: str) -> Iterator[Fact]:
    """A repair, or an adaptation that was ordered as one."""
    dates = _Dates(
        asked=row.on("date_raised") or row.on("date_reported"),
        agreed=None,
        begun=row.on("actual_start_date_time"),
        done=row.on("actual_completion_date_time"),
    )
    work_class = codes.in_words(row.text("work_class"))
    adaptation = spelling(work_class) == "adaptations"
    what = "Adaptation" if adaptation else work_class or "Work on the home"
    details = [
        row.text("description_of_work"),
        row.text("location_of_repair"),
        told("priority:", row.text("work_priority")),
        told("planned to start on", row.on("planned_start_date")),
        "outside the landlord's time limit" if row.yes("repair_sla_breach_flag") else "",
    ]
    key = f"Task/work-order/{row.text('work_order_id')}/{person}"
    yield _task(row, key, _EQUIPMENT if adaptation else _HOME, what, dates, details)


def read_adaptation(row: Row, person: str) -> Iterator[Fact]:
    """An adaptation from application to completion, as a Disabled Facilities Grant goes."""
    dates = _Dates(
        asked=row.on("application_date"),
        agreed=row.on("approval_date"),
        begun=row.on("works_start_date"),
        done=row.on("completion_date"),
    )
    funding = row.text("funding")
    if holds_amount(funding):
        row.warn("funding", "may hold an amount of money; it was left out")
        funding = ""
    details = [
        row.text("description"),
        told("applied for on", dates.asked),
        told("recommended by an occupational therapist on", row.on("ot_recommendation_date")),
        told("approved on", dates.agreed),
        told("works began on", dates.begun),
        told("completed on", dates.done),
        told("funded by:", funding),
    ]
    key = f"Task/adaptation/{row.text('adaptation_id')}/{person}"
    yield _task(row, key, _EQUIPMENT, codes.in_words(row.text("works_type")), dates, details)


def _task(row: Row, key: str, category: Category, what: str, dates: _Dates, details: list[str]) -> Fact:
    """Works as a Task. An adaptation that is done has only begun: it stays in the home, and so is current."""
    word = row.first("job_status_update", "status")
    status = _status(row, word, dates)
    fitted = category == _EQUIPMENT and status == "completed"
    return entry(
        row,
        key,
        category,
        {
            "resourceType": "Task",
            "status": status,
            "intent": "order",
            "code": {"text": what},
            **known(
                description=details[0],
                authoredOn=iso(dates.asked),
                businessStatus={"text": word} if word else {},
                input=_milestones(row),
            ),
            **period(dates.begun, dates.done, element="executionPeriod"),
        },
        f"{what}: {'in place' if fitted else _STAGE[status]}",
        details=[*details, told("status:", word)],
        started=(dates.done if fitted else None) or dates.begun or dates.asked,
        ended=None if fitted else dates.done,
        standing=Standing.CURRENT if fitted else _STANDING[status],
    )


def _status(row: Row, word: str, dates: _Dates) -> str:
    """The source's word for it where it is known; else what the dates tell."""
    status = codes.status("work", word) if word else None
    if word and status is None:
        row.warn("status", "is not a known status; it is kept as given")
    return status.fhir if status else dates.status


def _milestones(row: Row) -> list[Resource]:
    told_of = {"Recommended by an occupational therapist": "ot_recommendation_date", "Approved": "approval_date"}
    return [
        {"type": {"text": milestone}, "valueDate": iso(day)}
        for milestone, name in told_of.items()
        if (day := row.on(name))
    ]
