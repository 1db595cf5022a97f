"""Jobs of those who care for somebody, and of the person themselves: by mouse, by keyboard alone, and with a finger on
a telephone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.demonstration.place import ACUTE, COMMUNITY
from tests.pages.conftest import Visitor, fits, is_sound
from tests.pages.hands import FINGER, KEYBOARD, PLAIN, How

FATHER = "999 000 0018"
HOWS = (PLAIN, KEYBOARD, FINGER)  # the first is by mouse too
EACH = pytest.mark.parametrize("how", HOWS, ids=str)

Visiting = Callable[..., Visitor]


@EACH
def test_somebody_signs_in_changes_their_role_and_is_out_when_they_sign_out(visiting: Visiting, how: How) -> None:
    chair = visiting("chair", how=how)
    page = chair.page
    page.context.clear_cookies()
    chair.go("/home")
    fits(chair)
    chair.fill_in_sign_in("chair")
    expect(page.get_by_role("heading", name="What waits for you")).to_be_visible()
    chair.press("link", "Change role")
    expect(page.get_by_role("radio")).not_to_have_count(0)
    fits(chair)
    chair.tick("Community nurse, Wulfrun Community Services")
    chair.press("button", "Continue")
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Carol Deeming, Community nurse")
    chair.press("button", "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fits(chair)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Deeming" not in page.content()
    chair.go("/find")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@EACH
def test_a_nurse_finds_somebody_reads_and_reports_what_looks_wrong(visiting: Visiting, axe: str, how: How) -> None:
    nurse = visiting("nurse", how=how)
    page = nurse.go("/find")
    nurse.open("I do not have the NHS number")
    nurse.write("Family name", "Trantor")
    nurse.write_day("Date of birth", "14", "5", "1945")
    nurse.press("button", "Find")
    expect(page.get_by_role("link", name="Walter Tranter")).to_be_visible()
    is_sound(nurse, axe)
    nurse.press("link", "Walter Tranter")
    expect(page.get_by_role("region", name="Who this is")).to_contain_text("999 000 0018")
    nurse.press("link", "Timeline")
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    nurse.unfold("Show only some of it")
    nurse.choose("Heading", "Problems and diagnoses")
    nurse.choose("Partner", "Wulfrun Mental Health")
    nurse.press("button", "Show")
    expect(page.get_by_role("status")).to_have_text("1 entry")
    nurse.press("link", "Sources and what is not shown")
    expect(page.get_by_role("row", name="Wulfrun Hospitals")).to_contain_text("as expected")
    expect(page.get_by_role("main")).to_contain_text("Your role does not see: ")
    fits(nurse)
    nurse.press("link", "Summary")
    nurse.press("link", "Allergy to penicillin")
    expect(page.get_by_role("heading", name="What it says now")).to_be_visible()
    nurse.press("link", "This is not about this person, or looks wrong")
    nurse.tick("It is about this person, and looks wrong")
    nurse.press("button", "Report it")
    expect(page.get_by_role("alert")).to_contain_text("Say in 10 characters or more what makes you doubt it")
    is_sound(nurse, axe)
    nurse.write("What makes you doubt it?", "He says that he takes penicillin without trouble")
    nurse.press("button", "Report it")
    expect(page.get_by_role("region", name="What you reported as wrong")).to_contain_text("waiting")
    nurse.press("link", "Home")
    lately = page.get_by_role("region", name="People whom you opened lately")
    nurse.press("link", "Walter Tranter", lately)
    expect(page.get_by_role("region", name="Who this is")).to_contain_text("999 000 0018")
    how.hands.press(page.get_by_role("link", name=re.compile("^All .* under Admissions and discharges")))
    expect(page.get_by_role("main")).to_contain_text("Stay in hospital: General Internal Medicine")
    nurse.wrong.clear()  # the browser tells of the answer to what was missing


def nobodies_to(place: Engine, organisation: str) -> list[str]:
    """The NHS numbers of people with whom an organisation has nothing to do."""
    with place.connect() as connection:
        found = connection.execute(
            text(
                "SELECT nhs_number FROM person_nhs_number n WHERE NOT EXISTS (SELECT FROM relationship r"
                " WHERE r.person_id = n.person_id AND r.organisation = :organisation)"
                " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id)"
                " ORDER BY nhs_number DESC"
            ),
            {"organisation": organisation},
        )
        return list(found.scalars())


@EACH
def test_a_nurse_on_a_relief_shift_states_her_relationship(
    visiting: Visiting, axe: str, place: Engine, how: How
) -> None:
    nurse = visiting("nurse", how=how)
    page = nurse.look_up(nobodies_to(place, str(COMMUNITY))[-1 - HOWS.index(how)])
    nurse.press("button", "State your relationship")
    nurse.press("button", "Open the record")
    expect(page.get_by_role("alert")).to_be_visible()
    is_sound(nurse, axe)
    nurse.write("What does it rest on?", "Relief shift for the north team tonight")
    nurse.press("button", "Open the record")
    expect(page.get_by_role("main")).to_contain_text("You may look because: Said by themselves")
    how.hands.press(page.get_by_role("link", name="What that means"))
    expect(page.get_by_role("main")).to_contain_text("You stated it yourself. The privacy officer was told")
    is_sound(nurse, axe)
    nurse.wrong.clear()  # the browser tells of each answer that is none


@EACH
def test_in_an_emergency_the_reason_comes_first_and_the_account_after(
    visiting: Visiting, axe: str, place: Engine, how: How
) -> None:
    number = nobodies_to(place, str(ACUTE))[HOWS.index(how)]
    doctor = visiting("acute-clinician", how=how)
    page = doctor.look_up(number)
    doctor.press("button", "Emergency access")
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    expect(page.get_by_label("NHS number", exact=True)).to_have_value(number)
    doctor.press("button", "Open the record")
    expect(page.get_by_role("alert")).to_contain_text("Select why")
    is_sound(doctor, axe)
    doctor.tick("They are unconscious")
    doctor.write("What is happening?", "Brought in by ambulance, nobody with them")
    doctor.press("button", "Open the record")
    expect(page.get_by_role("region", name="How this record is open")).to_contain_text("Emergency access: it closes at")
    is_sound(doctor, axe)
    doctor.press("link", "Say what it was for")
    doctor.write("What was it for, and what came of it?", "Allergies before theatre; none known")
    how.hands.press(page.get_by_role("button", name=re.compile("^Save")).first)
    expect(page.get_by_role("main")).to_contain_text("Allergies before theatre")
    is_sound(doctor, axe)
    doctor.wrong.clear()  # the browser tells of each answer that is none


@EACH
def test_an_objection_is_recorded_where_the_person_says_it(visiting: Visiting, axe: str, how: How) -> None:
    nurse = visiting("nurse", how=how)
    page = nurse.opens(FATHER)
    nurse.unfold("More to do about this person")
    nurse.press("link", "Objections")
    nurse.press("button", "Record the objection")
    expect(page.get_by_role("alert")).to_contain_text("Select what the person objects to")
    named = page.get_by_label("Who is to see nothing")
    expect(named).to_be_hidden()  # what an answer asks for in turn is asked once it is chosen
    nurse.tick("One organisation seeing anything")
    expect(named).to_be_visible()
    nurse.choose("Who is to see nothing", "Wulfrun Homes")
    nurse.press("button", "Record the objection")
    standing = page.get_by_role("button", name="Lift, as the person says")
    expect(standing).to_have_count(1)
    is_sound(nurse, axe)
    nurse.how.hands.press(standing)
    expect(standing).to_have_count(0)
    expect(page.get_by_role("heading", name="One organisation seeing anything: Wulfrun Homes").first).to_be_visible()
    nurse.wrong.clear()  # the browser tells of the answer


@EACH
def test_a_plan_is_written_and_says_what_it_said_before(visiting: Visiting, axe: str, how: How) -> None:
    nurse = visiting("nurse", how=how)
    page = nurse.opens(FATHER)
    nurse.press("link", "Plan")
    how.hands.press(page.get_by_role("link", name=re.compile("(Write|Change) About me")))
    nurse.write("What matters to me", f"My own bed, said {how}")
    how.hands.press(page.get_by_role("button", name="Save as version"))
    expect(page.get_by_role("main")).to_contain_text(f"My own bed, said {how}")
    nurse.press("link", "What it said before")
    expect(page.get_by_role("main").get_by_role("region").first).to_contain_text(f"My own bed, said {how}")
    is_sound(nurse, axe)


@EACH
def test_a_practice_finds_people_to_look_at_and_refers_one(visiting: Visiting, axe: str, how: How) -> None:
    practice = visiting("gp", how=how)
    page = practice.go("/case-finding")
    reasons = page.get_by_label("For what reason").locator("option").all_inner_texts()
    practice.choose("For what reason", next(one for one in reasons if one.startswith("A safe")))
    practice.press("button", "Show the list")
    person = page.get_by_role("article", name="Walter Tranter")
    expect(person).to_contain_text("A safeguarding concern or enquiry is open")
    how.hands.press(person.locator("summary").first)
    is_sound(practice, axe)
    how.hands.press(person.get_by_role("link", name="Refer to the team"))
    expect(page.get_by_label("A risk list")).to_be_checked()


@EACH
def test_the_way_to_help_and_to_the_words_of_others_is_short(visiting: Visiting, how: How) -> None:
    nurse = visiting("nurse", how=how)
    page = nurse.go("/home")
    if how is KEYBOARD:
        nurse.press("link", "Skip to main content")
        expect(page.get_by_role("main")).to_be_focused()
    nurse.press("link", "Help")
    expect(page.get_by_role("heading", level=1)).to_have_text("Help")
    fits(nurse)
    nurse.press("link", "Glossary")
    expect(page.get_by_role("main")).to_contain_text("S117")
    fits(nurse)


@EACH
def test_a_person_sees_who_looked_and_takes_it_with_them(visiting: Visiting, axe: str, how: How) -> None:
    visiting("nurse").opens(FATHER)
    walter = visiting("walter", how=how)
    page = walter.go("/own/who-looked")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who looked at your record")
    expect(page.get_by_role("row", name="Community nurse").first).to_contain_text("looked at your record")
    row = page.get_by_role("row", name="Community nurse").filter(has=page.locator("summary")).first
    seen = row.get_by_text("Allergies and adverse reactions")
    expect(seen).to_be_hidden()
    how.hands.press(row.locator("summary"))
    expect(seen).to_be_visible()
    is_sound(walter, axe)
    walter.choose("When", "In the last 30 days")
    walter.press("button", "Show")
    expect(page).to_have_url(re.compile("since="))
    with page.expect_download() as downloaded:
        walter.press("link", "Download this (PDF)")
    assert downloaded.value.suggested_filename == "who-looked.pdf"
