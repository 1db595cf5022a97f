"""A chair on a Tuesday: the agenda, the two screens, the read-back, the minutes, in real browsers."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import pytest
from playwright.sync_api import Locator, Page, Route, StorageState, expect
from sqlalchemy import Engine, text

from app.database.transactions import transaction
from app.settings import Settings
from tests.pages.conftest import PHONE, Visitor, faults, is_sound_at_both_sizes
from tests.pages.convening import FATHER, NEIGHBOUR, Team, team
from tests.pages.test_jobs_of_a_team import chases

Visiting = Callable[..., Visitor]


@pytest.fixture(scope="module")
def northgate(address: str, settings: Settings) -> Iterator[Team]:
    with team(address, settings) as told:
        yield told


@pytest.fixture(scope="module")
def meeting(northgate: Team) -> str:
    """The next meeting: its team invited, two people on its agenda, which is still open."""
    northgate.on_caseload(FATHER)
    northgate.on_caseload(NEIGHBOUR, "social-worker", question="What next for her?")
    told = northgate.next_meeting()
    northgate.invited(told)
    northgate.listed(told)
    return told


def by_keyboard(page: Page, control: Locator, *keys: str) -> None:
    """Come to a control by Tab alone, and press keys there."""
    expect(control).to_be_visible()
    for _ in range(150):
        if control.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(control).to_be_focused()
    for key in keys:
        page.keyboard.press("Space" if key == " " else key)


ROUNDS = 7
A_SECOND = 1.0
SHOWN = """(text) => {
    window.shown = null;
    new MutationObserver((_, watching) => {
        if (!document.body.textContent.includes(text)) return;
        window.shown = Date.now();
        watching.disconnect();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def test_what_the_scribe_writes_is_on_the_wall_within_a_second(
    visiting: Visiting, axe: str, northgate: Team, meeting: str
) -> None:
    """Or in the time of ten plain answers, where so much else runs on the machine that a page takes long to come."""
    northgate.begun(meeting)
    wall = visiting("nurse").go(f"/meetings/{meeting}/wall")
    scribe = visiting("chair").go(f"/meetings/{meeting}/scribe")
    by_keyboard(scribe, scribe.get_by_role("button", name="Begin Walter Tranter"), "Enter")
    expect(wall.get_by_role("heading", name="Walter Tranter")).to_be_visible()
    expect(wall.get_by_role("timer")).to_contain_text("of 10 minutes")
    scribe.get_by_role("button", name="Left Kit Lane").click()
    expect(wall.get_by_role("heading", name="What was said")).to_be_visible()

    took, late = [], []
    for fall in range(1, ROUNDS + 1):
        said = f"He fell {fall} times, and his son is worn out"
        began = time.monotonic()
        assert wall.request.get(wall.url).ok
        plain = time.monotonic() - began
        wall.evaluate(SHOWN, said)
        scribe.get_by_label("What was said").fill(said)
        pressed = time.time()
        scribe.get_by_role("button", name="Save the notes").click()
        expect(wall.get_by_text(said)).to_be_visible()
        expect(scribe.locator("#follow-state")).to_have_text("Done")
        took.append(wall.evaluate("window.shown") / 1000 - pressed)
        late.append(took[-1] - max(A_SECOND, 10 * plain))
    print(f"from the scribe's button to the wall: median {median(took):.2f} s, worst {max(took):.2f} s of {ROUNDS}")  # noqa: T201
    assert median(late) <= 0, took
    is_sound_at_both_sizes(wall, axe)
    is_sound_at_both_sizes(scribe, axe)


def test_whoever_works_by_keyboard_keeps_their_place_while_others_change_the_meeting(
    visiting: Visiting, northgate: Team, meeting: str
) -> None:
    item = northgate.discussed(meeting, "Tranter")
    page = visiting("chair").go(f"/meetings/{meeting}/scribe")
    record = page.get_by_role("link", name="The person's record")
    by_keyboard(page, record)
    page.evaluate("addEventListener('focusin', () => { window.moved = true; })")
    northgate.does(
        "nurse", f"/api/mdt/items/{item}/note", version=northgate.item(item)["version"], risks="Another fall"
    )
    expect(page.get_by_label("Risks")).to_have_value("Another fall")
    expect(record).to_be_focused()
    assert page.evaluate("window.moved") is None

    page.get_by_label("What was said").focus()
    northgate.discussed(meeting, "Bourne")
    expect(
        page.get_by_role("form", name="Gladys Bourne")
    ).to_be_focused()  # what is typed next is not of Walter Tranter
    page.get_by_label("What was said").focus()
    page.route("**/scribe", lambda route: route.continue_())  # not before all of it is done: as one change
    northgate.discussed(meeting, "Tranter")
    expect(page.get_by_role("form", name="Walter Tranter")).to_be_focused()
    page.unroute("**/scribe")
    northgate.paused(meeting)
    carry_on = page.get_by_role("link", name="Walter Tranter")
    by_keyboard(page, carry_on)
    northgate.discussed(meeting, "Tranter")
    expect(page.locator("#whom")).to_contain_text("Walter Tranter")
    expect(carry_on).to_be_focused()


def test_two_scribes_at_once_and_a_lost_connection_lose_nothing(
    visiting: Visiting, axe: str, northgate: Team, meeting: str
) -> None:
    northgate.discussed(meeting, "Tranter")
    nurse, doctor = visiting("nurse"), visiting("gp")
    one, other = (visitor.go(f"/meetings/{meeting}/scribe") for visitor in (nurse, doctor))
    one.get_by_label("Dissent").fill("The GP would wait")
    other.get_by_label("Risks").fill("Another fall")
    expect(one.get_by_label("Risks")).to_have_value("Another fall")
    expect(other.get_by_label("Dissent")).to_have_value("The GP would wait")

    def lost(route: Route) -> None:
        route.abort()

    other.route("**/scribe/note", lost)
    other.get_by_label("Why this was decided").fill("His son cannot go on")
    expect(other.locator("#save-state")).to_contain_text("Not saved: no connection")
    expect(other.get_by_label("Why this was decided")).to_have_value("His son cannot go on")
    one.get_by_label("Why this was decided").fill("He wishes it")
    expect(other.get_by_text("Somebody else wrote: “He wishes it”").first).to_be_visible()
    other.unroute("**/scribe/note")  # not before: whoever is kept first does not clash
    expect(other.get_by_label("Why this was decided")).to_have_value("His son cannot go on")
    assert faults(other, axe) == []
    other.get_by_label("Why this was decided").fill("He wishes it, and his son cannot go on")
    other.get_by_role("button", name="Save the notes").click()
    expect(one.get_by_label("Why this was decided")).to_have_value("He wishes it, and his son cannot go on")
    doctor.wrong.clear()  # the browser tells of the lost connection, and of the answer


def test_a_wall_that_hears_nothing_any_more_says_so_and_catches_up(
    visiting: Visiting, northgate: Team, meeting: str
) -> None:
    """Where a network swallows everything no connection ends: it is the silence that tells."""
    northgate.discussed(meeting, "Tranter")
    visitor = visiting("nurse")
    visitor.page.clock.install()
    wall = visitor.go(f"/meetings/{meeting}/wall")
    expect(wall.get_by_role("heading", name="Walter Tranter")).to_be_visible()
    wall.route("**/changes", lambda _: None)
    wall.clock.fast_forward("01:00")
    expect(wall.get_by_text("No connection: what you see may be out of date.")).to_be_visible()

    northgate.discussed(meeting, "Bourne")
    expect(wall.get_by_role("heading", name="Walter Tranter")).to_be_visible()
    wall.unroute("**/changes")
    wall.clock.fast_forward("01:00")
    expect(wall.get_by_role("heading", name="Gladys Bourne")).to_be_visible()
    expect(wall.locator("#follow-state")).to_be_empty()

    wall.context.set_offline(True)
    expect(wall.get_by_text("No connection: what you see may be out of date.")).to_be_visible()
    wall.context.set_offline(False)
    expect(wall.locator("#follow-state")).to_be_empty()
    visitor.wrong.clear()  # the browser tells of what never came


def test_whoever_was_signed_out_meanwhile_finds_what_they_typed_once_they_are_back(
    visiting: Visiting, northgate: Team, meeting: str, signed_in: dict[str, StorageState], place: Engine
) -> None:
    item = northgate.discussed(meeting, "Tranter")
    visitor = visiting("mental-health")
    page = visitor.go(f"/meetings/{meeting}/scribe")
    page.get_by_label("What is to be done").fill("Ask about his mood")
    del signed_in["mental-health"]
    with transaction(place) as connection:
        ended = "UPDATE session SET seen = now() - interval '1 hour' WHERE subject = 'mental-health'"
        connection.execute(text(ended))
    page.get_by_role("button", name="Add this action").click()
    expect(page.get_by_label("Password")).to_be_visible()
    visitor.fill_in_sign_in("mental-health")
    expect(page.get_by_label("What is to be done")).to_have_value("Ask about his mood")
    northgate.does("nurse", f"/api/mdt/items/{item}/note", version=northgate.item(item)["version"], withheld="Nothing")
    expect(page.get_by_label("What was withheld")).to_have_value("Nothing")
    expect(page.get_by_label("What is to be done")).to_have_value("Ask about his mood")
    visitor.wrong.clear()  # the browser tells of the answer


def test_who_comes_and_what_they_will_see_is_told_before_and_the_pack_is_read(
    visiting: Visiting, axe: str, northgate: Team, meeting: str
) -> None:
    page = visiting("coordinator", javascript=False).go(f"/meetings/{meeting}/invited")
    page.get_by_label("Their name").fill("Hal Okafor")
    page.get_by_label("The name that they sign in with").fill("housing-officer")
    page.get_by_label("As what they come").select_option(label="Wulfrun Homes: housing")
    page.get_by_label("Walter Tranter", exact=True).check()
    page.get_by_label("Why", exact=True).fill("The broken window")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("article", name="Hal Okafor")).to_contain_text("Guest, for Walter Tranter and nobody else")

    guest = visiting("housing-officer").go(f"/meetings/{meeting}")
    guest.get_by_role("button", name="I will come").click()
    expect(guest.get_by_role("region", name="You are invited")).to_contain_text("accepted")
    is_sound_at_both_sizes(guest, axe)

    page = visiting("chair").go(f"/meetings/{meeting}/invited")
    hal = page.get_by_role("article", name="Hal Okafor")
    hal.get_by_text("Hal Okafor will see").click()
    expect(hal).to_contain_text("Will not see:")
    expect(hal).to_contain_text("Will see nothing of Gladys Bourne")
    is_sound_at_both_sizes(page, axe)
    page.get_by_role("link", name="Pack").click()
    expect(page.get_by_role("heading", name="Walter Tranter", exact=True)).to_be_visible()
    his = page.get_by_role("article", name="Walter Tranter")
    expect(his.locator(".nhsuk-tag--red").filter(has_text="Allergy to penicillin")).to_be_visible()
    page.get_by_role("link", name="Back to the list of people from Walter Tranter").click()
    expect(page.get_by_role("navigation", name="People in this pack")).to_be_in_viewport()
    is_sound_at_both_sizes(page, axe)


def test_a_screen_on_the_wall_ends_when_its_session_does(
    visiting: Visiting, northgate: Team, meeting: str, signed_in: dict[str, StorageState]
) -> None:
    northgate.discussed(meeting, "Tranter")
    visitor = visiting("social-worker")
    wall = visitor.go(f"/meetings/{meeting}/wall")
    expect(wall.get_by_role("heading", name="Walter Tranter")).to_be_visible()
    elsewhere = wall.context.new_page()
    elsewhere.goto(f"{visitor.address}/home")
    elsewhere.get_by_role("button", name="Sign out").click()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    del signed_in["social-worker"]
    northgate.paused(meeting)
    expect(wall.get_by_label("Password")).to_be_visible()


def test_nothing_closes_before_its_actions_were_read_back_and_the_minutes_are_signed(
    visiting: Visiting, axe: str, northgate: Team, meeting: str
) -> None:
    northgate.discussed(meeting, "Bourne")
    chair = visiting("chair")
    page = chair.go(f"/meetings/{meeting}/scribe")
    page.get_by_role("button", name="Read back, and close").click()
    expect(page.get_by_role("alert")).to_contain_text("Select what the team decided")
    expect(page.get_by_role("group", name="What the team decided")).to_contain_text("Select what the team decided")
    page.get_by_label("Plan agreed").check()
    fill_in_day(page, "When the team looks again", "9", "9", "2027")
    page.get_by_role("button", name="Read back, and close").click()
    expect(page.get_by_role("heading", name="Read this to the room")).to_be_visible()
    page.get_by_role("button", name="It was read back and agreed: close").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody is to do anything yet")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Change something").click()

    page.get_by_label("What is to be done").fill("Mend the window")
    page.get_by_label("Who does it").select_option(label="Sam Oyelaran, Wulfrun Council adult social care")
    fill_in_day(page, "By when", "1", "3", "2027")
    page.get_by_label("How we know that it is done").fill("She says that it is warm")
    page.get_by_role("button", name="Add this action").click()
    expect(page.locator("#action-list")).to_contain_text("Mend the window")
    expect(page.get_by_label("Plan agreed")).to_be_checked()
    page.get_by_role("button", name="Read back, and close").click()
    expect(page.get_by_role("main")).to_contain_text("Sam Oyelaran, Wulfrun Council adult social care, by 1 March 2027")
    is_sound_at_both_sizes(page, axe)
    page.get_by_role("button", name="It was read back and agreed: close").click()
    expect(page.get_by_role("region", name="Agenda")).to_contain_text("discussed")

    northgate.paused(meeting)
    page.get_by_role("button", name="Close the meeting").click()
    expect(page.get_by_role("alert")).to_contain_text("say why they are carried over")
    page.get_by_label("Why those who were not reached").select_option("out-of-time")
    page.get_by_role("button", name="Close the meeting").click()
    expect(page.get_by_role("region", name="Agenda")).to_contain_text("closed")

    page.get_by_role("link", name="Minutes").click()
    page.get_by_label("Apologies").fill("The hospice")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign the minutes").click()
    expect(page.get_by_role("heading", name="Version 1, signed by Carol Deeming")).to_be_visible()
    is_sound_at_both_sizes(page, axe)
    page.get_by_role("link", name="Gladys Bourne").click()
    expect(page.get_by_role("main")).to_contain_text("Mend the window")
    chair.wrong.clear()  # the browser tells of the answers
    is_sound_at_both_sizes(page, axe)
    chases(chair, "Mend the window")


def test_two_write_one_plan_and_neither_types_twice(visiting: Visiting, axe: str, meeting: str) -> None:
    nurse, chair = visiting("nurse", size=PHONE), visiting("chair", javascript=False)
    page = nurse.opens(FATHER)
    page.get_by_role("link", name="Plan", exact=True).click()
    write = page.get_by_role("link", name="Write About me")
    expect(write).to_be_visible()
    assert faults(page, axe) == []
    write.click()
    expect(page.get_by_label("What matters to me")).to_be_visible()
    assert faults(page, axe) == []
    where = page.url.replace("direct-care", "mdt").removeprefix(nurse.address)
    page.get_by_label("What matters to me").fill("My own bed")
    other = chair.go(where)
    other.get_by_label("What matters to me").fill("My dog")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("main")).to_contain_text("My dog")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="What it says now")).to_contain_text("My dog")
    expect(page.get_by_label("What matters to me")).to_have_value("My own bed")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change Needs, goals and actions").click()
    page.get_by_label("What it is").first.fill("Cannot climb stairs")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="What it said before").click()
    expect(page.get_by_role("main").get_by_role("region")).to_have_count(3)
    assert faults(page, axe) == []
    nurse.wrong.clear()  # the browser tells of the conflict


def fill_in_day(page: Page, legend: str, *parts: str) -> None:
    boxes = page.get_by_role("group", name=legend, exact=True)
    for label, part in zip(("Day", "Month", "Year"), parts, strict=True):
        boxes.get_by_label(label).fill(part)
