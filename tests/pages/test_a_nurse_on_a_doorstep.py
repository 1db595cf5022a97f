"""A community nurse finds a person and reads what she needs, in a real browser."""

import re
from collections.abc import Callable
from io import BytesIO
from unicodedata import normalize
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pypdf import PdfReader
from sqlalchemy import Engine, text

from app.demonstration.place import HOUSING
from tests.pages.conftest import DESK, PHONE, Visitor, faults, is_no_wider_than_the_screen
from tests.pages.hands import KEYBOARD
from tests.pages.test_jobs_of_care import nobodies_to

FATHER, SON = "999 000 0018", "999 000 0026"
MAGNIFIED = ViewportSize(width=320, height=256)  # 1280 by 1024 at 400%: WCAG 2.2, 1.4.10
BUDGET = 60_000  # bytes of page, styles and scripts as they travel, before pictures and fonts

FETCHED = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((one) => one.initiatorType !== "img" && !one.name.endsWith(".svg"))
    .map((one) => [one.name.split("/").pop(), one.encodedBodySize])"""

Visiting = Callable[..., Visitor]


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_nurse_finds_a_person_by_their_number(visiting: Visiting, javascript: bool) -> None:
    page = visiting("nurse", javascript=javascript).opens(FATHER)

    banner = page.get_by_role("region", name="Who this is")
    expect(banner).to_contain_text("Walter Tranter")
    expect(banner).to_contain_text("999 000 0018")
    expect(page.get_by_role("region", name="Alerts and needs")).to_contain_text("Allergy to penicillin")
    rings = page.get_by_role("region", name="Who is involved").get_by_role("link", name="01632 960200")
    expect(rings.first).to_have_attribute("href", "tel:01632960200")
    expect(page.get_by_role("region", name="Happening now")).to_contain_text("Home Support")
    banner.get_by_role("link", name="not known to you").click()
    contact = page.get_by_role("region", name="How to contact safely")
    expect(contact).to_be_in_viewport()
    expect(contact).to_contain_text("Nothing that you may see says how it is safe to contact them")
    expect(contact.get_by_role("link", name="Wulfrun Homes")).to_be_visible()


def test_a_telephones_first_screen_says_who_it_is_what_to_beware_of_and_what_matters(visiting: Visiting) -> None:
    page = visiting("nurse", size=PHONE).opens(FATHER)
    matters = page.get_by_role("region", name="What matters to me")
    expect(matters.get_by_role("heading")).to_be_in_viewport(ratio=1)
    tabs = page.get_by_role("navigation", name="This person")
    height = tabs.bounding_box()
    assert height is not None
    assert height["height"] < 60  # one row of them


def test_what_one_does_about_somebody_is_folded_on_a_telephone_alone(visiting: Visiting) -> None:
    nurse = visiting("nurse", size=PHONE, javascript=False)
    page = nurse.opens(FATHER)
    tabs = page.get_by_role("navigation", name="This person")
    expect(tabs.get_by_role("link", name="Refer to the team")).to_be_hidden()
    nurse.unfold("More to do about this person")
    tabs.get_by_role("link", name="Objections").click()
    expect(tabs.get_by_role("link", name="Objections")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Objections")).to_be_visible()
    page.set_viewport_size(DESK)
    expect(tabs.locator("summary")).to_be_hidden()
    tabs.get_by_role("link", name="Summary").click()
    expect(tabs.get_by_role("link", name="Refer to the team")).to_be_visible()


def test_each_alert_leads_to_who_says_so_and_since_when(visiting: Visiting) -> None:
    page = visiting("nurse", size=PHONE).opens(FATHER)
    alerts = page.get_by_role("region", name="Alerts and needs").get_by_role("link")
    expect(alerts).to_have_count(4)
    expect(alerts.first).to_have_css("color", "rgb(107, 20, 14)")  # a tag's, though it is a link
    alerts.filter(has_text="Safeguarding concern").click()
    expect(page.get_by_role("heading", name="Safeguarding concern")).to_be_visible()
    ring = page.get_by_role("main").get_by_role("link", name="01632 960100")
    expect(ring.first).to_have_attribute("href", "tel:01632960100")
    parts = page.get_by_role("main").get_by_role("heading", level=2)
    expect(parts).to_have_text(["What it says now", "Where it comes from"])
    expect(page.get_by_role("main")).to_contain_text("Wulfrun Council adult social care")


def test_a_referral_asks_only_what_its_answers_leave_open(visiting: Visiting) -> None:
    nurse = visiting("nurse", javascript=False)
    page = nurse.opens(FATHER)
    page.get_by_role("link", name="Refer to the team").click()
    why = page.get_by_label("If urgent, why")
    for asked in (why, page.get_by_label("Face to face"), page.get_by_label("If they lack capacity, why")):
        expect(asked).to_be_hidden()
    page.get_by_label("Urgent", exact=True).check()
    why.fill("Each day in bed weakens him")
    page.get_by_label("Routine").check()
    expect(why).to_be_visible()  # it is sent all the same
    page.get_by_role("button", name="Refer", exact=True).click()
    page.get_by_role("alert").get_by_role("link", name="Say that it is urgent, or take the reason out").click()
    expect(why).to_be_in_viewport()
    nurse.wrong.clear()  # the browser tells of the answer


def test_a_slip_is_told_in_plain_words_and_costs_no_typing(visiting: Visiting) -> None:
    visitor = visiting("nurse")
    page = visitor.look_up("999 000 0019")

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("The NHS number fails its check digit")
    expect(page.get_by_label("NHS number", exact=True)).to_have_value("999 000 0019")
    summary.get_by_role("link").click()
    expect(page.get_by_label("NHS number", exact=True)).to_be_focused()
    assert visitor.wrong.pop().startswith("Failed to load resource: the server responded with a status of 422")


def test_nobody_and_not_yours_read_alike(visiting: Visiting, place: Engine) -> None:
    visitor = visiting("housing-officer", javascript=False)
    told = []
    for number in (nobodies_to(place, str(HOUSING))[0], "9999999328"):
        page = visitor.look_up(number)
        expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
        page.wait_for_load_state()
        content = page.content().replace(number, "as it was typed")
        told.append(re.sub(r'name="csrf" value="\w+"', "", content))  # masked anew for each answer

    visitor.wrong.clear()  # the browser tells of each answer that is none
    assert told[0] == told[1]


def test_the_sons_record_is_none_of_the_fathers(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)
    page.get_by_role("link", name="Timeline").click()

    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert "999 000 0026" not in page.content()


def test_a_line_opens_to_its_source_and_its_versions(visiting: Visiting, axe: str) -> None:
    page = visiting("nurse").opens(FATHER)
    page.get_by_role("link", name="Allergy to penicillin").first.click()

    expect(page.get_by_role("heading", name="Allergy to penicillin")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Wulfrun Hospitals")
    expect(page.get_by_role("main")).to_contain_text("hospital messages, message ")
    expect(page.get_by_role("heading", name="What it says now")).to_be_visible()
    assert faults(page, axe) == []


def test_each_printed_page_says_whose_record_it_is_and_who_printed_it_and_when(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)
    expect(page.locator(".pisano-printed")).to_be_hidden()
    said = " ".join((page.locator(".pisano-printed").text_content() or "").split())
    assert said.startswith("Walter Tranter, NHS number 999 000 0018, born 14 May 1945. Confidential.")
    assert "Printed by Nell Rushton, Community nurse, Wulfrun Community Services, as it stood on" in said
    assert "Do not leave it lying about" in said
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    told = ["".join(normalize("NFKC", one.extract_text()).split()) for one in printed]  # a font joins letters

    assert len(told) > 1
    assert "Occupationaltherapist:helpspeopletodoeverydaythings" in "".join(told)  # though folded on the screen
    for number, leaf in enumerate(told, 1):
        assert said.replace(" ", "") in leaf
        assert f"Page{number}of{len(told)}" in leaf
        assert "Findaperson" not in leaf
        assert "http" not in leaf


def test_at_four_times_its_size_a_record_is_read_without_scrolling_sideways(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)
    banner = page.locator(".pisano-banner")
    expect(banner).to_have_css("position", "sticky")
    page.set_viewport_size(MAGNIFIED)
    expect(banner).to_have_css("position", "static")  # else it would lie over half of what is read
    is_no_wider_than_the_screen(page)
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Meetings")).to_be_hidden()
    menu.get_by_role("button", name="More").click()
    expect(menu.get_by_role("link", name="Meetings")).to_be_visible()


def test_help_and_the_words_of_other_professions_stand_on_the_page(visiting: Visiting) -> None:
    nurse = visiting("nurse", javascript=False)
    page = nurse.opens(FATHER)
    nurse.open("Help with this page")
    expect(page.get_by_text("Never rely on something being absent.")).to_be_visible()
    nurse.open("Words on this page")
    expect(page.get_by_text("helps people to do everyday things")).to_be_visible()

    by_keyboard = visiting("nurse", how=KEYBOARD)
    page = by_keyboard.go(urlsplit(page.url)._replace(scheme="", netloc="").geturl())
    by_keyboard.press("link", "Primary support reason")
    expect(page.get_by_role("term").filter(has_text="Primary support reason")).to_be_focused()


def test_what_a_nurse_looked_for_is_told_where_the_sources_are(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)
    page.get_by_role("link", name="Sources and what is not shown").click()

    expect(page.get_by_role("main")).to_contain_text("You looked for: Individual care")


def fetched_by(empty: Page, address: str) -> list[tuple[str, int]]:
    """What a browser that keeps nothing yet fetches of a page before pictures and fonts: its name, and its bytes."""
    empty.goto(address)
    expect(empty.locator("header[data-nhsuk-header-init]")).to_have_count(1)  # the last of the scripts has come
    return [(name, size) for name, size in empty.evaluate(FETCHED)]


def test_the_first_screen_is_light_enough_for_a_bad_signal(visiting: Visiting) -> None:
    known = visiting("nurse").opens(FATHER).url
    fetched = fetched_by(visiting("nurse", size=PHONE).page, known)

    assert sum(size for _, size in fetched) <= BUDGET, fetched
    assert len(fetched) <= 5
    assert all(size > 0 for _, size in fetched)


def test_an_address_and_a_title_tell_nothing_of_anybody(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)

    assert page.title() == "A person's record – Pisano"
    address = urlsplit(page.url)
    assert re.fullmatch(r"/people/[0-9a-f-]{36}", address.path)
    assert address.query == "purpose=direct-care"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_filter_stays_on_the_page_and_keeps_nothing_of_anybody(visiting: Visiting) -> None:
    nurse = visiting("nurse")
    page = nurse.opens(FATHER)
    nurse.press("link", "Timeline")
    count = page.get_by_role("status")
    expect(count).not_to_have_text("1 entry")
    page.evaluate("window.stayed = true")
    nurse.choose("Partner", "Wulfrun Mental Health")
    nurse.choose("Heading", "Problems and diagnoses")
    nurse.press("button", "Show")
    expect(count).to_have_text("1 entry")
    expect(page.locator("#shown")).to_contain_text("Mood disorder")
    assert page.evaluate("window.stayed")
    assert "heading=problems" in page.url
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0

    page.context.clear_cookies()
    nurse.press("button", "Show")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    nurse.wrong.clear()  # the browser tells of the answer


def test_nothing_of_a_person_is_kept_by_the_browser(visiting: Visiting) -> None:
    page = visiting("nurse").opens(FATHER)
    expect(page.get_by_role("main")).to_contain_text("You may look because")
    answer = page.request.get(page.url)  # in the browser's name: reloading a page that has just come may find none yet

    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_a_printed_record_is_told_to_the_trail_as_an_export(visiting: Visiting, place: Engine) -> None:
    page = visiting("nurse").opens(FATHER)
    answer = page.request.get(page.url.replace("?", "/record.pdf?"))

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    with place.connect() as connection:
        exported = connection.execute(text("SELECT count(*) FROM audit_event WHERE event ->> 'kind' = 'export'"))
        assert exported.scalar_one() == 1


# ── Referring somebody ───────────────────────────────────────────────────────────────────────────────────────────────


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


def test_what_is_missing_is_told_and_nothing_is_typed_twice(visiting: Visiting, axe: str) -> None:
    nurse = visiting("nurse", size=PHONE)
    page = nurse.opens(FATHER)
    nurse.unfold("More to do about this person")
    page.get_by_role("link", name="Refer to the team").click()
    fill_in(page)
    page.get_by_label("Situation").fill("")
    page.get_by_role("button", name="Refer", exact=True).click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Enter the situation")
    assert faults(page, axe) == []
    summary.get_by_role("link", name="Enter the situation").click()
    expect(page.get_by_label("Situation")).to_be_focused()
    expect(page.get_by_label("What matters to them")).to_have_value("My own bed, and my dog")
    expect(page.get_by_label("A complex life")).to_be_checked()
    expect(page.get_by_label("Face to face")).to_be_checked()
    nurse.wrong.clear()  # the browser tells of the answer


def test_every_mistake_leads_to_where_it_is_mended(visiting: Visiting) -> None:
    nurse = visiting("nurse")
    page = nurse.opens(FATHER)
    page.get_by_role("link", name="Refer to the team").click()
    page.get_by_role("button", name="Refer", exact=True).click()

    links = page.get_by_role("alert").get_by_role("link")
    expect(links).not_to_have_count(0)
    for link in links.all():
        place = (link.get_attribute("href") or "")[1:]
        assert page.locator(f'[id="{place}"]').count() == 1, link.inner_text()
    expect(page.get_by_role("alert")).to_contain_text("Select an answer to “What do they say to it?”")
    expect(page.get_by_role("group", name="What do they say to it?")).to_contain_text("Select an answer to")
    nurse.wrong.clear()  # the browser tells of the answer


def test_whoever_may_not_see_somebody_cannot_refer_them(visiting: Visiting) -> None:
    visitor = visiting("housing-officer", javascript=False)
    page = visitor.go("/people/00000000-0000-4000-8000-000000000001/refer")

    expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
    visitor.wrong.clear()
