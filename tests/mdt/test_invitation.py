"""Guests see one person for one item near one meeting, and nothing a moment longer, whoever holds the link."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from app.mdt.reading import diary, discussed, lists, whole
from app.mdt.steps.table import step
from app.mdt.workflow.headings import ACTIONS, DISCUSSION, QUESTION
from app.mdt.workflow.refusal import Why
from app.place import open_place
from app.record.read.glancing import Glancing
from app.settings import Settings
from app.vocabulary.category import Category
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun, why

pytestmark = pytest.mark.unmeasured  # other tests run the same lines


def guest(meeting: dict[str, Any], *items: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "meeting_id": str(meeting["id"]),
        "items": [str(item) for item in items],
        "account": "housing-officer",
        "name": "Hal Okafor",
        "organisation": "WH100",
        "profile": "housing",
        "reason": "The broken window and the shower",
    } | changes


class Invited:
    """A meeting with two people on it, and housing invited for the first."""

    def __init__(self, wulfrun: Wulfrun) -> None:
        self.wulfrun = wulfrun
        father, neighbour = wulfrun.on_caseload(), wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
        self.meeting = wulfrun.meeting("northgate")
        self.item, self.other = wulfrun.listed(self.meeting, father), wulfrun.listed(self.meeting, neighbour)
        made = wulfrun.does("coordinator", "invitations", "new", **guest(self.meeting, self.item))
        self.id = made["id"]

    def accept(self) -> None:
        self.wulfrun.does("housing-officer", "invitations", "accept", self.id, version=1)

    def view(self, digits: str = FATHER, username: str = "housing-officer") -> Any:
        person = self.wulfrun.person(digits)
        return self.wulfrun.run(self.wulfrun.place.record.view(self.wulfrun.inquiry(username), person))


@pytest.fixture
def invited(wulfrun: Wulfrun) -> Invited:
    return Invited(wulfrun)


def test_a_guests_access_opens_and_closes_by_itself(invited: Invited) -> None:
    invited.accept()
    starts, ends = invited.meeting["starts_at"], invited.meeting["ends_at"]
    instant = timedelta(microseconds=1)
    sees = []
    for invited.wulfrun.at in (starts - timedelta(minutes=15) - instant, starts - timedelta(minutes=15), starts,
                               ends - instant, ends, ends + timedelta(days=1)):  # fmt: skip
        sees.append(invited.view() is not None)
    assert sees == [False, True, True, True, False, False]


def test_a_guest_sees_the_parts_of_their_profile_and_no_more(invited: Invited) -> None:
    invited.accept()
    invited.wulfrun.at = invited.meeting["starts_at"]
    seen = {label.category for label in invited.view().decision.permitted}
    assert "tenancy" in seen
    assert not seen & {"medications", "problems", "risks", "contacts"}


def test_a_guest_of_one_item_sees_nothing_of_another_and_not_that_it_exists(invited: Invited) -> None:
    invited.accept()
    wulfrun = invited.wulfrun
    wulfrun.at = invited.meeting["starts_at"]
    assert invited.view(NEIGHBOUR) is None
    told = wulfrun.asks("housing-officer", whole.meeting, invited.meeting["id"])
    assert [item["id"] for item in told["agenda"]] == [invited.item]
    assert "invitations" not in told
    other = wulfrun.asks("housing-officer", discussed.item, invited.other)
    missing = wulfrun.asks("housing-officer", discussed.item, uuid4())
    assert other == missing
    assert why(other) is Why.UNKNOWN
    assert "summary" not in wulfrun.asks("housing-officer", discussed.item, invited.item)


def test_a_guest_who_sees_somebody_else_in_their_own_work_reads_nothing_of_that_discussion(
    invited: Invited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a landlord of both: what is said of the other is none of a guest's, whatever else they may see of them."""

    async def everything(*_: object) -> frozenset[Category]:
        return frozenset({DISCUSSION, QUESTION, ACTIONS})

    invited.accept()
    wulfrun = invited.wulfrun
    wulfrun.at = invited.meeting["starts_at"]
    monkeypatch.setattr(Glancing, "may_see", everything)
    assert "question" in wulfrun.asks("housing-officer", discussed.item, invited.item)
    assert why(wulfrun.asks("housing-officer", discussed.item, invited.other)) is Why.UNKNOWN


def test_an_invitation_that_was_not_accepted_opens_nothing(invited: Invited) -> None:
    invited.wulfrun.at = invited.meeting["starts_at"]
    assert invited.view() is None
    invited.accept()
    assert invited.view() is not None
    invited.wulfrun.does("housing-officer", "invitations", "decline", invited.id, version=2)
    assert invited.view() is None


