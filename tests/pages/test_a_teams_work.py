"""A chair keeps the caseload, chases actions and writes a plan; a practice looks for people; in a real browser."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from app.mdt.desk import MDT
from app.mdt.lists import caseload
from app.mdt.steps import step
from app.mdt.thing import Refusal
from app.place import Place, open_place
from app.record.access import Inquiry
from app.settings import Settings
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Purpose
from tests.mdt.conftest import referral
from tests.pages.conftest import PHONE, Visitor, faults

FATHER = NHSNumber("9990000018")
Visiting = Callable[..., Visitor]


@pytest.fixture(scope="module", autouse=True)
def cared_for(place: Engine, module_database_url: str, settings: Settings) -> None:
    """He is on Northgate's caseload, with an action for the social worker."""

    async def told() -> None:
        async with open_place(settings, module_database_url) as opened:
            await _take_on(opened)

    asyncio.run(told())


async def _take_on(place: Place) -> None:
    at, care = datetime.now(UTC), Purpose("direct-care")

    async def inquiry(username: str, purpose: Purpose = MDT) -> Inquiry:
        account = await place.account(username)
        requester = account.asking() if account else None
        assert requester is not None
        return Inquiry(id=uuid4(), requester=requester, purpose=purpose, at=at)

    async def take(username: str, things: str, event: str, id: Any = None, **form: Any) -> Any:
        asked = await inquiry(username, care if (things, event) == ("referrals", "new") else MDT)
        done = await place.desk.take(step(things, event), asked, id, form)
        assert not isinstance(done, Refusal), done
        return done

    person = await place.record.find_by_nhs_number(await inquiry("nurse", care), FATHER)
    assert person is not None
    informed = {"was": True, "how": "face-to-face", "on": str(at.date() - timedelta(days=1))}
    referred = await take("nurse", "referrals", "new", **referral(person, informed=informed))
    await take("chair", "referrals", "accept", referred.id, version=1, reason="Several are needed")
    until = str(at.date() + timedelta(days=100))
    [meeting, *_] = await take("coordinator", "meetings", "new", locality="northgate", until=until)
    on_it = await caseload(place.desk, await inquiry("chair"), "northgate")
    assert not isinstance(on_it, Refusal)
    listing = {"meeting_id": str(meeting.id), "caseload_id": str(on_it[0]["id"]), "question": "What next?"}
    item = await take("chair", "items", "new", **listing)
    owner = {"name": "Sam Oyelaran", "organisation": "LA508", "account": "social-worker"}
    action = {"what": "Ask about day care", "due": str(at.date()), "test": "A day is agreed", "owner": owner}
    await take("chair", "actions", "new", item_id=str(item.id), **action)


def is_sound(page: Page, axe: str) -> None:
    """Looked at once the menu has found its room: before, its links may lie over the page."""
    expect(page.locator("header[data-nhsuk-header-init]")).to_have_count(1)
    assert faults(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def by_keyboard(page: Page, *, until: str) -> None:
    """Tab on until something of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()")
        if name.startswith(until):
            return
    raise AssertionError(f"no way by keyboard to {until}")


def test_a_chair_keeps_the_caseload_and_chases(visiting: Visiting, axe: str) -> None:
    chair = visiting("chair", size=PHONE)
    page = chair.go("/caseload?locality=northgate")
    is_sound(page, axe)
    page.get_by_role("link", name="Walter Tranter").click()
    expect(page.get_by_role("main")).to_contain_text("How can he stay at home safely?")
    is_sound(page, axe)
    page.get_by_role("link", name="Change when the team looks again").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_role("link", name="Next review is missing").click()
    expect(page.get_by_label("Day")).to_be_focused()
    is_sound(page, axe)
    page.get_by_label("Day").fill("6")
    page.get_by_label("Month").fill("1")
    page.get_by_label("Year").fill("2099")
    page.get_by_label("Why then").fill("After the clinic")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("6 January 2099: After the clinic")
    page.get_by_role("link", name="Step down").click()
    is_sound(page, axe)

    page = chair.go("/actions?whose=northgate")
    page.get_by_label("Remind: Ask about day care").check()
    page.get_by_role("button", name="Remind the owners").click()
    expect(page.get_by_role("status")).to_contain_text("1 reminder is on its way")
    is_sound(page, axe)
    page.get_by_role("link", name="Ask about day care").click()
    is_sound(page, axe)
    is_sound(chair.go("/impact?locality=northgate"), axe)
    expect(page.get_by_role("main")).to_contain_text("not whether it did anyone good")
    chair.wrong.clear()  # the browser tells of the answer to what was missing


def test_two_write_one_plan_and_neither_types_twice(visiting: Visiting, axe: str) -> None:
    nurse, chair = visiting("nurse", size=PHONE), visiting("chair", javascript=False)
    page = nurse.look_up(FATHER.spaced)
    page.get_by_role("link", name="Plan", exact=True).click()
    is_sound(page, axe)
    page.get_by_role("link", name="Write About me").click()
    is_sound(page, axe)
    where = page.url.replace("direct-care", "mdt").removeprefix(nurse.address)
    page.get_by_label("What matters to me").fill("My own bed")
    other = chair.go(where)
    other.get_by_label("What matters to me").fill("My dog")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("main")).to_contain_text("My dog")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="What it says now")).to_contain_text("My dog")
    expect(page.get_by_label("What matters to me")).to_have_value("My own bed")
    is_sound(page, axe)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change Needs, goals and actions").click()
    page.get_by_label("What it is").first.fill("Cannot climb stairs")
    is_sound(page, axe)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="What it said before").click()
    expect(page.get_by_role("main").get_by_role("region")).to_have_count(3)
    is_sound(page, axe)
    nurse.wrong.clear()  # the browser tells of the conflict


def test_a_practice_finds_people_and_reads_of_its_impact(visiting: Visiting, axe: str) -> None:
    practice = visiting("gp", size=PHONE)
    page = practice.go("/case-finding")
    is_sound(page, axe)
    by_keyboard(page, until="For what reason")
    page.keyboard.type("A safe")
    by_keyboard(page, until="Show the list")
    page.keyboard.press("Enter")
    person = page.get_by_role("article", name="Walter Tranter")
    expect(person).to_contain_text("A safeguarding concern or enquiry is open")
    person.get_by_text("What this rests on").click()
    is_sound(page, axe)
    person.get_by_role("link", name="Refer to the team").click()
    expect(page.get_by_label("A risk list")).to_be_checked()

    page = practice.go("/impact/hospital-use")
    expect(page.get_by_role("main")).to_contain_text("proves nothing")
    is_sound(page, axe)


def test_an_owner_does_an_action_by_keyboard_alone(visiting: Visiting, axe: str) -> None:
    page = visiting("social-worker").go("/actions")
    is_sound(page, axe)
    by_keyboard(page, until="Ask about day care")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    by_keyboard(page, until="What you say of it")
    page.keyboard.type("I will ask on Monday")
    by_keyboard(page, until="Take it on")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("accepted")
