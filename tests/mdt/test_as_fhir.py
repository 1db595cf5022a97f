"""The team's work as FHIR: what stands for what, read as the standard has it; of nobody whom the reader may not see."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhirclient.models.bundle import Bundle
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.as_fhir import reading
from app.mdt.as_fhir.elements import SOURCE
from app.mdt.as_fhir.meeting import meeting_as_fhir
from app.mdt.reading import lists, whole
from app.mdt.reading.discussed import item as whole_discussion
from app.mdt.workflow.refusal import Refusal
from app.settings import Settings
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun
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


BASE = "https://record.example/fhir/R4"


def resources(wulfrun: Wulfrun, username: str, meeting: UUID) -> dict[str, list[dict[str, Any]]]:
    told = wulfrun.asks(username, meeting_as_fhir, meeting, base=BASE)
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
    assert isinstance(wulfrun.asks("acute-clinician", meeting_as_fhir, meeting["id"], base=BASE), Refusal)
    wulfrun.does("housing-officer", "invitations", "accept", made["id"], version=1)
    wulfrun.at = meeting["starts_at"]
    found = resources(wulfrun, "housing-officer", UUID(str(meeting["id"])))
    assert [one["id"] for one in found["Encounter"]] == [str(item)]
    assert "EpisodeOfCare" not in found  # the caseload is the team's


class Door:
    """The FHIR door, as one of the staff opens it for the team's purpose."""

    def __init__(self, client: TestClient, settings: Settings, username: str) -> None:
        token = issue(token_key(settings), username, role=None, at=datetime.now(UTC))
        self._client, self._headers = client, {"authorization": f"Bearer {token}"}

    def get(self, path: str, purpose: str = "mdt", headers: dict[str, str] | None = None, /, **asked: Any) -> Any:
        return self._client.get(
            f"/fhir/R4/{path}", params={"purpose": purpose, **asked}, headers={**self._headers, **(headers or {})}
        )

    def json(self, path: str, **form: Any) -> Any:
        """A door of JSON: read, or written with a form."""
        put = self._client.put(f"/api/{path}", headers=self._headers, json=form) if form else None
        return put or self._client.get(f"/api/{path}", headers=self._headers)

    def follow(self, url: str) -> Any:
        return self._client.get(url, headers=self._headers)

    def listed(self, kind: str, **asked: Any) -> list[dict[str, Any]]:
        """A search of a type that is the teams' alone."""
        answer = self.get(kind, **asked)
        assert answer.status_code == 200, answer.text
        told = [one["resource"] for one in answer.json().get("entry", ())]
        for one in told:
            get_fhir_model_class(kind).model_validate(one)
        return told

    def found(self, kind: str, person: UUID, **asked: Any) -> list[dict[str, Any]]:
        """A search of the team's work, each of what it matches read as the standard has it."""
        answer = self.get(kind, patient=str(person), _source=SOURCE, **asked)
        assert answer.status_code == 200, answer.text
        told = [one["resource"] for one in answer.json().get("entry", ())]
        for one in told:
            get_fhir_model_class(kind).model_validate(one)
        return told


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def staff(client: TestClient, settings: Settings, wulfrun: Wulfrun) -> dict[str, Door]:
    wulfrun.sql("UPDATE account SET training_until = CURRENT_DATE + 30 WHERE username <> 'lapsed-nurse'")
    names = ("chair", "nurse", "social-worker", "coordinator", "acute-clinician", "housing-officer", "gp")
    return {name: Door(client, settings, name) for name in names}


PAGES = ("Composition", "DocumentReference")
"""Put together for their reader at each reading: of a discussion its minutes, and the page of the pack."""


