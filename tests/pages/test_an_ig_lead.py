"""An information governance lead reads the agreement where everybody can read it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.pages.conftest import DESK, PHONE, Visitor, faults

Visiting = Callable[..., Visitor]


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
