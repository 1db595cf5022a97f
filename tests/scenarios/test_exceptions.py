"""Emergency access and objections, as staff ask for them and the privacy officer hears of them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from app.audit.keys import chain_key
from app.database.transactions import transaction
from app.governance.exceptions.opening import Asking as AskingToOpen
from app.governance.exceptions.opening import Reason, open_record
from app.governance.signing.agreeing import lawful
from app.identity.account import ISSUER
from app.settings import Settings
from app.settings import settings as current_settings
from app.vocabulary.token import Purpose
from tests.conftest import the_agreements
from tests.scenarios.conftest import As
from tests.sharing.worlds import someone

Asking = Callable[..., As]
Command = Callable[..., Any]
WHY = {"reason": "unconscious", "details": "brought in by ambulance, nobody with them"}
FLAGGED = {"reason": "care-of-flagged-person", "details": "visiting today, on my caseload"}
AGREEMENTS = the_agreements()


def post(asker: As, path: str, body: dict[str, Any]) -> Any:
    return asker.client.post(path, params={"purpose": asker.purpose}, headers=asker.headers, json=body)


def column(engine: Engine, query: str, **parameters: object) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(query), parameters).scalars())


def forget(place: Engine) -> None:
    """Whatever was opened, told and objected to."""
    with transaction(place) as connection:
        for table in ("emergency_opening", "privacy_alert", "objection"):
            connection.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def stranger(place: Engine) -> Iterator[str]:
    """Somebody whom the hospital has nothing to do with, and the practice knows."""
    (person,) = column(
        place,
        "SELECT r.person_id FROM relationship r WHERE r.organisation = 'M92001' AND NOT EXISTS"
        " (SELECT FROM relationship h WHERE h.person_id = r.person_id AND h.organisation = 'RL4' AND h.ended IS NULL)"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = r.person_id AND f.raised)"
        " ORDER BY r.id LIMIT 1",
    )
    yield str(person)
    forget(place)


@pytest.fixture
def patient(place: Engine) -> Iterator[str]:
    """Somebody on the community nurses' caseload, and registered with the practice."""
    (person,) = column(
        place,
        "SELECT r.person_id FROM relationship r JOIN relationship g ON g.person_id = r.person_id"
        " WHERE r.organisation = 'RL4C' AND r.kind = 'caseload' AND r.ended IS NULL"
        " AND g.kind = 'registration' AND g.organisation = 'M92001' AND g.ended IS NULL"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = r.person_id AND f.raised)"
        " ORDER BY r.id LIMIT 1",
    )
    yield str(person)
    forget(place)
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM person_flag WHERE kind = 'staff-or-vip'"))


def categories(asker: As, person: str) -> set[str]:
    seen = asker.get(f"/api/persons/{person}")
    return {heading["category"] for heading in seen.json()["headings"]} if seen.status_code == 200 else set()


# ── Emergency access ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_an_emergency_a_doctor_sees_what_the_agreement_gives_and_nothing_more(asking: Asking, stranger: str) -> None:
    doctor = asking("acute-clinician")
    assert doctor.get(f"/api/persons/{stranger}").status_code == 404
    opened = post(doctor, f"/api/persons/{stranger}/emergency-access", WHY)
    assert opened.status_code == 201
    until = datetime.fromisoformat(opened.json()["until"])
    assert timedelta(minutes=58) < until - datetime.now(UTC) <= timedelta(minutes=60)
    emergency = AGREEMENTS.documents[0].emergency_access
    assert emergency is not None
    assert set() < categories(doctor, stranger) <= set(emergency.categories)


def test_an_opening_is_for_one_person_alone(asking: Asking, place: Engine, stranger: str) -> None:
    doctor = asking("acute-clinician")
    people = [str(person) for person in column(place, "SELECT id FROM person")]
    seen = {person for person in people if doctor.get(f"/api/persons/{person}").status_code == 200}
    post(doctor, f"/api/persons/{stranger}/emergency-access", WHY)
    assert {p for p in people if doctor.get(f"/api/persons/{p}").status_code == 200} == seen | {stranger}


