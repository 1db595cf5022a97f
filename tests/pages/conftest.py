"""A small demonstration place that is really served, and browsers to look at it with."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)
from sqlalchemy import Engine

from app.demonstration.loading import let_in
from app.main import create_app
from app.settings import Settings
from tests.pages import chromium
from tests.pages.hands import DESK, FINGER, MOUSE, PHONE, How
from tests.scenarios.conftest import filled, keys, module_template, place, settings

__all__ = ["DESK", "PHONE", "filled", "keys", "module_template", "place", "settings"]

PASSWORD = "quiet-otter-marmalade"
PATIENCE = 60_000  # milliseconds: nothing waits as long unless it is broken, however busy the machine is
expect.set_options(timeout=PATIENCE)


NARROW = ViewportSize(width=320, height=640)  # the narrowest that WCAG 2.2, 1.4.10 knows

TWICE = """() => {
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const told = (...parts) => parts.map((one) => one.textContent).join(" ").replace(/\\s+/g, " ").trim();
    const groups = (one) => {
        const group = one.parentElement.closest("fieldset");
        return group ? groups(group) + told(group.querySelector("legend")) + " / " : "";
    };
    const all = (which) => [...document.querySelectorAll(`main :is(${which})`)].filter(seen);
    const fields = all("input, select, textarea").map((one) => groups(one) + told(...(one.labels ?? [])));
    const buttons = all("button, summary").map((one) => told(one));
    return [fields, buttons].flatMap((names) => names.filter((name, place) => names.indexOf(name) !== place));
}"""  # whoever hears of a control apart from what stands round it could not tell which it is


Chromium = tuple[Browser, asyncio.AbstractEventLoop]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Programs hardly wait for programs here; what they run, the tests of `web` and `mdt` measure."""
    item.add_marker("unmeasured")


@pytest.fixture(scope="session")
def opened_once() -> Iterator[Chromium]:
    """One browser for the session, and the event loop by which it is spoken to."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(chromium.executable()), args=chromium.ARGUMENTS, env=chromium.environment()
        )
        loop = asyncio.get_running_loop()
        yield opened, loop
        asyncio._set_running_loop(loop)
        opened.close()


@pytest.fixture(scope="module")
def browser(opened_once: Chromium) -> Iterator[Browser]:
    """The browser, whose loop counts as running only while a module uses it: other modules' tests run their own."""
    opened, loop = opened_once
    asyncio._set_running_loop(loop)
    yield opened
    asyncio._set_running_loop(None)


@pytest.fixture(scope="module")
def address(place: Engine, module_database_url: str, settings: Settings) -> Iterator[str]:
    """Where the place is served."""
    let_in(place, PASSWORD)
    with served(settings, module_database_url) as told:
        yield told


@contextmanager
def served(settings: Settings, database_url: str) -> Iterator[str]:
    """A place on a real server, on a real port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = create_app(settings, database_url)
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
    how: How = MOUSE

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        return self.page

    def sign_in(self, username: str) -> None:
        self.go("/sign-in")
        self.fill_in_sign_in(username)

    def fill_in_sign_in(self, username: str) -> None:
        page = self.page
        self.write("Name that you sign in with", username)
        self.write("Password", PASSWORD)
        self.press("button", "Sign in")
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_have_count(0)
        if page.url.partition("?")[0].endswith("/sign-in/role"):
            self.how.hands.tick(page.get_by_role("radio").first)
            self.press("button", "Continue")
        expect(page.get_by_role("navigation", name="Account")).to_be_visible()

    def look_up(self, nhs_number: str) -> Page:
        page = self.go("/find")
        self.write("NHS number", nhs_number)
        self.press("button", "Find")
        return page

    def opens(self, nhs_number: str) -> Page:
        """A record that they may see."""
        page = self.look_up(nhs_number)
        expect(page.get_by_role("region", name="Who this is")).to_be_visible()
        return page

    def press(self, role: Literal["button", "link"], name: str, within: Locator | None = None) -> None:
        """A button or a link by its name, the first where several have it."""
        self.how.hands.press((within or self.page.locator("body")).get_by_role(role, name=name, exact=True).first)

    def unfold(self, summary: str) -> None:
        """What stands folded on a telephone alone, where it does."""
        folded = self.page.locator("details:not([open]) > summary", has_text=summary)
        if folded.is_visible():
            self.how.hands.press(folded)

    def open(self, summary: str) -> None:
        """What stands folded under these words."""
        self.how.hands.press(self.page.locator("summary", has_text=summary).first)

    def write(self, label: str, text: str, within: Locator | None = None) -> None:
        self.how.hands.write((within or self.page.locator("body")).get_by_label(label, exact=True).first, text)

    def write_day(self, legend: str, *parts: str) -> None:
        boxes = self.page.get_by_role("group", name=legend, exact=True)
        for label, part in zip(("Day", "Month", "Year"), parts, strict=True):
            self.write(label, part, boxes)

    def choose(self, label: str, option: str) -> None:
        self.how.hands.choose(self.page.get_by_label(label, exact=True), option)

    def tick(self, label: str, within: Locator | None = None) -> None:
        self.how.hands.tick((within or self.page.locator("body")).get_by_label(label, exact=True).first)


def let_in_by_form(context: BrowserContext, address: str, username: str) -> None:
    """What the pages of signing in send, in the browser's name; `fill_in_sign_in` goes by the pages."""
    asking, from_here = context.request, {"origin": address}
    form: dict[str, str | float | bool] = {"username": username, "password": PASSWORD}
    assert asking.post(f"{address}/sign-in", form=form, headers=from_here, max_redirects=0).status == 303
    session = asking.get(f"{address}/session")
    if session.ok and (told := session.json())["chosen"] is None:  # whoever signs in for themselves takes no role
        token = from_here | {"x-csrf-token": told["csrf"]}
        assert asking.post(f"{address}/session/role", data={"position": 0}, headers=token).ok


