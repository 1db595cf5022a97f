"""The page of one person, made of a view."""

from copy import deepcopy
from typing import Any

import pytest

from app.record.read.foremost import Warned
from app.sharing.names import Names
from app.vocabulary.category import CATEGORIES
from app.web.frame.layout import environment
from app.web.people.person import ORDERS, person_page, timeline
from app.web.people.stated import Statement

NAMES = Names({"RL4": "Wulfrun Hospitals", "LA508": "Wulfrun Council"}, {}, {})


def line(number: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "Condition",
        "title": title,
        "detail": "",
        "started": None,
        "ended": None,
        "recorded": None,
        "standing": "current",
        "version": 1,
        "source": {"partner": "RL4", "feed": "acute-hl7v2", "message": 1, "line": 1},
        **more,
    }


def heading(category: str, *lines: dict[str, Any], **silent: Any) -> dict[str, Any]:
    groups = [{"disagree": False, "statements": [one]} for one in lines]
    return {"category": category, "heading": category.title(), "silent": silent, "entries": groups}


VIEW: dict[str, Any] = {
    "id": "8a95146b-064f-4a7e-b74d-7b2019d5f5e0",
    "at": "2026-11-22T12:00:00+00:00",
    "identity": {
        "name": [{"use": "official", "family": "Tranter", "given": ["Walter"], "prefix": ["Mr"]}],
        "birthDate": "1945-05-14",
        "gender": "male",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    },
    "notices": {
        "banner": "This record may be incomplete.",
        "not_for_role": ["medications"],
        "withheld": None,
        "role": "Your role does not see",
    },
    "sources": [
        {"partner": "RL4", "feed": "x", "last_message_at": "2026-11-22T11:00:00+00:00", "late_since": None},
    ],
    "headings": [
        heading("address", line("1", "Lives at 1 Penn Road", detail="01632 960001")),
        heading("about-me", line("2", "Likes to be called at the back door")),
        heading("problems", line("3", "Stroke", started="2026-07-04T23:00:00+00:00")),
        heading("allergies", line("4", "Allergy to penicillin", type="AllergyIntolerance")),
        heading("medications", nothing_recorded=["RL4"], no_feed=["LA508"]),
    ],
    "now": ["3"],
    "timeline": ["3"],
}


def test_the_banner_says_who_it_is() -> None:
    banner = person_page(VIEW, NAMES, "gp").banner

    assert (banner.name, banner.nhs_number, banner.born, banner.age) == (
        "Mr Walter Tranter",
        "999 000 0018",
        "14 May 1945",
        81,
    )
    assert banner.telephone == "01632 960001"
    assert banner.warnings == (Warned("Allergy to penicillin", "4"),)


def test_that_no_allergy_is_known_is_said_and_is_no_warning() -> None:
    view = deepcopy(VIEW)
    view["headings"][3] = heading(
        "allergies",
        line("4", "No known allergy", type="AllergyIntolerance"),
        line("5", "Allergy to latex", type="AllergyIntolerance"),
    )
    view["headings"].append(heading("alerts", line("6", "No known carer at home", type="Flag")))

    banner = person_page(view, NAMES, "gp").banner

    assert banner.no_known == (Warned("No known allergy", "4"),)
    assert set(banner.warnings) == {Warned("Allergy to latex", "5"), Warned("No known carer at home", "6")}


def account(partner: str, recorded: str | None = None, standing: str = "current", **said: Any) -> dict[str, Any]:
    source = {"partner": partner, "feed": "x", "message": 1, "line": 1}
    return line(
        partner, "Personal details", type="Patient", source=source, recorded=recorded, standing=standing, identity=said
    )


HOSPITAL, COUNCIL = "RL4", "LA508"
DIED = account(HOSPITAL, deceasedDateTime="2026-01-31T10:00:00Z")


