"""The pack: what its reader may see of each person as it was at the lock, and what came after."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from pypdf import PdfReader

from app.audit.event import Kind
from app.mdt.packs.contents import Pack, PackPage
from app.mdt.packs.minutes import minutes
from app.mdt.packs.pack import pack
from app.mdt.packs.paper import as_html, as_pdf, as_said
from app.mdt.packs.words import at_a_glance, each_once, newest_scores
from app.mdt.reading import whole
from app.mdt.workflow.refusal import Why
from app.record.merge import Line
from app.sharing.compile import compile_agreements
from app.sharing.names import Names
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import EXPORT, Purpose
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun, why
from tests.mdt.test_invitation import guest

pytestmark = pytest.mark.unmeasured  # other tests run the same lines


class Locked:
    """A meeting with two people on it, its agenda locked."""

    def __init__(self, wulfrun: Wulfrun) -> None:
        self.wulfrun = wulfrun
        father, neighbour = wulfrun.on_caseload(), wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
        self.meeting = wulfrun.meeting("northgate")
        self.item, self.other = wulfrun.listed(self.meeting, father), wulfrun.listed(self.meeting, neighbour)
        wulfrun.at = self.meeting["starts_at"] - timedelta(hours=20)
        wulfrun.does("coordinator", "meetings", "lock", self.meeting["id"], version=1, early=True)

    def pack(self, username: str = "chair", **more: Any) -> Pack:
        told = self.wulfrun.asks(username, pack, self.meeting["id"], **more)
        assert isinstance(told, Pack), told
        return told

    def his(self, username: str = "chair") -> PackPage:
        [page] = [page for page in self.pack(username).pages if page.item_id == self.item]
        return page


@pytest.fixture
def locked(wulfrun: Wulfrun) -> Locked:
    return Locked(wulfrun)


def words(page: PackPage) -> str:
    return repr((page.name, page.told, page.glance, page.changed, page.added, page.view["headings"]))


def later_entry(wulfrun: Wulfrun, at: datetime, title: str) -> None:
    """One of his entries is told anew, as intake does it: the former version is kept."""
    person = wulfrun.person(FATHER)
    [[number]] = wulfrun.sql(
        "SELECT id FROM entry WHERE person_id = %s AND category = 'problems' ORDER BY id LIMIT 1", person
    )
    columns = [
        row[0]
        for row in wulfrun.sql("SELECT column_name FROM information_schema.columns WHERE table_name = 'entry_version'")
    ]
    names = ", ".join(columns)
    wulfrun.sql(f"INSERT INTO entry_version ({names}) SELECT {names} FROM entry WHERE id = %s", number)
    wulfrun.sql(
        "UPDATE entry SET version = version + 1, stored_at = %s,"
        " summary = convert_to("
        "jsonb_set(convert_from(summary, 'UTF8')::jsonb, '{title}', to_jsonb(%s::text))::text, 'UTF8')"
        " WHERE id = %s",
        at, title, number,
    )  # fmt: skip


@pytest.fixture
def changed_back(wulfrun: Wulfrun) -> Any:
    """Lets a test change an entry, and puts it back as it was."""
    person = wulfrun.person(FATHER)
    wulfrun.sql("CREATE TABLE kept_entry AS SELECT * FROM entry WHERE person_id = %s", person)
    yield
    wulfrun.sql("DELETE FROM entry WHERE person_id = %s", person)
    wulfrun.sql("INSERT INTO entry SELECT * FROM kept_entry")
    wulfrun.sql("DELETE FROM entry_version WHERE person_id = %s AND id IN (SELECT id FROM kept_entry)", person)
    wulfrun.sql("DROP TABLE kept_entry")


def test_a_pack_has_a_page_for_each_person_with_what_the_team_holds(locked: Locked) -> None:
    told = locked.pack()
    assert [page.item_id for page in told.pages] == [locked.item, locked.other]
    his = told.pages[0]
    assert his.name == "Walter Tranter"
    assert his.told.question == "What next?"
    assert his.told.what_matters == "To stay in my own house"
    assert dict(his.told.referral)["Situation"] == "Falls and a carer who drinks"
    assert his.told.informed.startswith("Told on 29 June 2026")
    glance = dict(his.glance)
    assert any("infarction" in line for line in glance[Category("problems").heading])
    assert his.missing == ("lead",)
    assert any("hospital" in source.lower() for source in his.sources), his.sources
    assert not any(
        "RL4" in line for line in (*his.sources, *his.scores, *(one for _, lines in his.glance for one in lines))
    )
    assert not any("There may be more" in line for line in his.hospital)  # as the hospital declared its feed whole
    locked.wulfrun.sql("UPDATE feed SET complete_since = complete_since + 10000")
    assert locked.his().hospital[-1].startswith("There may be more")
    locked.wulfrun.sql("UPDATE feed SET complete_since = complete_since - 10000")


def test_a_stay_that_one_file_tells_the_beginning_and_the_end_of_has_ended(locked: Locked) -> None:
    his = locked.his()
    assert his.hospital == (
        "Emergency admissions: 1", "Nights in hospital after emergency admissions: 28",
        "Visits to an emergency department: 1",
    )  # fmt: skip
    assert not any("Responsible consultant" in line for _, lines in his.glance for line in lines)


def test_a_page_of_the_pack_says_first_who_it_is_and_what_to_beware_of_as_its_reader_may_see(locked: Locked) -> None:
    told = as_said(locked.pack())["pages"][0]
    facts = {fact["term"]: fact["said"] for fact in told["facts"]}
    assert list(facts)[:3] == ["NHS number", "Born", "Alerts"]
    assert facts["NHS number"] == "999 000 0018"
    assert facts["Born"] == "14 May 1945 (81)"
    assert "Allergy to penicillin" in facts["Alerts"]
    assert told["header"] == "Walter Tranter, born 14 May 1945, NHS number 999 000 0018"
    coordinators = as_said(locked.pack("coordinator"))["pages"][0]
    assert "Alerts" not in {fact["term"] for fact in coordinators["facts"]}


def test_each_reader_has_the_pack_that_they_may_see(locked: Locked) -> None:
    coordinators = locked.his("coordinator")
    assert coordinators.told.question == "What next?"
    assert coordinators.told.referral == ()
    assert coordinators.told.what_matters == ""
    assert "infarction" not in words(coordinators)
    assert why(locked.wulfrun.asks("acute-clinician", pack, locked.meeting["id"])) is Why.UNKNOWN


def test_a_guest_has_a_page_of_whom_they_came_for_while_they_may_see_them(locked: Locked) -> None:
    wulfrun = locked.wulfrun
    made = wulfrun.does("coordinator", "invitations", "new", **guest(locked.meeting, locked.item))
    wulfrun.does("housing-officer", "invitations", "accept", made["id"], version=1)
    assert locked.pack("housing-officer").pages == ()
    wulfrun.at = locked.meeting["starts_at"]
    [page] = locked.pack("housing-officer").pages
    assert page.item_id == locked.item
    assert "infarction" not in words(page)
    assert page.told.referral == ()
    assert why(wulfrun.asks("housing-officer", partial(pack, on_paper=True), locked.meeting["id"])) is Why.UNKNOWN
    assert len(wulfrun.asks("chair", partial(pack, on_paper=True), locked.meeting["id"]).pages) == 2
    wulfrun.at = locked.meeting["ends_at"]
    assert locked.pack("housing-officer").pages == ()


def test_what_is_forbidden_after_the_lock_is_in_no_pack(locked: Locked) -> None:
    assert len(locked.pack().pages) == 2
    locked.wulfrun.objects(FATHER)
    assert [page.item_id for page in locked.pack().pages] == [locked.other]


def test_what_came_after_the_lock_is_an_addendum(locked: Locked, changed_back: None) -> None:
    wulfrun = locked.wulfrun
    wulfrun.sql(
        "UPDATE entry SET stored_at = %s WHERE person_id = %s", wulfrun.at - timedelta(days=1), wulfrun.person(FATHER)
    )
    later_entry(wulfrun, wulfrun.at + timedelta(hours=1), "Third stroke")
    wulfrun.later(hours=2)
    his = locked.his()
    assert "Third stroke" not in repr((his.glance, his.view))
    assert any("Third stroke" in line for line in his.added)
    assert len(his.added) == 1


def test_what_was_sealed_after_the_lock_is_gone_from_the_frozen_pack_too(locked: Locked, changed_back: None) -> None:
    wulfrun = locked.wulfrun
    before = words(locked.his())
    assert "penicillin" in before
    wulfrun.sql(
        "UPDATE entry SET standing = 'entered-in-error' WHERE person_id = %s AND category = 'allergies'",
        wulfrun.person(FATHER),
    )
    assert "penicillin" not in words(locked.his())


def test_the_next_pack_tells_what_was_decided_and_what_changed_since(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    meeting, following = wulfrun.meeting("northgate"), wulfrun.meeting("northgate", nth=1)
    item = wulfrun.listed(meeting, entry)
    wulfrun.began(meeting)
    wulfrun.does("chair", "items", "begin", item, version=1)
    wulfrun.does("nurse", "items", "note", item, version=2, summary="He wants to stay")
    owner = {"name": "Hal Okafor", "organisation": "WH100", "account": "housing-officer"}
    action = {"item_id": str(item), "what": "Mend the window", "owner": owner, "due": "2026-07-20", "test": "It shuts"}
    wulfrun.does("nurse", "actions", "new", **action)
    wulfrun.does(
        "chair",
        "items",
        "conclude",
        item,
        version=3,
        outcome="plan-agreed",
        review_on="2026-08-12",
        read_back=wulfrun.heard(item),
    )
    decided = wulfrun.asks("chair", pack, meeting["id"])
    assert decided.pages[0].told.decided == (
        "plan agreed: He wants to stay",
        "Looked at again on 12 August 2026",
        "Mend the window: Hal Okafor (Wulfrun Homes), due 20 July 2026, offered",
    )
    leaf = PdfReader(BytesIO(as_pdf(decided))).pages[1].extract_text()
    assert (leaf.count("Decided"), leaf.count("Who does what")) == (1, 0)
    wulfrun.listed(following, entry)
    [page] = wulfrun.asks("chair", pack, following["id"]).pages
    assert page.told.decided == ()
    assert page.told.last_time == "plan agreed: He wants to stay"
    assert page.told.actions == ("Mend the window: Hal Okafor (Wulfrun Homes), due 20 July 2026, offered",)
    [coordinators] = wulfrun.asks("coordinator", pack, following["id"]).pages
    assert coordinators.told.last_time == ""
    assert coordinators.told.actions == page.told.actions


def test_a_pack_on_paper_bears_its_readers_name_on_each_page_and_is_tagged(locked: Locked) -> None:
    paper = PdfReader(BytesIO(as_pdf(locked.pack())))
    texts = [page.extract_text() for page in paper.pages]
    assert len(texts) >= 2
    assert all("Carol Deeming" in text for text in texts)
    assert any("Walter Tranter" in text for text in texts)
    assert paper.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]  # a dictionary, as the standard has it


def test_a_pack_on_paper_is_a_leaf_for_each_person_with_room_to_write_what_is_decided(locked: Locked) -> None:
    told = locked.pack()
    [front, *leaves] = [page.extract_text() for page in PdfReader(BytesIO(as_pdf(told))).pages]
    assert len(leaves) == len(told.pages) == 2
    assert all(text.count("Decided") == 1 and "All that the record holds" not in text for text in leaves)
    assert all("How old each source is" not in text and "as at" not in text for text in leaves)
    assert front.count("Wulfrun Hospitals (hospital messages)") == 1
    assert as_html(told).count("Wulfrun Hospitals (hospital messages)") == 1
    assert "Nobody states:" in leaves[0]
    whole = "".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(told, whole=True))).pages)
    assert whole.count("All that the record holds") == 2


def test_what_there_is_no_room_for_at_a_glance_is_named_all_the_same() -> None:
    label = Label(OdsCode("RL4"), Category("problems"), Sensitivity.NORMAL)
    lines = [
        Line(number, label, None, None, None, "current", orjson.dumps({"title": f"Problem {number}", "detail": ""}))
        for number in range(7)
    ]
    [(_, told)] = at_a_glance(lines, Names({}, {}, {}), on=date(2026, 6, 30))
    assert told[-1] == "Also: Problem 5; Problem 6"
    assert len(told) == 6


def test_a_pack_on_paper_explains_its_words_on_a_leaf_that_is_about_nobody(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload(situation="Entitled to S117 aftercare")
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, entry)
    [front, leaf] = PdfReader(BytesIO(as_pdf(wulfrun.asks("chair", pack, meeting["id"])))).pages
    told = front.extract_text()
    assert "What some words mean" in told
    assert "S117 Section 117 of the Mental Health Act 1983" in " ".join(told.split())
    assert "born 14 May 1945" not in told
    assert "What some words mean" not in leaf.extract_text()


def test_a_pack_that_leaves_on_paper_is_told_to_the_trail_as_that(locked: Locked) -> None:
    locked.pack(on_paper=True)
    [[count]] = locked.wulfrun.sql(
        "SELECT count(*) FROM audit_event WHERE event->>'kind' = 'export' AND event->>'subject' = 'chair'"
        " AND event->>'person' = %s", str(locked.wulfrun.person(FATHER)),
    )  # fmt: skip
    assert count >= 1


def test_what_people_wrote_is_never_markup(wulfrun: Wulfrun) -> None:
    wrote = '#panic("no") *bold* <script>alert(1)</script> $x$'
    entry = wulfrun.on_caseload(situation=wrote, what_matters=wrote)
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, entry)
    told = wulfrun.asks("chair", pack, meeting["id"])
    assert "<script>" not in as_html(told)
    assert "&lt;script&gt;" in as_html(told)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(told))).pages)
    assert "#panic" in text
    assert "*bold*" in text


def test_ten_people_for_one_reader_are_there_in_under_two_seconds(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload()
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, entry)
    for place in range(2, 11):  # the same person ten times costs what ten people do
        wulfrun.sql(
            "INSERT INTO mdt_agenda_item (id, meeting_id, caseload_id, person_id, position, state, version, content)"
            " SELECT gen_random_uuid(), meeting_id, caseload_id, person_id, %s, state, version, content"
            " FROM mdt_agenda_item WHERE id = %s",
            place, item,
        )  # fmt: skip
    took = []
    for _ in range(3):
        began = time.perf_counter()
        told = wulfrun.asks("chair", pack, meeting["id"])
        took.append(time.perf_counter() - began)
        assert len(told.pages) == 10
    assert min(took) < 2, took
    assert UUID(str(told.meeting_id)) == meeting["id"]


def test_a_report_and_its_one_result_stand_once_in_a_pack_and_what_either_says_alone_stays() -> None:
    def line(number: int, title: str, detail: str = "", *, partner: str = "RL4", day: int = 1) -> Line:
        label = Label(OdsCode(partner), Category("results"), Sensitivity.NORMAL)
        told = {"type": "Observation", "title": title, "detail": detail}
        return Line(number, label, None, datetime(2026, 6, day, tzinfo=UTC), None, "current", orjson.dumps(told))

    result, report = line(1, "Haemoglobin: 104 g/L"), line(2, "Haemoglobin")
    apart = (line(3, "Haemoglobin", partner="RRE"), line(4, "Haemoglobin", day=2), line(5, "Full blood count"))
    assert list(each_once([report, result, *apart])) == [result, *apart]
    noted = line(6, "Haemoglobin", "Sample was old")
    assert list(each_once([noted, result])) == [noted, result]


def test_the_newest_of_each_score_stands_on_the_page_with_what_its_trend_does_not_mean() -> None:
    def score(title: str, day: int, kind: str = "RiskAssessment") -> Line:
        label = Label(OdsCode("M92001"), Category("assessments"), Sensitivity.NORMAL)
        told = {"type": kind, "title": title, "detail": "Gilbert 2018"}
        return Line(day, label, None, datetime(2026, 6, day, tzinfo=UTC), None, "current", orjson.dumps(told))

    told = newest_scores(
        [
            score("Hospital Frailty Risk Score 12.3", 9),
            score("Hospital Frailty Risk Score 20", 2),
            score("Our own 4", 1),
            score("Clinical Frailty Scale 6", 1, "Observation"),
            score("Barthel index 11", 1, "Observation"),
        ],
        Names({"M92001": "Penn Fields Surgery"}, {}, {}),
        on=date(2026, 6, 30),
    )

    assert told == (
        "Hospital Frailty Risk Score 12.3: Gilbert 2018 (9 June 2026), Penn Fields Surgery."
        " It falls by itself as admissions grow older than two years.",
        "Our own 4: Gilbert 2018 (1 June 2026), Penn Fields Surgery",
        "Clinical Frailty Scale 6: Gilbert 2018 (1 June 2026), Penn Fields Surgery."
        " It is a clinician's judgement of how someone was two weeks before, not of a bad day.",
    )


def test_minutes_on_paper_name_those_of_whom_the_agreement_lets_a_copy_be_kept(wulfrun: Wulfrun) -> None:
    meeting = wulfrun.meeting("northgate")
    wulfrun.listed(meeting, wulfrun.on_caseload())
    [held] = (wulfrun.asks("nurse", minutes, meeting["id"])).meeting["agenda"]
    assert held["person"]
    record = wulfrun.place.desk.record
    before = record.agreements
    (law,) = before.documents
    reading = [
        one.model_copy(update={"actions": tuple(each for each in one.actions if each != EXPORT)}) for one in law.grants
    ]
    record.rule_by(compile_agreements([law.model_copy(update={"grants": tuple(reading)})]))
    try:
        assert wulfrun.asks("nurse", minutes, meeting["id"]).meeting["agenda"] == []
        assert [one["person"] for one in wulfrun.asks("nurse", whole.meeting, meeting["id"])["agenda"]] == [
            held["person"]
        ]
    finally:
        record.rule_by(before)


def test_by_the_id_of_a_merged_record_nobody_keeps_a_copy_who_may_only_read(wulfrun: Wulfrun) -> None:
    father, retired = wulfrun.person(FATHER), uuid4()
    asked = wulfrun.inquiry("housing-officer", purpose=Purpose("tenancy-support"))
    record = wulfrun.place.record
    wulfrun.sql("INSERT INTO person (id, merged_into, created_at) VALUES (%s, %s, now())", retired, father)

    read = wulfrun.run(record.view(asked, retired))
    assert (read.person_id, bool(read.lines)) == (father, True)
    copy = replace(asked, id=uuid4())
    assert wulfrun.run(record.view(copy, retired, kind=Kind.EXPORT, action=EXPORT)) is None
    wulfrun.sql("DELETE FROM person WHERE id = %s", retired)