def test_a_forwarded_invitation_is_nobody_elses(invited: Invited) -> None:
    wulfrun = invited.wulfrun
    told = wulfrun.refused("hospice-nurse", "invitations", "accept", invited.id, version=1)
    assert told == wulfrun.refused("hospice-nurse", "invitations", "accept", uuid4(), version=1)
    invited.accept()
    wulfrun.at = invited.meeting["starts_at"]
    assert why(wulfrun.asks("hospice-nurse", whole.meeting, invited.meeting["id"])) is Why.UNKNOWN
    assert invited.view(username="hospice-nurse") is None
    assert wulfrun.asks("hospice-nurse", lists.own_invitations) == []


@pytest.mark.parametrize("ending", ["revoke", "withdraw", "conclude", "cancel", "close", "object", "step-down"])
def test_a_guests_access_ends_with_the_invitation_the_item_or_the_meeting(invited: Invited, ending: str) -> None:
    invited.accept()
    wulfrun, meeting = invited.wulfrun, invited.meeting
    if ending != "cancel":
        wulfrun.began(meeting)
    wulfrun.at = meeting["starts_at"] + timedelta(minutes=1)
    assert invited.view() is not None
    _end(invited, ending)
    assert invited.view() is None


def _end(invited: Invited, ending: str) -> None:
    wulfrun, meeting = invited.wulfrun, invited.meeting
    if ending == "revoke":
        wulfrun.does("coordinator", "invitations", "revoke", invited.id, version=2, reason="Wrong officer")
    elif ending == "withdraw":
        wulfrun.does("chair", "items", "withdraw", invited.item, version=1, reason="He asked us to")
    elif ending == "conclude":
        wulfrun.does("chair", "items", "begin", invited.item, version=1)
        wulfrun.does(
            "chair", "items", "conclude", invited.item, version=2, read_back=[], outcome="plan-continues",
            no_action_reason="Waits", review_on="2026-09-09",
        )  # fmt: skip
    elif ending == "cancel":
        wulfrun.does("chair", "meetings", "cancel", meeting["id"], version=1, reason="Snow")
    elif ending == "close":
        wulfrun.does("chair", "meetings", "close", meeting["id"], version=3, carry_over="out-of-time")
    elif ending == "object":
        wulfrun.refer(FATHER, "social-worker", agreement={"stance": "objects", "objects_to": ["WH100"]})
    else:
        [[entry]] = wulfrun.sql("SELECT caseload_id FROM mdt_agenda_item WHERE id = %s", invited.item)
        wulfrun.does("chair", "caseload", "step-down", entry, version=1, reason="died")


def test_every_other_worker_knows_at_once(invited: Invited, settings: Settings) -> None:
    invited.accept()
    wulfrun = invited.wulfrun
    wulfrun.at = invited.meeting["starts_at"]

    async def elsewhere() -> tuple[bool, bool]:
        async with open_place(settings, wulfrun.url) as other:
            account = await other.account("housing-officer")
            assert account is not None
            asking = (await_inquiry, person)
            before = await other.record.view(*asking)
            revoke = {"version": 2, "reason": "Wrong officer"}
            await wulfrun.place.desk.take(step_of, by_coordinator, UUID(str(invited.id)), revoke)
            after = await other.record.view(*asking)
            return before is not None, after is not None

    person, await_inquiry = wulfrun.person(FATHER), wulfrun.inquiry("housing-officer")
    step_of, by_coordinator = step("invitations", "revoke"), wulfrun.inquiry("coordinator")
    assert wulfrun.run(elsewhere()) == (True, False)


def test_the_chair_extends_the_meeting_and_its_guests_stay_as_long(invited: Invited) -> None:
    invited.accept()
    wulfrun, meeting = invited.wulfrun, invited.meeting
    wulfrun.began(meeting)
    later = meeting["ends_at"] + timedelta(minutes=20)
    far = meeting["ends_at"] + timedelta(hours=9)
    version = wulfrun.version("meeting", meeting["id"])
    assert wulfrun.refused("chair", "meetings", "extend", meeting["id"], version=version, ends_at=str(far)).why
    wulfrun.does("chair", "meetings", "extend", meeting["id"], version=version, ends_at=str(later))
    wulfrun.at = later - timedelta(seconds=1)
    assert invited.view() is not None
    wulfrun.at = later
    assert invited.view() is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organisation": "ZZ99"}, "no party to the agreement"),
        ({"profile": "hospice"}, "no such guest profile for that organisation"),
        ({"account": "nobody"}, "no such account at that organisation"),
        ({"account": "nurse"}, "no such account at that organisation"),
    ],
)
def test_a_guest_is_of_a_party_and_of_a_profile_of_the_agreement(
    invited: Invited, changes: dict[str, str], said: str
) -> None:
    told = invited.wulfrun.refused("chair", "invitations", "new", **guest(invited.meeting, invited.item, **changes))
    assert said in told.text