@pytest.mark.parametrize(
    ("accounts", "died", "age"),
    [
        ([DIED], "31 January 2026", 80),
        ([account(COUNCIL), DIED], "31 January 2026", 80),  # whoever is silent, the newest account too, says nothing
        ([account(COUNCIL, deceasedBoolean=True), DIED], "31 January 2026", 80),
        ([account(COUNCIL, deceasedBoolean=True)], "yes", None),
        ([account(COUNCIL, deceasedDateTime="2026")], "2026", None),
        ([account(COUNCIL, deceasedBoolean=False)], "", 81),
        ([account(COUNCIL, standing="entered-in-error", deceasedBoolean=True)], "", 81),
        (
            [account(COUNCIL, "2026-04-09", deceasedBoolean=False), DIED],
            "31 January 2026, says Wulfrun Hospitals; alive, says Wulfrun Council on 9 April 2026",
            None,
        ),
        (
            [account(COUNCIL, deceasedBoolean=False), account(HOSPITAL, deceasedBoolean=True)],
            "yes, says Wulfrun Hospitals; alive, says Wulfrun Council",
            None,
        ),
        (
            [account(COUNCIL, deceasedDateTime="2026-02-01"), DIED],
            "1 February 2026, says Wulfrun Council; 31 January 2026, says Wulfrun Hospitals",
            None,
        ),
    ],
)
def test_whether_somebody_died_is_told_by_whoever_says_so_and_both_are_told_where_they_differ(
    accounts: list[dict[str, Any]], died: str, age: int | None
) -> None:
    """Nobody is as old as today who may have died, and nobody has died in silence whom another account calls alive."""
    view = VIEW | {"headings": [*VIEW["headings"], heading("demographics", *accounts)]}

    banner = person_page(view, NAMES, "gp").banner

    assert (banner.died, banner.age) == (died, age)


def test_a_year_of_birth_alone_tells_no_age() -> None:
    view = deepcopy(VIEW)
    view["identity"]["birthDate"] = "1945"

    banner = person_page(view, NAMES, "gp").banner

    assert (banner.born, banner.age) == ("1945", None)


def test_a_viewer_who_may_not_see_who_it_is_is_shown_no_name() -> None:
    banner = person_page(VIEW | {"identity": None}, NAMES, "gp").banner

    assert (banner.name, banner.nhs_number, banner.born, banner.age) == ("", "", "", None)


def test_a_telephone_number_is_a_number() -> None:
    view = deepcopy(VIEW)
    view["headings"][0] = heading("address", line("1", "47 Canal Street", detail="Secure tenancy"))

    assert person_page(view, NAMES, "gp").banner.telephone == ""


def test_what_is_said_beside_a_number_stands_beside_it() -> None:
    view = deepcopy(VIEW)
    view["headings"][0] = heading(
        "address",
        line("8", "At work", detail="walter@example.org"),
        line("1", "Lives at 1 Penn Road", detail="01632 960001 (leave no message), 07700 900123"),
    )
    page = person_page(view, NAMES, "gp")

    assert (page.banner.number, page.banner.telephone) == (
        "01632 960001",
        "01632 960001 (leave no message), 07700 900123",
    )
    assert [(one.number, one.beside) for one in page.contacting.ways] == [
        ("", "walter@example.org"),
        ("01632 960001", " (leave no message), 07700 900123"),
    ]
    assert page.banner.is_told_how_to_contact


def test_a_number_that_two_partners_state_is_told_once_with_both() -> None:
    view = deepcopy(VIEW)
    view["headings"][0] = heading(
        "address",
        line("1", "Lives at 1 Penn Road", detail="01632 960001"),
        line("7", "Contact details held by housing", detail="01632 960001", source={"partner": "LA508"}),
        line("8", "At home", detail="01632 960001 (leave no message)"),
    )

    ways = person_page(view, NAMES, "gp").contacting.ways
    assert [(one.number + one.beside, [stated.partner for stated in one.statements]) for one in ways] == [
        ("01632 960001", ["Wulfrun Hospitals", "Wulfrun Council"]),
        ("01632 960001 (leave no message)", ["Wulfrun Hospitals"]),
    ]


def test_how_to_contact_safely_is_what_partners_say_and_still_holds() -> None:
    view = deepcopy(VIEW)
    spoken = {"communication": [{"language": {"coding": [{"code": "pl", "display": "Polish"}]}}]}
    view["headings"] += [
        heading("staff-safety", line("20", "Do not visit alone", type="Flag", source={"partner": "LA508"})),
        heading("requirements", line("21", "Hearing loss"), line("22", "Needs a lift", standing="ended")),
        heading("demographics", line("23", "Personal details", detail="Interpreter needed", identity=spoken)),
    ]
    page = person_page(view, NAMES, "gp")

    assert [(one.title, one.detail, one.partner) for one in page.contacting.said] == [
        ("Do not visit alone", "", "Wulfrun Council"),
        ("Hearing loss", "", "Wulfrun Hospitals"),
        ("Speaks Polish", "Interpreter needed", "Wulfrun Hospitals"),
    ]
    assert page.banner.language == "Polish"
    assert page.banner.is_told_how_to_contact


