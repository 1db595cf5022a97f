"""Jobs of an information governance lead and of a data manager, by every means."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, text

from app.demonstration.partners.caseloads import practice_row
from app.demonstration.place import ACUTE
from app.settings import Settings
from app.vocabulary.london import london_date
from tests.pages.conftest import Visitor, is_sound, is_sound_at_both_sizes, let_in_by_form, served
from tests.pages.convening import Team, team
from tests.pages.hands import FINGER, KEYBOARD, PLAIN, How
from tests.pages.partners import newcomers, sends_list
from tests.pages.test_jobs_of_care import nobodies_to
from tests.scenarios.conftest import ON

Visiting = Callable[..., Visitor]
FATHER = "999 000 0018"
HOWS = (PLAIN, KEYBOARD, FINGER)  # the first is by mouse too
EACH = pytest.mark.parametrize("how", HOWS, ids=str)


@pytest.fixture(scope="module")
def northgate(address: str, settings: Settings) -> Iterator[Team]:
    with team(address, settings) as told:
        yield told


@EACH
def test_a_lead_reads_what_the_agreement_says_and_who_sees_what(visiting: Visiting, axe: str, how: How) -> None:
    lead = visiting("ig-lead", how=how)
    page = lead.go("/oversight")
    expect(page.get_by_role("region", name="What you oversee")).to_contain_text("No agreement is near its review")
    lead.press("link", "The agreements")
    expect(page.get_by_role("region", name="Wulfrun integrated care record")).to_contain_text("To be reviewed by")
    is_sound(lead, axe)
    how.hands.press(page.get_by_role("link", name="Wulfrun integrated care record").first)
    expect(page.get_by_role("heading", name="G-NURSE", exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("A nurse who visits alone needs nearly all")
    sections = page.get_by_role("navigation", name="Sections")
    lead.press("link", "9. Objections")
    expect(sections).not_to_be_in_viewport()
    lead.press("link", "Back to contents from Objections")
    expect(sections).to_be_in_viewport()
    lead.go("/agreements/matrix")
    lead.choose("For", "Keeping a tenancy and a safe home")
    lead.press("button", "Show")
    expect(page.get_by_role("columnheader", name="Housing officer")).to_be_visible()
    expect(page.get_by_role("row", name="Tenancy and household")).to_contain_text("Wulfrun Homes")
    expect(page.get_by_role("row", name="Medications")).to_have_count(0)
    is_sound(lead, axe)


def test_a_lead_is_told_which_agreement_is_near_its_review_and_which_is_past_it(
    browser: Browser, axe: str, address: str, settings: Settings, module_database_url: str, tmp_path: Path
) -> None:
    """The same place under two agreements, served beside it: whoever is let in there is let in here."""
    law, today = (settings.agreements / "wulfrun.yaml").read_text(encoding="utf-8"), london_date(datetime.now(UTC))
    for isa, title, left in (("wulfrun", "Wulfrun integrated", 9), ("wulfrun-north", "North Wulfrun", -1)):
        written = re.sub("^isa: .*$", f"isa: {isa}", law, count=1, flags=re.MULTILINE)
        written = re.sub("^review_by: .*$", f"review_by: {today + timedelta(days=left)}", written, flags=re.MULTILINE)
        (tmp_path / f"{isa}.yaml").write_text(written.replace("Wulfrun integrated", title, 1), encoding="utf-8")
    with (
        served(settings.model_copy(update={"agreements": tmp_path}), module_database_url) as beside,
        browser.new_context() as context,
    ):
        let_in_by_form(context, beside, "ig-lead")
        page = context.new_page()
        page.goto(f"{beside}/oversight")
        listed = page.get_by_role("region", name="What you oversee").get_by_role("listitem")
        expect(listed.filter(has_text="North Wulfrun care record")).to_contain_text("review is overdue")
        expect(listed.filter(has_text="Wulfrun integrated care record")).to_contain_text("within 14 days")
        is_sound_at_both_sizes(page, axe)
        page.get_by_role("link", name="The agreements").click()
        expect(page.get_by_role("region", name="North Wulfrun care record")).to_contain_text("review is overdue")
        is_sound_at_both_sizes(page, axe)


@EACH
def test_a_lead_answers_who_looked_and_why_they_could(visiting: Visiting, axe: str, how: How) -> None:
    visiting("nurse").opens(FATHER)
    lead = visiting("ig-lead", how=how)
    page = lead.go("/oversight")
    lead.press("link", "Answer a person who asks who saw their record")
    lead.write("NHS number", "999 000 0019")
    lead.write("What this rests on", "letter of 3 June, passport seen")
    lead.press("button", "Write it down and answer")
    expect(page.get_by_role("alert")).to_contain_text("fails its check digit")
    is_sound(lead, axe)
    lead.write("NHS number", FATHER)
    lead.press("button", "Write it down and answer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who saw the record of Walter Tranter")
    expect(page.get_by_role("row", name="Community nurse").first).to_contain_text("looked at the record")
    assert FATHER.replace(" ", "") not in page.url
    is_sound(lead, axe)
    lead.go("/oversight/trail")
    lead.write("User", "nurse")
    lead.press("button", "Search")
    expect(page.get_by_role("row", name="Looked at the record").first).to_contain_text("G-NURSE")
    is_sound(lead, axe)
    lead.go("/oversight/why")
    lead.write("User", "nurse")
    lead.write("Person's NHS number", FATHER)
    lead.choose("What", "Medications and medical devices")
    lead.press("button", "Tell me why")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Medications and medical devices")
    is_sound(lead, axe)
    lead.press("link", "G-NURSE")
    expect(page.get_by_role("heading", name="G-NURSE", exact=True)).to_be_in_viewport()
    lead.wrong.clear()  # the browser tells of the answer to what was missing


@EACH
def test_a_lead_looks_into_an_alert_and_says_what_came_of_it(
    visiting: Visiting, axe: str, northgate: Team, place: Engine, how: How
) -> None:
    number = nobodies_to(place, str(ACUTE))[HOWS.index(how)]
    told = f"Brought in by ambulance, told {how}"
    northgate.sends(
        "acute-clinician",
        "/emergency-access?purpose=direct-care",
        nhs_number=number,
        reason="unconscious",
        details=told,
    )
    lead = visiting("ig-lead", how=how)
    page = lead.go("/home")
    how.hands.press(page.get_by_role("link", name="to look into"))
    alert = page.get_by_role("article").filter(has_text=told)
    expect(alert).to_contain_text("A record was opened with a reason: Dr Anton Cairns (acute-clinician)")
    is_sound(lead, axe)
    how.hands.press(alert.get_by_role("button", name="Look into it"))
    how.hands.write(alert.get_by_label("Why, in words that stay out of the trail"), "The ward's book says the same")
    is_sound(lead, axe)
    how.hands.press(alert.get_by_role("button", name="There was a reason"))
    expect(alert).to_have_count(0)
    lead.press("link", "Those that are closed, too")
    expect(alert).to_contain_text("justified")
    is_sound(lead, axe)


@EACH
def test_a_lead_seals_a_record_and_two_people_open_it_again(
    visiting: Visiting, axe: str, place: Engine, how: How
) -> None:
    number = nobodies_to(place, str(ACUTE))[10 + HOWS.index(how)]
    lead = visiting("ig-lead", how=how)
    page = lead.go("/oversight")
    lead.press("link", "Special records")
    lead.write("NHS number", number)
    lead.write("Why", f"A court has ordered it, {how}")
    lead.press("button", "Raise the flag")
    expect(page.get_by_role("alert")).to_contain_text("Select what the record is")
    expect(page.get_by_label("Why", exact=True)).to_have_value(f"A court has ordered it, {how}")
    is_sound(lead, axe)
    lead.tick("The whole record is sealed")
    lead.press("button", "Raise the flag")
    sealed = page.get_by_role("region").filter(has_text=f"A court has ordered it, {how}")
    expect(sealed).to_contain_text("Raised")
    doctor = visiting("acute-clinician", how=how)
    expect(doctor.look_up(number).get_by_role("heading", name="Nothing to show")).to_be_visible()
    doctor.wrong.clear()  # the browser tells of the answer that is none

    why = f"The order has ended, {how}"
    how.hands.write(sealed.get_by_label("Why, in words that stay out of the trail"), "It ended")
    how.hands.press(sealed.get_by_role("button", name="Lift it"))
    expect(page.get_by_role("alert")).to_contain_text("Say in 10 characters or more why")
    expect(sealed.get_by_label("Why, in words that stay out of the trail")).to_have_value("It ended")
    how.hands.write(sealed.get_by_label("Why, in words that stay out of the trail"), why)
    how.hands.press(sealed.get_by_role("button", name="Lift it"))
    asked = page.get_by_role("region").filter(has_text=why)
    expect(asked).to_contain_text("once a second person agrees")
    is_sound(lead, axe)
    other = visiting("caldicott", how=how)
    page = other.go("/oversight/special-records")
    asked = page.get_by_role("region").filter(has_text=why)
    how.hands.write(asked.get_by_label("Why, in words that stay out of the trail"), "The court told me the same")
    how.hands.press(asked.get_by_role("button", name="Lift it"))
    expect(asked).to_have_count(0)
    lead.wrong.clear()  # the browser tells of the answers to what was missing


@pytest.fixture(scope="module")
def refused(place: Engine, settings: Settings) -> None:
    """Something that a practice sent and that breaks a rule."""
    [somebody, *_] = newcomers()
    row = [text.replace("registration", "hearsay") for text in practice_row(somebody, ON) or []]
    sends_list(place, settings, [], row)


@pytest.mark.usefixtures("refused")
@EACH
def test_a_data_manager_reads_how_feeds_and_partners_do(visiting: Visiting, axe: str, how: How) -> None:
    manager = visiting("data-manager", how=how)
    page = manager.go("/home")
    manager.press("link", "Feeds, and how late they are")
    expect(page.get_by_role("row", name="Wulfrun Hospitals")).to_contain_text("as expected")
    is_sound(manager, axe)
    manager.press("link", "Refusals")
    expect(page.get_by_role("columnheader", name="Rule")).to_be_visible()
    expect(page.get_by_role("row", name="caseload-kind")).to_contain_text("refused")
    is_sound(manager, axe)
    manager.choose("Partner", "Wulfrun Homes")
    manager.press("button", "Show")
    expect(page.get_by_role("row", name="caseload-kind")).to_have_count(0)
    is_sound(manager, axe)
    manager.press("link", "Partners")
    expect(page.get_by_role("region", name="Penn Fields Surgery")).to_contain_text("caseload-kind (1)")
    is_sound(manager, axe)


@pytest.fixture
def cut_short(place: Engine) -> Iterator[int]:
    """The number of a practice's list that leaves out much of what was open; nothing of it is held back afterwards."""
    held_back = text(
        "INSERT INTO snapshot (partner, adapter, prefix, as_at, message, held_back, missing, open_before)"
        " SELECT partner, adapter, 'Nobody/', '2026-06-01', id, id, 1200, 2000 FROM inbox_message"
        " WHERE adapter = 'caseload' AND partner = 'M92001' ORDER BY id DESC LIMIT 1 RETURNING message"
    )
    with place.begin() as connection:
        number: int = connection.execute(held_back).scalar_one()
    yield number
    with place.begin() as connection:
        connection.execute(text("DELETE FROM snapshot WHERE prefix = 'Nobody/'"))