@pytest.fixture(scope="module")
def signed_in() -> dict[str, StorageState]:
    """The cookies of whoever has signed in already."""
    return {}


@pytest.fixture
def visiting(browser: Browser, address: str, signed_in: dict[str, StorageState]) -> Iterator[Callable[..., Visitor]]:
    """A browser for one of the staff; at its end nothing may have gone wrong in any."""
    with ExitStack() as opened:
        visitors: list[Visitor] = []

        def visit(
            username: str, *, how: How = MOUSE, size: ViewportSize | None = None, javascript: bool = True
        ) -> Visitor:
            context = browser.new_context(
                viewport=size or how.size,
                has_touch=how is FINGER,
                java_script_enabled=javascript and how.scripts,
                storage_state=signed_in.get(username),
            )
            context.set_default_timeout(PATIENCE)
            opened.callback(context.close)
            visitor = Visitor(context.new_page(), address, [], how)
            visitor.page.on("console", lambda said: visitor.wrong.append(said.text) if said.type == "error" else None)
            visitor.page.on("pageerror", lambda error: visitor.wrong.append(str(error)))
            visitor.page.on(
                "request",
                lambda request: (
                    None if request.url.startswith((address, "data:")) else visitor.wrong.append(request.url)
                ),
            )
            if username not in signed_in:
                let_in_by_form(context, address, username)
                signed_in[username] = context.storage_state()
            visitors.append(visitor)
            return visitor

        yield visit
        assert [visitor.wrong for visitor in visitors if visitor.wrong] == []


@pytest.fixture(scope="session")
def axe() -> str:
    return (chromium.NODE / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


FAULTS = """axe.run({
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    resultTypes: ["violations"],
}).then((found) => found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"""


def faults(page: Page, axe: str) -> list[str]:
    """What stands in the way of anybody, by WCAG 2.2 AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)  # the page's own policy lets no script in from elsewhere; the browser's owner may
    return list(page.evaluate(FAULTS))


def is_no_wider_than_the_screen(page: Page) -> None:
    """Once the menu is laid out anew, a moment after the window has changed."""
    assert page.viewport_size is not None
    expect(page.locator("html")).to_have_js_property("scrollWidth", page.viewport_size["width"])


def is_sound_at_both_sizes(page: Page, axe: str) -> None:
    """On a telephone and at a desk nothing stands in anybody's way, and nothing is wider than the screen."""
    expect(page.locator("header[data-nhsuk-header-init]")).to_have_count(1)  # till then the menu may be in the way
    page.set_viewport_size(NARROW)
    is_no_wider_than_the_screen(page)
    assert page.evaluate(TWICE) == [], page.url
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        is_no_wider_than_the_screen(page)
        assert faults(page, axe) == [], (page.url, size)


def fits(visitor: Visitor) -> None:
    """All that is asked of a page which `test_every_page` looks at as it stands."""
    if visitor.how.scripts:  # till then the menu may be in the way
        expect(visitor.page.locator("header[data-nhsuk-header-init]")).to_have_count(1)
    is_no_wider_than_the_screen(visitor.page)


def is_sound(visitor: Visitor, axe: str) -> None:
    """It fits; on a telephone nothing stands in anybody's way, at a desk pages are walked."""
    fits(visitor)
    if visitor.how is FINGER:
        assert faults(visitor.page, axe) == [], visitor.page.url
