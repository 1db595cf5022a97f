"""A community nurse finds a person and reads what she needs, in a real browser."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ViewportSize, expect
from sqlalchemy import Engine, text

from tests.pages.conftest import DESK, PHONE, Visitor, faults

FATHER, SON = "999 000 0018", "999 000 0026"
BUDGET = 60_000  # bytes of page, styles and scripts as they travel, before pictures and fonts
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])

Visiting = Callable[..., Visitor]


@SIZES
@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_nurse_finds_a_person_by_their_number(visiting: Visiting, size: ViewportSize, javascript: bool) -> None:
    page = visiting("nurse", size=size, javascript=javascript).look_up(FATHER)

    banner = page.get_by_role("region", name="Who this is")
    expect(banner).to_contain_text("Walter Tranter")
    expect(banner).to_contain_text("999 000 0018")
    expect(page.get_by_role("region", name="Alerts and needs")).to_contain_text("Allergy to penicillin")
    expect(page.get_by_role("region", name="Who is involved")).to_contain_text("01632 960200")
    expect(page.get_by_role("region", name="Happening now")).to_contain_text("Home Support")


def test_a_nurse_finds_a_person_by_keyboard_alone(visiting: Visiting) -> None:
    page = visiting("nurse").go("/find")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # why: individual care is chosen already
    page.keyboard.press("Tab")
    expect(page.get_by_label("NHS number", exact=True)).to_be_focused()
    page.keyboard.type("9990000018")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Who this is")).to_contain_text("Walter Tranter")


def test_a_name_that_is_misspelt_finds_who_may_be_meant(visiting: Visiting) -> None:
    page = visiting("nurse").go("/find")
    page.get_by_text("I do not have the NHS number").click()
    page.get_by_label("Family name").fill("Trantor")
    page.get_by_label("Day").fill("14")
    page.get_by_label("Month").fill("5")
    page.get_by_label("Year").fill("1945")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Walter Tranter").click()

    expect(page.get_by_role("region", name="Who this is")).to_contain_text("999 000 0018")


def test_a_slip_is_told_in_plain_words_and_costs_no_typing(visiting: Visiting) -> None:
    visitor = visiting("nurse")
    page = visitor.look_up("999 000 0019")

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("The NHS number fails its check digit")
    expect(page.get_by_label("NHS number", exact=True)).to_have_value("999 000 0019")
    summary.get_by_role("link").click()
    expect(page.get_by_label("NHS number", exact=True)).to_be_focused()
    assert visitor.wrong.pop().startswith("Failed to load resource: the server responded with a status of 422")


def test_nobody_and_not_yours_read_alike(visiting: Visiting) -> None:
    visitor = visiting("housing-officer", javascript=False)
    told = []
    for number in ("999 000 0034", "999 999 9328"):
        page = visitor.look_up(number)
        expect(page.get_by_role("heading", name="Nothing to show")).to_be_visible()
        content = page.content().replace(number, "as it was typed")
        told.append(re.sub(r'name="csrf" value="\w+"', "", content))  # masked anew for each answer

    visitor.wrong.clear()  # the browser tells of each answer that is none
    assert told[0] == told[1]


def test_the_sons_record_is_none_of_the_fathers(visiting: Visiting) -> None:
    page = visiting("nurse").look_up(FATHER)
    page.get_by_role("link", name="Timeline").click()

    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert "999 000 0026" not in page.content()


def test_the_timeline_shows_what_is_chosen(visiting: Visiting) -> None:
    page = visiting("nurse").look_up(FATHER)
    page.get_by_role("link", name="Timeline").click()
    everything = int(page.get_by_role("status").inner_text().split()[0])
    page.get_by_label("Heading").select_option(label="Problems and diagnoses")
    page.get_by_label("Partner").select_option(label="Wulfrun Mental Health")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("status")).to_have_text("1 entries")
    assert everything > 20


def test_a_line_opens_to_its_source_and_its_versions(visiting: Visiting, axe: str) -> None:
    page = visiting("nurse").look_up(FATHER)
    page.get_by_role("link", name="Allergy to penicillin").click()

    expect(page.get_by_role("heading", name="Allergy to penicillin")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Wulfrun Hospitals")
    expect(page.get_by_role("main")).to_contain_text("acute-hl7v2, message ")
    expect(page.get_by_role("heading", name="What it says now")).to_be_visible()
    assert faults(page, axe) == []


def test_every_source_says_how_fresh_it_is_and_what_is_not_shown(visiting: Visiting) -> None:
    page = visiting("nurse").look_up(FATHER)
    page.get_by_role("link", name="Sources and what is not shown").click()

    expect(page.get_by_role("row", name="Wulfrun Hospitals")).to_contain_text("as expected")
    expect(page.get_by_role("main")).to_contain_text("Your role does not see: ")
    expect(page.get_by_role("main")).to_contain_text("You looked for: Individual care")


@SIZES
def test_no_page_about_a_person_stands_in_anybodys_way(visiting: Visiting, axe: str, size: ViewportSize) -> None:
    visitor = visiting("nurse", size=size)
    for path in ("/find", "/help", "/glossary"):
        assert faults(visitor.go(path), axe) == [], path
    page = visitor.look_up(FATHER)
    for name in ("Summary", "Timeline", "Sources and what is not shown"):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_load_state("networkidle")
        assert faults(page, axe) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"


def test_the_first_screen_is_light_enough_for_a_bad_signal(visiting: Visiting) -> None:
    known = visiting("nurse").look_up(FATHER).url
    page = visiting("nurse", size=PHONE).page  # another browser, which keeps nothing yet
    page.goto(known, wait_until="networkidle")

    fetched = page.evaluate(
        """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .filter(one => one.initiatorType != "img" && !one.name.endsWith(".svg"))
        .map(one => [one.name.split("/").pop(), one.encodedBodySize])"""
    )
    assert sum(size for _, size in fetched) <= BUDGET, fetched
    assert len(fetched) <= 5
    assert all(size > 0 for _, size in fetched)


def test_an_address_and_a_title_tell_nothing_of_anybody(visiting: Visiting) -> None:
    page = visiting("nurse").look_up(FATHER)

    assert page.title() == "A person's record – Pisano"
    address = urlsplit(page.url)
    assert re.fullmatch(r"/people/[0-9a-f-]{36}", address.path)
    assert address.query == "purpose=direct-care"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_nothing_of_a_person_is_kept_by_the_browser(visiting: Visiting) -> None:
    page = visiting("nurse").look_up(FATHER)
    answer = page.reload()

    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_a_printed_record_is_told_to_the_trail_as_an_export(visiting: Visiting, place: Engine) -> None:
    page = visiting("nurse").look_up(FATHER)
    answer = page.request.get(page.url.replace("?", "/record.pdf?"))

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    with place.connect() as connection:
        exported = connection.execute(text("SELECT count(*) FROM audit_event WHERE event ->> 'kind' = 'export'"))
        assert exported.scalar_one() == 1


def nobody_to(place: Engine, organisation: str) -> str:
    """The NHS number of somebody with whom an organisation has nothing to do."""
    with place.connect() as connection:
        found = connection.execute(
            text(
                "SELECT nhs_number FROM person_nhs_number n WHERE NOT EXISTS (SELECT FROM relationship r"
                " WHERE r.person_id = n.person_id AND r.organisation = :organisation)"
                " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id)"
                " ORDER BY nhs_number DESC LIMIT 1"
            ),
            {"organisation": organisation},
        )
        return str(found.scalar_one())


def test_in_an_emergency_the_reason_comes_first_and_the_account_after(
    visiting: Visiting, axe: str, place: Engine
) -> None:
    """By keyboard alone, on a telephone's screen."""
    number = nobody_to(place, "RL4")
    doctor = visiting("acute-clinician", size=PHONE)
    page = doctor.look_up(number)
    page.get_by_role("button", name="Emergency access").press("Enter")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    expect(page.get_by_label("NHS number", exact=True)).to_have_value(number)
    assert faults(page, axe) == []
    page.get_by_role("button", name="Open the record").press("Enter")
    page.get_by_role("alert").get_by_role("link").press("Enter")
    page.keyboard.press("Space")
    expect(page.get_by_label("They are unconscious")).to_be_checked()
    page.get_by_label("What is happening?").focus()
    page.keyboard.type("Brought in by ambulance, nobody with them")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="How this record is open")).to_contain_text("Emergency access: it closes at")
    assert faults(page, axe) == []
    page.get_by_role("link", name="Say what it was for").press("Enter")
    page.get_by_label("What was it for, and what came of it?").fill("Allergies before theatre; none known")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Allergies before theatre")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    doctor.wrong.clear()  # the browser tells of each answer that is none


