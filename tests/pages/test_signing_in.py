"""Signing in by a real browser, with or without scripts: what is said, and that anybody can use it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import Engine

from app.demonstration.loading import let_in
from tests.pages.conftest import DESK, PHONE, faults

PASSWORD = "heron gravel lantern"
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, address: str, place: Engine) -> Iterator[Opened]:
    """A browser that nobody has signed in with; all staff have the same password."""
    let_in(place, PASSWORD)
    with ExitStack() as contexts:

        def open_one(path: str, *, size: ViewportSize = DESK, javascript: bool = True) -> Page:
            context = browser.new_context(viewport=size, java_script_enabled=javascript, base_url=address)
            context.set_default_timeout(15_000)
            contexts.callback(context.close)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_one


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name that you sign in with").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_nurse_signs_in_works_and_signs_out(opened: Opened, javascript: bool) -> None:
    page = opened("/find", javascript=javascript)
    sign_in(page, "nurse")
    assert page.url.endswith("/find")
    assert page.get_by_role("link", name="Change role").count() == 0  # they have one
    page.get_by_label("NHS number", exact=True).fill("999 000 0018")
    page.get_by_role("button", name="Find").click()
    assert "/people/" in page.url
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Sign in").is_visible()
    page.goto("/find")
    assert "/sign-in" in page.url


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_signing_in_stands_in_nobodys_way(opened: Opened, axe: str, size: ViewportSize) -> None:
    page = opened("/sign-in", size=size)
    assert faults(page, axe) == []
    sign_in(page, "nurse", "wrong")
    assert page.title().startswith("Error: ")
    assert faults(page, axe) == []
    page.goto("/sign-in/password")
    assert faults(page, axe) == []
    page.goto("/sign-in")
    sign_in(page, "chair")
    assert faults(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_chair_chooses_a_role_and_changes_it(opened: Opened, tmp_path: Path) -> None:
    page = opened("/find", javascript=False)
    sign_in(page, "chair")
    page.get_by_label("Chair of the multidisciplinary team").check()
    page.get_by_role("button", name="Continue").click()
    assert page.url.endswith("/find")
    page.get_by_role("link", name="Change role").click()
    page.get_by_label("Community nurse").check()
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_text("Carol Deeming, Community nurse").is_visible()