def test_an_opening_lasts_an_hour_and_brings_in_nobody_else(asking: Asking, place: Engine, stranger: str) -> None:
    doctor = asking("acute-clinician")
    assert post(doctor, f"/api/persons/{stranger}/emergency-access", WHY).status_code == 201
    assert column(place, "SELECT ended - started FROM emergency_opening") == [timedelta(hours=1)]
    colleague = {"colleague": {"issuer": "local", "subject": "gp"}, "organisation": "M92001"}
    said = post(doctor, f"/api/persons/{stranger}/relationships", {**JOINT, **colleague})
    assert said.status_code == 404
    assert column(place, "SELECT id FROM relationship WHERE key LIKE 'made/%'") == []


@pytest.mark.parametrize(
    "said", [{"reason": "unconscious", "details": " "}, {"reason": "curious", "details": "I want to look"}, {}]
)
def test_no_reason_no_opening(asking: Asking, place: Engine, stranger: str, said: dict[str, str]) -> None:
    answer = post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", said)
    assert answer.status_code in (400, 422)
    assert column(place, "SELECT id FROM emergency_opening") == []
    assert column(place, "SELECT id FROM privacy_alert") == []


def test_what_no_text_can_hold_opens_nothing_and_is_said_to_be_what_is_wrong(
    asking: Asking, place: Engine, stranger: str
) -> None:
    said = {"reason": "unconscious", "details": "brought in\x00by ambulance"}
    refused = post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", said)
    assert refused.status_code == 422
    assert "a character that is no text" in refused.json()["error"]
    assert column(place, "SELECT id FROM emergency_opening") == []


def test_the_opening_the_alert_and_the_trail_stand_together(asking: Asking, place: Engine, stranger: str) -> None:
    post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", WHY)
    (number,) = column(place, "SELECT id FROM emergency_opening WHERE reason LIKE 'unconscious: brought in%'")
    assert column(place, "SELECT fact FROM privacy_alert WHERE reviewed IS NULL") == [f"opening/{number}"]
    assert column(place, "SELECT review_due - raised FROM privacy_alert") == [timedelta(days=5)]
    events = column(place, "SELECT event FROM audit_event WHERE event->>'kind' = 'emergency-opened'")
    assert (events[-1]["person"], events[-1]["reason"]) == (stranger, "unconscious")
    assert "ambulance" not in json.dumps(events)


