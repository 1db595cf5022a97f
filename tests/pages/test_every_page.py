"""Every page of the table of routes, with something on it, looked at by axe on a telephone and at a desk."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.settings import Settings
from app.web.frame.words.plain_words import topic_of
from tests.identity.test_every_route import all_routes
from tests.pages.conftest import Visitor, is_sound_at_both_sizes
from tests.pages.convening import FATHER, NEIGHBOUR, Team, team

Visiting = Callable[..., Visitor]

PAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "nurse": {
        "/home": "/home",
        "/find": "/find",
        "/help": "/help",
        "/glossary": "/glossary",
        "/openings": "/openings",
        "/relationship": "/relationship",
        "/sign-in/role": "/sign-in/role",
        "/people/{person_id}": "{person}",
        "/people/{person_id}/headings/{category}": "{person}/headings/problems",
        "/people/{person_id}/entries/{number}": "{entry}",
        "/people/{person_id}/entries/{number}/doubt": "{entry}/doubt",
        "/people/{person_id}/sources": "{person}/sources",
        "/people/{person_id}/timeline": "{person}/timeline",
        "/people/{person_id}/doubt": "{person}/doubt",
        "/people/{person_id}/colleague": "{person}/colleague",
        "/people/{person_id}/objections": "{person}/objections",
        "/people/{person_id}/relationship": "{person}/relationship",
        "/people/{person_id}/refer": "{person}/refer",
        "/people/{person_id}/plan": "{person}/plan",
        "/people/{person_id}/plan/history": "{person}/plan/history",
        "/people/{person_id}/plan/{part}": "{person}/plan/support",
        "/referrals/{referral_id}": "/referrals/{referral}",
    },
    "chair": {
        "/referrals": "/referrals",
        "/caseload": "/caseload?locality=northgate",
        "/caseload/{entry_id}": "/caseload/{listed}",
        "/caseload/{entry_id}/{event}": "/caseload/{listed}/step-down",
        "/meetings": "/meetings",
        "/meetings/{meeting_id}": "/meetings/{begun}",
        "/meetings/{meeting_id}/agenda": "/meetings/{planned}/agenda",
        "/meetings/{meeting_id}/invited": "/meetings/{begun}/invited",
        "/meetings/{meeting_id}/pack": "/meetings/{begun}/pack",
        "/meetings/{meeting_id}/scribe": "/meetings/{begun}/scribe",
        "/meetings/{meeting_id}/wall": "/meetings/{begun}/wall",
        "/meetings/{meeting_id}/minutes": "/meetings/{begun}/minutes",
        "/discussions/{item_id}": "/discussions/{item}",
        "/impact": "/impact?locality=northgate",
        "/impact/over-time": "/impact/over-time?locality=northgate",
        "/impact/case-studies": "/impact/case-studies",
        "/impact/case-studies/new": "/impact/case-studies/new?caseload={listed}",
        "/impact/case-studies/{study_id}": "{study}",
        "/impact/case-studies/{study_id}/{event}": "{study}/permit",
    },
    "social-worker": {
        "/actions": "/actions",
        "/actions/{action_id}": "/actions/{action}",
        "/actions/{action_id}/{event}": "/actions/{action}/hand-over",
    },
    "gp": {
        "/case-finding": "/case-finding",
        "/case-finding/list": "/case-finding/list",
        "/impact/hospital-use": "/impact/hospital-use",
        "/emergency-access": "/emergency-access",
        "/people/{person_id}/emergency-access": "{person}/emergency-access",
    },
    "ig-lead": {
        "/agreements": "/agreements",
        "/agreements/matrix": "/agreements/matrix",
        "/agreements/{isa}": "/agreements/wulfrun",
        "/oversight": "/oversight",
        "/oversight/alerts": "/oversight/alerts",
        "/oversight/case-studies": "/oversight/case-studies",
        "/oversight/special-records": "/oversight/special-records",
        "/oversight/trail": "/oversight/trail",
        "/oversight/week": "/oversight/week",
        "/oversight/why": "/oversight/why",
        "/access-requests": "/access-requests",
        "/people/{person_id}/who-looked": "{answer}",
    },
    "data-manager": {
        "/data-quality": "/data-quality",
        "/data-quality/refusals": "/data-quality/refusals",
        "/data-quality/partners": "/data-quality/partners",
        "/data-quality/worklist": "/data-quality/worklist",
        "/data-quality/worklist/{number}": "/data-quality/worklist/{waits}",
        "/data-quality/doubts/{number}": "/data-quality/doubts/{doubt}",
        "/data-quality/merges": "/data-quality/merges",
        "/data-quality/merges/two": "/data-quality/merges/two?one={one}&other={other}",
    },
}
"""By who looks: each route, and its address in the place of these tests."""

ELSEWHERE: Final = {
    "/sign-in": "test_signing_in_and_out",
    "/sign-in/password": "test_signing_in_and_out",
    "/kept/{number}": "test_signing_in_and_out",
    "/data-quality/merges/{link}": "test_jobs_of_oversight",
    "/own/who-looked": "test_jobs_of_care",
}
"""Where another module comes to it."""

NO_PAGES: Final = {
    "/agreements/{isa}/agreement.pdf",
    "/meetings/{meeting_id}/calendar.ics",
    "/meetings/{meeting_id}/changes",
    "/meetings/{meeting_id}/minutes.pdf",
    "/meetings/{meeting_id}/pack.pdf",
    "/own/who-looked.pdf",
    "/people/{person_id}/who-looked.pdf",
    "/people/{person_id}/plan/plan.pdf",
    "/people/{person_id}/record.pdf",
    "/sign-in/back/{provider_id}",
    "/sign-in/out/{provider_id}",
    "/sign-in/with/{provider_id}",
}
"""Paper, diaries, what keeps screens alike, and ways to and from another's page of signing in."""