def test_a_nurse_on_a_relief_shift_states_her_relationship_without_scripts(visiting: Visiting, place: Engine) -> None:
    number = nobody_to(place, "RL4C")
    nurse = visiting("nurse", javascript=False)
    page = nurse.look_up(number)
    page.get_by_role("button", name="State your relationship").click()
    page.get_by_label("What does it rest on?").fill("Relief shift for the north team tonight")
    page.get_by_role("button", name="Open the record").click()
    expect(page.get_by_role("main")).to_contain_text("You may look because: Said by themselves")
    page.get_by_role("link", name="What that means").click()
    expect(page.get_by_role("main")).to_contain_text("You stated it yourself. The privacy officer was told")
    nurse.wrong.clear()  # the browser tells of each answer that is none


def test_what_a_nurse_doubts_reaches_a_data_manager_and_the_answer_her(visiting: Visiting, axe: str) -> None:
    """At a desk without scripts she reports; at a telephone the data manager looks at every page of theirs."""
    nurse = visiting("nurse", javascript=False)
    page = nurse.look_up(FATHER)
    page.get_by_role("link", name="Allergy to penicillin").first.click()
    page.get_by_role("link", name="This is not about this person, or looks wrong").click()
    page.get_by_label("It is about this person, and looks wrong").check()
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in 10 characters or more what makes you doubt it")
    expect(page.get_by_label("It is about this person, and looks wrong")).to_be_checked()
    page.get_by_label("What makes you doubt it?").fill("He says that he takes penicillin without trouble")
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("region", name="What you reported as wrong")).to_contain_text("waits")

    manager = visiting("data-manager", size=PHONE)
    for path in ("", "/refusals", "/partners", "/merges", "/worklist/1", "/worklist"):
        page = manager.go(f"/data-quality{path}")
        assert faults(page, axe) == [], path
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.get_by_role("link", name="Looks wrong").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("He says that he takes penicillin without trouble")
    assert faults(page, axe) == []
    page.get_by_label("Whoever recorded it was told, and mends it").check()
    page.get_by_label("What do you tell Nell Rushton?").fill("The hospital looks into it today")
    page.get_by_role("button", name="Settle it").press("Enter")
    expect(page.get_by_role("heading", name="What readers of records doubt")).to_be_visible()
    expect(page.get_by_role("link", name="Looks wrong")).to_have_count(0)
    expect(nurse.go("/home").get_by_role("region", name="What you reported as wrong")).to_contain_text(
        "The hospital looks into it today"
    )
    nurse.wrong.clear()  # the browser tells of each answer that is none


def test_an_objection_is_recorded_where_the_person_says_it(visiting: Visiting, axe: str) -> None:
    nurse = visiting("nurse", size=PHONE)
    page = nurse.look_up(FATHER)
    page.get_by_role("link", name="Objections").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("The person has objected to nothing here")
    page.get_by_role("button", name="Record the objection").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose what the person objects to")
    page.get_by_label("One organisation seeing anything").check()
    page.get_by_label("Who is to see nothing").select_option(label="Wulfrun Homes")
    page.get_by_role("button", name="Record the objection").press("Enter")
    expect(page.get_by_role("heading", name="One organisation seeing anything: Wulfrun Homes")).to_be_visible()
    assert faults(page, axe) == []
    page.get_by_role("button", name="Lift, as the person says").press("Enter")
    expect(page.get_by_text("lifted")).to_be_visible()
    nurse.wrong.clear()  # the browser tells of the answer
