"""Somebody signs in for themselves, proved to be who they are: they see who looked at their record, and no more."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.asking.callers import ByThemselves, Everyone
from app.audit.event import Event, Kind
from app.audit.keys import chain_key, make_keys
from app.audit.trail import record
from app.database.transactions import transaction
from app.main import create_app
from app.person.links import Evidence, LinkKind, merge
from app.person.making_store import make_people
from app.settings import Settings
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role
from app.web.frame.onward import HOME, OWN
from app.web.sign_in.providers import NOT_SIGNED_IN

from .openid_provider import ADDRESS, AtProvider, free_port, nhs_login, provider_running, put_providers
from .people import Browser, put_person, text_of
from .test_every_route import all_routes, statements
from .trail import told

WALTER = UUID("00000000-0000-4000-8000-00000000a001")
FORMER = UUID("00000000-0000-4000-8000-00000000a002")  # Walter too, registered by his number of before
NURSE = Account("local", "nurse")
AT = datetime.now(UTC) - timedelta(days=3)
NOTHING = "There is nothing that we can show you here"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_running(free_port(), told_of_logout="http://127.0.0.1:9/ended", conform=False) as running:
        yield running


@pytest.fixture(scope="module")
def settings(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    var = tmp_path_factory.mktemp("var")
    path = put_providers(var / "providers", nhs_login(issuer))
    place = Settings(var=var, sign_in_providers=path, loopback_http=True, public_url=ADDRESS)
    make_keys(place.secrets_folder)
    return place


@pytest.fixture(scope="module")
def walter(place: Engine, settings: Settings) -> None:
    """Walter, whose records of two numbers are one, and what was done with them."""
    with transaction(place) as connection:
        make_people(connection, {"9990000018": WALTER, "9990000026": FORMER}, at=AT)
        merge(connection, WALTER, FORMER, kind=LinkKind.PERSON, evidence=Evidence(), at=AT, by="u1", new_id=uuid4)
        record(connection, list(deeds()), key=chain_key(settings))
        connection.exec_driver_sql(
            "INSERT INTO relationship"
            " (id, person_id, partner, key, message, kind, organisation, started, recorded_from)"
            " OVERRIDING SYSTEM VALUE VALUES"
            " (71, %(whom)s, 'LA508', 'e', 1, 'safeguarding-enquiry', 'LA508', %(at)s, %(at)s),"
            " (72, %(whom)s, 'RRE', 'c', 1, 'caseload', 'RRE', %(at)s, %(at)s)",
            {"whom": FORMER, "at": AT - timedelta(days=9)},
        )


def deeds() -> Iterator[Event]:
    def deed(kind: Kind, by: Account = NURSE, person: UUID = WALTER, **said: Any) -> Event:
        whom = {"role": Role("community-nurse"), "organisation": OdsCode("RL4C"), "purpose": Purpose("direct-care")}
        return Event(kind=kind, id=uuid4(), at=AT, actor=by, person=person, **whom | said)

    shown = {"wulfrun/G-X": ["RL4/medications/normal", "LA508/safeguarding/normal", "RL4/home/domestic-abuse"]}
    yield deed(Kind.VIEW, permitted=shown)
    by_right = ("relationship/71", "relationship/72")
    of_former = {"a/b": ["RRE/problems/normal"]}
    yield deed(Kind.VIEW, person=FORMER, organisation=OdsCode("RRE"), permitted=of_former, relied_on=by_right)
    yield deed(Kind.VIEW, purpose=Purpose("safeguarding"), organisation=OdsCode("LA508"), permitted=shown)
    yield deed(Kind.DENIED, purpose=Purpose("safeguarding"))
    yield deed(Kind.DENIED, withheld=("wulfrun/X-OBJECTION",))
    yield deed(Kind.EMERGENCY_OPENED, Account("local", "doctor"), organisation=OdsCode("RL4"), role=Role("gp"))
    yield deed(
        Kind.VIEW, Account("local", "snoop"), organisation=OdsCode("WH100"), permitted={"a/b": ["RL4/problems/normal"]}
    )
    yield deed(Kind.VIEW, organisation=OdsCode("8A999"), permitted={"a/b": ["LA508/risks/normal"]})


@pytest.fixture(scope="module")
def client(module_database_url: str, settings: Settings, walter: None) -> Iterator[TestClient]:
    with TestClient(create_app(settings, module_database_url), base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def browser(client: TestClient) -> Iterator[Browser]:
    yield Browser(client)
    client.cookies.clear()


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """The cookies of whoever signed in already, for tests that are not of signing in."""
    return {}


def sign_in(browser: Browser, whom: str) -> Any:
    with AtProvider() as at_provider:
        begun = browser.get("/sign-in/with/nhs-login", params={"then": "/find"})
        return browser.get(at_provider.sign_in(begun.headers["location"], whom))


def signed_in(browser: Browser, kept: dict[str, str], whom: str = "walter") -> Browser:
    if whom in kept:
        browser.client.cookies.set("pisano", kept[whom], domain="127.0.0.1")
    else:
        browser.client.cookies.clear()  # another's session would end
        assert sign_in(browser, whom).headers["location"] == OWN
        kept[whom] = browser.cookie
    return browser


def page_of(browser: Browser, **parameters: str) -> str:
    answer = browser.get(OWN, params=parameters)
    assert answer.status_code == 200
    return " ".join(unescape(text_of(answer)).split())


def test_the_provider_is_asked_for_an_identity_that_was_proved(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    assert "Continue to NHS login" in page
    asked = parse_qs(urlsplit(browser.get("/sign-in/with/nhs-login").headers["location"]).query)
    assert json.loads(asked["vtr"][0]) == ["P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm"]


def test_somebody_proved_to_be_who_they_are_sees_who_looked_and_the_trail_is_told(
    browser: Browser, place: Engine
) -> None:
    assert sign_in(browser, "walter").headers["location"] == OWN
    page = page_of(browser)
    assert "Community nurse, Wulfrun Community Services" in page
    assert "Individual care" in page
    assert "9990000018" not in page.replace(" ", "")
    read = told(place)[-1]
    assert (read["kind"], read["person"], read["subject"]) == ("own-looks-read", str(WALTER), "walter")
    assert not {"role", "organisation", "purpose"} & set(read)
    assert "You" in page_of(browser)


@pytest.mark.parametrize(
    "whom",
    [
        "not-proved",
        "said-to-be-proved",
        "not-proved-after-all",
        "by-password-alone",
        "of-no-number",
        "of-a-wrong-number",
    ],
)
def test_nobody_whose_identity_was_not_proved_is_signed_in(browser: Browser, place: Engine, whom: str) -> None:
    refused = sign_in(browser, whom)
    assert (refused.status_code, NOT_SIGNED_IN in text_of(refused)) == (400, True)
    assert browser.get(OWN).status_code == 401
    assert (told(place)[-1]["kind"], told(place)[-1]["reason"]) == ("sign-in-refused", "no-proof")


def test_to_every_other_route_they_are_nobody(browser: Browser, kept: dict[str, str], settings: Settings) -> None:
    secret = signed_in(browser, kept).cookie
    asked = 0
    for template, route in all_routes(settings):
        (statement,) = statements(route)
        if isinstance(statement, Everyone | ByThemselves):
            continue
        path = re.sub(r"\{person_id(:uuid)?\}", str(WALTER), template)
        path = re.sub(r"\{[^}]*\}", "1", path)
        for method in sorted(getattr(route, "methods", None) or ()):
            answers = [
                browser.client.request(
                    method,
                    path,
                    params={"purpose": "direct-care"},
                    headers={"accept": "text/html, */*", "sec-fetch-site": "same-origin", "cookie": cookie},
                    data={"csrf": "x"} if method == "POST" else None,
                    follow_redirects=False,
                )
                for cookie in (f"pisano={secret}", "")
            ]
            said = [(one.status_code, one.content, one.headers.get("location")) for one in answers]
            assert said[0] == said[1], f"{method} {template}"
            assert said[0][0] in (303, 401), f"{method} {template}"
            asked += 1
    assert asked > 150
    assert browser.opened_with(secret) == 401  # GET /session


def test_what_they_send_to_a_page_of_staff_is_kept_for_nobody(browser: Browser, kept: dict[str, str]) -> None:
    page = signed_in(browser, kept).get(OWN).text
    token = re.findall(r'name="csrf" value="([^"]*)"', page)[0]
    headers = {"accept": "text/html"}
    assert browser.post("/find", {"csrf": token, "nhs_number": "x"}, headers=headers).status_code == 401


def test_staff_are_nobody_to_the_persons_own_page(client: TestClient, browser: Browser, place: Engine) -> None:
    assert {
        path: [type(one) for one in statements(route)]
        for path, route in all_routes(Settings())
        if path.startswith("/own/")
    } == {path: [ByThemselves] for path in (OWN, f"{OWN}.pdf", "/own/sign-out")}
    assert browser.get(OWN).status_code == 401
    led = browser.get(OWN, headers={"accept": "text/html"})
    assert (led.status_code, led.headers["location"].partition("?")[0]) == (303, "/sign-in")


def test_looks_at_a_record_that_became_theirs_are_told_and_their_old_number_is_theirs(
    browser: Browser, kept: dict[str, str]
) -> None:
    assert "Wulfrun Mental Health" in page_of(signed_in(browser, kept))
    assert "Community nurse, Wulfrun Community Services" in page_of(signed_in(browser, kept, "walters-old-number"))


def test_emergency_access_and_an_objection_that_was_heeded_are_marked(browser: Browser, kept: dict[str, str]) -> None:
    page = page_of(signed_in(browser, kept))
    assert "General practitioner, Wulfrun Hospitals Emergency access" in page
    assert "1 of these were refused as you object" in page


def test_what_could_put_somebody_at_risk_is_not_told(browser: Browser, kept: dict[str, str], place: Engine) -> None:
    page = page_of(signed_in(browser, kept))
    listed = page.partition("If something surprises you")[0]
    assert "On the caseload of a team" in listed  # the other right by which the same nurse looked is an enquiry
    for untold in (
        "Protecting",
        "enquiry",
        "Safeguarding",
        "adult social care",
        "Home",
        "Risks",
        "Compton Lane Hospice",
    ):
        assert untold not in listed.replace("Wulfrun Homes", ""), untold
    refused = [
        event
        for event in told(place)
        if event["kind"] == "denied" and event.get("person") in (str(WALTER), str(FORMER))
    ]
    others = len(refused) - 1  # not the one who was protecting somebody
    assert f"{'Once' if others == 1 else f'{others} times'} somebody asked and was shown nothing" in page


def test_what_somebody_looks_into_just_now_is_not_told_and_afterwards_is(
    browser: Browser, kept: dict[str, str], place: Engine
) -> None:
    signed_in(browser, kept)
    assert "Wulfrun Homes" in page_of(browser)
    raised = (
        "INSERT INTO privacy_alert (id, kind, fact, person_id, issuer, subject, organisation, raised, review_due,"
        " state) VALUES (%s, 'x', 'x', %s, 'local', 'snoop', 'WH100', %s, now(), 'looked-into')"
    )
    with transaction(place) as connection:
        connection.exec_driver_sql(raised, (uuid4(), WALTER, AT))
    assert "Wulfrun Homes" not in page_of(browser)
    with transaction(place) as connection:
        connection.exec_driver_sql("UPDATE privacy_alert SET state = 'misuse'")
    assert "Wulfrun Homes" in page_of(browser)


def test_whose_place_is_restricted_whose_record_is_sealed_or_who_died_is_told_as_whoever_is_unknown(
    browser: Browser, kept: dict[str, str], place: Engine
) -> None:
    def nothing(path: str = OWN) -> str:
        answer = browser.get(path)
        assert (answer.status_code, NOTHING in answer.text) == (404, True)
        return re.sub(r'name="csrf" value="[^"]*"', "", answer.text)

    unknown = {path: signed_in(browser, kept, "of-nobody") and nothing(path) for path in (OWN, f"{OWN}.pdf")}
    signed_in(browser, kept)
    for kind in ("location-restricted", "sealed", "deceased", "of a kind that nobody knows"):
        with transaction(place) as connection:
            connection.exec_driver_sql(
                "INSERT INTO person_flag (person_id, partner, kind, raised, since, message)"
                " VALUES (%s, 'RL4', %s, true, %s, 1)",
                (FORMER, kind, AT),
            )
        try:
            assert {path: nothing(path) for path in unknown} == unknown
        finally:
            with transaction(place) as connection:
                connection.exec_driver_sql("DELETE FROM person_flag")
                connection.exec_driver_sql("DELETE FROM former_fact")
    assert "Community nurse" in page_of(browser)


def test_the_same_is_had_as_pdf_and_a_shorter_time_chosen(browser: Browser, kept: dict[str, str]) -> None:
    answer = signed_in(browser, kept).get(f"{OWN}.pdf")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    paper = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages).split())
    assert "Community nurse, Wulfrun Community Services" in paper
    assert "Emergency access" in paper
    assert "ico.org.uk" in paper
    assert "Safeguarding" not in paper
    today = datetime.now(UTC).date().isoformat()
    assert "Community nurse" not in page_of(browser, since=today)


def test_they_are_told_how_to_object_and_to_whom_to_complain(browser: Browser, kept: dict[str, str]) -> None:
    page = page_of(signed_in(browser, kept))
    assert "privacy@wulfrun.example" in page
    assert "Information Commissioner" in page
    assert "It holds from when you tell us until it is decided" in page
    assert "A parent or carer asks one of those above instead" in page
    assert "What could put somebody at risk is not told here. Ask, and somebody looks at it with you." in page


def test_they_sign_out_by_a_form_of_that_page_alone(browser: Browser, place: Engine) -> None:
    sign_in(browser, "walter")
    secret = browser.cookie
    assert browser.post("/own/sign-out", {"csrf": "x"}).status_code == 403
    token = re.findall(r'name="csrf" value="([^"]*)"', browser.get(OWN).text)[0]
    out = browser.post("/own/sign-out", {"csrf": token})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in?out=nhs-login")
    assert browser.get(OWN, headers={"cookie": f"pisano={secret}"}).status_code == 401
    assert (told(place)[-1]["kind"], told(place)[-1]["subject"]) == ("signed-out", "walter")


def test_where_the_trail_cannot_be_told_nothing_is(browser: Browser, kept: dict[str, str], place: Engine) -> None:
    signed_in(browser, kept)
    with transaction(place) as connection:
        connection.exec_driver_sql("ALTER TABLE audit_chain RENAME TO audit_chain_gone")
    try:
        with capture_logs():
            refused = browser.get(OWN)
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql("ALTER TABLE audit_chain_gone RENAME TO audit_chain")
    assert refused.status_code == 503
    assert "Community nurse" not in refused.text


def test_an_account_of_this_places_opens_the_same_page_and_no_token_of_a_demonstration_speaks_for_it(
    place: Engine, module_database_url: str, walter: None, settings: Settings
) -> None:
    put_person(place, "walter-local")
    with transaction(place) as connection:
        connection.exec_driver_sql(
            "UPDATE account SET organisation = NULL, roles = '{}', nhs_number = '9990000018'"
            " WHERE username = 'walter-local'"
        )
    by_password = settings.model_copy(update={"sign_in_providers": None})
    with TestClient(create_app(by_password, module_database_url), base_url=ADDRESS) as client:
        browser = Browser(client)
        assert browser.sign_in("walter-local", then=HOME).headers["location"] == OWN
        assert "Community nurse" in page_of(browser)
        assert browser.looks() == 401
