"""A push that says that its sender cares for somebody: what it lets the sender see, once somebody agreed to it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.adapters.fhir_bundle import NAME
from app.database.transactions import transaction
from app.record.freshness import let_relate
from app.vocabulary.fhir_systems import ACT_CODE, ODS_ORGANISATION
from app.vocabulary.ods_code import OdsCode
from tests.fhir.pushing.sender import System, about, condition, patient
from tests.intake.feed import rows

US = OdsCode("RL4")
RELATED = """
    SELECT kind, organisation, started::date::text, ended::date::text, revoked IS NOT NULL FROM relationship
    WHERE starts_with(key, 'fhir-bundle/') ORDER BY id
"""
VISIT = {"number": ""}  # of the visit that a test is about, as each has its own
ADMITTED = ("admission", "RL4", "2026-01-05", None, False)


def stay(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "identifier": [{"system": "https://wulfrun-hospitals.example/visit", "value": VISIT["number"]}],
        "status": "in-progress",
        "class": {"system": ACT_CODE, "code": "IMP"},
        "subject": about(0),
        "serviceProvider": {"identifier": {"system": ODS_ORGANISATION, "value": "RL4"}},
        "period": {"start": "2026-01-05T10:00:00Z"},
        **changes,
    }


@pytest.fixture(autouse=True)
def agreed(acute: System, place: Engine) -> Iterator[Callable[[bool], None]]:
    """Lets what the hospital pushes relate it, or not."""
    assert acute.send("POST", "/Patient", patient(0)).status_code in (200, 201)

    def agree(relates: bool) -> None:
        with transaction(place) as connection:
            let_relate(connection, US, NAME, relates=relates)

    VISIT["number"] = str(uuid4())
    agree(True)
    yield agree
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM relationship")
        connection.exec_driver_sql("UPDATE feed SET relates = false")


def may_look(system: System) -> bool:
    """Whether the hospital's system finds the person."""
    found = system.client.post(
        "/fhir/R4/Patient/_search",
        data={"identifier": f"https://fhir.nhs.uk/Id/nhs-number|{patient(0)['identifier'][0]['value']}"},
        headers={"authorization": system.headers["authorization"]},
    )
    assert found.status_code == 200, found.text
    return any(one["search"]["mode"] == "match" for one in found.json().get("entry", ()))


def test_by_itself_a_push_relates_its_sender_to_nobody(
    acute: System, place: Engine, agreed: Callable[[bool], None]
) -> None:
    agreed(False)
    assert acute.send("POST", "/Encounter", stay()).status_code == 201
    assert rows(place, RELATED) == []
    assert not may_look(acute)


def test_a_stay_that_it_names_itself_for_lets_it_see_whom_it_cares_for_while_it_lasts(
    acute: System, place: Engine
) -> None:
    assert not may_look(acute)
    assert acute.send("POST", "/Encounter", stay()).status_code == 201
    assert rows(place, RELATED) == [ADMITTED]
    assert may_look(acute)
    over = stay(status="finished", period={"start": "2026-01-05T10:00:00Z", "end": "2026-01-09T09:00:00Z"})
    assert acute.send("POST", "/Encounter", over).status_code == 200
    assert rows(place, RELATED) == [("admission", "RL4", "2026-01-05", "2026-01-09", False)]
    assert not may_look(acute)


def test_the_relationship_names_the_message_that_it_rests_on(acute: System, place: Engine) -> None:
    assert acute.send("POST", "/Encounter", stay()).status_code == 201
    [(evidence, partner, adapter)] = rows(
        place,
        "SELECT r.message = e.message, m.partner, m.adapter FROM relationship r"
        " JOIN entry e ON 'fhir-bundle/' || e.key = r.key JOIN inbox_message m ON m.id = r.message",
    )
    assert (evidence, partner, adapter) == (True, "RL4", NAME)


@pytest.mark.parametrize(
    "changes",
    [
        {"class": {"system": ACT_CODE, "code": "AMB"}},
        {"serviceProvider": {"identifier": {"system": ODS_ORGANISATION, "value": "RRE"}}},
        {"period": {"end": "2026-01-09T09:00:00Z"}},
    ],
)
def test_what_is_stated_anew_without_it_takes_it_back(acute: System, place: Engine, changes: dict[str, Any]) -> None:
    assert acute.send("POST", "/Encounter", stay()).status_code == 201
    assert acute.send("POST", "/Encounter", stay(**changes)).status_code == 200
    assert [row[4] for row in rows(place, RELATED)] == [True]
    assert not may_look(acute)


def test_taking_the_stay_back_takes_the_sight_back(acute: System, place: Engine) -> None:
    created = acute.send("POST", "/Encounter", stay())
    assert may_look(acute)
    assert acute.send("DELETE", f"/Encounter/{created.json()['id']}").status_code in (200, 204)
    assert [row[4] for row in rows(place, RELATED)] == [True]
    assert not may_look(acute)


def test_what_is_only_to_be_stated_if_it_is_new_changes_no_relationship(acute: System, place: Engine) -> None:
    assert acute.send("POST", "/Encounter", stay()).status_code == 201
    unless = f"identifier=https://wulfrun-hospitals.example/visit|{VISIT['number']}"
    again = acute.send("POST", "/Encounter", stay(status="cancelled"), if_none_exist=unless)
    assert again.status_code == 200
    assert rows(place, RELATED) == [ADMITTED]


def test_nobody_elses_pushes_relate_as_one_partners_do(sending: Callable[..., System], place: Engine) -> None:
    """And a partner cannot name another for whom it would open a record."""
    other = sending("RRE")
    assert other.send("POST", "/Patient", patient(0)).status_code in (200, 201, 202)
    ours = {"identifier": {"system": ODS_ORGANISATION, "value": "RRE"}}
    assert other.send("POST", "/Encounter", stay(serviceProvider=ours)).status_code in (201, 202)
    assert rows(place, RELATED) == []


def test_a_rehearsal_relates_nobody(acute: System, place: Engine) -> None:
    assert acute.send("POST", "/Encounter/$validate", stay()).status_code == 200
    assert rows(place, RELATED) == []


def test_a_stay_that_waits_for_a_person_relates_nobody_until_it_is_filed(acute: System, place: Engine) -> None:
    unknown = {"identifier": {"system": "https://wulfrun-hospitals.example/hospital-number", "value": "H404"}}
    assert acute.send("POST", "/Encounter", stay(subject=unknown)).status_code == 202
    assert acute.send("POST", "/Condition", condition(1)).status_code in (200, 201)
    assert rows(place, RELATED) == []