def test_where_the_trail_cannot_be_written_nothing_is_opened(
    place: Engine, stranger: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("app.governance.exceptions.opening.record", broken)
    with pytest.raises(RuntimeError, match="gone"):
        opened_by(place, settings, stranger, "acute-clinician", "RL4")
    assert column(place, "SELECT id FROM emergency_opening") == []
    assert column(place, "SELECT id FROM privacy_alert") == []


def opened_by(place: Engine, settings: Settings, person: str, role: str, at: str, **changes: Any) -> Any:
    asked = AskingToOpen(
        requester=someone(role, at),
        purpose=Purpose("direct-care"),
        reason=Reason.UNCONSCIOUS,
        details="brought in by ambulance",
        at=datetime.now(UTC),
    )
    with transaction(place) as connection:
        given: dict[str, Any] = {"agreements": AGREEMENTS, "key": chain_key(settings), "new_id": uuid4} | changes
        return open_record(connection, UUID(person), asked, **given)


def test_nobody_opens_what_would_show_them_nothing(place: Engine, settings: Settings, stranger: str) -> None:
    assert opened_by(place, settings, stranger, "acute-clinician", "RL4") is not None
    assert opened_by(place, settings, stranger, "housing-officer", "WH100") is None
    assert opened_by(place, settings, str(uuid4()), "acute-clinician", "RL4") is None
    assert opened_by(place, settings, stranger, "acute-clinician", "RL4", agreements=lawful(AGREEMENTS, {})) is None


@pytest.mark.parametrize("kind", ["sealed", "dissent"])
def test_no_opening_overrides_a_sealed_record_or_what_the_person_refused(
    place: Engine, settings: Settings, asking: Asking, stranger: str, kind: str
) -> None:
    partners = ["RL4", "LA508", "RRE", "M92001", "RL4C", "8A999"] if kind == "dissent" else ["M92001"]
    with transaction(place) as connection:
        for partner in partners:
            connection.execute(
                text("INSERT INTO person_flag VALUES (:id, :partner, :kind, true, now(), 0)"),
                {"id": stranger, "partner": partner, "kind": kind},
            )
    try:
        assert opened_by(place, settings, stranger, "acute-clinician", "RL4") is None
    finally:
        with transaction(place) as connection:
            connection.execute(text("DELETE FROM person_flag WHERE message = 0"))


def test_refusals_of_an_opening_read_alike(asking: Asking, stranger: str) -> None:
    answers = [
        post(asking("housing-officer", "direct-care"), f"/api/persons/{stranger}/emergency-access", WHY),
        post(asking("housing-officer", "tenancy-support"), f"/api/persons/{uuid4()}/emergency-access", WHY),
        post(asking("acute-clinician"), f"/api/persons/{uuid4()}/emergency-access", WHY),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_nobody_opens_what_they_see_already(asking: Asking, place: Engine, patient: str) -> None:
    answer = post(asking("nurse"), f"/api/persons/{patient}/emergency-access", WHY)
    assert (answer.status_code, "already" in answer.text) == (400, True)
    assert column(place, "SELECT id FROM emergency_opening") == []


def test_a_record_that_asks_for_a_reason_is_shown_to_whoever_gave_one(
    asking: Asking, place: Engine, patient: str
) -> None:
    nurse = asking("nurse")
    before = categories(nurse, patient)
    with transaction(place) as connection:
        connection.execute(
            text("INSERT INTO person_flag VALUES (:id, 'RL4', 'staff-or-vip', true, now(), 0)"), {"id": patient}
        )
    assert nurse.get(f"/api/persons/{patient}").status_code == 404
    unmet = column(place, "SELECT event->>'reason' FROM audit_event WHERE event->>'kind' = 'denied'")
    assert "unmet/alert-privacy-officer/reason" in unmet
    assert post(nurse, f"/api/persons/{patient}/emergency-access", FLAGGED).status_code == 201
    assert categories(nurse, patient) == before
    assert asking("chair", "direct-care", "community-nurse").get(f"/api/persons/{patient}").status_code == 404


def test_the_privacy_officer_reviews_each_alert_once(
    asking: Asking, place: Engine, stranger: str, command: Command
) -> None:
    post(asking("acute-clinician"), f"/api/persons/{stranger}/emergency-access", WHY)
    (waiting,) = json.loads(command("alert", "list", "--json").output)
    assert (waiting["subject"], waiting["overdue"]) == ("acute-clinician", "")
    assert command("alert", "review", waiting["id"], "--outcome", "justified").exit_code == 0
    assert json.loads(command("alert", "list", "--json").output) == []
    assert command("alert", "review", waiting["id"], "--outcome", "justified").exit_code != 0
    told = "SELECT event FROM audit_event WHERE event->>'kind' = 'alert-reviewed' AND event->>'other' = :alert"
    assert [event["reason"] for event in column(place, told, alert=waiting["id"])] == ["justified"]


# ── Objections ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_objection_holds_from_when_it_is_lodged_until_it_is_declined(asking: Asking, patient: str) -> None:
    nurse, gp = asking("nurse"), asking("gp")
    before = categories(nurse, patient)
    lodged = post(nurse, f"/api/persons/{patient}/objections", {"scope": "all"})
    assert lodged.status_code == 201
    assert nurse.get(f"/api/persons/{patient}").status_code == 404
    number = lodged.json()["number"]
    declined = post(gp, f"/api/persons/{patient}/objections/{number}/decision", {"decision": "decline"})
    assert declined.json() == {"state": "declined"}
    assert categories(nurse, patient) == before
    upheld = post(gp, f"/api/persons/{patient}/objections/{number}/decision", {"decision": "uphold"})
    assert upheld.json() == {"state": "upheld"}
    assert categories(nurse, patient) == set()
    assert post(nurse, f"/api/persons/{patient}/objections/{number}/decision", {"decision": "lift"}).json() == {
        "state": "lifted"
    }
    assert categories(nurse, patient) == before


def test_an_objection_to_one_heading_hides_that_heading_alone(asking: Asking, patient: str) -> None:
    nurse = asking("nurse")
    before = categories(nurse, patient)
    heading = sorted(before - {"demographics"})[0]
    post(nurse, f"/api/persons/{patient}/objections", {"scope": "category", "category": heading})
    assert categories(nurse, patient) == before - {heading}


def test_only_whom_the_agreement_names_decides(asking: Asking, place: Engine, patient: str) -> None:
    nurse = asking("nurse")
    number = post(nurse, f"/api/persons/{patient}/objections", {"scope": "all"}).json()["number"]
    refused = post(nurse, f"/api/persons/{patient}/objections/{number}/decision", {"decision": "decline"})
    assert (refused.status_code, "others decide" in refused.text) == (400, True)
    assert column(place, "SELECT upheld FROM objection") == [True]
    kinds = column(place, "SELECT event->>'reason' FROM audit_event WHERE event->>'kind' = 'objection-changed'")
    assert kinds[-1] == "lodged"


def test_whoever_has_nothing_to_do_with_the_person_handles_no_objection(asking: Asking, patient: str) -> None:
    doctor = asking("mental-health", "safeguarding")
    answers = [
        post(doctor, f"/api/persons/{uuid4()}/objections", {"scope": "all"}),
        post(asking("housing-officer", "direct-care"), f"/api/persons/{patient}/objections", {"scope": "all"}),
        asking("housing-officer", "direct-care").get(f"/api/persons/{patient}/objections"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_objections_are_listed_with_where_they_stand(asking: Asking, patient: str) -> None:
    nurse = asking("nurse")
    number = post(nurse, f"/api/persons/{patient}/objections", {"scope": "recipient", "organisation": "WH100"}).json()
    (listed,) = nurse.get(f"/api/persons/{patient}/objections").json()["objections"]
    assert (listed["number"], listed["scope"], listed["state"]) == (number["number"], "recipient", "lodged")


@pytest.mark.parametrize(
    "said",
    [
        {"scope": "category"},
        {"scope": "category", "category": "horoscope"},
        {"scope": "source"},
        {"scope": "user"},
        {"scope": "all", "category": "medications"},
    ],
)
def test_an_objection_says_what_it_covers(asking: Asking, place: Engine, patient: str, said: dict[str, str]) -> None:
    assert post(asking("nurse"), f"/api/persons/{patient}/objections", said).status_code == 400
    assert column(place, "SELECT id FROM objection") == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"scope": "user", "user": {"issuer": ISSUER, "subject": "nobody-of-that-name"}}, "nobody signs in with that"),
        ({"scope": "user", "user": {"issuer": "https://cis2.example", "subject": "555"}}, "nobody signs in with that"),
        ({"scope": "recipient", "organisation": "RL9"}, "no party to the agreements has that code"),
    ],
)
def test_an_objection_that_would_protect_nobody_is_refused_to_programs_in_the_words_of_the_page(
    asking: Asking, place: Engine, patient: str, said: dict[str, Any], why: str
) -> None:
    told = post(asking("nurse"), f"/api/persons/{patient}/objections", said)
    assert (told.status_code, why in told.text) == (400, True)
    assert column(place, "SELECT id FROM objection") == []
    stranger, path = asking("housing-officer", "direct-care"), f"/api/persons/{patient}/objections"
    there = {"scope": "user", "user": {"issuer": ISSUER, "subject": "nurse"}}
    refused = [post(stranger, path, one) for one in (said, there)]  # who is there is not told to whoever may not ask
    assert {(one.status_code, one.content) for one in refused} == {(404, refused[0].content)}


