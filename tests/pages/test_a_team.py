"""A nurse refers, the chair triages, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.pages.conftest import DESK, PHONE, Visitor, faults

FATHER = "999 000 0018"
Visiting = Callable[..., Visitor]


def fill_in(page: Page) -> None:
    page.get_by_label("What do you ask the team?").fill("Can he stay at home safely?")
    page.get_by_label("Situation").fill("Fell again; his son struggles")
    page.get_by_label("Background").fill("Second stroke in July")
    page.get_by_label("Assessment").fill("Self-neglect, money trouble")
    page.get_by_label("Recommendation").fill("Joint visit, review of the care package")
    page.get_by_label("What matters to them").fill("My own bed, and my dog")
    page.get_by_label("Frailty or dementia").check()
    page.get_by_label("A complex life").check()
    page.get_by_role("group", name="Do they know").get_by_label("Yes").check()
    page.get_by_label("Face to face").check()
    page.get_by_label("Day").fill("20")
    page.get_by_label("Month").fill("11")
    page.get_by_label("Year").fill("2026")
    page.get_by_label("They agree").check()


def test_a_nurse_refers_and_the_chair_accepts(visiting: Visiting, axe: str) -> None:
    nurse = visiting("nurse")
    page = nurse.look_up(FATHER)
    page.get_by_role("link", name="Refer to the team").click()
    assert faults(page, axe) == []
    fill_in(page)
    page.get_by_role("button", name="Refer", exact=True).click()
    expect(page.get_by_role("region", name="People whom you referred").get_by_role("link")).to_have_count(1)
    assert faults(page, axe) == []

    page = visiting("chair").go("/referrals")
    page.get_by_role("article").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Can he stay at home safely?")
    assert faults(page, axe) == []
    page.get_by_label("Why, or what you ask").fill("Several partners, one plan")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing waits for triage")

    expect(nurse.go("/home").get_by_role("region", name="People whom you referred")).to_contain_text("accepted")


def test_what_is_missing_is_told_and_nothing_is_typed_twice(visiting: Visiting, axe: str) -> None:
    nurse = visiting("nurse", size=PHONE)
    page = nurse.look_up(FATHER)
    page.get_by_role("link", name="Refer to the team").click()
    fill_in(page)
    page.get_by_label("Situation").fill("")
    page.get_by_role("button", name="Refer", exact=True).click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Situation is missing")
    assert faults(page, axe) == []
    summary.get_by_role("link", name="Situation is missing").click()
    expect(page.get_by_label("Situation")).to_be_focused()
    expect(page.get_by_label("What matters to them")).to_have_value("My own bed, and my dog")
    expect(page.get_by_label("A complex life")).to_be_checked()
    expect(page.get_by_label("Face to face")).to_be_checked()
    nurse.wrong.clear()  # the browser tells of the answer


def test_every_mistake_leads_to_where_it_is_mended(visiting: Visiting) -> None:
    nurse = visiting("nurse")
    page = nurse.look_up(FATHER)
    page.get_by_role("link", name="Refer to the team").click()
    page.get_by_role("button", name="Refer", exact=True).click()

    links = page.get_by_role("alert").get_by_role("link")
    expect(links).not_to_have_count(0)
    for link in links.all():
        place = (link.get_attribute("href") or "")[1:]
        assert page.locator(f'[id="{place}"]').count() == 1, link.inner_text()
    expect(page.get_by_role("alert")).to_contain_text("“What do they say to it?” is missing; fill it in")
    expect(page.get_by_role("group", name="What do they say to it?")).to_contain_text("is missing; fill it in")
    nurse.wrong.clear()  # the browser tells of the answer


def test_whoever_may_not_see_somebody_cannot_refer_them(visiting: Visiting) -> None:
    visitor = visiting("housing-officer", javascript=False)
    page = visitor.go("/people/00000000-0000-4000-8000-000000000001/refer")

    expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
    visitor.wrong.clear()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_home_stands_in_nobodys_way(visiting: Visiting, axe: str, size: ViewportSize) -> None:
    page = visiting("chair", size=size).go("/home")

    expect(page.get_by_role("heading", name="What waits for you")).to_be_visible()
    assert faults(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