@EACH
def test_a_data_manager_is_asked_how_they_know_that_a_file_that_leaves_out_much_is_whole(
    visiting: Visiting, axe: str, cut_short: int, how: How
) -> None:
    manager = visiting("data-manager", how=how)
    page = manager.go("/data-quality/worklist")
    files = page.get_by_role("region", name="Files that leave out much of what was open")
    expect(files).to_contain_text("1,200 of 2,000 that were open are not in it")
    manager.press("button", f"It is whole : end what message {cut_short} leaves out")
    expect(page.get_by_role("alert")).to_contain_text("Select how you know that the file is whole")
    is_sound(manager, axe)
    manager.wrong.clear()  # the browser tells of the answer


def unflagged(place: Engine) -> list[str]:
    """The NHS numbers of three people whom the hospital knows, and of whom nothing is flagged."""
    with place.connect() as connection:
        found = connection.execute(
            text(
                "SELECT nhs_number FROM person_nhs_number n JOIN person_identity i USING (person_id)"
                " WHERE i.partner = 'RL4'"
                " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id AND f.raised)"
                " ORDER BY nhs_number DESC LIMIT 3"
            )
        )
        return list(found.scalars())


@EACH
def test_a_data_manager_says_whose_it_is_and_answers_whoever_doubts(
    visiting: Visiting, axe: str, place: Engine, how: How
) -> None:
    nurse = visiting("nurse")
    page = nurse.opens(FATHER)
    nurse.unfold("More to do about this person")
    nurse.press("link", "Something is wrong")
    nurse.tick("It is not about this person")
    nurse.write("What makes you doubt it?", f"He says that this is his brother's, {how}")
    nurse.press("button", "Report it")

    manager = visiting("data-manager", how=how)
    page = manager.go("/data-quality/worklist")
    doubts = page.get_by_role("region", name="What readers think is wrong")
    manager.how.hands.press(doubts.get_by_role("link", name="Not this person").last)
    expect(page.get_by_role("main")).to_contain_text(f"He says that this is his brother's, {how}")
    manager.press("button", "Settle it")
    expect(page.get_by_role("alert")).to_contain_text("Select what came of it")
    is_sound(manager, axe)
    manager.tick("Whoever recorded it was told, and mends it")
    manager.write("What do you tell Nell Rushton?", f"The hospital looks into it today, {how}")
    manager.press("button", "Settle it")
    expect(page.get_by_role("heading", name="What readers think is wrong")).to_be_visible()
    expect(nurse.go("/home").get_by_role("region", name="What you reported as wrong")).to_contain_text(
        f"The hospital looks into it today, {how}"
    )

    waits = page.get_by_role("region", name="What waits to be filed").get_by_role("link")
    number = waits.first.inner_text()
    manager.how.hands.press(waits.first)
    expect(page.get_by_role("heading", name="Whose is it?")).to_be_visible()
    people = page.get_by_role("heading", name="whom it may be about")
    page.wait_for_load_state()
    found = people.count()
    manager.press("button", "Search")
    expect(page.get_by_role("alert")).to_contain_text("Enter an NHS number")
    is_sound(manager, axe)
    manager.write("NHS number", unflagged(place)[2])
    manager.press("button", "Search")
    expect(people).to_have_count(found + 1)
    is_sound(manager, axe)
    manager.press("button", "File it under nobody")
    expect(page.get_by_role("link", name=number, exact=True)).to_have_count(0)
    manager.wrong.clear()  # the browser tells of the answers to what was missing


