"""Out is out: what was shown is not to be had by going back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.pages.conftest import Visitor, faults

FATHER = "999 000 0018"


def test_whoever_signed_out_is_shown_nothing_by_going_back(visiting: Callable[..., Visitor], axe: str) -> None:
    page = visiting("nurse").look_up(FATHER)
    expect(page.get_by_role("region", name="Who this is")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert faults(page, axe) == []

    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Walter" not in page.content()


def test_a_page_asked_for_before_signing_in_is_gone_on_to(visiting: Callable[..., Visitor]) -> None:
    visitor = visiting("nurse")
    visitor.page.context.clear_cookies()
    page = visitor.go("/agreements")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.fill_in_sign_in("nurse")

    expect(page.get_by_role("heading", name="Information sharing agreements")).to_be_visible()
