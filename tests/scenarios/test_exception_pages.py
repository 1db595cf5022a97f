"""Pages of what is otherwise than usual, as browsers ask for them: who may do what, and that refusals read alike."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from app.adapters.caseload import FIELDS
from app.audit.acting import COMMAND_LINE, Acting
from app.audit.event import Event
from app.audit.event import Kind as Kinds
from app.audit.keys import chain_key
from app.audit.trail import record
from app.database.transactions import transaction
from app.identity.providers.provider import Kind, Provider, RoleOf
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from app.intake.worklist.settling import merge
from app.settings import Settings
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from tests.scenarios.conftest import As
from tests.scenarios.test_exceptions import column, patient, stranger, unknown

__all__ = ["patient", "stranger", "unknown"]

Asking = Callable[..., As]
WHY = {"reason": "unconscious", "details": "brought in by ambulance, nobody with them"}
SHIFT = {"evidence": "on the relief shift for the north team tonight"}


def get(requester: As, path: str) -> Any:
    headers = {**requester.headers, "accept": "text/html"}
    return requester.client.get(path, params={"purpose": requester.purpose}, headers=headers, follow_redirects=False)


def send(requester: As, path: str, fields: Mapping[str, str]) -> Any:
    headers = {**requester.headers, "accept": "text/html"}
    return requester.client.post(
        path, params={"purpose": requester.purpose}, headers=headers, data=fields, follow_redirects=False
    )


def number_of(engine: Engine, person: str) -> str:
    (number,) = column(engine, "SELECT nhs_number FROM person_nhs_number WHERE person_id = :id", id=person)
    return str(number)


# ── Emergency access ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("username", "path", "fields"),
    [
        ("acute-clinician", "/emergency-access", ("nhs_number", "reason", "details")),
        ("nurse", "/relationship", ("nhs_number", "evidence")),
        ("ig-lead", "/oversight/special-records", ("nhs_number", "flag")),
        ("ig-lead", "/oversight/trail", ("on-day",)),
    ],
)
def test_all_that_is_wrong_with_a_form_is_told_at_once(
    asking: Asking, username: str, path: str, fields: tuple[str, ...]
) -> None:
    told = send(asking(username), path, {})
    assert told.status_code == 422
    assert re.findall(r'<li>\s*<a href="#([\w-]+)"', told.text) == list(fields)
    assert ("Enter an NHS number" in told.text) is ("nhs_number" in fields)


def test_a_record_opens_with_a_reason_says_so_and_is_accounted_for(
    asking: Asking, place: Engine, stranger: str
) -> None:
    doctor = asking("acute-clinician")
    opened = send(doctor, "/emergency-access", {**WHY, "nhs_number": number_of(place, stranger)})
    assert (opened.status_code, opened.headers["location"]) == (303, f"/people/{stranger}?purpose=direct-care")
    for path in ("", "/timeline", "/sources"):
        page = get(doctor, f"/people/{stranger}{path}").text
        assert "Emergency access" in page
        assert "it closes at" in page
    assert "and have still to" in get(doctor, "/home").text
    assert "They are unconscious. brought in by ambulance" in get(asking("ig-lead"), "/oversight/alerts").text

    (number,) = re.findall(r'action="/openings/(\d+)"', get(doctor, "/openings").text)
    assert send(doctor, f"/openings/{number}", {"said": "short"}).status_code == 422
    assert send(asking("gp"), f"/openings/{number}", {"said": "not mine to account for"}).status_code == 404
    assert send(doctor, f"/openings/{number}", {"said": "allergies before theatre; none known"}).status_code == 303
    assert send(doctor, f"/openings/{number}", {"said": "something else, said later"}).status_code == 404
    told = get(doctor, "/openings").text
    assert "allergies before theatre" in told
    assert "something else" not in told
    assert "and have still to" not in get(doctor, "/home").text
    (event,) = column(place, "SELECT event FROM audit_event WHERE event->>'kind' = 'emergency-accounted'")
    assert (event["person"], event["relied_on"]) == (stranger, [f"opening/{number}"])
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM opening_afterwards")


def test_whoever_has_the_record_open_is_led_to_it(asking: Asking, place: Engine, stranger: str) -> None:
    doctor, fields = asking("acute-clinician"), {**WHY, "nhs_number": number_of(place, stranger)}
    assert send(doctor, "/emergency-access", fields).status_code == 303
    again = send(doctor, "/emergency-access", fields)
    assert (again.status_code, again.headers["location"]) == (303, f"/people/{stranger}?purpose=direct-care")
    assert len(column(place, "SELECT id FROM emergency_opening")) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({**WHY, "nhs_number": ""}, "Enter an NHS number"),
        ({**WHY, "nhs_number": "9990000019"}, "fails its check digit"),
        ({**WHY, "nhs_number": "9990000018", "reason": ""}, "Select why you must see this record now"),
        ({**WHY, "nhs_number": "9990000018", "details": "help"}, "Say in 10 characters or more"),
    ],
)
def test_no_mistake_in_the_form_opens_anything_or_costs_any_typing(
    asking: Asking, place: Engine, fields: Mapping[str, str], told: str
) -> None:
    answer = send(asking("acute-clinician"), "/emergency-access", fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert fields["details"] in answer.text
    assert f'value="{fields["nhs_number"]}"' in answer.text or not fields["nhs_number"]
    assert column(place, "SELECT id FROM emergency_opening") == []


def test_a_role_to_which_the_agreement_offers_no_way_is_told_so_whoever_it_asks_about(
    asking: Asking, stranger: str
) -> None:
    officer, nurse = asking("housing-officer", "direct-care"), asking("nurse")
    for person in (stranger, str(uuid4())):
        for path in ("emergency-access", "relationship"):
            assert get(officer, f"/people/{person}/{path}").status_code == 403
            assert send(officer, f"/people/{person}/{path}", {**WHY, **SHIFT}).status_code == 403
        assert send(nurse, f"/people/{person}/emergency-access", WHY).status_code == 422  # hers is another reason


def test_what_is_offered_and_refused_is_the_same_for_nobody_and_for_somebody(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, number = unknown
    nobody, nobodys = str(uuid4()), "9999999328"

    def told(answer: Any) -> tuple[int, str]:
        text = answer.text.replace(person, "PERSON").replace(nobody, "PERSON")
        return answer.status_code, text.replace(number, "NUMBER").replace(nobodys, "NUMBER")

    for requester in (asking("nurse"), asking("acute-clinician"), asking("housing-officer", "tenancy-support")):
        whom = [
            {
                "nhs_number": each,
                "purpose": requester.purpose,
                "reason": "care-of-flagged-person",
                "details": WHY["details"],
            }
            for each in (number, nobodys)
        ]
        assert told(get(requester, f"/people/{person}")) == told(get(requester, f"/people/{nobody}"))
        assert told(send(requester, "/find", whom[0])) == told(send(requester, "/find", whom[1]))
    requester = asking("nurse")  # she may open a flagged record of those whom she cares for, and no other
    assert told(send(requester, "/emergency-access", whom[0])) == told(send(requester, "/emergency-access", whom[1]))
    assert column(place, "SELECT id FROM emergency_opening") == []


# ── Relationships that one states ────────────────────────────────────────────────────────────────────────────────────


def test_a_relationship_that_one_states_opens_the_record_and_says_what_it_rests_on(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, number = unknown
    nurse = asking("nurse")
    offered = send(nurse, "/find", {"nhs_number": number, "purpose": "direct-care"})
    assert (offered.status_code, f'value="{number}"' in offered.text) == (404, True)
    form = send(nurse, "/relationship/whom", {"nhs_number": number})
    assert (form.status_code, f'value="{number}"' in form.text) == (200, True)
    assert send(nurse, "/relationship", {"nhs_number": number, "evidence": "because"}).status_code == 422

    stated = send(nurse, "/relationship", {"nhs_number": number, **SHIFT})
    assert stated.headers["location"] == f"/people/{person}?purpose=direct-care"
    sources = get(nurse, f"/people/{person}/sources").text
    assert "Said by themselves to take part in the person&#39;s care" in sources
    assert "You stated it yourself. The privacy officer was told" in sources
    assert column(place, "SELECT kind FROM privacy_alert") == ["claim"]


# ── Home ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_home_names_whom_one_opened_and_nobody_who_was_only_listed(asking: Asking, place: Engine) -> None:
    nurse = asking("nurse")
    found = nurse.lookup("999 000 0034").json()["id"]  # whom she opens in no other test of these
    assert f"/people/{found}" not in get(nurse, "/home").text
    nurse.get(f"/api/persons/{found}")
    for _ in range(2):  # that home itself names them does not count as opening them
        assert f'href="/people/{found}?purpose=direct-care">Doreen Cotterill' in get(nurse, "/home").text
    assert f"/people/{found}" not in get(asking("social-worker"), "/home").text


def test_home_tells_everybody_which_feeds_are_late(asking: Asking, place: Engine) -> None:
    assert "every partner has sent as it promised" in get(asking("housing-officer"), "/home").text
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE feed SET last_message_at = last_message_at - interval '9 days'"
                                   " WHERE adapter = 'housing-json'")  # fmt: skip
    told = get(asking("housing-officer"), "/home").text
    assert re.search(r"Wulfrun Homes.*late", told)
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE feed SET last_message_at = now() WHERE adapter = 'housing-json'")


def test_home_shows_each_role_what_concerns_it(asking: Asking) -> None:
    caring, overseeing, ordering = "People whom you referred", "What you oversee", "What you put in order"
    shown = {
        username: {text for text in (caring, overseeing, ordering, 'href="/find"') if text in home}
        for username in ("nurse", "housing-officer", "ig-lead", "data-manager")
        for home in (get(asking(username), "/home").text,)
    }
    assert shown["nurse"] == shown["housing-officer"] == {caring, 'href="/find"'}
    assert shown["ig-lead"] == {overseeing, 'href="/find"'}
    assert shown["data-manager"] == {ordering}
    for username in ("data-manager", "hospice-nurse"):  # who come upon the page are not shown a form that finds nobody
        assert "In your role you look for nobody yourself" in get(asking(username), "/find").text


def test_a_colleague_who_is_named_by_whoever_cares_for_the_person_may_look(
    asking: Asking, place: Engine, unknown: tuple[str, str]
) -> None:
    person, _ = unknown
    gp, nurse, path = asking("gp"), asking("nurse"), f"/people/{person}/colleague"
    assert "Bring in a colleague" in get(gp, path).text
    assert get(nurse, f"/people/{person}").status_code == 404
    joint = {"evidence": "joint visit this afternoon, to look at the wound"}
    for wrong in ({"colleague": ""}, {"colleague": "nobody-here"}, {"colleague": "nurse", "evidence": "visit"}):
        assert send(gp, path, joint | wrong).status_code == 422
    for each in (person, str(uuid4())):
        assert send(asking("housing-officer"), f"/people/{each}/colleague", joint).status_code == 403
    for requester, each in ((gp, str(uuid4())), (nurse, person)):  # nobody, and one for whom the nurse does not care
        assert send(requester, f"/people/{each}/colleague", joint | {"colleague": "nurse"}).status_code == 404
    assert column(place, "SELECT id FROM relationship WHERE kind = 'brought-in'") == []

    assert send(gp, path, joint | {"colleague": "Nurse"}).status_code == 303
    told = get(nurse, f"/people/{person}/sources").text
    assert "A colleague who cares for the person brought you in" in told


@pytest.fixture
def with_providers(asking: Asking, place: Engine, settings: Settings) -> Iterator[str]:
    """As though staff signed in with either of two providers; whoever one of them calls 555 was here before."""
    nurses = (RoleOf(says="R8001", at=OdsCode("RL4C"), role=Role("community-nurse")),)
    named = {
        name: Provider(
            id=name, name=name, issuer=f"https://{name}.example", client_id="x", kind=Kind.NRBAC, roles=nurses
        )
        for name in ("smartcard", "directory")
    }
    state = asking("gp").client.app._app.state  # type: ignore[attr-defined]
    opened = state.place
    been_here = Event(
        kind=Kinds.VIEW, id=uuid4(), at=datetime.now(UTC), actor=Account("https://smartcard.example", "555"),
        role=Role("community-nurse"), organisation=OdsCode("RL4C"),
    )  # fmt: skip
    with transaction(place) as connection:
        record(connection, [been_here], key=chain_key(settings))
    state.place = replace(opened, local=None, openid=SimpleNamespace(providers=named))
    yield "555"
    state.place = opened


def test_whoever_signs_in_with_a_provider_can_be_named_as_the_trail_calls_them(
    asking: Asking, place: Engine, patient: str, unknown: tuple[str, str], with_providers: str
) -> None:
    gp, path = asking("gp"), f"/people/{patient}/objections"
    assert "Where they sign in" in get(gp, path).text
    objecting = {"scope": "user", "user": with_providers, "provider": "smartcard"}
    for wrong in ({"provider": ""}, {"provider": "directory"}, {"user": "556"}, {"provider": "elsewhere"}):
        answer = send(gp, path, objecting | wrong)
        assert (answer.status_code, "Nobody signs in with that" in answer.text) == (422, True)
    assert send(gp, path, objecting).status_code == 303
    assert column(place, "SELECT issuer || ' ' || subject FROM objection") == ["https://smartcard.example 555"]

    joint = {"evidence": "joint visit this afternoon, to look at the wound"}
    joint |= {"colleague": with_providers, "provider": "smartcard"}
    assert send(gp, f"/people/{unknown[0]}/colleague", joint | {"provider": "directory"}).status_code == 422
    assert send(gp, f"/people/{unknown[0]}/colleague", joint).status_code == 303
    told = column(place, "SELECT issuer || subject || organisation FROM relationship WHERE kind = 'brought-in'")
    assert told == ["https://smartcard.example555RL4C"]


# ── Objections ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Select what the person objects to"),
        ({"scope": "category"}, "Select the heading"),
        ({"scope": "source", "source": "XXX"}, "Select the organisation that recorded it"),
        ({"scope": "user", "user": "nobody-of-that-name"}, "Nobody signs in with that"),
    ],
)
def test_an_objection_that_would_protect_nobody_is_told_at_its_field(
    asking: Asking, place: Engine, patient: str, fields: Mapping[str, str], told: str
) -> None:
    answer = send(asking("nurse"), f"/people/{patient}/objections", fields)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert column(place, "SELECT id FROM objection") == []


def test_an_objection_is_recorded_by_one_and_decided_by_whom_the_agreement_names(
    asking: Asking, place: Engine, patient: str
) -> None:
    nurse, gp, path = asking("nurse"), asking("gp"), f"/people/{patient}/objections"
    lodged = send(nurse, path, {"scope": "user", "user": "Social-Worker"})
    assert (lodged.status_code, lodged.headers["location"]) == (303, f"{path}?purpose=direct-care")
    assert column(place, "SELECT subject FROM objection") == ["social-worker"]
    assert send(nurse, path, {"scope": "all"}).status_code == 303
    hidden = get(nurse, path).text
    assert "not shown to you now, as they object to it" in hidden
    assert "/decline" not in hidden

    (first, second) = column(place, "SELECT id FROM objection ORDER BY id")
    assert get(gp, "/home").text.count(f'"{path}?purpose=') == 2  # each once, whatever she may look for
    assert f"{path}" not in get(nurse, "/home").text
    assert send(nurse, f"{path}/{second}/decline", {}).status_code == 422
    assert send(gp, f"{path}/{second}/decline", {}).status_code == 303
    assert send(gp, f"{path}/{first}/uphold", {}).status_code == 303
    assert f"{path}?purpose=direct-care" not in get(gp, "/home").text
    assert "as they object to it" not in get(nurse, path).text
    assert send(nurse, f"{path}/{first}/lift", {}).status_code == 303
    assert send(gp, f"{path}/{first}/uphold", {}).status_code == 422  # what the person lifted they lodge again
    refused = {send(asking("housing-officer"), f"/people/{each}/objections", {"scope": "all"}).status_code
               for each in (patient, str(uuid4()))}  # fmt: skip
    assert refused == {404}


# ── For the data manager ─────────────────────────────────────────────────────────────────────────────────────────────

QUALITY = ("", "/worklist", "/refusals", "/partners", "/merges", "/worklist/1", "/doubts/1", f"/merges/{uuid4()}",
           "/merges/two")  # fmt: skip


@pytest.mark.parametrize("username", ["nurse", "gp", "ig-lead", "coordinator"])
def test_nobody_but_a_data_manager_sees_what_waits_or_decides_it(asking: Asking, username: str) -> None:
    requester = asking(username)
    assert {get(requester, f"/data-quality{path}").status_code for path in QUALITY} == {403}
    for path in (
        "/worklist/1/nobody",
        "/worklist/1/new",
        "/worklist/1/this-one",
        "/worklist/1/search",
        "/held-back/1/accept",
        "/merges/compare",
        "/merges/two/join",
        "/doubts/1",
        f"/merges/{uuid4()}/undo",
    ):
        assert send(requester, f"/data-quality{path}", {}).status_code == 403


def test_a_data_manager_sees_feeds_refusals_and_scorecards_and_opens_no_record(
    asking: Asking, place: Engine, patient: str
) -> None:
    manager = asking("data-manager", "record-quality")
    with transaction(place) as connection:  # whom they compared in another test they have open for an hour
        connection.exec_driver_sql("DELETE FROM relationship WHERE kind = 'matching'")
    assert "Wulfrun Mental Health" in get(manager, "/data-quality").text
    assert re.search(r"Of \d+ people: ", get(manager, "/data-quality/partners").text)
    assert get(manager, "/data-quality/refusals").status_code == 200
    assert get(manager, f"/people/{patient}").status_code == 404
    assert manager.lookup("999 000 0018").status_code == 404


def test_a_doubt_goes_to_a_data_manager_and_changes_nothing_by_itself(
    asking: Asking, place: Engine, patient: str
) -> None:
    nurse, manager = asking("nurse"), asking("data-manager", "record-quality")
    record = nurse.get(f"/api/persons/{patient}").json()
    (entry, *_) = [one["statements"][0]["id"] for heading in record["headings"] for one in heading["entries"]
                   if heading["category"] == "problems"] or [record["timeline"][0]]  # fmt: skip
    words = {"kind": "looks-wrong", "said": "she says that this was her sister"}
    path = f"/people/{patient}/entries/{entry}/doubt"
    assert send(nurse, path, {**words, "said": "no"}).status_code == 422
    assert send(nurse, path, {**words, "kind": ""}).status_code == 422
    assert send(asking("housing-officer"), path, words).status_code == 404
    assert send(nurse, f"/people/{patient}/entries/999999/doubt", words).status_code == 404
    assert send(nurse, path, words).status_code == 303
    after = nurse.get(f"/api/persons/{patient}").json()
    assert after["headings"] == record["headings"]

    (number,) = column(place, "SELECT id FROM doubt WHERE outcome IS NULL")
    assert f"/data-quality/doubts/{number}" in get(manager, "/data-quality/worklist").text
    shown = get(manager, f"/data-quality/doubts/{number}").text
    assert "her sister" in shown
    title = next(one["statements"][0]["title"] for heading in record["headings"] for one in heading["entries"]
                 if one["statements"][0]["id"] == entry)  # fmt: skip
    assert title not in shown
    assert re.search(r"message \d+, line \d+", shown)
    (family,) = column(place, "SELECT family_name FROM person_identity WHERE person_id = :id AND partner = 'M92001'",
                       id=patient)  # fmt: skip
    assert family in shown
    looked = column(place, "SELECT event FROM audit_event WHERE event->>'subject' = 'data-manager'"
                           " AND event->>'kind' = 'view' AND person = :id", id=patient)  # fmt: skip
    categories = {label.split("/")[1] for event in looked for labels in event["permitted"].values() for label in labels}
    assert categories <= {"demographics", "address"}
    assert "demographics" in categories
    assert manager.get(f"/api/persons/{patient}").status_code == 200  # what they have open, as the agreement gives it

    answer = {"outcome": "partner-told", "answer": "the hospital corrects it tomorrow"}
    assert send(manager, f"/data-quality/doubts/{number}", {**answer, "outcome": ""}).status_code == 422
    assert send(manager, f"/data-quality/doubts/{number}", answer).status_code == 303
    assert send(manager, f"/data-quality/doubts/{number}", answer).status_code == 404
    assert "the hospital corrects it tomorrow" in get(nurse, "/home").text
    told = column(
        place,
        "SELECT event::text FROM audit_event WHERE event->>'kind' = 'doubt-raised' OR event->>'reason' LIKE :what",
        what=f"doubt-{number}-%",
    )
    assert len(told) == 2
    assert not any("sister" in event or "tomorrow" in event for event in told)


SLIP = {
    "nhs_number": "9990000018", "nhs_number_status": "01", "family_name": "Trantor",
    "given_name": "Walter", "birth_date": "1954-05-14", "postcode": "ZX1 1AL", "kind": "caseload",
    "team": "Day hospice", "started": "2026-06-01", "as_at": "2026-06-29",
}  # fmt: skip


@pytest.fixture
def waits(place: Engine, settings: Settings) -> Iterator[int]:
    """What the hospice says of the father, with a slip in his name and his date of birth; forgotten afterwards."""
    content, said = io.StringIO(), SLIP | {"person_reference": str(uuid4())}
    csv.writer(content).writerows([FIELDS.values(), [said.get(field, "") for field in FIELDS]])
    told = io.BytesIO(content.getvalue().encode())
    receive(place, told, partner=OdsCode("8A999"), adapter="caseload", at=datetime.now(UTC), message_id=str(uuid4()))
    while process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
        pass
    yield int(column(place, "SELECT max(id) FROM waiting WHERE state = 'open'")[0])
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM person_identity WHERE partner = '8A999'")


@pytest.fixture
def cut_short(place: Engine) -> Iterator[int]:
    """The number of a file of the hospice's that leaves out much of what was open; forgotten afterwards."""
    told = io.BytesIO(b"the first lines of a list")
    when, name = datetime.now(UTC), str(uuid4())
    received = receive(place, told, partner=OdsCode("8A999"), adapter="caseload", at=when, message_id=name)
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE inbox_message SET state = 'processed' WHERE state = 'received'")
        connection.execute(
            text(
                "INSERT INTO snapshot (partner, adapter, prefix, as_at, message, held_back, missing, open_before)"
                " VALUES ('8A999', 'caseload', 'Nobody/', '2026-06-01', :id, :id, 40, 60)"
            ),
            {"id": received.message},
        )
    yield received.message
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM snapshot WHERE prefix = 'Nobody/'")
        connection.exec_driver_sql("UPDATE inbox_message SET state = 'processed' WHERE state = 'received'")


