"""Several partners' accounts of who somebody is, as one Patient."""

import json
from typing import Any
from uuid import UUID

import pytest

from app.record.read.everything import ETHNIC_CATEGORY, SAID_TO_BE_ALIVE, as_patient
from app.record.store import Resource
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

PERSON = UUID(int=7, version=4)
ACCOUNT = Resource(1, Label(OdsCode("RL4"), Category("demographics"), Sensitivity.NORMAL), "Patient", b"")


def merged(*accounts: dict[str, Any]) -> dict[str, Any]:
    """The accounts, each written a day after the one before it."""
    stated = [
        {"resourceType": "Patient", "meta": {"lastUpdated": f"2026-03-{day:02}T00:00:00+00:00"}, **account}
        for day, account in enumerate(accounts, start=1)
    ]
    return as_patient(PERSON, [ACCOUNT._replace(content=json.dumps(one).encode()) for one in stated])


def test_what_one_has_once_is_as_the_newest_account_has_it_and_what_one_has_many_of_is_all_that_differs() -> None:
    first, second = {"system": "s", "value": "1"}, {"system": "s", "value": "2"}
    told = merged(
        {"birthDate": "1945-05-14", "gender": "male", "identifier": [first], "name": [{"family": "Tranter"}]},
        {"birthDate": "1945-05-15", "identifier": [second, first], "communication": [{"language": {"text": "Welsh"}}]},
        {"photo": [{"url": "x"}]},
    )
    assert told == {
        "resourceType": "Patient",
        "id": str(PERSON),
        "identifier": [second, first],
        "name": [{"family": "Tranter"}],
        "communication": [{"language": {"text": "Welsh"}}],
        "gender": "male",
        "birthDate": "1945-05-15",
    }


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        ([{"deceasedBoolean": True}], {"deceasedBoolean": True}),
        ([{"deceasedDateTime": "2026-01-02"}, {"deceasedBoolean": True}], {"deceasedDateTime": "2026-01-02"}),
        ([{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-02"}], {"deceasedDateTime": "2026-01-02"}),
        ([{"deceasedDateTime": "2026-01-02"}, {"deceasedDateTime": "2026-01-03"}], {"deceasedDateTime": "2026-01-03"}),
        ([{"deceasedBoolean": False}], {}),
        ([{}], {}),
    ],
)
def test_a_death_is_told_in_one_form_alone_and_by_its_day_where_anybody_knows_it(
    accounts: list[dict[str, Any]], told: dict[str, Any]
) -> None:
    """A Patient that says it in both is no FHIR."""
    assert {name: value for name, value in merged(*accounts).items() if name.startswith("deceased")} == told


@pytest.mark.parametrize(
    ("death", "element"),
    [({"deceasedDateTime": "2026-01-02"}, "deceasedDateTime"), ({"deceasedBoolean": True}, "deceasedBoolean")],
)
def test_a_death_stands_whatever_newer_account_says_that_they_are_alive_and_says_who_does(
    death: dict[str, Any], element: str
) -> None:
    by = {
        "type": "Organization",
        "identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RL4"},
    }
    living = {"extension": [{"url": SAID_TO_BE_ALIVE, "valueReference": by}]}

    told = merged(death, {"deceasedBoolean": False})

    assert {name: value for name, value in told.items() if "deceased" in name} == {**death, f"_{element}": living}


def test_ethnicity_is_told_as_the_newest_account_has_it_and_no_other_extension() -> None:
    def of(code: str) -> dict[str, Any]:
        return {"extension": [{"url": "x"}, {"url": ETHNIC_CATEGORY, "valueCodeableConcept": {"text": code}}]}

    assert merged(of("A"), of("B"), {"extension": [{"url": "x"}]})["extension"] == [of("B")["extension"][1]]
    assert "extension" not in merged({"extension": [{"url": "x"}]})