def test_nobody_invites_for_whom_they_may_not_see_or_to_whom_the_person_objects(wulfrun: Wulfrun) -> None:
    entry = wulfrun.on_caseload(agreement={"stance": "objects", "objects_to": ["WH100"]})
    meeting = wulfrun.meeting("northgate")
    item = wulfrun.listed(meeting, entry)
    assert "objects to that organisation" in wulfrun.refused("chair", "invitations", "new", **guest(meeting, item)).text
    wulfrun.objects(FATHER, "recipient", "RL4C")
    assert wulfrun.refused("chair", "invitations", "new", **guest(meeting, item)).why is Why.UNKNOWN
    assert wulfrun.refused("nurse", "invitations", "new", **guest(meeting, item)).why is Why.UNKNOWN


def test_the_core_team_is_invited_once_and_deputies_when_a_holder_declines(wulfrun: Wulfrun) -> None:
    meeting = wulfrun.meeting("northgate")
    for _ in range(2):
        wulfrun.does("coordinator", "meetings", "invite-core", meeting["id"], version=1)
    [own] = wulfrun.asks("nurse", lists.own_invitations)
    assert (own["seat"], own["state"]) == ("community-nursing", "invited")
    assert wulfrun.refused("gp", "invitations", "accept", own["id"], version=1).why is Why.NOT_YOURS
    wulfrun.does("nurse", "invitations", "decline", own["id"], version=1, remark="On leave")
    told = wulfrun.asks("chair", whole.meeting, meeting["id"])["invitations"]
    assert len(told) == 6  # the deputy is the chair, who is invited already


def test_a_guest_comes_into_the_room_only_once_accepted(invited: Invited) -> None:
    wulfrun = invited.wulfrun
    wulfrun.began(invited.meeting)
    form = {"meeting_id": invited.meeting["id"]}
    assert wulfrun.refused("housing-officer", "arrivals", "new", **form).why is Why.UNKNOWN
    assert wulfrun.refused("hospice-nurse", "arrivals", "new", **form).why is Why.UNKNOWN
    invited.accept()
    wulfrun.does("housing-officer", "arrivals", "new", **form)
    wulfrun.does("chair", "items", "begin", invited.item, version=1)
    screen = wulfrun.asks("chair", discussed.screen, invited.item)
    shown = {heading["category"] for heading in screen["view"]["headings"]}
    assert "medications" not in shown
    assert screen["uncovered"] == []
    wulfrun.does("chair", "items", "carry-over", invited.item, version=2, reason="out-of-time")
    wulfrun.does("chair", "items", "begin", invited.other, version=1)
    assert wulfrun.asks("chair", discussed.screen, invited.other)["uncovered"] == ["Hal Okafor"]


def test_a_calendar_file_says_when_and_where_and_never_about_whom(invited: Invited) -> None:
    wulfrun = invited.wulfrun
    told = wulfrun.asks("housing-officer", diary.calendar, invited.meeting["id"])
    [event] = Calendar.from_ical(told).walk("VEVENT")
    [zone] = Calendar.from_ical(told).walk("VTIMEZONE")
    assert zone["TZID"] == event["DTSTART"].params["TZID"] == "Europe/London"
    assert event.decoded("DTSTART") == invited.meeting["starts_at"]
    words = wulfrun.asks("housing-officer", diary.invitation_text, invited.meeting["id"])
    assert "Wednesday 8 July 2026, 1:30pm to 2:50pm" in words
    for text in (told.decode(), words):
        assert "Northgate" in text
        assert not any(secret in text for secret in ("Tranter", FATHER, str(wulfrun.person(FATHER)), "ATTENDEE"))
    assert why(wulfrun.asks("hospice-nurse", diary.calendar, invited.meeting["id"])) is Why.UNKNOWN


def test_a_diary_follows_a_meeting_that_is_cancelled(invited: Invited) -> None:
    wulfrun = invited.wulfrun
    before, after = Calendar.from_ical(wulfrun.asks("chair", diary.calendar, invited.meeting["id"])), None
    wulfrun.does("chair", "meetings", "cancel", invited.meeting["id"], version=1, reason="Snow")
    after = Calendar.from_ical(wulfrun.asks("chair", diary.calendar, invited.meeting["id"]))
    [one], [other] = before.walk("VEVENT"), after.walk("VEVENT")
    assert one["UID"] == other["UID"]
    assert other.decoded("SEQUENCE") > one.decoded("SEQUENCE")
    assert (other["STATUS"], after["METHOD"]) == ("CANCELLED", "CANCEL")
    assert "cancelled" in wulfrun.asks("chair", diary.invitation_text, invited.meeting["id"])