def test_what_a_meetings_bundle_refers_to_is_found_in_it_by_its_address(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    told = staff["chair"].json(f"mdt/meetings/{discussed}/fhir").json()
    urls = [one["fullUrl"] for one in told["entry"]]
    assert len(set(urls)) == len(urls)
    for url, one in zip(urls, (entry["resource"] for entry in told["entry"]), strict=True):
        assert url == f"http://testserver/fhir/R4/{one['resourceType']}/{one['id']}"
    [episode] = [one["resource"] for one in told["entry"] if one["resource"]["resourceType"] == "EpisodeOfCare"]
    assert f"http://testserver/fhir/R4/{episode['team'][0]['reference']}" in urls


def test_all_that_a_team_did_with_somebody_is_found_by_patient_and_read_by_id(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = wulfrun.person(FATHER)
    found = {kind: staff["chair"].found(kind, person) for kind in reading.KINDS if kind not in reading.OF_NOBODY}

    counted = dict.fromkeys(found, 1) | dict.fromkeys((*PAGES, "Task"), 2)
    counted |= dict.fromkeys(("Flag", "Goal", "Observation", "RequestGroup"), 0)  # there is none of him
    beside = {kind: found.pop(kind) for kind in ("Communication", "Provenance")}
    assert {kind: len(each) for kind, each in found.items()} == {kind: counted[kind] for kind in found}
    assert all(beside.values())
    everything = [one for each in found.values() for one in each]
    subjects = {str(one.get("subject") or one.get("patient") or one.get("for")) for one in everything}
    assert subjects == {str({"reference": f"Patient/{person}"})}
    for one in (*everything, *beside["Communication"], *beside["Provenance"]):
        address = f"{one['resourceType']}/{one['id']}"
        read = staff["chair"].get(address)
        assert (read.status_code, read.json() | {"meta": one["meta"]}) == (200, one), address
        if "lastUpdated" in one["meta"] and not one["id"].startswith("pack-"):
            held = {"if-none-match": read.headers["etag"]}
            assert staff["chair"].get(address, "mdt", held).status_code == 304
    [plan] = found["CarePlan"]
    task = plan["activity"][0]["reference"]["reference"]
    assert staff["chair"].get(task).json()["description"] == "Mend it"
    assert task in str(found["Composition"])


def test_minutes_and_a_page_of_the_pack_are_documents_of_one_person_for_their_reader(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = wulfrun.person(FATHER)
    documents = staff["chair"].found("DocumentReference", person)
    addresses = [one["content"][0]["attachment"]["url"] for one in documents]
    read = [staff["chair"].get(address).json() for address in addresses]
    assert {one["type"]["text"].partition(" ")[0] for one in read} == {"Minutes", "Page"}
    assert all(one["meta"]["lastUpdated"] <= datetime.now(UTC).isoformat() for one in (*documents, *read))
    assert [one["docStatus"] for one in documents] == [one["status"] for one in read]
    titles = {section["title"] for one in read for section in one["section"]}
    assert {"The question for the team", "How old each source is", "Outcome"} <= titles
    ours, theirs = (
        {section["title"]: section["text"]["div"] for one in staff[who].found("Composition", person)
         if one["id"].startswith("pack-") for section in one["section"]}
        for who in ("chair", "coordinator")
    )  # fmt: skip
    assert set(theirs) < set(ours)  # under each reader's own decision
    assert ours.keys() - theirs.keys() >= {"Situation", "What matters to the person"}


def test_a_referral_is_a_request_with_each_referrers_form_and_what_the_person_says(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    wulfrun.refer(FATHER, agreement={"stance": "objects", "objects_to": ["WH100"]})
    wulfrun.refer(FATHER, "social-worker", question="Who holds the keys?", agreement={"stance": "not-asked"})
    person = wulfrun.person(FATHER)
    [request] = staff["chair"].found("ServiceRequest", person)
    forms = staff["chair"].found("QuestionnaireResponse", person)
    objects, not_asked = staff["chair"].found("Consent", person)
    [triage] = staff["chair"].found("Task", person)

    assert (request["status"], request["priority"], len(request["supportingInfo"])) == ("active", "routine", 4)
    assert [one["text"] for one in request["reasonCode"]] == [
        "How can he stay at home safely?", "Who holds the keys?",
    ]  # fmt: skip
    said = {item["linkId"]: item for item in forms[1]["item"]}
    assert said["question"]["answer"] == [{"valueString": "Who holds the keys?"}]
    assert said["what-matters"]["answer"] == [{"valueString": "To stay in my own house"}]
    assert {one["linkId"] for one in said["informed"]["item"]} == {"was", "how", "on"}
    assert (objects["status"], objects["provision"]["type"]) == ("active", "deny")
    assert [one["reference"]["identifier"]["value"] for one in objects["provision"]["actor"]] == ["WH100"]
    assert (not_asked["status"], "provision" in not_asked) == ("proposed", False)
    assert (triage["status"], triage["focus"]["reference"]) == ("requested", f"ServiceRequest/{request['id']}")
    assert staff["social-worker"].found("QuestionnaireResponse", person) == [
        one | {"id": f"{request['id']}.1"} for one in forms if "Who holds the keys?" in str(one)
    ]  # a referrer's own words, and nobody else's


def test_who_triages_reads_a_referral_by_the_same_decision_at_both_doors(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    made = wulfrun.refer(FATHER)
    other = uuid4()

    def answered(username: str) -> set[int]:
        """Asked for as JSON and as FHIR; refused in each door as what does not exist."""
        doors = {
            "json": [staff[username].json(f"mdt/referrals/{one}") for one in (made.id, other)],
            "fhir": [staff[username].get(f"ServiceRequest/{one}") for one in (made.id, other)],
        }
        for found, missing in doors.values():
            assert found.status_code == 200 or found.content == missing.content
        return {found.status_code for found, _ in doors.values()}

    def told() -> int:
        return len(wulfrun.sql("SELECT 1 FROM audit_event WHERE event->>'reason' = 'referral/read'"))

    before = told()
    assert (answered("chair"), told() - before) == ({200}, 2)
    assert staff["chair"].json(f"mdt/referrals/{made.id}").json()["made"][0]["form"]["situation"]
    assert answered("gp") == {404}  # of the team, which has not taken him on
    assert answered("nurse") == {200}  # her own words, whatever she may see for the team
    wulfrun.objects(FATHER)
    before = told()
    assert (answered("chair"), told() - before) == ({404}, 0)


def test_once_it_is_decided_a_referral_is_read_by_who_refers_and_by_the_team_that_took_them_on(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    elsewhere, taken = wulfrun.refer(FATHER), wulfrun.refer(NEIGHBOUR)
    wulfrun.does("chair", "referrals", "redirect", elsewhere.id, version=1, reason="Theirs", to="Falls clinic")
    wulfrun.does("chair", "referrals", "accept", taken.id, version=1, reason="Ours")
    for username, of in (("chair", taken.id), ("nurse", elsewhere.id), ("nurse", taken.id)):
        assert staff[username].json(f"mdt/referrals/{of}").status_code == 200
        assert staff[username].get(f"ServiceRequest/{of}").status_code == 200
    assert staff["chair"].json(f"mdt/referrals/{elsewhere.id}").status_code == 404
    assert staff["chair"].get(f"ServiceRequest/{elsewhere.id}").status_code == 404


def test_of_a_merged_record_everything_is_about_whoever_stands_for_the_person_and_parts_again(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    former, standing = wulfrun.person(FATHER), wulfrun.person(NEIGHBOUR)
    kinds = sorted(reading.KINDS.keys() - reading.OF_NOBODY - {*PAGES, "Flag", "Goal", "Observation", "RequestGroup"})
    before = {kind: staff["chair"].found(kind, former) for kind in kinds}
    wulfrun.sql("UPDATE person SET merged_into = %s WHERE id = %s", standing, former)
    for kind in kinds:
        found = staff["chair"].found(kind, standing)
        assert [one["id"] for one in found] == [one["id"] for one in before[kind]]
        assert str(former) not in str(found)
        assert staff["chair"].get(f"{kind}/{found[0]['id']}").json() == found[0]
    assert str(former) not in str([staff["chair"].found(kind, standing) for kind in PAGES])
    [row] = wulfrun.asks("chair", lists.caseload, "northgate")
    assert (row["person_id"], row["person"] is None) == (standing, False)
    wulfrun.sql("UPDATE person SET merged_into = NULL WHERE id = %s", former)
    assert {kind: staff["chair"].found(kind, former) for kind in kinds} == before


def test_who_was_referred_and_listed_while_two_records_were_one_is_themselves_again_when_they_are_parted(
    wulfrun: Wulfrun,
) -> None:
    former, standing = wulfrun.person(FATHER), wulfrun.person(NEIGHBOUR)
    wulfrun.sql("UPDATE person SET merged_into = %s WHERE id = %s", standing, former)
    entry, meeting = wulfrun.on_caseload(FATHER), wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, entry)
    assert wulfrun.asks("chair", whole_discussion, item)["person_id"] == standing
    wulfrun.sql("UPDATE person SET merged_into = NULL WHERE id = %s", former)
    for told in (wulfrun.asks("chair", whole_discussion, item), wulfrun.asks("chair", whole.caseload_entry, entry)):
        assert told["person_id"] == former


def test_an_objection_of_whoever_stands_for_a_merged_record_holds_for_the_team(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    former, standing = wulfrun.person(FATHER), wulfrun.person(NEIGHBOUR)
    [episode] = staff["chair"].found("EpisodeOfCare", former)
    wulfrun.sql("UPDATE person SET merged_into = %s WHERE id = %s", standing, former)
    wulfrun.objects(NEIGHBOUR)
    assert staff["chair"].found("EpisodeOfCare", standing) == []
    assert staff["chair"].get(f"EpisodeOfCare/{episode['id']}").status_code == 404


def test_minutes_are_of_one_person_and_preliminary_until_they_are_signed(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    def minutes_of(username: str, **asked: str) -> list[dict[str, Any]]:
        found = staff[username].found("Composition", wulfrun.person(FATHER), **asked)
        return [one for one in found if one["type"]["text"].startswith("Minutes")]

    meeting = wulfrun.meeting("northgate")
    his, others = (wulfrun.listed(meeting, wulfrun.on_caseload(one)) for one in (FATHER, NEIGHBOUR))
    wulfrun.began(meeting)
    for item, said in ((his, "<b>He fell</b> twice"), (others, "Hers alone")):
        wulfrun.does("chair", "items", "begin", item, version=1)
        wulfrun.does("nurse", "items", "note", item, version=2, summary=said)
        wulfrun.does(
            "chair", "items", "conclude", item, version=3, outcome="no-action", no_action_reason="Well",
            review_on="2026-10-14", read_back=[],
        )  # fmt: skip
    wulfrun.does("chair", "meetings", "close", meeting["id"], version=wulfrun.version("meeting", meeting["id"]))
    [draft] = minutes_of("chair")
    told = {one["title"]: one["text"]["div"] for one in draft["section"]}

    assert draft["status"] == "preliminary"
    assert "&lt;b&gt;He fell&lt;/b&gt; twice" in told["Summary"]
    assert "Hers alone" not in str(draft)
    wulfrun.does("chair", "meetings", "sign", meeting["id"], version=wulfrun.version("meeting", meeting["id"]))
    [signed] = minutes_of("chair", status="final")
    assert signed["attester"][0]["party"]["display"]
    assert minutes_of("coordinator") == []  # who may read no discussions


def test_who_has_no_part_in_it_is_answered_as_though_it_did_not_exist(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = wulfrun.person(FATHER)
    none = {"Flag", "Goal", "Observation", "RequestGroup"}
    kinds = [kind for kind in reading.KINDS if kind not in reading.OF_NOBODY | none]
    ids = {kind: staff["chair"].found(kind, person)[0]["id"] for kind in kinds}
    ids |= {"Appointment": str(discussed), "List": f"agenda-{discussed}"}
    stranger = staff["acute-clinician"]
    refused = {
        *(stranger.get(f"{kind}/{id}").content for kind, id in ids.items()),
        *(stranger.get(f"{kind}/{uuid4()}").content for kind in ids),
        *(stranger.get(kind, patient=str(one), _source=SOURCE).content for kind in kinds for one in (person, uuid4())),
    }

    assert len(refused) == 1
    assert orjson.loads(refused.pop())["issue"][0]["code"] == "not-found"
    wulfrun.objects(FATHER)
    member = staff["social-worker"]
    assert [member.found(kind, person) for kind in kinds] == [[]] * len(kinds)
    gone = {member.get(f"{kind}/{ids[kind]}").content for kind in kinds if kind != "Task"}  # which they were given
    assert gone == {member.get(f"Encounter/{uuid4()}").content}


def test_a_place_on_the_caseload_says_when_it_was_left_and_taken_again(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    entry = wulfrun.on_caseload()
    wulfrun.does("chair", "caseload", "plan-review", entry, version=1, on="2026-12-01", reason="Sooner")
    wulfrun.later(days=30)
    wulfrun.does(
        "chair", "caseload", "step-down", entry, version=2, reason="goals-met", re_entry_trigger="A fall",
        person_told="By his nurse", holder={"name": "Dr Hart", "organisation": "M92001"},
    )  # fmt: skip
    wulfrun.later(days=30)
    assert wulfrun.on_caseload() == entry
    [episode] = staff["chair"].found("EpisodeOfCare", wulfrun.person(FATHER))

    assert [one["status"] for one in episode["statusHistory"]] == ["active", "finished", "active"]
    first, left, back = (one["period"] for one in episode["statusHistory"])
    assert (first["end"], left["end"]) == (left["start"], back["start"])
    assert "end" not in back


def test_a_meeting_is_read_by_its_id_and_found_by_no_patient(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = str(wulfrun.person(FATHER))
    for kind, id in (("Appointment", str(discussed)), ("List", f"agenda-{discussed}")):
        read = staff["chair"].get(f"{kind}/{id}")
        get_fhir_model_class(kind).model_validate(read.json())
        assert person not in read.text
        assert staff["chair"].get(kind, patient=person, _source=SOURCE).status_code == 400


def test_a_team_is_an_organisation_whose_members_are_named_to_the_team_alone(staff: dict[str, Door]) -> None:
    anyone, member = staff["housing-officer"], staff["gp"]
    [organisation] = [one for one in anyone.listed("Organization") if one["id"] == "northgate"]
    [does] = [one for one in anyone.listed("HealthcareService") if one["id"] == "northgate"]
    roles = {one["id"]: one for one in member.listed("PractitionerRole")}

    assert organisation["partOf"]["identifier"]["value"] == "RL4C"
    assert does["providedBy"] == {"reference": "Organization/northgate"}
    assert "frailty" in {one["code"]["text"] for one in does["eligibility"]}
    assert anyone.get("HealthcareService/northgate").json() == does
    assert roles["northgate.general-practice"]["practitioner"]["display"] == "Dr Gita Parmar"
    assert roles["northgate.community-nursing.deputy-1"]["code"][0]["text"] == "Deputy: Community matron"
    assert roles["northgate.chair"]["healthcareService"][0]["reference"] == "HealthcareService/northgate"
    assert member.get("PractitionerRole/northgate.chair").json() == roles["northgate.chair"]
    refused = {anyone.get("PractitionerRole/northgate.chair").content, anyone.get("PractitionerRole").content}
    assert refused == {anyone.get("PractitionerRole/nowhere.chair").content}


def test_an_option_that_was_not_taken_is_revoked_with_why_and_stands_in_the_minutes(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, wulfrun.on_caseload())
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    declined = [{"option": "A nursing home", "why": "He will not go"}, {"option": "A lodger"}]
    wulfrun.does("nurse", "items", "note", item, version=2, not_taken=declined)
    wulfrun.does(
        "chair", "items", "conclude", item, version=3, outcome="no-action", no_action_reason="Well",
        review_on="2026-10-14", read_back=[],
    )  # fmt: skip
    person = wulfrun.person(FATHER)
    first, second = staff["chair"].found("RequestGroup", person)

    assert {first["status"], second["status"]} == {"revoked"}
    assert (first["action"][0]["title"], first["reasonCode"][0]["text"]) == ("A nursing home", "He will not go")
    for one in (first, second):  # FHIR R4, rqg-1: what is to be done, or further actions
        assert one["action"][0]["resource"] == {"display": one["action"][0]["title"]}
    assert "reasonCode" not in second
    assert "A nursing home: He will not go" in str(staff["chair"].found("Composition", person))
    assert staff["coordinator"].found("RequestGroup", person) == []  # who may read no discussions


def test_whom_the_person_keeps_out_is_an_alert_to_the_team_and_nothing_to_them(
    staff: dict[str, Door], wulfrun: Wulfrun
) -> None:
    wulfrun.on_caseload(agreement={"stance": "objects", "objects_to": ["LA508"]})
    person = wulfrun.person(FATHER)
    [flag] = staff["chair"].found("Flag", person)
    assert flag["status"] == "active"
    assert flag["code"]["text"] == "Does not want these to take part: Wulfrun Council adult social care"
    assert staff["social-worker"].found("Flag", person) == []


def test_the_goals_of_a_plan_are_read_by_who_reads_the_plan(staff: dict[str, Door], wulfrun: Wulfrun) -> None:
    wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
    person = wulfrun.person(NEIGHBOUR)
    version = staff["chair"].json(f"care-plans/{person}?purpose=mdt").json()["version"]
    goal = {"id": "stairs", "says": "To climb the stairs", "test": "Ten, without help", "by": "2026-12-01"}
    written = staff["chair"].json(
        f"care-plans/{person}?purpose=mdt", based_on=version, parts={"support": {"goals": [goal]}}
    )
    assert written.status_code == 200, written.text
    [told] = staff["chair"].found("Goal", person)

    assert (told["description"]["text"], told["lifecycleStatus"]) == ("To climb the stairs", "active")
    assert told["target"] == [
        {"measure": {"text": "How anyone could tell"}, "detailString": "Ten, without help", "dueDate": "2026-12-01"}
    ]
    assert told["subject"] == {"reference": f"Patient/{person}"}
    assert staff["chair"].get(f"Goal/{told['id']}").json() == told
    assert staff["coordinator"].found("Goal", person) == []


def test_what_left_by_mail_names_the_staff_and_about_whom_only_to_who_may_see_them(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = wulfrun.person(FATHER)
    wulfrun.sql("UPDATE mdt_outbox SET sent_at = now() WHERE kind = 'action-offered'")
    offered = [one for one in staff["chair"].found("Communication", person) if one["status"] == "completed"]
    everything = staff["chair"].listed("Communication")

    [one] = offered
    assert one["payload"] == [{"contentString": "An action waits for you to accept it"}]
    assert [each["display"] for each in one["recipient"]] == ["Nell Rushton"]
    assert one["subject"] == {"reference": f"Patient/{person}"}
    assert one["about"][0]["reference"].startswith("Task/")
    assert one["id"] not in {each["id"] for each in everything}
    assert one["id"] in {each["id"] for each in staff["nurse"].listed("Communication")}
    assert "Patient/" not in str(everything)
    assert {each["payload"][0]["contentString"] for each in everything} >= {
        "You are invited to a multidisciplinary team meeting"
    }
    wulfrun.objects(FATHER)
    nobodys = staff["chair"].get(f"Communication/{uuid4()}").content
    assert staff["chair"].get(f"Communication/{one['id']}").content == nobodys
    assert staff["chair"].found("Communication", person) == []
    assert staff["chair"].listed("Communication") == everything
    outsider = staff["acute-clinician"]
    assert outsider.get("Communication").content == outsider.get(f"Communication/{one['id']}").content


def test_each_step_is_a_provenance_with_who_took_it_and_nothing_of_what_was_said(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    found = staff["chair"].found("Provenance", wulfrun.person(FATHER), _sort="recorded")
    steps = {
        (one["target"][0]["reference"].partition("/")[0], one["activity"]["text"]): one["agent"][0]["who"]["display"]
        for one in found
    }
    assert steps["ServiceRequest", "receive"] == "Nell Rushton"
    assert steps["ServiceRequest", "accept"] == steps["EpisodeOfCare", "take on"] == steps["Task", "assign"]
    assert steps["Task", "assign"] == "Carol Deeming"
    assert "Mend it" not in str(found)
    [episode] = staff["chair"].found("EpisodeOfCare", wulfrun.person(FATHER))
    last = [one for one in found if one["target"][0]["reference"] == f"EpisodeOfCare/{episode['id']}"][-1]
    assert episode["meta"]["lastUpdated"] == last["recorded"]


def test_a_search_of_the_teams_work_is_sorted_and_paged_as_any_other(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person, chair = str(wulfrun.person(FATHER)), staff["chair"]
    whole = chair.listed("Provenance", patient=person, _sort="-recorded")
    assert [one["recorded"] for one in whole] == sorted((one["recorded"] for one in whole), reverse=True)
    first = chair.get("Provenance", patient=person, _sort="-recorded", _count="3", _total="accurate")
    assert first.json()["total"] == len(whole)
    pages, answer = [], first.json()
    for _ in range(len(whole)):
        pages += [one["resource"]["id"] for one in answer["entry"]]
        following = [link["url"] for link in answer["link"] if link["relation"] == "next"]
        if not following:
            break
        answer = chair.follow(following[0]).json()
    assert pages == [one["id"] for one in whole]
    [following] = [link["url"] for link in first.json()["link"] if link["relation"] == "next"]
    assert staff["nurse"].follow(following).status_code == 410  # another's
    since = whole[0]["meta"]["lastUpdated"]
    assert {one["recorded"] for one in chair.listed("Provenance", patient=person, _lastUpdated=f"ge{since}")} == {
        whole[0]["recorded"]
    }
    assert chair.get("Provenance", patient=person, _sort="colour").status_code == 400


def test_what_is_not_on_the_page_is_not_told_to_the_trail(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    def told() -> int:
        rows = wulfrun.sql("SELECT count(*) FROM audit_event WHERE event->>'reason' = 'agenda-item/read'")
        return int(rows[0][0])

    person, before = wulfrun.person(FATHER), told()
    assert staff["chair"].found("Encounter", person, status="planned") == []
    assert told() == before
    staff["chair"].found("Encounter", person, status="finished")
    assert told() == before + 1


def test_each_reading_is_told_to_the_trail_before_it_is_answered(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    def told() -> set[tuple[str, str]]:
        rows = wulfrun.sql(
            "SELECT event->>'reason', event->>'person' FROM audit_event WHERE event->>'reason' LIKE '%%/read'"
            " AND event->>'subject' = 'social-worker'"
        )
        return {(str(reason), str(person)) for reason, person in rows}

    before = told()
    person = wulfrun.person(FATHER)
    [episode] = staff["social-worker"].found("EpisodeOfCare", person)
    staff["social-worker"].get(f"Appointment/{discussed}")
    assert told() - before == {("caseload-entry/read", str(person)), ("meeting/read", "None")}
    assert episode["status"] == "active"


def test_a_search_of_the_teams_work_is_narrowed_as_any_other(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    person = wulfrun.person(FATHER)
    assert staff["chair"].found("Encounter", person, status="planned") == []
    [part] = staff["chair"].found("Encounter", person, status="finished", _elements="status")
    assert "appointment" not in part
    answer = staff["chair"].get("Encounter", patient=str(person), _source=SOURCE, _summary="count")
    assert (answer.json()["total"], "entry" in answer.json()) == (1, False)
    assert staff["chair"].get("Encounter", _source=SOURCE).status_code == 400
    strict = {"prefer": "handling=strict"}
    assert staff["chair"].get("Composition", "mdt", strict, patient=str(person), colour="blue").status_code == 400
    assert staff["chair"].get("Composition", "mdt", strict, patient=str(person), _include="*").status_code == 400
    lenient = staff["chair"].get("Composition", patient=str(person), colour="blue", _include="*")
    assert lenient.json()["entry"][-1]["search"]["mode"] == "outcome"
    of_the_record = staff["nurse"].get("Encounter", "direct-care", patient=str(person))
    assert str(discussed) not in of_the_record.text  # it is another system's, unless it is asked for


def test_measures_are_a_report_of_a_period_which_names_nobody(
    staff: dict[str, Door], wulfrun: Wulfrun, discussed: UUID
) -> None:
    wulfrun.does("chair", "meetings", "close", discussed, version=wulfrun.version("meeting", discussed))
    answer = staff["chair"].get("MeasureReport", period="2026")
    reports = {one["resource"]["id"]: one["resource"] for one in answer.json()["entry"]}
    report = reports["northgate.2026"]
    get_fhir_model_class("MeasureReport").model_validate(report)
    again = staff["chair"].get("MeasureReport/northgate.2026")
    read, held = again.json(), {"if-none-match": again.headers["etag"]}
    assert staff["chair"].get("MeasureReport/northgate.2026", "mdt", held).status_code == 304
    assert staff["chair"].get("MeasureReport/northgate.2025", "mdt", held).status_code == 200
    defined = staff["chair"].get("Measure/multidisciplinary-team").json()

    get_fhir_model_class("Measure").model_validate(defined)
    assert read | {"date": ""} == report | {"date": ""}
    assert report["period"] == {"start": "2026-01-01", "end": "2026-12-31"}
    assert [one["code"] for one in defined["group"]] == [one["code"] for one in report["group"]]
    [clear] = [one for one in report["group"] if one["code"]["coding"][0]["code"] == "clear-outcome"]
    assert [one["count"] for one in clear["population"]] == [1, 1]
    assert clear["measureScore"]["value"] == 1
    untold = {one["code"]["coding"][0]["code"] for one in report["group"] if "unsupported" in str(one.get("extension"))}
    assert untold == {"care-home", "reach", "experience"}
    assert str(wulfrun.person(FATHER)) not in answer.text
    refused = {staff["housing-officer"].get(f"MeasureReport/{one}").content for one in ("northgate.2026", "x.2026")}
    assert refused == {staff["housing-officer"].get("MeasureReport", period="2026").content}
    assert [staff["chair"].get("MeasureReport", period=one).status_code for one in ("", "soon", "2026-13")] == [400] * 3