LEAD = ("--party", "RL4C", "--role", "ig-lead")


SCOPES = {
    ("all",): {},
    ("category", "--category", "medications"): {"category": "medications"},
    ("source", "--organisation", "RL4"): {"organisation": "RL4"},
    ("recipient", "--organisation", "WH100"): {"organisation": "WH100"},
    ("user", "--user", "nurse"): {},
    ("user", "--user", "555", "--issuer", "https://cis2.example", "--unseen"): {},
    ("meeting", "--locality", "northgate", "--on", "2026-12-03"): {"meeting": "northgate/2026-12-03"},
}


def test_an_objection_of_each_scope_is_recorded_decided_and_withdrawn_by_command(
    command: Command, place: Engine, patient: str
) -> None:
    numbers = [command("objection", "record", patient, *LEAD, "--scope", *said).output.strip() for said in SCOPES]
    listed = json.loads(command("objection", "list", patient, *LEAD, "--json").output)
    assert [(str(row["number"]), row["scope"], row["state"]) for row in listed] == [
        (number, said[0], "lodged") for number, said in zip(numbers, SCOPES, strict=True)
    ]
    named = [{name: row[name] for name in ("category", "organisation", "meeting") if row[name]} for row in listed]
    assert named == list(SCOPES.values())
    number = numbers[0]
    assert command("objection", "decide", patient, number, "decline", *LEAD).output.strip() == "declined"
    assert command("objection", "decide", patient, number, "uphold", *LEAD).output.strip() == "upheld"
    assert command("objection", "withdraw", patient, number, *LEAD).output.strip() == "lifted"
    told = column(
        place,
        "SELECT event->>'reason' FROM audit_event WHERE event->>'kind' = 'objection-changed' AND subject = :me"
        " AND event->>'role' = 'ig-lead' AND event->'relied_on'->>0 = :which",
        me=getuser(),
        which=f"objection/{number}",
    )
    assert sorted(told) == ["declined", "lifted", "lodged", "upheld"]


