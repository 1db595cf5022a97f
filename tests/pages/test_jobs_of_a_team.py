"""A person's way through a team, from the referral to the signed minutes and the action done, by every means."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.database.transactions import transaction
from app.settings import Settings
from tests.pages.conftest import Visitor, fits, is_sound
from tests.pages.convening import FATHER, NEIGHBOUR, Team, team
from tests.pages.hands import FINGER, KEYBOARD, PLAIN, How

Visiting = Callable[..., Visitor]
REFERRED = {
    PLAIN: ("nurse", FATHER),
    KEYBOARD: ("social-worker", NEIGHBOUR),
    FINGER: ("gp", "9990000050"),
}
"""Whom somebody of the team refers: no two stories are of the same person."""


@pytest.fixture(scope="module")
def northgate(address: str, settings: Settings) -> Iterator[Team]:
    with team(address, settings) as told:
        yield told


@pytest.mark.parametrize("how", REFERRED, ids=str)
def test_from_a_referral_to_the_signed_minutes_and_the_action_done(
    visiting: Visiting, axe: str, northgate: Team, place: Engine, how: How
) -> None:
    referrer, number = REFERRED[how]
    name = refers(visiting(referrer, how=how), number)
    chair, coordinator = visiting("chair", how=how), visiting("coordinator", how=how)
    accepts(chair, name, axe)
    meeting = northgate.next_meeting()
    fills_the_agenda_and_invites(coordinator, meeting, name, axe)
    guest = visiting("housing-officer", how=how)
    guest.go(f"/meetings/{meeting}")
    guest.press("button", "I will come")
    expect(guest.page.get_by_role("region", name="You are invited")).to_contain_text("accepted")
    northgate.begun(meeting)
    if how.scripts:  # what others do comes by itself; till all of it has, a control may be exchanged under the hand
        expect(guest.page.get_by_text("in progress", exact=True)).to_be_visible()
    reads_as_a_guest(guest, place, meeting, name)
    what = f"Mend the window, {how}"
    runs_the_meeting(chair, meeting, name, what, axe)
    signs_the_minutes(chair, axe)
    takes_it_on(visiting("social-worker", how=how), what)
    chases(chair, what)
    looks_again_later(chair, name, axe)
    writes_their_story(visiting("nurse", how=how), name, axe)
    approves_it(chair, axe)
    reads_who_permits_it(visiting("ig-lead", how=how), how)
    reads_what_became_of_hospital_use(visiting("gp", how=how), how)
    tells_it_no_more(chair, how)
    reads_what_the_team_does(chair)
    chair.wrong.clear()  # the browser tells of the answers to what was missing


def refers(staff: Visitor, number: str) -> str:
    """One form, in one sitting; the name of whom they referred."""
    page = staff.opens(number)
    name = page.locator(".pisano-banner__name").inner_text()
    staff.unfold("More to do about this person")
    staff.press("link", "Refer to the team")
    staff.write("What do you ask the team?", "How can they stay at home safely?")
    for part in ("Situation", "Background", "Assessment", "Recommendation"):
        staff.write(part, f"{part}: fell twice, lives alone")
    staff.write("What matters to them", "My own bed, and my dog")
    staff.tick("Frailty or dementia")
    staff.tick("Yes", page.get_by_role("group", name="Do they know"))
    staff.tick("Face to face")
    staff.write_day("On which day?", "20", "11", "2026")
    staff.tick("They agree")
    fits(staff)
    staff.press("button", "Refer")
    expect(page.get_by_role("region", name="People whom you referred").get_by_role("link")).not_to_have_count(0)
    return name


def accepts(chair: Visitor, name: str, axe: str) -> None:
    page = chair.go("/home")
    fits(chair)
    chair.press("link", "1 referral waits for you")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    is_sound(chair, axe)
    chair.press("link", name)
    chair.write("Why, or what you ask", "Several partners, one plan")
    chair.press("button", "Accept")
    expect(page.get_by_role("main")).to_contain_text("Nothing waits for triage")


def fills_the_agenda_and_invites(coordinator: Visitor, meeting: str, name: str, axe: str) -> None:
    page = coordinator.go(f"/meetings/{meeting}/agenda")
    coordinator.press("button", "Put them on the agenda")
    line = page.locator(".pisano-agenda__line")
    expect(line).to_have_count(1)
    coordinator.write(f"Minutes for {name}", "long")
    coordinator.press("button", f"Set minutes and presenter for {name}")
    expect(page.get_by_role("alert")).to_contain_text("Minutes")
    expect(line.locator(".nhsuk-error-message")).to_contain_text("Minutes")
    expect(page.get_by_label(f"Minutes for {name}")).to_have_value("long")
    is_sound(coordinator, axe)
    coordinator.write(f"Minutes for {name}", "15")
    coordinator.press("button", f"Set minutes and presenter for {name}")
    expect(line).to_contain_text("15 minutes")

    coordinator.press("link", "Who comes")
    coordinator.press("button", "Invite everyone who holds a seat")
    expect(page.get_by_role("article", name="Carol Deeming")).to_be_visible()
    coordinator.write("Their name", "Hal Okafor")
    coordinator.write("The name that they sign in with", "housing-officer")
    coordinator.choose("As what they come", "Wulfrun Homes: housing")
    coordinator.press("button", "Invite")
    expect(page.get_by_role("group", name="For whom they come")).to_contain_text("Select for whom they come")
    expect(page.get_by_label("Their name", exact=True)).to_have_value("Hal Okafor")
    is_sound(coordinator, axe)
    coordinator.tick(name)
    coordinator.write("Why", "The broken window")
    coordinator.press("button", "Invite")
    expect(page.get_by_role("article", name="Hal Okafor")).to_contain_text(f"Guest, for {name} and nobody else")
    coordinator.press("link", "Agenda")
    coordinator.press("button", "Lock the agenda")
    expect(page.get_by_role("alert")).to_contain_text("confirm that it is to be locked now")
    page.get_by_role("checkbox", name="Lock it now").press("Space")
    coordinator.press("button", "Lock the agenda")
    expect(page.get_by_text("locked", exact=True)).to_be_visible()
    is_sound(coordinator, axe)
    coordinator.press("link", "Pack")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    fits(coordinator)
    coordinator.wrong.clear()  # the browser tells of the answers to what was missing


def reads_as_a_guest(guest: Visitor, place: Engine, meeting: str, name: str) -> None:
    """Nobody before a quarter of an hour before the meeting; then whom they came for, and no more than was promised."""
    page = guest.page
    guest.press("link", "Pack")
    expect(page.get_by_role("main")).to_contain_text("you see whom you were invited for from 15 minutes")
    with transaction(place) as connection:
        moved = "UPDATE mdt_meeting SET starts_at = now() - interval '5 minutes' WHERE id = :meeting"
        connection.execute(text(moved), {"meeting": meeting})
    guest.press("link", "Refresh")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("Allergies")


def runs_the_meeting(chair: Visitor, meeting: str, name: str, what: str, axe: str) -> None:
    page = chair.go(f"/meetings/{meeting}/scribe")
    chair.press("button", f"Begin {name}")
    expect(page.get_by_role("timer")).to_contain_text("of 15 minutes")
    chair.press("link", "Wall")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    fits(chair)
    chair.press("link", "Scribe")
    chair.write("What was said", "They fell twice, and the son is worn out")
    chair.press("button", "Add this action")
    expect(page.locator("#action-what-group")).to_contain_text("Enter what is to be done")
    expect(page.get_by_label("What was said", exact=True)).to_have_value("They fell twice, and the son is worn out")
    is_sound(chair, axe)
    chair.write("What is to be done", what)
    chair.choose("Who does it", "Sam Oyelaran, Wulfrun Council adult social care")
    chair.write_day("By when", "1", "3", "2027")
    chair.write("How we know that it is done", "They say that it is warm")
    chair.press("button", "Add this action")
    expect(page.locator("#action-list")).to_contain_text(what)
    chair.tick("Plan agreed")
    chair.write_day("When the team looks again", "9", "9", "2027")
    chair.press("button", "Read back, and close")
    expect(page.get_by_role("main")).to_contain_text("Sam Oyelaran, Wulfrun Council adult social care, by 1 March 2027")
    is_sound(chair, axe)
    chair.press("button", "It was read back and agreed: close")
    expect(page.get_by_role("region", name="Agenda")).to_contain_text("discussed")
    chair.press("button", "Close the meeting")
    expect(page.get_by_role("region", name="Agenda")).to_contain_text("closed")


def signs_the_minutes(chair: Visitor, axe: str) -> None:
    page = chair.page
    chair.press("link", "Minutes")
    chair.write("Apologies", "The hospice")
    chair.press("button", "Save the draft")
    if chair.how.scripts:
        expect(page.locator("#follow-state")).to_have_text("Done")
    chair.press("button", "Sign the minutes")
    signed = page.get_by_role("region", name="Version 1, signed by Carol Deeming")
    expect(signed).to_contain_text("The hospice")
    is_sound(chair, axe)


def takes_it_on(owner: Visitor, what: str) -> None:
    page = owner.go("/home")
    fits(owner)
    owner.press("link", what)
    owner.write("What you say of it", "I will ask on Monday")
    fits(owner)
    owner.press("button", "Take it on")
    expect(page.get_by_role("article").filter(has_text=what)).to_contain_text("accepted")


def chases(chair: Visitor, what: str) -> None:
    page = chair.go("/actions?whose=northgate")
    chair.how.hands.tick(page.get_by_label(f"Remind: {what}"))
    chair.press("button", "Remind the owners of those chosen")
    expect(page.get_by_role("status").first).to_contain_text("1 reminder is on its way")


def looks_again_later(chair: Visitor, name: str, axe: str) -> None:
    page = chair.go("/caseload?locality=northgate")
    chair.press("link", name)
    chair.press("link", "Change when the team looks again")
    chair.press("button", "Save")
    expect(page.get_by_role("alert")).to_contain_text("Enter the date of the next review")
    is_sound(chair, axe)
    chair.write_day("Next review", "6", "1", "2099")
    chair.write("Why then", "After the clinic")
    chair.press("button", "Save")
    expect(page.get_by_role("main")).to_contain_text("6 January 2099: After the clinic")
    is_sound(chair, axe)


def writes_their_story(nurse: Visitor, name: str, axe: str) -> None:
    """From their place on the caseload, on the person's own word; whoever wrote it does not approve it."""
    page, family = nurse.go("/caseload?locality=northgate"), name.split()[-1]
    nurse.press("link", name)
    nurse.press("link", "Write a case study, with their permission")
    nurse.write("Title", f"One plan, {nurse.how}")
    nurse.write("How things stood", f"{family} fell often and lived alone")
    nurse.write("What the team did", "One plan for everybody")
    nurse.write("What came of it", "Sleeps and eats, and falls less")
    nurse.press("button", "Keep it as a draft")
    expect(page.locator("mark")).to_have_text(family)
    expect(page.get_by_label("What the team did", exact=True)).to_have_value("One plan for everybody")
    is_sound(nurse, axe)
    nurse.write("How things stood", "Fell often and lived alone")
    nurse.press("button", "Keep it as a draft")
    nurse.press("link", "Record the permission")
    nurse.press("button", "Record it")
    expect(page.get_by_role("alert")).to_contain_text("Enter who asked")
    nurse.tick("The person")
    nurse.tick("Reports of the team's impact")
    nurse.write("Who asked", "Carol Deeming")
    nurse.write_day("When they were asked", "1", "11", "2026")
    nurse.write("How they were asked", "At home, with the text read out")
    nurse.write_day("Until when", "1", "11", "2027")
    is_sound(nurse, axe)
    nurse.press("button", "Record it")
    expect(page.get_by_role("main")).to_contain_text("In no report: it waits for approval")
    nurse.wrong.clear()  # the browser tells of the answers to what was missing


