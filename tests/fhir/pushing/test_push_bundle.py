"""Bundles that partners push: filed at once, told entry by entry."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.adapters import registry
from app.adapters.fhir_bundle import ADAPTER
from app.audit.keys import chain_key
from app.database.transactions import transaction
from app.intake.arriving.locks import hold_partner
from app.intake.process import process_next
from app.intake.pushing import push as pushing
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from tests.fhir.pushing.sender import (
    CONDITIONS,
    LOCAL,
    NHS_NUMBER,
    System,
    about,
    bundle,
    condition,
    issues,
    patient,
    post,
    put,
    statuses,
    weight,
)
from tests.intake.feed import column, rows
from tests.person.people import NUMBERS

UUID = "urn:uuid:0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a001"
OTHER = "urn:uuid:0b2cd5c2-6f0e-4bb0-8c55-7a5c2fd0a002"
ME, YOU = {"reference": UUID}, {"reference": OTHER}


def responses(answer: Any) -> list[Any]:
    return [entry["response"] for entry in answer.json()["entry"]]


def held(engine: Engine, key: str) -> list[tuple[Any, ...]]:
    """Version and standing of what is held under keys that end so."""
    return [tuple(row) for row in rows(engine, "SELECT version, standing FROM entry WHERE key LIKE %s", f"%{key}")]


def test_a_transaction_is_filed_and_told_entry_by_entry(acute: System, place: Engine) -> None:
    sent = (post(patient(18), fullUrl=UUID), post(condition(218, ME)), put(weight(218, ME)))
    answer = acute.bundle("transaction", *sent)
    assert statuses(answer) == ["201", "201", "201"], answer.text
    assert answer.json()["type"] == "transaction-response"
    places = [one["location"].removeprefix("http://testserver/fhir/R4/").split("/") for one in responses(answer)]
    assert [(kind, *version) for kind, _, *version in places] == [
        (kind, "_history", one["etag"].removeprefix('W/"')[:-1])
        for kind, one in zip(("Patient", "Condition", "Observation"), responses(answer), strict=True)
    ]
    numbers = [int(number) for _, number, *_ in places]
    assert len(rows(place, "SELECT FROM entry WHERE id = ANY(%s)", numbers)) == 3


def test_pushing_the_same_again_changes_nothing(acute: System, place: Engine) -> None:
    sent = (post(patient(1), fullUrl=UUID), put(condition(11, ME)))
    first = acute.bundle("transaction", *sent)
    versions = rows(place, "SELECT id, version, stored_at FROM entry ORDER BY id")
    again = acute.bundle("transaction", *sent)
    assert statuses(again) == ["200", "200"]
    assert [one["location"] for one in responses(again)] == [one["location"] for one in responses(first)]
    assert rows(place, "SELECT id, version, stored_at FROM entry ORDER BY id") == versions


def test_a_then_b_then_a_again_is_a(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(0), fullUrl=UUID))
    told = [responses(acute.bundle("transaction", put(condition(12, code={"text": text}))))[0] for text in "ABA"]
    assert len({one["etag"] for one in told}) == 3
    assert held(place, "P12") == [(3, "current")]


@pytest.mark.parametrize("kind", ["collection", "message"])
def test_bundles_without_requests_state_each_resource(acute: System, kind: str) -> None:
    header = {"resourceType": "MessageHeader", "eventUri": "https://x.example/e", "source": {"endpoint": "urn:x"}}
    sent: list[Any] = [{"resource": header}] if kind == "message" else []
    sent += [{"resource": patient(2), "fullUrl": UUID}, {"resource": condition(len(kind), ME)}]
    assert statuses(acute.bundle(kind, *sent))[-2:] in (["201", "201"], ["200", "201"])


def test_a_transaction_with_one_wrong_entry_files_nothing_and_says_all_that_is_wrong(
    acute: System, place: Engine
) -> None:
    before = rows(place, "SELECT count(*) FROM entry")
    sent = (post(patient(3), fullUrl=UUID), put(condition(31, ME, code=None)), put(weight(31, ME, status="nope")))
    answer = acute.bundle("transaction", *sent)
    assert answer.status_code == 422
    assert issues(answer) == [("required", "Condition.code"), ("code-invalid", "Observation.status")]
    paths = {path for issue in answer.json()["issue"] for path in issue["expression"]}
    assert "Bundle.entry[2].resource.status" in paths
    assert rows(place, "SELECT count(*) FROM entry") == before
    [last] = rows(place, "SELECT id, state FROM inbox_message ORDER BY id DESC LIMIT 1")
    assert last.state == "refused"
    kept = column(place, "SELECT rule FROM finding WHERE message = %s ORDER BY id", last.id)
    assert "Observation.status" in kept


def test_a_batch_is_taken_entry_by_entry(acute: System, place: Engine) -> None:
    sent = (post(patient(0), fullUrl=UUID), put(condition(41, code=None)), put(condition(42, ME)))
    answer = acute.bundle("batch", *sent)
    assert statuses(answer)[1:] == ["422", "201"]
    assert answer.json()["type"] == "batch-response"
    assert responses(answer)[1]["outcome"]["issue"][0]["severity"] == "error"
    assert "location" not in responses(answer)[1]
    assert (held(place, "P41"), held(place, "P42")) == ([], [(1, "current")])


def test_an_empty_transaction_does_nothing(acute: System) -> None:
    answer = acute.bundle("transaction")
    assert (answer.status_code, answer.json()) == (200, {"resourceType": "Bundle", "type": "transaction-response"})


def test_what_was_pushed_is_seen_by_the_next_request(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(4), fullUrl=UUID), put(condition(43, ME)))
    titles = column(
        place, "SELECT convert_from(summary, 'UTF8')::json ->> 'title' FROM entry WHERE key LIKE %s", "%P43"
    )
    assert titles == ["Stroke"]


def test_numbers_keep_their_digits_all_the_way_into_the_record(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(0), fullUrl=UUID))
    for digits in (b"71.50", b"71.5"):
        content = json.dumps(bundle("transaction", put(weight(44)))).encode().replace(b"71.5", digits)
        assert statuses(acute.send("POST", content=content)) == ["201" if digits == b"71.50" else "200"]
    former = rows(place, "SELECT convert_from(resource, 'UTF8') FROM entry_version WHERE key LIKE %s", "%W44")
    assert '"value":71.50' in former[0][0]


def test_the_bytes_that_were_sent_are_kept_as_they_were_sent(acute: System, place: Engine) -> None:
    content = b"  " + json.dumps(bundle("batch", put(condition(45))), indent=7).encode() + b"\n"
    acute.send("POST", content=content)
    [kept] = column(place, "SELECT bytes FROM inbox_part ORDER BY message DESC LIMIT 1")
    assert bytes(kept) == content


# ── Whose it is, and whose system says so ───────────────────────────────────────────────────────────────────────────


def test_an_entry_is_the_sending_partners_whatever_the_payload_says(acute: System, place: Engine) -> None:
    custodian = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RRE"}}
    meta = {"source": "urn:pisano:RRE:x:1", "tag": [{"system": "https://x.example", "code": "RRE"}]}
    sent = condition(51, recorder=custodian, meta=meta)
    acute.bundle("transaction", post(patient(0)), put(sent))
    [found] = rows(place, "SELECT partner, resource FROM entry WHERE key LIKE %s", "%P51")
    assert found.partner == "RL4"
    assert json.loads(bytes(found.resource))["meta"]["source"].startswith("urn:pisano:RL4:fhir-bundle:")


def test_two_partners_may_use_the_same_identifiers(
    acute: System, sending: Callable[..., System], place: Engine
) -> None:
    other = sending("RRE")
    for system in (acute, other):
        assert system.bundle("transaction", post(patient(0), fullUrl=UUID), put(condition(52, ME))).status_code == 200
    assert len(held(place, "P52")) == 2


def test_two_people_in_one_bundle_stay_two(acute: System, place: Engine) -> None:
    sent = (
        post(patient(5), fullUrl=UUID),
        post(patient(6), fullUrl=OTHER),
        put(condition(53, ME)),
        put(condition(54, YOU)),
    )
    assert statuses(acute.bundle("transaction", *sent)) == ["201"] * 4
    people = column(place, "SELECT person_id FROM entry WHERE key LIKE ANY(%s)", ["%P53", "%P54"])
    assert len(set(people)) == 2


def test_what_nobody_is_known_by_waits_and_says_so(acute: System, place: Engine) -> None:
    unnumbered = patient(7, identifier=[{"system": LOCAL, "value": "H7"}])
    answer = acute.bundle("transaction", post(unnumbered, fullUrl=UUID), put(condition(55, ME)))
    assert answer.status_code == 202
    assert answer.json()["type"] == "transaction-response"  # as generic clients read no other answer to a transaction
    told = [one["outcome"]["issue"] for one in responses(answer)]
    assert [one["status"] for one in responses(answer)] == ["202 Accepted"] * 2
    assert {one["code"] for issues in told for one in issues} == {"incomplete"}
    assert all("waits for a person" in issues[-1]["diagnostics"] for issues in told)
    assert held(place, "P55") == []
    assert column(place, "SELECT reason FROM waiting WHERE local_id = %s", f"{LOCAL}|H7") == ["trace-required"]


def test_what_waited_is_filed_once_its_person_is_known(acute: System, place: Engine) -> None:
    unnumbered = patient(8, identifier=[{"system": LOCAL, "value": "H8"}])
    assert acute.bundle("transaction", post(unnumbered, fullUrl=UUID), put(weight(56, ME))).status_code == 202
    assert statuses(acute.bundle("transaction", post(patient(8)))) == ["201"]
    assert held(place, "W56") == [(1, "current")]


def test_of_two_people_the_known_ones_is_filed_and_the_others_waits(acute: System) -> None:
    acute.bundle("transaction", post(patient(0)))
    stranger = patient(9, identifier=[{"system": LOCAL, "value": "H9"}])
    answer = acute.bundle("transaction", post(patient(0)), post(stranger, fullUrl=OTHER), put(condition(57, YOU)))
    assert statuses(answer) == ["200", "202", "202"]
    assert responses(answer)[2]["outcome"]["issue"][0]["code"] == "incomplete"


def test_what_is_sent_of_someone_whose_name_disagrees_waits(acute: System) -> None:
    imposter = patient(0, name=[{"family": "Quite-Another"}], birthDate="1999-09-09")
    assert acute.bundle("transaction", post(imposter)).status_code == 202


# ── Versions, conditions, and what is taken back ────────────────────────────────────────────────────────────────────


def test_a_transaction_whose_version_has_passed_files_nothing(acute: System, place: Engine) -> None:
    first = responses(acute.bundle("transaction", post(patient(0)), put(condition(61))))[1]["etag"]
    changed = put(condition(61, code={"text": "B"}))
    changed["request"]["ifMatch"] = 'W/"2"'
    answer = acute.bundle("transaction", changed, put(condition(62)))
    assert (answer.status_code, issues(answer)[0]) == (412, ("conflict", "if-match"))
    assert (held(place, "P61"), held(place, "P62")) == ([(1, "current")], [])
    changed["request"]["ifMatch"] = first
    assert statuses(acute.bundle("transaction", changed)) == ["200"]


def test_a_conditional_create_leaves_what_is_held(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(0)))
    sent = post(condition(63))
    identifier = sent["resource"]["identifier"][0]
    sent["request"]["ifNoneExist"] = f"identifier={identifier['system']}|{identifier['value']}"
    first = acute.bundle("transaction", sent)
    assert statuses(first) == ["201"]
    sent["resource"]["code"] = {"text": "Another"}
    answer = acute.bundle("transaction", sent)
    assert statuses(answer) == ["200"]
    etags = {responses(one)[0]["etag"] for one in (first, answer)}
    assert (len(etags), held(place, "P63")) == (1, [(1, "current")])


def test_what_is_deleted_is_entered_in_error_and_never_erased(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(0)), put(condition(64)))
    identifier = condition(64)["identifier"][0]
    request = {"method": "DELETE", "url": f"Condition?identifier={identifier['system']}|{identifier['value']}"}
    answer = acute.bundle("transaction", {"request": request})
    assert statuses(answer) == ["200"]
    assert held(place, "P64") == [(2, "entered-in-error")]
    assert column(place, "SELECT version FROM entry_version WHERE key LIKE %s", "%P64") == [1]
    assert statuses(acute.bundle("transaction", put(condition(64)))) == ["200"]
    assert held(place, "P64") == [(3, "current")]


def test_nothing_of_another_partners_or_another_feeds_is_taken_back(
    acute: System, sending: Callable[..., System], place: Engine
) -> None:
    sending("RRE").bundle("transaction", post(patient(0), fullUrl=UUID), put(condition(65, ME)))
    [number] = column(place, "SELECT id FROM entry WHERE key LIKE %s AND partner = 'RRE'", "%P65")
    identifier = condition(65)["identifier"][0]
    by_identifier = {"method": "DELETE", "url": f"Condition?identifier={identifier['system']}|{identifier['value']}"}
    acute.bundle("transaction", {"request": by_identifier})
    unknown = acute.bundle("transaction", {"request": {"method": "DELETE", "url": f"Condition/{number}"}})
    nobodys = acute.bundle("transaction", {"request": {"method": "DELETE", "url": f"Condition/{number + 1}"}})
    assert unknown.status_code == nobodys.status_code == 404
    assert unknown.content == nobodys.content
    assert held(place, "P65") == [(1, "current")]


def test_a_patient_sent_whole_without_an_address_takes_its_address_back(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(10)))
    acute.bundle("transaction", post(patient(10, address=None)))
    standing = """SELECT a.standing FROM entry a JOIN entry p USING (person_id, partner)
        WHERE a.key = 'Patient/address' AND p.key = 'Patient' AND convert_from(p.resource, 'UTF8') LIKE %s"""
    assert column(place, standing, f"%{NUMBERS[10].digits}%") == ["entered-in-error"]


# ── References to what was pushed before ────────────────────────────────────────────────────────────────────────────


def test_what_was_pushed_before_may_be_referred_to_by_the_id_it_was_given(acute: System, place: Engine) -> None:
    first = acute.bundle("transaction", post(patient(11)))
    location = responses(first)[0]["location"].split("/R4/")[1].split("/_history")[0]
    answer = acute.bundle("transaction", put(condition(71, {"reference": location})))
    assert statuses(answer) == ["201"], answer.text
    condition_id = responses(answer)[0]["location"].split("/R4/")[1].split("/_history")[0]
    report = put(
        weight(72, {"reference": f"http://testserver/fhir/R4/{location}"}, focus=[{"reference": condition_id}])
    )
    assert statuses(acute.bundle("transaction", report)) == ["201"]
    [kept] = column(place, "SELECT resource FROM entry WHERE key LIKE %s", "%W72")
    assert json.loads(bytes(kept))["focus"] == [{"reference": condition_id}]
    people = column(place, "SELECT person_id FROM entry WHERE key LIKE ANY(%s)", ["%P71", "%W72"])
    assert len(set(people)) == 1


def test_a_person_may_be_referred_to_by_the_id_of_their_record(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(12), fullUrl=UUID), put(condition(73, ME)))
    [person_id] = column(place, "SELECT person_id FROM entry WHERE key LIKE %s", "%P73")
    assert statuses(acute.bundle("transaction", put(weight(74, {"reference": f"Patient/{person_id}"})))) == ["201"]


@pytest.mark.parametrize(
    "reference", ["Patient/1", "Patient/01234567-89ab-4def-8123-456789abcdef", "Condition/1", "Patient/mine"]
)
def test_a_reference_to_a_person_who_is_not_here_is_refused(acute: System, reference: str) -> None:
    assert acute.bundle("transaction", put(condition(75, {"reference": reference}))).status_code == 422


def test_a_reference_to_another_persons_entry_is_refused(acute: System, place: Engine) -> None:
    answer = acute.bundle("transaction", post(patient(13), fullUrl=UUID), put(condition(76, ME)))
    theirs = responses(answer)[1]["location"].split("/R4/")[1].split("/_history")[0]
    acute.bundle("transaction", post(patient(0)))
    mixed = acute.bundle("transaction", put(weight(77, about(0), focus=[{"reference": theirs}])))
    assert (mixed.status_code, issues(mixed)) == (422, [("business-rule", "two-people")])
    assert held(place, "W77") == []


def test_an_identifier_is_of_one_person_until_it_is_taken_back(acute: System, place: Engine) -> None:
    """Else what was put right in the sender's system would stand in two people's records."""
    mistaken, meant = put(condition(78, ME)), put(condition(78, YOU))
    people = post(patient(14), fullUrl=UUID), post(patient(15), fullUrl=OTHER)
    assert acute.bundle("transaction", *people, mistaken).status_code == 200
    again = acute.bundle("transaction", *people, meant)
    assert (again.status_code, issues(again)) == (422, [("business-rule", "two-people")])
    assert held(place, "P78") == [(1, "current")]
    deleted = acute.send("DELETE", f"/Condition?identifier={CONDITIONS}|P78")
    assert deleted.status_code == 200
    assert acute.bundle("transaction", *people, meant).status_code == 200
    assert sorted(standing for _, standing in held(place, "P78")) == ["current", "entered-in-error"]


def test_a_number_that_is_given_anew_files_nothing_under_whom_it_was(acute: System, place: Engine) -> None:
    assert acute.bundle("transaction", post(patient(16))).status_code == 200
    anew = patient(17, identifier=[patient(17)["identifier"][0], patient(16)["identifier"][1]])
    answer = acute.bundle("transaction", post(anew), put(condition(79, about(16))))
    assert answer.status_code == 202, answer.text
    assert held(place, "P79") == []


# ── When it cannot be done now ──────────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_filed_at_once_is_kept_and_filed_in_its_turn(
    acute: System, place: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "adapter", lambda _name: ADAPTER)
    monkeypatch.setattr(pushing, "PATIENCE", 1)
    first = responses(acute.bundle("transaction", post(patient(0)), put(condition(81))))[1]["etag"]
    with transaction(place) as busy:
        hold_partner(busy, OdsCode("RL4"))
        answer = acute.bundle("transaction", put(condition(82)))
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (202, "incomplete")
        versioned = put(condition(81))
        versioned["request"]["ifMatch"] = first
        assert acute.bundle("transaction", versioned).status_code == 503
    behind = acute.bundle("transaction", put(condition(83)))
    assert behind.status_code == 202  # it does not overtake
    while process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
        pass
    assert held(place, "P82") == held(place, "P83") == [(1, "current")]


def test_who_was_answered_before_it_was_filed_learns_what_came_of_it_by_sending_the_same_again(
    acute: System, place: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "adapter", lambda _name: ADAPTER)
    people = post(patient(0), fullUrl=UUID), post(patient(1), fullUrl=OTHER)
    assert acute.bundle("transaction", *people, put(condition(87, YOU))).status_code == 200
    filed, refused = put(condition(86, ME)), put(condition(87, ME))  # the second is somebody else's
    with transaction(place) as busy:
        hold_partner(busy, OdsCode("RL4"))
        for entry in (filed, refused):
            answer = acute.bundle("transaction", people[0], entry, prefer="wait=0")
            assert answer.status_code == 202
            assert "send the very same again" in answer.json()["issue"][0]["diagnostics"]
    again = acute.bundle("transaction", people[0], filed)
    assert again.status_code == 202  # its turn has not come
    while process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
        pass
    assert statuses(acute.bundle("transaction", people[0], filed)) == ["200", "200"]
    told = acute.bundle("transaction", people[0], refused)
    assert (told.status_code, issues(told)) == (422, [("business-rule", "two-people")])
    assert held(place, "P86") == [(1, "current")]


def test_who_waits_is_answered_once_what_they_sent_is_there_for_the_next_request(
    acute: System, place: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "adapter", lambda _name: ADAPTER)
    acute.bundle("transaction", post(patient(0)))
    looked = Event()

    def look_again(_seconds: float) -> None:
        looked.set()
        while process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=chain_key(settings)):
            pass

    monkeypatch.setattr(pushing, "sleep", look_again)
    with transaction(place) as busy:
        hold_partner(busy, OdsCode("RL4"))
        told = acute.bundle("transaction", put(condition(84)), prefer="wait=0")
        assert told.status_code == 202
    behind = acute.bundle("transaction", put(condition(85)), prefer="respond-async, wait=30")
    assert (behind.status_code, looked.is_set()) == (200, True)
    assert held(place, "P84") == held(place, "P85") == [(1, "current")]


# ── Rehearsal ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_validating_says_what_would_be_and_leaves_nothing(acute: System, place: Engine) -> None:
    acute.bundle("transaction", post(patient(0), fullUrl=UUID), put(condition(91, ME)))
    tables = ("entry", "entry_version", "inbox_message", "inbox_part", "finding", "waiting", "person_identifier")
    before = [rows(place, f"SELECT count(*) FROM {table}") for table in tables]
    sent = bundle("transaction", put(condition(91)), put(condition(92)), put(condition(91, about(99))))
    sent["entry"][2]["resource"]["identifier"][0]["value"] = "P93"
    sent["entry"][2]["request"]["url"] = sent["entry"][2]["request"]["url"].replace("P91", "P93")
    answer = acute.send("POST", "/Bundle/$validate", sent)
    assert answer.status_code == 200
    told = [one["diagnostics"] for one in answer.json()["issue"]]
    assert [text for text in told if text.startswith("this would be")] == [
        "this would be: unchanged",
        "this would be: created",
        "this would be: kept, and filed once it is certain whom it is about",
    ]
    wrong = acute.send("POST", "/Bundle/$validate", bundle("transaction", put(condition(94, code=None))))
    assert wrong.json()["issue"][0]["severity"] == "error"
    assert [rows(place, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_a_rehearsal_tells_nothing_of_somebody_of_whom_its_sender_stated_nothing(
    acute: System, sending: Callable[..., System]
) -> None:
    """A date of birth, a name or a postcode that is right is answered as one that is wrong, and as a stranger's."""
    sending("RRE").bundle("transaction", put(patient(36)))
    tried = [patient(36), patient(36, birthDate="1931-01-01"), patient(36, name=[{"family": "Other"}]), patient(37)]
    answers = {acute.send("POST", "/Bundle/$validate", bundle("transaction", put(one))).content for one in tried}
    assert len(answers) == 1