@pytest.fixture(scope="module")
def places(address: str, settings: Settings, place: Engine) -> Iterator[dict[str, str]]:
    """Where things stand, once something of each kind has happened."""
    with team(address, settings) as northgate:
        yield happened(northgate, place)


def happened(northgate: Team, place: Engine) -> dict[str, str]:
    person = northgate.does("nurse", "/api/persons/lookup", purpose="direct-care", nhs_number=FATHER)["id"]
    referral = northgate.on_caseload(FATHER)
    begun, planned = northgate.next_meeting(), northgate.next_meeting(1)
    northgate.invited(begun)
    northgate.listed(begun)
    item = northgate.discussed(begun, "Tranter")
    owner = {"name": "Sam Oyelaran", "organisation": "LA508", "account": "social-worker"}
    action: dict[str, Any] = {"what": "Mend the window", "due": "2027-03-01", "test": "It is warm", "owner": owner}
    northgate.on_caseload(NEIGHBOUR, "social-worker")
    made = northgate.does("chair", "/api/mdt/actions", item_id=item, **action)
    doubt = {"kind": "looks-wrong", "said": "He says that this is his brother's"}
    northgate.sends("nurse", f"/people/{person}/doubt", **doubt)
    asked = {"nhs_number": FATHER, "kind": "access-request", "evidence": "letter of 3 June, passport seen"}

    def one(sql: str) -> str:
        with place.connect() as connection:
            return str(connection.execute(text(sql)).scalars().first())

    unflagged = (
        "SELECT n.person_id FROM person_nhs_number n JOIN person_identity i USING (person_id) WHERE i.partner = 'RL4'"
        " AND NOT EXISTS (SELECT FROM person_flag f WHERE f.person_id = n.person_id AND f.raised) ORDER BY nhs_number"
    )
    entry = "SELECT id FROM entry WHERE person_id = '{}' AND category = 'problems' ORDER BY id".format(person)  # noqa: UP032
    listed = northgate.asks("chair", "/api/mdt/caseload?locality=northgate")[0]["id"]
    story = {"title": "One plan", "before": "Fell often", "done": "One plan for both", "became": "Sleeps and eats"}
    return {
        "study": northgate.sends("nurse", f"/impact/case-studies/new?caseload={listed}", **story),
        "person": f"/people/{person}",
        "entry": f"/people/{person}/entries/{one(entry)}",
        "answer": northgate.sends("ig-lead", "/access-requests", **asked),
        "referral": referral,
        "listed": listed,
        "begun": begun,
        "planned": planned,
        "item": item,
        "action": made["id"],
        "waits": one("SELECT id FROM waiting WHERE state = 'open' ORDER BY id"),
        "doubt": one("SELECT id FROM doubt ORDER BY id"),
        "one": one(unflagged),
        "other": one(f"{unflagged} DESC"),
    }


def test_every_route_of_a_page_is_looked_at(settings: Settings) -> None:
    table = {
        path
        for path, route in all_routes(settings)
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema
        and route.endpoint.__module__.startswith("app.web.")
    }  # fmt: skip
    looked_at = {route for pages in PAGES.values() for route in pages}
    assert table - NO_PAGES - ELSEWHERE.keys() == looked_at


def test_every_page_has_help_of_its_own() -> None:
    without = {route for pages in PAGES.values() for route in pages if topic_of(route) is None}
    assert without == {"/help", "/glossary"}


def test_plots_are_read_in_the_colours_that_somebody_chose_for_all_pages(visiting: Visiting) -> None:
    page = visiting("nurse").go("/help")
    page.locator("main").evaluate(
        "(main) => { main.innerHTML += '<svg class=pisano-plot><text>A</text><path class=pisano-plot__mark /></svg>' }"
    )
    page.emulate_media(forced_colors="active", color_scheme="dark")
    ink = page.locator("h1").evaluate("(heading) => getComputedStyle(heading).color")
    for part in (".pisano-plot text", ".pisano-plot__mark"):
        expect(page.locator(part).first).to_have_css("fill", ink)


@pytest.mark.parametrize("username", PAGES)
def test_no_page_stands_in_anybodys_way(visiting: Visiting, axe: str, places: dict[str, str], username: str) -> None:
    visitor = visiting(username)
    for route, address in PAGES[username].items():
        page = visitor.go(address.format(**places))
        assert page.get_by_role("heading", level=1).count() == 1, route
        assert not re.match("Nothing to show|There is a problem|Page not found", page.inner_text("h1")), route
        is_sound_at_both_sizes(page, axe)