def test_a_data_manager_says_that_a_file_is_whole_and_how_they_know(
    asking: Asking, place: Engine, cut_short: int
) -> None:
    manager, path = asking("data-manager", "record-quality"), f"/data-quality/held-back/{cut_short}/accept"
    shown = get(manager, "/data-quality/worklist").text
    assert "40 of 60 that were open are not in it" in shown
    assert f'action="{path}"' in shown
    mistaken = send(manager, path, {"why": ""})
    assert mistaken.status_code == 422
    assert "Select how you know that the file is whole" in mistaken.text
    assert send(manager, path, {"why": "announced"}).status_code == 303
    (event,) = column(place, "SELECT event FROM audit_event WHERE event->>'reason' LIKE :why",
                      why=f"extract-{cut_short}-accepted%")  # fmt: skip
    assert event["reason"] == f"extract-{cut_short}-accepted-announced"
    assert (event["subject"], event["role"], event["organisation"]) == ("data-manager", "data-manager", "8A999")
    (state,) = column(place, "SELECT state FROM inbox_message WHERE id = :id", id=cut_short)
    assert state == "received"  # to be read again
    assert path not in get(manager, "/data-quality/worklist").text
    assert send(manager, path, {"why": "sender"}).status_code == 404


def test_a_file_of_mental_health_services_is_accepted_by_their_own_data_manager_alone(
    asking: Asking, place: Engine, cut_short: int
) -> None:
    other, own = (asking(name, "record-quality") for name in ("data-manager", "mental-data"))
    path = f"/data-quality/held-back/{cut_short}/accept"
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE snapshot SET partner = 'RRE' WHERE prefix = 'Nobody/'")
    assert [path in get(one, "/data-quality/worklist").text for one in (other, own)] == [False, True]
    refused, nowhere = (send(other, path.replace(str(cut_short), number), {"why": "sender"})
                        for number in (str(cut_short), "99999999"))  # fmt: skip
    assert (refused.status_code, refused.content) == (404, nowhere.content)
    assert send(own, path, {"why": "sender"}).status_code == 303