def test_a_bare_number_says_nothing_of_whether_it_is_safe_to_ring() -> None:
    page = person_page(VIEW, NAMES, "gp")

    assert [one.number for one in page.contacting.ways] == ["01632 960001"]
    assert not page.banner.is_told_how_to_contact


def test_a_role_that_never_sees_dangers_is_told_so_where_contact_is() -> None:
    view = VIEW | {"notices": {**VIEW["notices"], "not_for_role": ["medications", "staff-safety"]}}

    assert person_page(view, NAMES, "gp").contacting.unseen == ("Safety of visiting staff",)


def test_an_interpreter_is_told_of_where_english_is_not_spoken() -> None:
    view = deepcopy(VIEW)
    view["identity"]["communication"] = [{"language": {"coding": [{"code": "pa", "display": "Punjabi"}]}}]

    assert person_page(view, NAMES, "gp").banner.language == "Punjabi"


def test_a_profession_reads_in_its_own_order() -> None:
    gp, nurse = (person_page(VIEW, NAMES, role).headings for role in ("gp", "community-nurse"))

    assert [one.category for one in gp] == ["problems", "medications", "allergies", "about-me", "address"]
    assert [one.category for one in nurse] == ["about-me", "problems", "medications", "allergies", "address"]


def test_every_order_names_headings_that_there_are() -> None:
    for order in ORDERS.values():
        assert set(order) <= {str(category) for category in CATEGORIES}
        assert len(order) == len(set(order))


def test_what_partners_state_differently_stands_side_by_side_each_with_who_says_so() -> None:
    view = deepcopy(VIEW)
    view["headings"][2]["entries"] = [
        {
            "disagree": True,
            "statements": [line("3", "Never smoked"), line("30", "Smokes ten a day", source={"partner": "LA508"})],
        }
    ]
    [told] = person_page(view, NAMES, "gp").headings[0].groups
    template = environment().from_string('{% from "_person.html" import group %}{{ group(one, "/people/1", "") }}')
    shown = template.render(one=told)

    beside = shown.partition("The partners state this differently")[2]
    assert beside.index("Never smoked") < beside.index("Wulfrun Hospitals") < beside.index("Smokes ten a day")
    assert beside.index("Smokes ten a day") < beside.index("Wulfrun Council")


def test_what_matters_is_not_said_to_be_unwritten_where_the_viewer_may_not_read_it() -> None:
    view = deepcopy(VIEW)
    del view["headings"][1]
    shown = environment().get_template("people/person.html").render(page=person_page(view, NAMES, "housing-officer"))

    assert "Nothing that you may see says what matters to them. Ask them." in shown


def test_a_silent_heading_says_why_of_each_partner() -> None:
    view = deepcopy(VIEW)
    view["headings"][-1] = heading("results", nothing_recorded=["RL4"], no_feed=["LA508"])

    (empty,) = person_page(view, NAMES, "gp").empty
    assert empty.silent == ("Wulfrun Hospitals recorded nothing here", "Wulfrun Council does not send this")


def test_medicines_and_allergies_of_which_nobody_tells_stand_in_their_place_and_are_said_not_to_be_known() -> None:
    view = deepcopy(VIEW)
    view["headings"][3] = heading("allergies", no_feed=["LA508", "RL4"])
    page = person_page(view, NAMES, "gp")

    unknown = {one.category: one.nothing for one in page.headings if not one.groups}
    assert unknown == {
        "medications": "Not known. Do not take it that there is none. Wulfrun Hospitals recorded nothing here."
        " Wulfrun Council does not send this.",
        "allergies": "Not known. Do not take it that there is none."
        " Wulfrun Council and Wulfrun Hospitals do not send this.",
    }
    assert page.empty == ()


def test_a_late_feed_is_said_to_be_late_under_its_heading() -> None:
    view = deepcopy(VIEW)
    view["headings"][-1] = heading("medications", feed_late={"RL4": "2026-11-01T00:00:00+00:00"})

    late = person_page(view, NAMES, "gp").heading("medications")
    assert late is not None
    assert late.silent == ("Wulfrun Hospitals is late: nothing came since 1 November 2026, so this may be out of date",)