def test_an_objection_that_is_recorded_by_command_hides_what_it_names(
    asking: Asking, command: Command, patient: str
) -> None:
    nurse = asking("nurse")
    before = categories(nurse, patient)
    heading = sorted(before - {"demographics"})[0]
    number = command("objection", "record", patient, *LEAD, "--scope", "category", "--category", heading).output.strip()
    assert categories(nurse, patient) == before - {heading}
    (waiting,) = json.loads(command("objection", "list", *LEAD, "--json").output)
    assert (waiting["person"], str(waiting["number"])) == (patient, number)
    assert heading in command("objection", "list", patient, *LEAD).output
    assert command("objection", "withdraw", patient, number, *LEAD).exit_code == 0
    assert categories(nurse, patient) == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("record", "PERSON", *LEAD, "--scope", "recipient", "--organisation", "RL9"), "no party"),
        (("record", "PERSON", *LEAD, "--scope", "user", "--user", "nobody-of-that-name"), "nobody signs in"),
        (("record", "PERSON", *LEAD, "--scope", "user", "--user", "555", "--issuer", "https://x"), "of that provider"),
        (("record", str(uuid4()), *LEAD, "--scope", "all"), "no such person"),
        (("record", "PERSON", "--party", "WH100", "--role", "gp", "--scope", "all"), "no agreement in force"),
        (("decide", "PERSON", "999999", "uphold", *LEAD), "no such objection"),
    ],
)
def test_an_objection_that_would_protect_nobody_is_refused_by_the_command(
    command: Command, place: Engine, patient: str, arguments: tuple[str, ...], why: str
) -> None:
    told = command("objection", *[patient if each == "PERSON" else each for each in arguments])
    assert (told.exit_code != 0, why in str(told.exception)) == (True, True), told.output
    assert column(place, "SELECT id FROM objection") == []


def test_at_the_command_line_too_only_the_roles_that_the_agreement_names_decide(command: Command, patient: str) -> None:
    nurse = ("--party", "RL4C", "--role", "community-nurse")
    number = command("objection", "record", patient, *nurse, "--scope", "all").output.strip()
    told = command("objection", "decide", patient, number, "decline", *nurse)
    assert (told.exit_code != 0, "others decide" in str(told.exception)) == (True, True)
    assert command("objection", "list", *nurse).output.strip().endswith("none waits for this role")


# ── Relationships that staff make ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def unknown(place: Engine) -> Iterator[tuple[str, str]]:
    """Somebody whom the community nurses have nothing to do with, and their NHS number."""
    with place.connect() as connection:
        row = connection.execute(
            text(
                "SELECT n.person_id, n.nhs_number FROM person_nhs_number n WHERE EXISTS"
                " (SELECT FROM relationship g WHERE g.person_id = n.person_id AND g.organisation = 'M92001')"
                " AND NOT EXISTS (SELECT FROM relationship r WHERE r.person_id = n.person_id"
                " AND r.organisation IN ('RL4C', 'RL4'))"
                " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id AND f.raised)"
                " ORDER BY n.nhs_number LIMIT 1"
            )
        ).one()
    yield str(row[0]), str(row[1])
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM relationship WHERE key LIKE 'made/%'"))
        for table in ("emergency_opening", "privacy_alert"):
            connection.execute(text(f"DELETE FROM {table}"))


RELIEF = {"kind": "claimed", "evidence": "on the relief shift for the north team tonight"}
JOINT = {"kind": "brought-in", "evidence": "joint visit this afternoon with the community nurse"}