def test_a_sealed_record_is_neither_shown_for_matching_nor_filed_under(
    asking: Asking, place: Engine, waits: int
) -> None:
    manager, path = asking("data-manager", "record-quality"), f"/data-quality/worklist/{waits}"
    (father,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000018'")
    with transaction(place) as connection:
        connection.execute(
            text("INSERT INTO person_flag VALUES (:id, 'RL4', 'sealed', true, now(), 0)"), {"id": father}
        )
    try:
        assert "lets you see nothing of this person" in get(manager, path).text
        assert send(manager, f"{path}/this-one", {"person_id": str(father)}).status_code == 404
    finally:
        with transaction(place) as connection:
            connection.execute(text("DELETE FROM person_flag WHERE message = 0"))
    assert send(manager, f"{path}/nobody", {}).status_code == 303


def test_what_mental_health_services_send_waits_for_their_own_data_manager_alone(
    asking: Asking, place: Engine, waits: int
) -> None:
    """The agreement says that they know somebody is no part of matching, so no message of theirs is shown to others."""
    managers = {name: asking(name, "record-quality") for name in ("data-manager", "mental-data")}
    with transaction(place) as connection:
        connection.execute(text("UPDATE waiting SET partner = 'RRE' WHERE id = :id"), {"id": waits})
        doubted = connection.execute(
            text(
                "INSERT INTO doubt (person_id, kind, source, said, issuer, subject, name, organisation, raised)"
                " SELECT person_id, 'looks-wrong', 'RRE/mental-health-mhsds/1/1', 'wrong', 'local', 'nurse', 'Nell',"
                " 'RL4C', now() FROM person_nhs_number WHERE nhs_number = '9990000018' RETURNING id"
            )
        ).scalar_one()
    message, doubt = f"/data-quality/worklist/{waits}", f"/data-quality/doubts/{doubted}"
    listed = {name: get(one, "/data-quality/worklist").text for name, one in managers.items()}
    for path in (message, doubt):
        assert [f'href="{path}"' in listed[name] for name in managers] == [False, True]
        assert [get(one, path).status_code for one in managers.values()] == [404, 200]
    for name, one in managers.items():
        lists = [len(re.findall(rf'href="/data-quality/{of}/\d+"', listed[name])) for of in ("worklist", "doubts")]
        counted = re.findall(r"([\d,]+) (?:statements? waits?|doubts?)\b", get(one, "/home").text)
        assert [int(number) for number in counted] == lists, name
    other = managers["data-manager"]
    assert get(other, message).content == get(other, message.replace(str(waits), "99999999")).content
    for step in ("this-one", "new", "nobody", "search"):
        assert send(other, f"{message}/{step}", {"nhs_number": "9990000018"}).status_code == 404, step
    answer = {"outcome": "partner-told", "answer": "the trust corrects it tomorrow"}
    assert [send(one, doubt, answer).status_code for one in managers.values()] == [404, 303]
    assert send(managers["mental-data"], f"{message}/nobody", {}).status_code == 303


def test_a_message_stands_beside_whom_it_may_be_about_and_is_filed_under_whom_somebody_chose(
    asking: Asking, place: Engine, waits: int
) -> None:
    manager, path = asking("data-manager", "record-quality"), f"/data-quality/worklist/{waits}"
    (father,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000018'")
    shown = get(manager, path).text
    assert "Trantor" in shown
    assert re.search(r"14 May 1954.*14 May 1945.*disagrees", re.sub(r"\s+", " ", shown))
    assert shown.count("disagrees</strong>") == 2  # the date of birth and the family name
    assert "Wulfrun Mental Health" not in shown
    assert "penicillin" not in shown
    (seen,) = column(place, "SELECT event FROM audit_event WHERE event->>'reason' = :what", what=f"waiting-{waits}")
    assert (seen["kind"], seen["subject"], seen["role"]) == ("worklist-seen", "data-manager", "data-manager")

    (son,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000026'")
    for nobody in (str(son), str(uuid4()), "x", ""):  # only whom it may be about
        assert send(manager, f"{path}/this-one", {"person_id": nobody}).status_code == 404
    assert send(manager, f"{path}/this-one", {"person_id": str(father)}).status_code == 303
    assert send(manager, f"{path}/nobody", {}).status_code == 409
    assert get(manager, path).status_code == 404
    (filed,) = column(place, "SELECT event FROM audit_event WHERE event->>'reason' = :what", what=f"filed-{waits}")
    assert (filed["issuer"], filed["subject"], filed["role"]) == ("local", "data-manager", "data-manager")
    theirs = "SELECT kind FROM relationship WHERE organisation = '8A999' AND person_id = :father"
    assert column(place, theirs, father=father) == ["caseload"]


def test_two_who_were_joined_are_compared_and_parted(asking: Asking, place: Engine, settings: Settings) -> None:
    manager = asking("data-manager", "record-quality")
    one, other = column(
        place,
        "SELECT id FROM person p WHERE EXISTS (SELECT FROM person_identity WHERE person_id = p.id AND partner = 'RL4')"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = p.id AND f.raised) ORDER BY id LIMIT 2",
    )
    kit = Acting(by=Account(COMMAND_LINE, "kit"), at=datetime.now(UTC), new_id=uuid4, key=chain_key(settings))
    link = merge(place, one, other, kit)
    assert f"/data-quality/merges/{link.id}" in get(manager, "/data-quality/merges").text
    shown = get(manager, f"/data-quality/merges/{link.id}").text
    for person in (one, other):
        (family,) = column(place, "SELECT family_name FROM person_identity WHERE person_id = :id AND partner = 'RL4'",
                           id=person)  # fmt: skip
        assert family in shown
    assert send(manager, f"/data-quality/merges/{link.id}/undo", {}).status_code == 303
    assert send(manager, f"/data-quality/merges/{link.id}/undo", {}).status_code == 409
    assert get(manager, f"/data-quality/merges/{link.id}").status_code == 404
    told = "SELECT event FROM audit_event WHERE event->>'kind' = 'unmerge' AND event->>'other' = :other"
    *_, undone = column(place, f"{told} ORDER BY event->>'at'", other=str(link.retired))
    assert (undone["subject"], undone["role"]) == ("data-manager", "data-manager")


def test_a_record_that_was_joined_from_another_says_so_to_whoever_sees_something_of_that_one(
    asking: Asking, place: Engine, settings: Settings
) -> None:
    (father,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000018'")
    (other,) = column(
        place,
        "SELECT id FROM person p WHERE merged_into IS NULL"
        " AND EXISTS (SELECT FROM person_identity WHERE person_id = p.id AND partner = 'RL4')"
        " AND NOT EXISTS (SELECT FROM entry WHERE person_id = p.id AND partner = 'WH100')"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = p.id AND f.raised)"
        " AND NOT EXISTS (SELECT FROM person_link WHERE p.id IN (survivor, retired)) ORDER BY id LIMIT 1",
    )
    nurse, officer, words = asking("nurse"), asking("housing-officer", "tenancy-support"), "joined on the word of"
    assert words not in get(nurse, f"/people/{father}").text
    kit = Acting(by=Account(COMMAND_LINE, "kit"), at=datetime.now(UTC), new_id=uuid4, key=chain_key(settings))
    link = merge(place, father, other, kit)

    assert f"{words} somebody who compared the two" in " ".join(get(nurse, f"/people/{father}").text.split())
    assert words in get(nurse, f"/people/{father}/sources").text
    assert nurse.get(f"/fhir/R4/Patient/{father}").json()["link"] == [
        {"other": {"reference": f"Patient/{other}"}, "type": "replaces"}
    ]
    assert nurse.get(f"/fhir/R4/Patient/{other}").json()["id"] == str(father)
    seen = get(officer, f"/people/{father}")  # of whom the other record holds nothing that housing may see
    assert (seen.status_code, words in seen.text, str(other) in seen.text) == (200, False, False)
    assert "link" not in officer.get(f"/fhir/R4/Patient/{father}").json()
    assert send(asking("data-manager", "record-quality"), f"/data-quality/merges/{link.id}/undo", {}).status_code == 303
    assert words not in get(nurse, f"/people/{father}").text


def test_whoever_is_searched_for_stands_beside_the_message_and_may_be_chosen(
    asking: Asking, place: Engine, waits: int
) -> None:
    manager, path = asking("data-manager", "record-quality"), f"/data-quality/worklist/{waits}"
    (son,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000026'")
    for nobody in ({"nhs_number": "9990099901"}, {"family_name": "Qwertz", "postcode": "ZX1 1AL"}):
        told = send(manager, f"{path}/search", nobody)
        assert (told.status_code, "Nobody else is found by that" in told.text) == (422, True)
    assert str(son) not in get(manager, path).text
    assert send(manager, f"{path}/search", {"nhs_number": "999 000 0026"}).status_code == 303
    assert str(son) in get(manager, path).text
    searched = "SELECT event FROM audit_event WHERE event->>'kind' = 'find' AND event->>'reason' = :what"
    told = column(place, searched, what=f"waiting-{waits}")
    assert len(told) == 3
    assert not any("9990000026" in str(event) for event in told)
    assert send(manager, f"{path}/this-one", {"person_id": str(son)}).status_code == 303


def test_a_search_for_whom_a_message_is_about_tells_nothing_of_a_sealed_record(
    asking: Asking, place: Engine, waits: int
) -> None:
    manager, path = asking("data-manager", "record-quality"), f"/data-quality/worklist/{waits}"
    (woman,) = column(place, "SELECT person_id FROM person_nhs_number WHERE nhs_number = '9990000034'")
    with transaction(place) as connection:
        connection.execute(text("INSERT INTO person_flag VALUES (:id, 'RL4', 'sealed', true, now(), 0)"), {"id": woman})
    try:
        searched = [send(manager, f"{path}/search", {"nhs_number": number}) for number in ("9990000034", "9990099901")]
        compared = [
            send(manager, "/data-quality/merges/compare", {"one": number, "other": "9990000018"})
            for number in ("9990000034", "9990099901")
        ]
    finally:
        with transaction(place) as connection:
            connection.execute(text("DELETE FROM person_flag WHERE message = 0"))
    for told in (searched, compared):
        assert [one.status_code for one in told] == [422, 422]
        ours, theirs = (re.sub(r'value="[^"]*"', "", one.text) for one in told)
        assert ours == theirs
    assert send(manager, f"{path}/nobody", {}).status_code == 303


def test_a_data_manager_joins_two_with_a_reason_or_keeps_them_apart(asking: Asking, place: Engine) -> None:
    manager, path = asking("data-manager", "record-quality"), "/data-quality/merges"
    numbers = column(
        place,
        "SELECT nhs_number FROM person_nhs_number n JOIN person_identity i USING (person_id) WHERE i.partner = 'RL4'"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id AND f.raised)"
        " ORDER BY nhs_number DESC LIMIT 2",
    )
    wrong = send(manager, f"{path}/compare", {"one": numbers[0], "other": "999 000 0019"})
    assert (wrong.status_code, "fails its check digit" in wrong.text, numbers[0] in wrong.text) == (422, True, True)
    found = send(manager, f"{path}/compare", {"one": numbers[0], "other": numbers[1]})
    assert found.status_code == 303
    assert not any(number in found.headers["location"] for number in numbers)
    one, other = re.findall(r"[0-9a-f-]{36}", found.headers["location"])
    two = manager.client.get(found.headers["location"], headers={**manager.headers, "accept": "text/html"})
    assert "Are they one person?" in two.text
    pair = {"one": one, "other": other}
    for verdict in ("join", "keep-apart"):
        unsaid = send(manager, f"{path}/two/{verdict}", pair)
        assert (unsaid.status_code, "Select why" in unsaid.text) == (422, True)
    assert send(manager, f"{path}/two/keep-apart", pair | {"reason": "not-sure"}).status_code == 303
    standing = "SELECT count(*) FROM person_link WHERE undone_at IS NULL AND survivor IN (:one, :other)"
    assert column(place, f"{standing} AND retired IN (:one, :other)", one=one, other=other) == [0]
    joined = send(manager, f"{path}/two/join", pair | {"reason": "partner"})
    assert joined.status_code == 303
    told = "SELECT event->>'reason' FROM audit_event WHERE event->>'person' = :one AND event->>'other' = :other"
    assert sorted(column(place, told, one=one, other=other)) == ["kept-apart-not-sure", "partner"]
    assert send(manager, f"{joined.headers['location']}/undo", {}).status_code == 303
    assert get(manager, joined.headers["location"]).status_code == 404


# ── Special records and meetings ─────────────────────────────────────────────────────────────────────────────────────


def test_a_lead_raises_a_flag_on_its_page_and_the_other_agrees_to_lift_it(
    asking: Asking, place: Engine, patient: str
) -> None:
    lead, other = asking("ig-lead", "access-review"), asking("caldicott", "access-review")
    path, why = "/oversight/special-records", "Asked for by the Caldicott Guardian"
    typed = {"nhs_number": number_of(place, patient), "flag": "sealed", "why": why}
    mistaken = send(lead, path, {**typed, "nhs_number": "999"})
    assert (mistaken.status_code, why in mistaken.text) == (422, True)
    assert "say in 10 characters or more why" in send(lead, path, {**typed, "why": "so"}).text.lower()
    assert send(lead, path, typed).status_code == 303
    assert why in get(lead, path).text
    assert get(asking("nurse"), f"/people/{patient}").status_code == 404
    step = f"{path}/{patient}/sealed"
    assert send(lead, f"{step}/lift", {"why": why}).status_code == 303
    assert "a second person" in send(lead, f"{step}/lift", {"why": why}).text.lower()
    assert send(other, f"{step}/lift", {"why": why}).status_code == 303
    assert "Nobody is flagged" in get(other, path).text
    assert get(asking("nurse"), f"/people/{patient}").status_code == 200
    with transaction(place) as connection:
        connection.exec_driver_sql("DELETE FROM flag_step")


def test_nobody_else_is_told_that_there_are_special_records(asking: Asking) -> None:
    path = "/oversight/special-records"
    assert {get(asking(who), path).status_code for who in ("nurse", "gp", "chair")} == {404}
    assert send(asking("gp"), f"{path}/{uuid4()}/sealed/lift", {"why": "because I say so"}).status_code == 404


def test_an_objection_to_a_meeting_is_recorded_and_told_in_words(asking: Asking, patient: str) -> None:
    gp, path = asking("gp"), f"/people/{patient}/objections"
    one = {"scope": "meeting", "locality": "northgate", "day": "3", "month": "12", "year": "2026"}
    wrong = send(gp, path, one | {"day": "33"})
    assert (wrong.status_code, "the day of the meeting" in wrong.text) == (422, True)
    assert send(gp, path, one | {"locality": "nowhere"}).status_code == 422
    assert send(gp, path, one).status_code == 303
    assert send(gp, path, {"scope": "meeting", "locality": "northgate"}).status_code == 303
    told = get(gp, path).text
    assert "at the meeting of 3 December 2026" in told
    assert "at any meeting" in told
    assert get(gp, f"/people/{patient}").status_code == 200
