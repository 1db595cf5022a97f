"""What an entry only presumes gives way to what was known: of the resource, and of what stands beside it."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing
from tests.record.test_filing import MONDAY, TUESDAY, put, rows

COURSE = ("status", "started", "ended", "standing")
OVER = {"status": "finished", "started": MONDAY, "ended": TUESDAY, "standing": Standing.ENDED}
OPEN = {"status": "in-progress", "started": None, "ended": None, "standing": Standing.CURRENT}


def stay(course: dict[str, Any], *, recorded: datetime = MONDAY, **changes: Any) -> Entry:
    status, *_ = course.values()
    resource = {"resourceType": "Encounter", "status": status, **changes.pop("resource", {})}
    beside = {name: course[name] for name in COURSE[1:]}
    return Entry(
        key="Encounter/V1",
        category=Category("admissions"),
        resource=resource,
        title="Stay in hospital",
        line=1,
        recorded=recorded,
        **beside,
        **changes,
    )


def held(engine: Engine) -> dict[str, Any]:
    (row,) = rows(engine, "SELECT started, ended, standing, sensitivity, resource FROM entry")
    return {**row._mapping, "status": orjson.loads(row.resource)["status"]}


def test_a_message_silent_on_the_course_of_a_stay_does_not_open_it_again(engine: Engine) -> None:
    put(engine, stay(OVER))
    put(engine, stay(OPEN, recorded=TUESDAY, presumes=COURSE, detail="coded"), message=2)

    assert {name: held(engine)[name] for name in COURSE} == OVER


def test_what_such_a_message_gives_holds_where_nothing_was_known(engine: Engine) -> None:
    put(engine, stay(OPEN, presumes=COURSE))

    assert {name: held(engine)[name] for name in COURSE} == OPEN


def test_a_message_that_tells_the_course_changes_it(engine: Engine) -> None:
    put(engine, stay(OVER))
    put(engine, stay(OPEN, recorded=TUESDAY), message=2)

    assert {name: held(engine)[name] for name in COURSE} == OPEN


def test_it_holds_within_one_batch_too(engine: Engine) -> None:
    put(engine, stay(OVER), stay(OPEN, recorded=TUESDAY, presumes=COURSE))

    assert {name: held(engine)[name] for name in COURSE} == OVER


@pytest.mark.parametrize(
    ("presumes", "sensitivity"), [(("sensitivity",), Sensitivity.SEXUAL_HEALTH), ((), Sensitivity.NORMAL)]
)
def test_the_care_that_an_entry_asks_for_is_lowered_only_where_the_message_says_so(
    engine: Engine, presumes: tuple[str, ...], sensitivity: Sensitivity
) -> None:
    put(engine, stay(OVER, sensitivity=Sensitivity.SEXUAL_HEALTH))
    put(engine, stay(OVER, recorded=TUESDAY, presumes=presumes), message=2)

    assert held(engine)["sensitivity"] == sensitivity


def test_a_clinician_who_is_kept_is_kept_once_and_the_person_too(engine: Engine) -> None:
    clinician = {"actor": {"display": "Dr Marsh"}, "status": "accepted"}

    def appointment(recorded: datetime, resource: dict[str, Any], keeps: tuple[str, ...] = ()) -> Entry:
        return Entry(
            key="Appointment/1",
            category=Category("appointments"),
            resource={"resourceType": "Appointment", "status": "booked", **resource},
            title="Appointment",
            line=1,
            recorded=recorded,
            keeps=keeps,
        )

    put(engine, appointment(MONDAY, {"participant": [clinician]}))
    for day in (1, 2):
        later = MONDAY + timedelta(days=day)
        put(engine, appointment(later, {"comment": f"{day}"}, ("participant",)), message=1 + day)

    ((resource,),) = rows(engine, "SELECT resource FROM entry")
    _, *others = orjson.loads(resource)["participant"]
    assert others == [clinician]
