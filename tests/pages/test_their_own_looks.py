"""A person sees in their own browser who looked at their record, at a desk and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.pages.conftest import DESK, PHONE, Visitor, faults

Visiting = Callable[..., Visitor]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_person_sees_who_looked_and_signs_out(visiting: Visiting, axe: str, size: ViewportSize) -> None:
    visiting("nurse").look_up("999 000 0018")
    visitor = visiting("walter", size=size)
    page = visitor.go("/own/who-looked")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who looked at your record")
    expect(page.get_by_role("row", name="Community nurse").first).to_contain_text("looked at your record")
    assert faults(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("When").select_option(label="In the last 30 days")
    page.get_by_role("button", name="Show").click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download this (PDF)").click()
    assert downloaded.value.suggested_filename == "who-looked.pdf"
    if size is PHONE:  # last, as the cookie that both share is gone then
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert "/sign-in" in visitor.go("/own/who-looked").url
