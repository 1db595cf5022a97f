"""An information governance lead reads the agreement as everybody can, and oversees what is done under it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.pages.conftest import DESK, PHONE, Visitor, faults

Visiting = Callable[..., Visitor]
FATHER = "999 000 0018"


def test_the_agreement_is_read_in_plain_english_beside_its_clauses(visiting: Visiting) -> None:
    page = visiting("ig-lead").go("/agreements")
    page.get_by_role("link", name="Wulfrun integrated care record").first.click()

    expect(page.get_by_role("heading", name="G-NURSE", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("A nurse who visits alone needs nearly all")
    expect(page.get_by_role("navigation", name="Sections").get_by_role("link")).not_to_have_count(0)


def test_the_matrix_says_which_role_sees_what_from_whom(visiting: Visiting) -> None:
    page = visiting("ig-lead").go("/agreements/matrix")
    page.get_by_label("For").select_option(label="Keeping a tenancy and a safe home")
    page.get_by_role("button", name="Show").click()

    row = page.get_by_role("row", name="Tenancy and household")
    expect(row).to_contain_text("Wulfrun Homes")
    expect(page.get_by_role("columnheader", name="Housing officer")).to_be_visible()
    expect(page.get_by_role("row", name="Medications")).to_have_count(0)


def test_the_signed_form_is_there_to_print(visiting: Visiting) -> None:
    page = visiting("nurse").go("/agreements")
    answer = page.request.get(f"{page.url}/wulfrun/agreement.pdf")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_about_agreements_stands_in_anybodys_way(visiting: Visiting, axe: str, size: ViewportSize) -> None:
    visitor = visiting("ig-lead", size=size)
    for path in ("/agreements", "/agreements/wulfrun", "/agreements/matrix"):
        page = visitor.go(path)
        assert faults(page, axe) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def oversee(visitor: Visitor, check: Callable[[Page], None]) -> None:
    """Who saw this person, what does the trail say, why could they see that, what waits: each page, and each answer."""
    page = visitor.go("/oversight")
    check(page)
    page.get_by_role("link", name="Answer a person who asks").click()
    check(page)
    page.get_by_label("NHS number").fill(FATHER)
    page.get_by_label("What this rests on").fill("letter of 3 June, passport seen")
    page.get_by_role("button", name="Write it down and answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who saw the record of Walter Tranter")
    expect(page.get_by_role("row", name="Community nurse").first).to_contain_text("looked at the record")
    assert "999" not in page.url
    check(page)
    page = visitor.go("/oversight/trail")
    page.get_by_label("User").fill("nurse")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row", name="Looked at the record").first).to_contain_text("G-NURSE")
    check(page)
    page = visitor.go("/oversight/why")
    page.get_by_label("User").fill("nurse")
    page.get_by_label("Person’s NHS number").fill(FATHER)
    page.get_by_label("What", exact=True).select_option("medications")
    page.get_by_role("button", name="Tell me why").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Medications and medical devices")
    check(page)
    page.get_by_role("link", name="G-NURSE", exact=True).first.click()
    expect(page.get_by_role("heading", name="G-NURSE", exact=True)).to_be_in_viewport()
    check(visitor.go("/oversight/alerts"))


@pytest.mark.parametrize(("size", "javascript"), [(DESK, True), (PHONE, False)], ids=["desk", "phone, no JavaScript"])
def test_a_lead_oversees_and_no_page_stands_in_anybodys_way(
    visiting: Visiting, axe: str, size: ViewportSize, javascript: bool
) -> None:
    visiting("nurse").look_up(FATHER)

    def check(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        if javascript:
            assert faults(page, axe) == [], page.url

    oversee(visiting("ig-lead", size=size, javascript=javascript), check)


def test_a_lead_asks_why_by_keyboard_alone(visiting: Visiting) -> None:
    visiting("nurse").look_up(FATHER)
    page = visiting("ig-lead").go("/oversight/why")
    page.get_by_label("User").focus()
    for typed, tabs in (
        ("nurse", 1),
        ("9990000018", 4),
        ("Problems", 3),
    ):  # past the boxes of the day, and two lists
        page.keyboard.type(typed)
        for _ in range(tabs):
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Problems and diagnoses: seen")
