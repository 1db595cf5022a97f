"""Pictures of the main pages of a demonstration place that is being served, to be looked at and for the README.

`python -m tests.pages.screenshots http://127.0.0.1:8000 PASSWORD FOLDER`, as `make screenshots` runs it.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.pages import chromium

FATHER = "999 000 0018"
DESK, PHONE = ViewportSize(width=1180, height=800), ViewportSize(width=390, height=800)


def main(address: str, password: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium.executable()), args=chromium.ARGUMENTS, env=chromium.environment()
        )
        nurse = signed_in(browser, address, "nurse", password, DESK)
        take(nurse, folder / "home.png")
        look_up(nurse, address)
        take(nurse, folder / "person.png")
        nurse.get_by_role("link", name="Plan", exact=True).click()
        take(nurse, folder / "plan.png")
        practice = signed_in(browser, address, "gp", password, DESK)
        for name in ("caseload", "case-finding/list", "impact"):
            practice.goto(f"{address}/{name}?locality=northgate")
            take(practice, folder / f"{name.partition('/')[0]}.png")
        phone = signed_in(browser, address, "nurse", password, PHONE)
        look_up(phone, address)
        take(phone, folder / "person-phone.png")
        lead = signed_in(browser, address, "ig-lead", password, DESK)
        lead.goto(f"{address}/agreements/matrix")
        take(lead, folder / "matrix.png")
        browser.close()


def signed_in(browser: Browser, address: str, username: str, password: str, size: ViewportSize) -> Page:
    page = browser.new_page(viewport=size)
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name that you sign in with").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    return page


def look_up(page: Page, address: str) -> None:
    page.goto(f"{address}/find")
    page.get_by_label("NHS number", exact=True).fill(FATHER)
    page.get_by_role("button", name="Find").click()


def take(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