def test_a_role_is_told_what_it_never_sees_and_nothing_of_this_person() -> None:
    assert person_page(VIEW, NAMES, "gp").notices == (
        "This record may be incomplete.",
        "Your role does not see: medications and medical devices.",
    )


def test_what_happens_now_and_when_is_what_the_view_says() -> None:
    page = person_page(VIEW, NAMES, "gp")

    assert [one.title for one in page.now] == ["Stroke"]
    assert [(under.category, one.title) for under, one in timeline(VIEW, page)] == [("problems", "Stroke")]
    assert [one.title for one in page.what_matters] == ["Likes to be called at the back door"]


def test_a_heading_shows_a_few_and_leads_to_all() -> None:
    view = deepcopy(VIEW)
    view["headings"][2] = heading("problems", *(line(f"1{n}", f"Problem {n}") for n in range(9)))
    view |= {"now": [], "timeline": []}

    problems = person_page(view, NAMES, "gp").heading("problems")
    assert problems is not None
    assert (len(problems.shown), len(problems.groups)) == (5, 9)


def test_a_number_whose_period_has_ended_is_shown_no_more_and_rung_no_more() -> None:
    told = {"detail": "01632 960001 (until 21 November 2026), 01632 960002"}
    for until, number in (("2026-11-21", "01632 960002"), ("2026-11-22", "01632 960001")):
        lapses = [{"said": "01632 960001 (until 21 November 2026)", "until": until}]
        view = VIEW | {"headings": [heading("address", line("1", "Home", **told, lapses=lapses))]}
        page = person_page(view | {"now": [], "timeline": []}, NAMES, "gp")
        assert page.banner.number == number
        assert ("960001" in page.headings[0].groups[0].statements[0].detail) is (number == "01632 960001")


def result(number: str, title: str, detail: str = "") -> dict[str, Any]:
    return line(number, title, detail=detail, started="2026-07-04T23:00:00+00:00")


@pytest.mark.parametrize("detail", ["", "Haemoglobin: 104 g/L (low)"])
def test_a_report_that_only_repeats_its_one_result_stands_behind_it(detail: str) -> None:
    lines = (result("5", "Haemoglobin", detail), result("6", "Haemoglobin: 104 g/L (low)"))
    [only] = under_results(*lines)
    assert [one.id for one in only] == ["6", "5"]
    view = VIEW | {"headings": [heading("results", *lines)], "now": [], "timeline": ["5", "6"]}
    assert [one.id for _, one in timeline(view, person_page(view, NAMES, "gp"))] == ["6"]


@pytest.mark.parametrize(
    "lines",
    [
        (result("5", "Haemoglobin", "Sample was old"), result("6", "Haemoglobin: 104 g/L")),
        (result("5", "Full blood count"), result("6", "Haemoglobin: 104 g/L")),
        (result("5", "Haemoglobin"), result("6", "Haemoglobin: 104 g/L"), result("7", "Haemoglobin: 98 g/L")),
    ],
    ids=["it says more", "it is of several", "there are two"],
)
def test_a_report_that_says_anything_of_its_own_stands_by_itself(lines: tuple[Any, ...]) -> None:
    assert [[one.id for one in group] for group in under_results(*lines)] == [[one["id"]] for one in lines]
    dated = [one["id"] for one in lines]
    view = VIEW | {"headings": [heading("results", *lines)], "now": [], "timeline": dated}
    assert [one.id for _, one in timeline(view, person_page(view, NAMES, "gp"))] == dated


def under_results(*lines: Any) -> list[tuple[Statement, ...]]:
    page = person_page(VIEW | {"headings": [heading("results", *lines)], "now": [], "timeline": []}, NAMES, "gp")
    return [group.statements for group in page.headings[0].groups]


def test_organisations_are_told_by_name_where_an_adapter_knew_a_code_alone() -> None:
    told = {"Registered with GP practice RL4": "Registered with Wulfrun Hospitals", "ED, RL4": "ED, Wulfrun Hospitals"}
    left = ("Registered with GP practice X99999", "RL4", "Seen for RL4, twice", "Nodule, RL4 segment")
    assert {text: NAMES.told(text) for text in (*told, *left)} == told | {text: text for text in left}