def test_a_doctor_opens_the_record_of_whoever_has_a_number(asking: Asking, unknown: tuple[str, str]) -> None:
    person, number = unknown
    opened = post(asking("acute-clinician"), "/api/persons/emergency-access", {**WHY, "nhs_number": number})
    assert (opened.status_code, opened.json()["id"]) == (201, person)
    assert categories(asking("acute-clinician"), person)


def test_a_claim_shows_the_claimant_alone_and_is_told_to_the_privacy_officer(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, number = unknown
    nurse = asking("nurse")
    assert nurse.get(f"/api/persons/{person}").status_code == 404
    claimed = post(nurse, "/api/persons/relationships", {**RELIEF, "nhs_number": number})
    assert (claimed.status_code, claimed.json()["id"]) == (201, person)
    assert datetime.fromisoformat(claimed.json()["until"]) - datetime.now(UTC) <= timedelta(days=1)
    assert "results" not in categories(nurse, person)
    assert categories(nurse, person)
    assert asking("chair", "direct-care", "community-nurse").get(f"/api/persons/{person}").status_code == 404
    assert column(place, "SELECT kind FROM privacy_alert") == ["claim"]
    assert column(place, "SELECT evidence FROM relationship WHERE key LIKE 'made/%'") == [RELIEF["evidence"]]
    events = column(place, "SELECT event FROM audit_event WHERE event->>'kind' = 'relationship-made'")
    assert "relief" not in json.dumps(events)
    assert events[-1]["reason"] == "self"


def test_a_colleague_is_brought_in_by_whoever_has_a_relationship_of_their_own(
    asking: Asking, place: Engine, patient: str, unknown: tuple[str, str]
) -> None:
    chair = {"colleague": {"issuer": "local", "subject": "chair"}, "organisation": "RL4C"}
    carried = post(asking("nurse"), f"/api/persons/{patient}/relationships", {**JOINT, **chair})
    assert carried.status_code == 201
    assert column(place, "SELECT kind FROM privacy_alert") == []
    post(asking("nurse"), "/api/persons/relationships", {**RELIEF, "nhs_number": unknown[1]})
    from_a_claim = post(asking("nurse"), f"/api/persons/{unknown[0]}/relationships", {**JOINT, **chair})
    assert from_a_claim.status_code == 404
    assert asking("chair", "direct-care", "community-nurse").get(f"/api/persons/{unknown[0]}").status_code == 404


@pytest.mark.parametrize(
    ("username", "said"),
    [("gp", RELIEF), ("nurse", {**RELIEF, "kind": "caseload"}), ("nurse", {**RELIEF, "evidence": "because"})],
    ids=["another role", "a kind that feeds tell", "no evidence"],
)
def test_nobody_makes_what_the_agreement_does_not_let_them(
    asking: Asking, place: Engine, unknown: tuple[str, str], username: str, said: dict[str, str]
) -> None:
    answer = post(asking(username), "/api/persons/relationships", {**said, "nhs_number": unknown[1]})
    assert answer.status_code == 400
    assert column(place, "SELECT id FROM relationship WHERE key LIKE 'made/%'") == []


def test_a_claim_of_nobody_is_refused_as_one_of_somebody_whom_it_would_not_show(
    asking: Asking, unknown: tuple[str, str]
) -> None:
    nobody = post(asking("nurse"), "/api/persons/relationships", {**RELIEF, "nhs_number": "9991234500"})
    useless = post(
        asking("nurse", "tenancy-support"), "/api/persons/relationships", {**RELIEF, "nhs_number": unknown[1]}
    )
    assert (nobody.status_code, nobody.content) == (useless.status_code, useless.content) == (404, nobody.content)


# ── Special records ──────────────────────────────────────────────────────────────────────────────────────────────────

WHY_FLAGGED = "Asked for by the Caldicott Guardian"


@pytest.fixture
def flagged(place: Engine, patient: str) -> Iterator[str]:
    """The same, whose flags and made relationships are gone afterwards."""
    yield patient
    with transaction(place) as connection:
        connection.execute(text("DELETE FROM person_flag WHERE kind IN ('sealed', 'staff-or-vip')"))
        connection.execute(text("DELETE FROM flag_step"))
        connection.execute(text("DELETE FROM relationship WHERE key LIKE 'made/%'"))


def flags(asker: As, person: str, step: str, flag: str = "sealed", why: str = WHY_FLAGGED) -> Any:
    return post(asker, f"/api/special-records/{person}", {"flag": flag, "step": step, "why": why})


def lead(asking: Asking, username: str = "ig-lead") -> As:
    return asking(username, "access-review")


def test_one_lead_seals_a_record_at_once_and_two_lift_it(asking: Asking, flagged: str) -> None:
    gp = asking("gp")
    before = categories(gp, flagged)
    assert before
    assert flags(lead(asking), flagged, "raise").json() == {"state": "raised"}
    assert categories(gp, flagged) == set()
    assert flags(lead(asking), flagged, "lift").json() == {"state": "lift-asked"}
    assert flags(lead(asking), flagged, "lift").status_code == 400
    assert categories(gp, flagged) == set()
    assert flags(lead(asking, "caldicott"), flagged, "keep").json() == {"state": "raised"}
    flags(lead(asking, "caldicott"), flagged, "lift")
    assert flags(lead(asking), flagged, "lift").json() == {"state": "none"}
    assert categories(gp, flagged) == before


def test_a_sealed_record_opens_to_nobody_in_an_emergency(asking: Asking, flagged: str) -> None:
    flags(lead(asking), flagged, "raise")
    gp = asking("gp")
    assert post(gp, f"/api/persons/{flagged}/emergency-access", WHY).status_code == 404
    assert categories(gp, flagged) == set()


def test_whoever_is_marked_as_staff_is_seen_once_a_reason_is_given(asking: Asking, flagged: str) -> None:
    nurse = asking("nurse")
    before = categories(nurse, flagged)
    assert flags(lead(asking), flagged, "raise", "staff-or-vip").json() == {"state": "raised"}
    assert categories(nurse, flagged) == set()
    assert post(nurse, f"/api/persons/{flagged}/emergency-access", FLAGGED).status_code == 201
    assert categories(nurse, flagged) == before
    assert flags(lead(asking), flagged, "lift", "staff-or-vip").json() == {"state": "none"}


def test_who_is_flagged_is_told_to_whom_the_agreement_names_and_raised_by_nobody_else(
    asking: Asking, place: Engine, flagged: str
) -> None:
    flags(lead(asking), flagged, "raise")
    (told,) = lead(asking).get("/api/special-records").json()["flagged"]
    assert (told["person"], told["flag"], told["state"]) == (flagged, "sealed", "raised")
    answers = [
        asking("gp").get("/api/special-records"),
        flags(asking("gp"), flagged, "lift"),
        flags(lead(asking), str(uuid4()), "raise"),
        flags(lead(asking), flagged, "raise", "location-restricted"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    query = "SELECT event::text FROM audit_event WHERE event->>'kind' = 'flag-changed' ORDER BY event->>'at'"
    events = column(place, query)
    assert "sealed/raise" in events[-1]
    assert WHY_FLAGGED not in "".join(events)


def test_nobody_is_flagged_without_words(asking: Asking, place: Engine, flagged: str) -> None:
    assert flags(lead(asking), flagged, "raise", why="  so  ").status_code == 400
    assert column(place, "SELECT 1 FROM person_flag WHERE kind = 'sealed' AND raised") == []


def test_a_claim_of_one_lead_waits_for_the_other(asking: Asking, place: Engine, flagged: str) -> None:
    [number] = column(place, "SELECT min(nhs_number) FROM person_nhs_number WHERE person_id = :id", id=flagged)
    claim = {"nhs_number": number, "kind": "access-request", "evidence": "Their letter of Monday, known by sight"}
    assert post(lead(asking), "/api/persons/relationships", claim).status_code == 201
    waits = {
        username: [each["kind"] for each in lead(asking, username).get("/api/alerts").json()["alerts"]]
        for username in ("ig-lead", "caldicott")
    }
    assert waits == {"ig-lead": [], "caldicott": ["claim"]}
    (alert,) = lead(asking, "caldicott").get("/api/alerts").json()["alerts"]
    step = {"step": "justify", "note": "seen the letter"}
    decided = post(lead(asking, "caldicott"), f"/api/alerts/{alert['id']}/step", step)
    assert decided.status_code == 200, decided.text


def test_whoever_runs_the_place_flags_by_command_and_another_lifts_what_two_must(
    asking: Asking, command: Command, place: Engine, flagged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flag(step: str, *said: str) -> Any:
        return command("flag", step, flagged, "--flag", "sealed", "--party", "RL4C", "--why", *(said or (WHY_FLAGGED,)))

    def stands() -> list[tuple[str, str]]:
        rows = json.loads(command("flag", "list", "--party", "RL4C", "--json").output)
        return [(row["flag"], row["state"]) for row in rows if row["person"] == flagged]

    before = categories(asking("gp"), flagged)
    assert flag("raise", "so").exit_code != 0
    assert stands() == []
    assert flag("raise").output.strip() == "raised"
    assert categories(asking("gp"), flagged) == set()
    monkeypatch.setenv("LOGNAME", "one")
    assert flag("lift").output.strip() == "lift-asked"
    assert "second person" in str(flag("lift").exception)
    monkeypatch.setenv("LOGNAME", "another")
    assert flag("keep").output.strip() == "raised"
    assert flag("lift").output.strip() == "lift-asked"
    monkeypatch.setenv("LOGNAME", "one")
    assert flag("lift").output.strip() == "none"
    assert (stands(), categories(asking("gp"), flagged)) == ([], before)
    told = column(place, "SELECT event::text FROM audit_event WHERE event->>'issuer' = 'command-line'")
    assert WHY_FLAGGED not in "".join(told)


@pytest.mark.parametrize("flag", ["location-restricted", "child", "famous"])
def test_no_command_raises_a_flag_that_no_agreement_has_staff_raise(
    command: Command, place: Engine, flagged: str, flag: str
) -> None:
    told = command("flag", "raise", flagged, "--flag", flag, "--party", "RL4C", "--why", WHY_FLAGGED)
    assert "no agreement in force knows that flag" in str(told.exception)
    assert column(place, "SELECT 1 FROM flag_step") == []


# ── Code lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


CODE = "convert_from(resource, 'UTF8')::jsonb #>> '{code,coding,0,code}'"
SYSTEM = "convert_from(resource, 'UTF8')::jsonb #>> '{code,coding,0,system}'"


def held(place: Engine, asked: str, **parameters: object) -> list[Any]:
    """The same of entries, which are shown to nobody without a decision but to whoever files them."""
    with place.begin() as connection:
        connection.execute(text("SET LOCAL ROLE pisano_worker"))
        return list(connection.execute(text(asked), parameters).scalars())


@pytest.fixture
def kept_back(place: Engine, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code of something that this place holds, in a list of its own that is not applied yet."""
    ((system, code),) = held(
        place,
        f"SELECT ARRAY[{SYSTEM}, {CODE}] FROM entry WHERE category = 'problems' AND sensitivity = 'normal'"
        f" AND {CODE} IS NOT NULL ORDER BY key LIMIT 1",
    )
    (tmp_path / "local.toml").write_text(
        'list = "local"\ntitle = "What this place keeps back"\nlaw = "Its own undertaking"\nsensitivity = "sealed"\n'
        f'version = "7"\nsource = "The partner"\n\n[[codes]]\nsystem = "{system}"\nare = ["{code}"]\n'
    )
    monkeypatch.setenv("PISANO_CODE_LISTS", str(tmp_path))
    current_settings.cache_clear()
    return str(code)


def test_a_code_list_that_is_put_in_keeps_back_what_is_held_once_it_is_applied(
    command: Command, place: Engine, kept_back: str
) -> None:
    sensitivities = f"SELECT DISTINCT sensitivity FROM entry WHERE category = 'problems' AND {CODE} = :code"
    rows = {row["list"]: row for row in json.loads(command("code-list", "list", "--json").output)}
    assert (rows["local"]["version"], rows["local"]["codes"], rows["local"]["sensitivity"]) == ("7", 1, "sealed")
    assert all(row["law"] and row["source"] for row in rows.values())
    assert "normal" in held(place, sensitivities, code=kept_back)
    applied = command("code-list", "apply")
    assert (applied.exit_code, applied.output.startswith("0 ")) == (0, False), applied.output
    assert ({"sealed", "normal"} & {*held(place, sensitivities, code=kept_back)}) == {"sealed"}
    assert command("code-list", "apply").output.startswith("0 versions")
    told = (
        "SELECT event->>'request' FROM audit_event WHERE event->>'kind' = 'code-list-applied'"
        " AND event->>'reason' = 'local'"
    )
    assert column(place, told) == ["7", "7"]