def approves_it(chair: Visitor, axe: str) -> None:
    page = chair.go("/impact")
    chair.press("link", "Case studies")
    chair.press("link", f"One plan, {chair.how}")
    chair.press("button", "Approve")
    expect(page.get_by_role("main")).to_contain_text("In reports until 1 November 2027", ignore_case=True)
    is_sound(chair, axe)


def reads_who_permits_it(lead: Visitor, how: How) -> None:
    page = lead.go("/oversight")
    lead.press("link", "Which people's stories are told")
    story = page.get_by_role("region", name=f"One plan, {how}")
    expect(story).to_contain_text("the person")
    expect(story).to_contain_text("1 November 2026, by Carol Deeming")


def reads_what_became_of_hospital_use(practice: Visitor, how: How) -> None:
    """With what it does not say, and the stories beside it."""
    page = practice.go("/impact")
    practice.press("link", "What became of people's use of hospital")
    expect(page.get_by_role("heading", level=1)).to_have_text("What became of people's use of hospital")
    practice.open(f"One plan, {how}")
    expect(page.get_by_text("Sleeps and eats, and falls less")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("illustrates what the figures mean, and proves nothing")


def tells_it_no_more(chair: Visitor, how: How) -> None:
    page = chair.page
    chair.press("link", "Tell it no more")
    chair.tick("The permission was taken back")
    chair.press("button", "Tell it no more")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Told no more")
    chair.press("link", "Case studies")
    expect(page.get_by_role("link", name="Told no more")).not_to_have_count(0)
    expect(page.get_by_role("link", name=f"One plan, {how}")).to_have_count(0)


def reads_what_the_team_does(chair: Visitor) -> None:
    page = chair.go("/impact")
    chair.choose("Locality", "Northgate")
    chair.press("button", "Show")
    expect(page.get_by_role("table", name="Shares")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("not whether it did anyone good")
    fits(chair)
    chair.press("link", "Month by month")
    expect(page.get_by_role("heading", level=1)).to_have_text("Month by month")
    expect(page.get_by_role("main")).to_contain_text("goes up and down by chance")
    fits(chair)
