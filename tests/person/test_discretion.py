"""Nothing of a person shows in a log or a repr."""

import logging
from typing import Any
from uuid import UUID

import pytest

from app.database.transactions import open_engine
from app.person.demographics import Demographics
from app.person.index import resolve
from app.person.local_trace import Resident
from app.person.matching import Confirmation, Known
from app.person.register import Place, Presented, Reference, Register
from app.person.tracing import Traced
from tests.person.people import ACUTE, HOUSING, JOHN, MARY, MONDAY, NUMBERS, new_ids, said, without_number

PERSONAL = (NUMBERS[0].digits, "Neill", "oneill", "Mary", "mary", "1951", "4PJ", "100071000001", "MARY-1")


def discloses(text: str) -> list[str]:
    return [value for value in PERSONAL if value in text]


def test_resolving_logs_nothing_of_the_person(module_database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")
    engine = open_engine(module_database_url)
    with engine.connect() as connection:
        resolve(connection, ACUTE, [MARY, JOHN], at=MONDAY, new_id=new_ids())
        resolve(connection, ACUTE, [MARY, said(MARY, family_name="Murphy")], at=MONDAY, new_id=new_ids(9))
        resolve(connection, HOUSING, [without_number(MARY)], at=MONDAY, new_id=new_ids(9))
        connection.rollback()
    engine.dispose()
    assert "INSERT INTO person_nhs_number" in caplog.text
    assert discloses(caplog.text) == []


STATED = Demographics.of(MARY)
PLACE = Place(UUID(int=1), UUID(int=1))


@pytest.mark.parametrize(
    "value",
    [
        STATED,
        Known([STATED], True),
        Presented.of(MARY),
        Register(by_number={NUMBERS[0].digits: PLACE}, by_local_id={"MARY-1": Reference(PLACE, Confirmation.TRACE)}),
        Resident(PLACE.person_id, NUMBERS[0], [STATED]),
        Traced(nhs_number=NUMBERS[0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_shows_nothing_of_the_person(value: Any) -> None:
    assert discloses(f"{value!r} {value}") == []