def test_what_waits_reads_alike_to_its_sender_whether_somebody_is_known_or_how(sending: Callable[..., System]) -> None:
    """In the answer and in the report of its own feed, of a number in question too."""
    sending("RRE").bundle("transaction", put(patient(35)))
    hospice = sending("8A999", "system/*.cruds")
    status = patient()["identifier"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]["system"]

    def tried(person: int, code: str, **changes: Any) -> dict[str, Any]:
        one = patient(person, **changes)
        one["identifier"][0]["extension"][0]["valueCodeableConcept"]["coding"][0] = {"system": status, "code": code}
        one["identifier"][1]["value"] = f"{code}{person}{changes}"
        return one

    wrong = {"birthDate": "1931-01-01"}
    for code in ("02", "05"):  # not traced; traced, and not ended well
        answers = {
            hospice.bundle("transaction", put(one)).content
            for one in (tried(34, code), tried(34, code, **wrong), tried(35, code, **wrong))
        }
        assert len(answers) == 1, code
    report = hospice.client.get("/api/partners/data-quality", headers=hospice.headers).json()
    assert [feed["matching"]["waiting"] for feed in report["feeds"] if feed["feed"] == ADAPTER.name] == [
        {"uncertain": 6}
    ]


def test_an_nhs_number_alone_is_not_enough_to_file_by(acute: System) -> None:
    subject = {"identifier": {"system": NHS_NUMBER, "value": NUMBERS[0].digits}}
    assert acute.bundle("transaction", put(condition(95, subject))).status_code == 202
