"""A small demonstration place that is really served, and browsers to look at it with."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, StorageState, ViewportSize, expect, sync_playwright
from sqlalchemy import Engine

from app.demonstration.loading import let_in
from app.main import create_app
from app.settings import Settings
from tests.pages import chromium
from tests.scenarios.conftest import filled, keys, module_template, place, settings

__all__ = ["filled", "keys", "module_template", "place", "settings"]

PASSWORD = "quiet-otter-marmalade"
PATIENCE = 20_000  # milliseconds: a machine that runs all tests at once is slow
expect.set_options(timeout=PATIENCE)

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=375, height=740)


@pytest.fixture(scope="module")  # while it is open its event loop is in the way of other modules' tests
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(chromium.executable()), args=chromium.ARGUMENTS, env=chromium.environment()
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(place: Engine, module_database_url: str, settings: Settings) -> Iterator[str]:
    """Where the place is served: a real server on a real port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        let_in(place, PASSWORD)
        app = create_app(settings, module_database_url)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        while not server.started:
            assert serving.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        serving.join()


@dataclass(frozen=True)
class Visitor:
    """One of the staff with a browser open; what goes wrong in it is remembered."""

    page: Page
    address: str
    wrong: list[str]

    def note_where(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.wrong.append(request.url)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def sign_in(self, username: str) -> None:
        self.go("/sign-in")
        self.fill_in_sign_in(username)

    def fill_in_sign_in(self, username: str) -> None:
        page = self.page
        page.get_by_label("Name that you sign in with").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        if page.url.partition("?")[0].endswith("/sign-in/role"):
            page.get_by_role("radio").first.check()
            page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("navigation", name="Account")).to_be_visible()

    def look_up(self, nhs_number: str) -> Page:
        page = self.go("/find")
        page.get_by_label("NHS number", exact=True).fill(nhs_number)
        page.get_by_role("button", name="Find").click()
        return page


@pytest.fixture(scope="module")
def signed_in() -> dict[str, StorageState]:
    """The cookies of whoever has signed in already."""
    return {}


@pytest.fixture
def visiting(browser: Browser, address: str, signed_in: dict[str, StorageState]) -> Iterator[Callable[..., Visitor]]:
    """A browser for one of the staff; at its end nothing may have gone wrong in any."""
    with ExitStack() as opened:
        visitors: list[Visitor] = []

        def visit(username: str, *, size: ViewportSize = DESK, javascript: bool = True) -> Visitor:
            context = browser.new_context(
                viewport=size, java_script_enabled=javascript, storage_state=signed_in.get(username)
            )
            context.set_default_timeout(PATIENCE)
            opened.callback(context.close)
            visitor = Visitor(context.new_page(), address, [])
            visitor.page.on("console", lambda said: visitor.wrong.append(said.text) if said.type == "error" else None)
            visitor.page.on("pageerror", lambda error: visitor.wrong.append(str(error)))
            visitor.page.on(
                "request",
                lambda request: (
                    None if request.url.startswith((address, "data:")) else visitor.wrong.append(request.url)
                ),
            )
            if username not in signed_in:
                visitor.sign_in(username)
                signed_in[username] = context.storage_state()
            visitors.append(visitor)
            return visitor

        yield visit
        assert [visitor.wrong for visitor in visitors if visitor.wrong] == []


@pytest.fixture(scope="session")
def axe() -> str:
    return (chromium.NODE / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, axe: str) -> list[str]:
    """What stands in the way of anybody, by WCAG 2.2 AA."""
    page.evaluate(axe)  # the page's own policy lets no script in from elsewhere; the browser's owner may
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
