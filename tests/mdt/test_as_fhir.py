"""A meeting as FHIR: what stands for what, read as the standard has it, and nobody whom the reader may not see."""

from typing import Any
from uuid import UUID

import pytest
from fhirclient.models.bundle import Bundle

from app.mdt.as_fhir import meeting_as_fhir
from app.mdt.thing import Refusal
from tests.mdt.conftest import FATHER, Wulfrun
from tests.mdt.test_invitation import guest


@pytest.fixture
def discussed(wulfrun: Wulfrun) -> UUID:
    """A meeting at which he was discussed, with an action."""
    entry = wulfrun.on_caseload()
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, entry)
    wulfrun.does("coordinator", "meetings", "invite-core", meeting["id"], version=1)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    owner = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
    wulfrun.does(
        "chair", "actions", "new", item_id=str(item), what="Mend it", test="Warm", due="2026-08-01", owner=owner
    )
    wulfrun.later(minutes=7)
    wulfrun.does(
        "chair", "items", "conclude", item, version=2, outcome="plan-agreed", review_on="2026-10-14",
        read_back=wulfrun.heard(item),
    )  # fmt: skip
    return UUID(str(meeting["id"]))


def resources(wulfrun: Wulfrun, username: str, meeting: UUID) -> dict[str, list[dict[str, Any]]]:
    told = wulfrun.asks(username, meeting_as_fhir, meeting)
    assert not isinstance(told, Refusal), told
    Bundle(told)  # raises where it is no FHIR R4
    found: dict[str, list[dict[str, Any]]] = {}
    for one in told["entry"]:
        found.setdefault(one["resource"]["resourceType"], []).append(one["resource"])
    return found


def test_a_meeting_is_read_as_fhir_by_who_sees_it(wulfrun: Wulfrun, discussed: UUID) -> None:
    found = resources(wulfrun, "chair", discussed)
    assert set(found) == {"Appointment", "List", "EpisodeOfCare", "CareTeam", "Encounter", "CarePlan"}
    patient = {"reference": f"Patient/{wulfrun.person(FATHER)}"}
    [encounter], [plan], [episode] = found["Encounter"], found["CarePlan"], found["EpisodeOfCare"]
    assert encounter["subject"] == plan["subject"] == episode["patient"] == patient
    assert (encounter["status"], encounter["class"]["code"]) == ("finished", "VR")
    assert encounter["appointment"] == [{"reference": f"Appointment/{discussed}"}]
    began, ended = encounter["period"]["start"], encounter["period"]["end"]
    assert began < ended
    assert [one["reference"]["reference"].partition("/")[0] for one in plan["activity"]] == ["Task"]
    assert found["List"][0]["entry"] == [{"item": {"reference": f"EpisodeOfCare/{episode['id']}"}}]


def test_an_appointment_and_an_agenda_tell_of_no_patient(wulfrun: Wulfrun, discussed: UUID) -> None:
    found = resources(wulfrun, "chair", discussed)
    for one in (*found["Appointment"], *found["List"]):
        assert "subject" not in one
        assert "Patient" not in str(one)
        assert str(wulfrun.person(FATHER)) not in str(one)
    assert len(found["Appointment"][0]["participant"]) > 5


def test_who_may_not_read_a_discussion_reads_no_decision(wulfrun: Wulfrun, discussed: UUID) -> None:
    found = resources(wulfrun, "coordinator", discussed)
    assert "CarePlan" not in found
    assert "period" not in found["Encounter"][0]


def test_a_guest_has_their_own_item_and_a_stranger_nothing(wulfrun: Wulfrun) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, wulfrun.on_caseload())
    made = wulfrun.does("coordinator", "invitations", "new", **guest(meeting, item))
    assert isinstance(wulfrun.asks("acute-clinician", meeting_as_fhir, meeting["id"]), Refusal)
    wulfrun.does("housing-officer", "invitations", "accept", made["id"], version=1)
    wulfrun.at = meeting["starts_at"]
    found = resources(wulfrun, "housing-officer", UUID(str(meeting["id"])))
    assert [one["id"] for one in found["Encounter"]] == [str(item)]
    assert "EpisodeOfCare" not in found  # the caseload is the team's