@EACH
def test_a_data_manager_joins_two_who_are_one_and_parts_them_again(
    visiting: Visiting, axe: str, place: Engine, how: How
) -> None:
    one, other, _ = unflagged(place)
    manager = visiting("data-manager", how=how)
    page = manager.go("/data-quality/merges")
    manager.write("NHS number to keep", one)
    manager.press("button", "Compare them")
    expect(page.get_by_role("alert")).to_contain_text("Enter an NHS number")
    is_sound(manager, axe)
    manager.write("NHS number of the other record", other)
    manager.press("button", "Compare them")
    expect(page.get_by_role("heading", name="Are they one person?")).to_be_visible()
    manager.press("button", "Join them")
    expect(page.get_by_role("alert")).to_contain_text("Select why")
    is_sound(manager, axe)
    manager.tick("The partners who know them say so", page.get_by_role("region", name="They are one person"))
    manager.press("button", "Join them")
    expect(page.get_by_role("heading", name="Two who were joined")).to_be_visible()
    is_sound(manager, axe)
    manager.press("button", "Undo the merge")
    expect(page.get_by_role("main")).to_contain_text("Nobody was joined")
    manager.wrong.clear()  # the browser tells of the answers to what was missing


def test_the_signed_form_is_there_to_print(visiting: Visiting) -> None:
    page = visiting("nurse").go("/agreements")
    answer = page.request.get(f"{page.url}/wulfrun/agreement.pdf")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
