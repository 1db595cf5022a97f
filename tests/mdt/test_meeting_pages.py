"""The pages of a meeting: whose business they are, what they ask of whom, and that nothing typed is lost."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from app.identity.tokens import issue, token_key
from app.main import create_app
from app.mdt.reading import discussed, whole
from app.mdt.reading.foreseen import Foreseen, foreseen
from app.settings import Settings
from app.web.frame.layout import environment
from app.web.meetings.overview import moved_of
from app.web.meetings.scribing import action_of, note_of
from app.web.meetings.timer import timer
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun
from tests.mdt.test_invitation import guest

PAGES = ("", "/agenda", "/invited", "/pack", "/scribe", "/wall", "/minutes")
NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(place_url: str, settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, place_url), follow_redirects=False) as opened:
        yield opened


class Pages:
    """The pages of one meeting with two people on its agenda, as staff open them."""

    def __init__(self, wulfrun: Wulfrun, client: TestClient, settings: Settings) -> None:
        wulfrun.sql("UPDATE account SET training_until = CURRENT_DATE + 30 WHERE username <> 'lapsed-nurse'")
        self.wulfrun, self._client, self._settings = wulfrun, client, settings
        father, neighbour = wulfrun.on_caseload(), wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
        self.meeting = wulfrun.meeting("northgate")
        self.item, self.other = wulfrun.listed(self.meeting, father), wulfrun.listed(self.meeting, neighbour)
        self.base = f"/meetings/{self.meeting['id']}"

    def _headers(self, username: str) -> dict[str, str]:
        return {
            "authorization": f"Bearer {issue(token_key(self._settings), username, role=None, at=datetime.now(UTC))}"
        }

    def get(self, username: str, path: str) -> Any:
        return self._client.get(path, headers=self._headers(username))

    def post(self, username: str, path: str, **typed: str) -> Any:
        return self._client.post(path, headers=self._headers(username), data=typed)


@pytest.fixture
def pages(wulfrun: Wulfrun, client: TestClient, settings: Settings) -> Pages:
    return Pages(wulfrun, client, settings)


def test_a_meeting_is_nothing_to_whoever_has_no_part_in_it(pages: Pages) -> None:
    for page in PAGES:
        theirs = pages.get("acute-clinician", pages.base + page)
        missing = pages.get("acute-clinician", f"/meetings/{uuid4()}{page}")
        assert (theirs.status_code, theirs.content) == (missing.status_code, missing.content), page
        assert theirs.status_code == 404
        assert pages.get("nurse", pages.base + page).status_code == 200, page
    assert pages.get("acute-clinician", f"{pages.base}/changes").status_code == 404


def test_a_guest_opens_their_part_and_the_pack_and_no_other_page(pages: Pages) -> None:
    pages.wulfrun.does("coordinator", "invitations", "new", **guest(pages.meeting, pages.other))
    told = pages.get("housing-officer", pages.base)
    assert told.status_code == 200
    assert "You are invited" in told.text
    for page in ("/agenda", "/invited", "/scribe", "/wall", "/minutes"):
        assert pages.get("housing-officer", pages.base + page).status_code == 404, page
    accepted = pages.post("housing-officer", f"{pages.base}/answer/accept", version="1")
    assert accepted.status_code == 303
    [invitation] = pages.wulfrun.sql("SELECT state FROM mdt_invitation")
    assert invitation == ("accepted",)


def test_a_guests_link_after_the_meeting_opens_the_meeting_and_nobody(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    wulfrun.does("coordinator", "invitations", "new", **guest(pages.meeting, pages.item))
    wulfrun.sql("UPDATE mdt_invitation SET state = 'accepted'")
    wulfrun.began(pages.meeting)
    wulfrun.does("chair", "meetings", "close", pages.meeting["id"], version=3, carry_over="out-of-time")
    for path in (pages.base, f"{pages.base}/pack"):
        told = pages.get("housing-officer", path)
        assert told.status_code == 200
        assert "Tranter" not in told.text
        assert str(pages.item) not in told.text
    person = wulfrun.person(FATHER)
    assert pages.get("housing-officer", f"/people/{person}?purpose=mdt").status_code == 404
    assert pages.get("housing-officer", f"/discussions/{pages.item}").status_code == 404
    answered = pages.post("housing-officer", f"{pages.base}/answer/accept", version="1")
    assert answered.status_code in (404, 409, 422)


def test_a_guest_is_told_when_their_own_item_is_due(pages: Pages) -> None:
    pages.wulfrun.does("coordinator", "invitations", "new", **guest(pages.meeting, pages.other))
    pages.wulfrun.sql("UPDATE mdt_invitation SET state = 'accepted'")
    pages.wulfrun.at = pages.meeting["starts_at"]
    [item] = pages.wulfrun.asks("housing-officer", whole.meeting, pages.meeting["id"])["agenda"]
    assert item["due"] == pages.meeting["starts_at"] + timedelta(minutes=10)


def test_only_who_arranges_the_agenda_is_given_its_buttons(pages: Pages) -> None:
    assert "Lock the agenda" in pages.get("coordinator", f"{pages.base}/agenda").text
    assert "Lock the agenda" not in pages.get("nurse", f"{pages.base}/agenda").text
    refused = pages.post("nurse", f"{pages.base}/agenda/{pages.item}/arrange", version="1", position="2")
    assert refused.status_code == 403
    assert "is for the chair or the coordinator" in refused.text


def test_whoever_presses_lock_or_start_long_before_its_time_is_asked_whether_it_is_meant(pages: Pages) -> None:
    agenda, scribe = f"{pages.base}/agenda", f"{pages.base}/scribe"
    moved = "UPDATE mdt_meeting SET starts_at = now() + interval '40 days', ends_at = now() + interval '41 days'"
    pages.wulfrun.sql(f"{moved} WHERE id = %s", pages.meeting["id"])
    assert "before it locks by itself</label>" in pages.get("coordinator", agenda).text
    asked = pages.post("coordinator", f"{agenda}/lock", version="1")
    assert asked.status_code == 422
    assert re.search(r'href="#early">It locks by itself in \d+ days; confirm that it is to be locked now<', asked.text)
    assert pages.post("coordinator", f"{agenda}/lock", version="1", early="true").status_code == 303

    assert "before its time</label>" in pages.get("chair", scribe).text
    typed = {"meeting_version": "2", "without_quorum": "A strike"}
    assert 'href="#early"' in pages.post("chair", f"{scribe}/start", **typed).text
    assert pages.post("chair", f"{scribe}/start", **typed, early="true").status_code == 303


def test_whoever_holds_one_seat_and_deputises_for_another_arrives_in_the_role_of_their_own(pages: Pages) -> None:
    meeting = pages.meeting["id"]
    pages.wulfrun.does("coordinator", "meetings", "invite-core", meeting, version=1)
    pages.wulfrun.at = pages.meeting["starts_at"] - timedelta(hours=20)
    pages.wulfrun.does("chair", "meetings", "lock", meeting, version=1, early=True)

    arriving = re.findall(
        r'value="(\w[\w-]*)\|([\w-]*)" formaction="[^"]*/arrive"', pages.get("chair", f"{pages.base}/scribe").text
    )

    assert ("chair", "mdt-chair") in arriving  # who is the community matron's deputy too
    assert [account for account, _ in arriving][:2] == ["chair", "gp"]  # by name


def test_whoever_may_not_read_a_discussion_is_not_asked_to_write_it(pages: Pages) -> None:
    pages.wulfrun.does("nurse", "items", "note", pages.item, version=1, summary="He fell twice")
    page = f"{pages.base}/scribe?item={pages.item}"
    assert "He fell twice" in pages.get("nurse", page).text
    theirs = pages.get("coordinator", page).text
    assert "He fell twice" not in theirs
    assert "note.summary" not in theirs


def test_a_clash_keeps_both_texts_and_all_that_does_not_clash(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    wulfrun.does("gp", "items", "note", pages.item, version=1, summary="He fell once")
    typed = {"note.summary": "He fell twice", "note.dissent": "The GP would wait"}
    answer = pages.post("nurse", f"{pages.base}/scribe/note", item=str(pages.item), version="1", **typed)
    assert answer.status_code == 409
    assert "Somebody else wrote: “He fell once”" in answer.text
    assert "He fell twice</textarea>" in answer.text
    told = wulfrun.asks("nurse", discussed.item, pages.item)
    assert (told["summary"], told["dissent"]) == ("He fell once", "The GP would wait")
    version = str(wulfrun.version("agenda_item", pages.item))
    assert f'name="version" value="{version}"' in answer.text
    pages.post("nurse", f"{pages.base}/scribe/note", item=str(pages.item), version=version, **typed)
    assert wulfrun.asks("nurse", discussed.item, pages.item)["summary"] == "He fell twice"


def test_what_is_wrong_with_an_action_keeps_the_notes_and_all_that_was_typed(pages: Pages) -> None:
    typed = {"note.summary": "He fell twice", "action.what": "Mend the window", "outcome.outcome": "plan-agreed"}
    answer = pages.post("nurse", f"{pages.base}/scribe/action", item=str(pages.item), version="1", **typed)
    assert answer.status_code == 422
    assert 'href="#action-owner">Select who does it' in answer.text
    listed = re.findall('<li><a href="#([a-z-]+)">', answer.text)
    assert listed == ["action-owner", "action-due-day", "action-test"]  # as they stand on the page
    assert "Mend the window</textarea>" in answer.text
    assert pages.wulfrun.asks("nurse", discussed.item, pages.item)["summary"] == "He fell twice"


@pytest.mark.parametrize("deed", ["note", "begin", "pause", "carry-over", "action", "conclude", "agreed"])
def test_what_is_no_item_is_told_as_what_does_not_exist(pages: Pages, deed: str) -> None:
    typed = {"outcome.outcome": "step-down", "note.summary": "He fell twice"}
    answer = pages.post("chair", f"{pages.base}/scribe/{deed}", item="x", of="y", version="1", **typed)
    assert answer.status_code == 404


def test_an_action_that_nobody_heard_read_back_keeps_the_item_open(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    wulfrun.began(pages.meeting)
    wulfrun.does("chair", "items", "begin", pages.item, version=1)
    action = {"item_id": str(pages.item), "what": "Mend it", "test": "It is warm", "due": "2026-08-01"}
    owner = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
    made = wulfrun.does("nurse", "actions", "new", owner=owner, **action)
    said: dict[str, Any] = {"version": 2, "outcome": "plan-agreed", "review_on": "2026-10-14"}
    told = wulfrun.refused("chair", "items", "conclude", pages.item, read_back=[], **said)
    assert "read them back again" in told.text
    unheard = wulfrun.refused("chair", "items", "conclude", pages.item, **said)
    assert unheard.detail["problems"] == [{"field": "read_back", "problem": "is missing; fill it in"}]
    wulfrun.does("chair", "items", "conclude", pages.item, read_back=[made["id"]], **said)
    assert wulfrun.state("agenda_item", pages.item) == "discussed"


def test_what_each_will_see_is_foreseen_and_shown_to_nobody(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    wulfrun.does("coordinator", "meetings", "invite-core", pages.meeting["id"], version=1)
    wulfrun.does("coordinator", "invitations", "new", **guest(pages.meeting, pages.item))
    wulfrun.objects(NEIGHBOUR, "recipient", "RRE")
    told = wulfrun.asks("chair", foreseen, pages.meeting["id"])
    assert isinstance(told, Foreseen)
    sights = {
        (one.invitation.content.invitee.name, sight.item_id): sight.headings
        for one in told.invitees
        for sight in one.sights or ()
    }
    assert "medications" in sights["Nell Rushton", pages.item]
    assert "medications" not in sights["Kit Lane", pages.item]
    assert not sights["Mei Harcourt", pages.other]
    assert not sights["Hal Okafor", pages.item]  # who has not accepted
    [wall] = [one for one in told.wall if one.item_id == pages.other]
    assert set(wall.leave) == {"Mei Harcourt", "Hal Okafor"}
    assert wall.headings <= sights["Kit Lane", pages.other]
    assert dict(wall.without).keys() == {"Kit Lane"}
    assert not isinstance(wulfrun.asks("nurse", foreseen, pages.meeting["id"]), Foreseen)


def test_a_guest_who_accepted_is_foreseen_to_see_their_part_of_one_person(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    made = wulfrun.does("coordinator", "invitations", "new", **guest(pages.meeting, pages.item))
    wulfrun.does("housing-officer", "invitations", "accept", made["id"], version=1)
    told = wulfrun.asks("chair", foreseen, pages.meeting["id"])
    [invitee] = told.invitees
    by_item: dict[UUID, Any] = {sight.item_id: sight.headings for sight in invitee.sights}
    assert "tenancy" in by_item[pages.item]
    assert "medications" not in by_item[pages.item]
    assert not by_item[pages.other]


def test_who_signs_signs_what_stands_on_their_screen_whether_or_not_it_was_saved(pages: Pages) -> None:
    wulfrun, id, path = pages.wulfrun, pages.meeting["id"], f"{pages.base}/minutes"
    before = pages.get("chair", path).text
    assert ("Absent" in before, "Who was there" in before) == (False, False)  # nobody is, while it has not begun
    assert "Who is on the agenda" in before
    wulfrun.began(pages.meeting)
    wulfrun.does("chair", "meetings", "close", id, version=3, carry_over="out-of-time")
    assert "Who was there" in pages.get("chair", path).text
    assert (
        pages.post("chair", f"{path}/sign", version="3", apologies="Hospice", learning="Ask early").status_code == 409
    )
    typed = {"apologies": "Hospice", "learning": "Ask early"}
    assert pages.post("chair", f"{path}/sign", version="4", **typed).status_code == 303
    told = pages.get("nurse", path).text
    assert "signed by Carol Deeming" in told
    assert "Ask early" in told


def test_minutes_that_were_signed_stand_beside_why_they_were_opened_again(pages: Pages) -> None:
    wulfrun, id = pages.wulfrun, pages.meeting["id"]
    wulfrun.began(pages.meeting)
    wulfrun.does("chair", "meetings", "close", id, version=3, carry_over="out-of-time")
    wulfrun.sql("UPDATE mdt_meeting SET sitting = CURRENT_DATE - 7 WHERE id = %s", id)
    waits = f'href="{pages.base}/minutes"'
    assert waits in pages.get("chair", "/home").text.partition("Minutes to sign")[2]
    assert "Minutes to sign" not in pages.get("nurse", "/home").text
    drafted = pages.post("coordinator", f"{pages.base}/minutes/draft-minutes", version="4", apologies="Hospice\nThe GP")
    assert drafted.status_code == 303
    assert pages.post("chair", f"{pages.base}/minutes/sign", version="5").status_code == 303
    assert "Minutes to sign" not in pages.get("chair", "/home").text
    assert pages.post("chair", f"{pages.base}/minutes/reopen-minutes", version="6", reason="A name").status_code == 303
    told = pages.get("nurse", f"{pages.base}/minutes").text
    assert "Version 1, signed by Carol Deeming" in told
    assert "Hospice; The GP" in told
    assert "A name" in told

    paper = PdfReader(BytesIO(pages.get("nurse", f"{pages.base}/minutes.pdf").content))
    leaves = [leaf.extract_text() for leaf in paper.pages]
    printed = " ".join(" ".join(leaves).split())
    assert "Version 1, signed by Carol Deeming" in printed
    assert "Not signed: a draft" in printed
    assert "Hospice; The GP" in printed
    assert "Walter Tranter" in printed
    assert all(leaf.count("Nell Rushton") >= 2 for leaf in leaves)  # across the leaf, and below it
    assert "Nothing to show" in pages.get("housing-officer", f"{pages.base}/minutes.pdf").text
    [[named]] = wulfrun.sql(
        "SELECT count(DISTINCT event->>'person') FROM audit_event WHERE event->>'kind' = 'export'"
        " AND event->>'subject' = 'nurse'"
    )
    assert named == 2


def test_whoever_arranges_is_led_from_the_room_to_who_narrows_the_wall(pages: Pages) -> None:
    pages.wulfrun.began(pages.meeting)
    leads = f'href="{pages.base}/invited#wall"'
    assert leads in pages.get("chair", f"{pages.base}/scribe").text
    assert leads not in pages.get("nurse", f"{pages.base}/scribe").text
    assert "Walter Tranter" in pages.get("chair", f"{pages.base}/invited").text.partition('id="wall"')[2]


def test_what_was_emptied_is_taken_back_and_what_was_not_there_stays() -> None:
    assert note_of({"note.summary": " ", "note.options": "a\n\nb", "other": "x"}) == {
        "summary": None,
        "options": ["a", "b"],
    }
    assert note_of({"note.view.said": "", "note.view.on.day": ""}) == {"view": None}
    view = {"note.view.said": "My bed", "note.view.on.day": "1", "note.view.on.month": "7", "note.view.on.year": "2026"}
    assert note_of(view) == {"view": {"said": "My bed", "on": "2026-07-01"}}


def test_an_owner_who_is_in_no_list_is_named() -> None:
    typed = {"item": "1", "action.what": "Mend", "action.other_name": "Ann", "action.other_organisation": "WH100"}
    assert action_of(typed, {})["owner"] == {"name": "Ann", "organisation": "WH100"}


def test_the_clock_counts_all_whiles_of_a_discussion() -> None:
    item = {"running_since": NOON, "discussed_seconds": 300, "minutes": 10}
    told = timer(item, NOON + timedelta(minutes=5))
    assert (told.seconds, told.is_over, told.says) == (600, True, "10 of 10 minutes")


def test_a_meeting_is_found_before_and_after_and_moved_and_cancelled_with_a_reason(pages: Pages) -> None:
    wulfrun, id = pages.wulfrun, pages.meeting["id"]
    moved = {"on.day": "30", "on.month": "11", "on.year": "2026", "starts_at": "13:30", "ends_at": "14:50"}
    refused = pages.post("coordinator", f"{pages.base}/move", version="1", **moved | {"ends_at": "25:00"})
    assert refused.status_code == 422
    assert 'value="25:00"' in refused.text
    assert "“When it ends” must be a real day and time, such as 31 3 2027 and 13:30" in refused.text
    assert pages.post("coordinator", f"{pages.base}/move", version="1", **moved).status_code == 303
    [[starts_at]] = wulfrun.sql("SELECT starts_at FROM mdt_meeting WHERE id = %s", id)
    assert starts_at == datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
    assert pages.post("nurse", f"{pages.base}/cancel", version="2", reason="Snow").status_code == 403
    assert pages.post("chair", f"{pages.base}/cancel", version="2", reason="").status_code == 422
    assert pages.post("chair", f"{pages.base}/cancel", version="2", reason="Snow").status_code == 303
    wulfrun.sql("UPDATE mdt_meeting SET sitting = CURRENT_DATE - 7 WHERE id = %s", id)
    listed = pages.get("nurse", "/meetings").text
    assert f"/meetings/{id}" in listed
    assert "cancelled" in listed
    assert "You are of no team" in pages.get("acute-clinician", "/meetings").text


def test_a_meeting_that_was_put_off_is_still_ahead_on_the_home_page(pages: Pages) -> None:
    later = datetime.now(UTC) + timedelta(days=3)
    pages.wulfrun.sql(
        "UPDATE mdt_meeting SET sitting = CURRENT_DATE - 2, starts_at = %s, ends_at = %s WHERE id = %s",
        later, later + timedelta(hours=1), pages.meeting["id"],
    )  # fmt: skip

    assert f'href="{pages.base}"' in pages.get("nurse", "/home").text


def test_times_are_londons_also_in_summer() -> None:
    typed = {"on.day": "8", "on.month": "7", "on.year": "2026", "starts_at": "13:30", "ends_at": "x", "version": "1"}
    assert moved_of(typed) == {"version": "1", "starts_at": "2026-07-08T12:30:00+00:00", "ends_at": "x"}


def test_after_the_lock_somebody_urgent_is_added_with_the_reason(pages: Pages) -> None:
    wulfrun = pages.wulfrun
    urgent = wulfrun.on_caseload("9990000050", username="gp", urgency="urgent", why_urgent="In crisis")
    wulfrun.does("coordinator", "meetings", "lock", pages.meeting["id"], version=1, early=True)
    page = pages.get("coordinator", f"{pages.base}/agenda").text
    assert "Add somebody late" in page
    typed = {"caseload_id": str(urgent), "question": "Where can he go?"}
    refused = pages.post("coordinator", f"{pages.base}/agenda/add", **typed)
    assert refused.status_code == 422
    assert "Where can he go?</textarea>" in refused.text
    added = pages.post("coordinator", f"{pages.base}/agenda/add", **typed, why_late="Found today")
    assert added.status_code == 303
    assert "Found today" in pages.get("nurse", f"{pages.base}/agenda").text


def test_fifteen_people_each_have_their_time(pages: Pages) -> None:
    """As many rows as a long meeting has; the store is asked for none of them."""
    row = pages.wulfrun.asks("chair", whole.meeting, pages.meeting["id"])["agenda"][0]
    items = [
        {**row, "id": uuid4(), "place": place, "due": NOON + timedelta(minutes=10 * place)} for place in range(1, 16)
    ]
    told = pages.wulfrun.asks("chair", whole.meeting, pages.meeting["id"]) | {"agenda": items}
    context = {
        "meeting": told,
        "locality": "Northgate",
        "is_member": True,
        "arranges": True,
        "last": 15,
        "people": {},
        "typed": {},
    }
    page = environment().get_template("meetings/agenda.html").render(context)
    assert page.count('class="pisano-agenda__line"') == 15
    assert "3:30pm" in page
    assert page.count(" disabled") == 2  # the first cannot go up, the last not down


def test_what_a_scribe_typed_as_the_meeting_was_cancelled_stands_on_the_page_with_why(pages: Pages) -> None:
    scribe, typed = f"{pages.base}/scribe", {"item": str(pages.item), "version": "1", "note.summary": "Two falls"}
    typed |= {"note.risks": "The stairs", "action.what": "Ask the council"}
    meeting = pages.meeting["id"]
    pages.wulfrun.does("chair", "meetings", "cancel", meeting, version=1, reason="Snow")

    told = pages.post("nurse", f"{scribe}/note", **typed)

    assert told.status_code == 409
    assert "This agenda item is carried over; nothing more can be done with it." in told.text
    assert "What you wrote, and was not kept" in told.text
    assert '<h3 class="nhsuk-heading-xs">What was said</h3><p class="pisano-told">Two falls</p>' in told.text
    assert all(f'<p class="pisano-told">{said}</p>' in told.text for said in ("The stairs", "Ask the council"))
    assert "What you wrote" not in pages.get("nurse", f"{scribe}?item={pages.item}").text


def test_what_the_teams_rules_find_wrong_leads_to_its_field(pages: Pages) -> None:
    typed = {"item": str(pages.item), "version": "1", "action.what": "Ask", "action.test": "An answer came"}
    typed |= {"action.owner": "RL4C/nurse", "action.due.day": "1", "action.due.month": "2", "action.due.year": "2020"}

    told = pages.post("chair", f"{pages.base}/scribe/action", **typed)

    assert told.status_code == 422
    assert '<a href="#action-due-day">An action is due today at the earliest, and within a year</a>' in told.text
