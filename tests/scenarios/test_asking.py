"""Who may ask, how refusals read, and what the trail tells of each."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction

Asking = Callable[..., Any]

FATHER, NOBODY = "999 000 0018", "999 999 9980"


def events(engine: Engine) -> list[dict[str, Any]]:
    with transaction(engine) as connection:
        rows = connection.exec_driver_sql("SELECT event::text FROM audit_event")
        return [orjson.loads(row[0]) for row in rows]


def since(engine: Engine, before: int) -> list[dict[str, Any]]:
    seen = sorted(events(engine), key=lambda event: event["at"])
    return seen[before:]


def person_id(asking: Asking) -> str:
    found: str = asking("nurse").lookup(FATHER).json()["id"]
    return found


def test_whoever_is_not_signed_in_is_told_so_and_nothing_else(client: TestClient, asking: Asking) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eA=="}):
        answer = client.get(f"/api/persons/{person_id(asking)}", params={"purpose": "direct-care"}, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_refusal_reads_alike_for_unknown_forbidden_and_not_yours(asking: Asking) -> None:
    known, unknown = person_id(asking), uuid4()
    refused = [
        asking("lapsed-nurse").get(f"/api/persons/{known}"),
        asking("ig-lead").get(f"/api/persons/{known}"),
        asking("nurse").get(f"/api/persons/{unknown}"),
        asking("nurse", "tenancy-support").get(f"/api/persons/{known}"),
        asking("nurse").lookup(NOBODY),
        asking("lapsed-nurse").lookup(FATHER),
    ]
    alike = {(answer.status_code, answer.content, answer.headers["content-type"]) for answer in refused}
    assert len(alike) == 1
    assert refused[0].status_code == 404


def test_a_refusal_of_fhir_is_an_operation_outcome(asking: Asking) -> None:
    answers = [
        asking("lapsed-nurse").get(f"/fhir/R4/Patient/{person_id(asking)}/$everything"),
        asking("nurse").get(f"/fhir/R4/Patient/{uuid4()}/$everything"),
    ]

    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["resourceType"] == "OperationOutcome"
    assert answers[0].headers["content-type"] == "application/fhir+json"


@pytest.mark.parametrize("number", ["999 000 0019", "12", "1111111111", "abc"])
def test_a_number_that_is_none_is_told_without_being_repeated(asking: Asking, number: str) -> None:
    answer = asking("nurse").lookup(number)

    assert answer.status_code == 400
    assert number not in answer.text


def test_a_body_that_is_not_understood_is_told_without_being_repeated(client: TestClient, asking: Asking) -> None:
    answer = client.post(
        "/api/persons/lookup",
        params={"purpose": "direct-care"},
        headers=asking("nurse").headers,
        json={"nhs": "999 000 0018"},
    )

    assert answer.status_code == 422
    assert "0018" not in answer.text


def test_a_purpose_must_be_said(client: TestClient, asking: Asking) -> None:
    answer = client.get(f"/api/persons/{person_id(asking)}", headers=asking("nurse").headers)

    assert answer.status_code == 400
    assert "purpose" in answer.json()["error"]


def test_a_view_is_in_the_trail_with_its_clauses_and_agreement(asking: Asking, place: Engine) -> None:
    found, before = person_id(asking), len(events(place))
    asking("nurse").get(f"/api/persons/{found}")

    (event,) = since(place, before)
    assert (event["kind"], event["person"], event["role"], event["organisation"]) == (
        "view",
        found,
        "community-nurse",
        "RL4C",
    )
    assert event["purpose"] == "direct-care"
    assert event["agreements"][0].startswith("wulfrun@")
    assert any("RL4/problems/normal" in labels for labels in event["permitted"].values())
    assert event["entries"]


def test_a_denial_is_in_the_trail(asking: Asking, place: Engine) -> None:
    found, before = person_id(asking), len(events(place))
    asking("lapsed-nurse").get(f"/api/persons/{found}")

    (event,) = since(place, before)
    assert (event["kind"], event["person"]) == ("denied", found)
    assert "permitted" not in event


def test_the_trail_holds_no_nhs_number_and_no_name(asking: Asking, place: Engine) -> None:
    asking("nurse").search(family_name="Tranter", birth_date="1945-05-14")
    asking("nurse").record(FATHER)

    told = str(events(place))
    assert "9990000018" not in told
    assert "Tranter" not in told


def test_a_search_forgives_spelling_and_finds_only_whom_the_asker_may(asking: Asking) -> None:
    born = asking("nurse").record(FATHER).view["identity"]["birthDate"]

    found = asking("nurse").search(family_name="trantor", birth_date=born).json()["candidates"]
    assert [one["family_name"] for one in found] == ["Tranter"]
    assert asking("ig-lead").search(family_name="Tranter", birth_date=born).json()["candidates"] == []


def test_everything_is_a_bundle_that_a_fhir_client_reads(asking: Asking) -> None:
    found = person_id(asking)
    answer = asking("nurse").get(f"/fhir/R4/Patient/{found}/$everything")

    bundle = Bundle.model_validate_json(answer.content)
    assert bundle.type == "searchset"
    assert bundle.total is None
    first = answer.json()["entry"][0]["resource"]
    assert (first["resourceType"], first["id"]) == ("Patient", found)
    outcome = answer.json()["entry"][-1]["resource"]
    assert outcome["resourceType"] == "OperationOutcome"


def test_only_whom_the_agreement_lets_keep_a_copy_prints_one_and_only_of_what_it_lets_them(
    asking: Asking, place: Engine
) -> None:
    nurse, officer, found = asking("nurse"), asking("housing-officer", "tenancy-support"), person_id(asking)
    pages = {asker: asker.get(f"/people/{found}").text for asker in (nurse, officer)}
    assert [f"{found}/record.pdf" in told for told in pages.values()] == [True, False]
    for leaf in ("record.pdf", "plan/plan.pdf"):
        refused = officer.get(f"/people/{found}/{leaf}")
        assert (refused.status_code, "Nothing to show" in refused.text) == (404, True)

    before = len(events(place))
    read, copied = (nurse.get(f"/people/{found}{leaf}") for leaf in ("", "/record.pdf"))
    assert (read.status_code, copied.status_code) == (200, 200)
    told = {event["kind"]: event for event in since(place, before) if event["kind"] in ("view", "export")}
    assert told["export"]["action"] == "export"
    shown = {kind: {label for each in one["permitted"].values() for label in each} for kind, one in told.items()}
    assert shown["export"] < shown["view"]
    assert {label.split("/")[1] for label in shown["view"] - shown["export"]} == {"safeguarding"}


def test_a_view_and_everything_disclose_the_same_entries(asking: Asking) -> None:
    """But for what the agreement lets nobody keep a copy of."""
    found = person_id(asking)
    view = asking("nurse").get(f"/api/persons/{found}").json()
    bundle = asking("nurse").get(f"/fhir/R4/Patient/{found}/$everything").json()

    lines = {
        statement["id"]
        for heading in view["headings"]
        if heading["category"] != "safeguarding"
        for group in heading["entries"]
        for statement in group["statements"]
    }
    resources = {entry["resource"].get("id") for entry in bundle["entry"][1:-1]}
    assert resources == lines


def test_what_a_person_takes_of_a_whole_record_or_of_its_past_over_fhir_is_a_copy_to_keep(
    asking: Asking, place: Engine
) -> None:
    nurse, officer, found = asking("nurse"), asking("housing-officer", "tenancy-support"), person_id(asking)

    def first(asker: Any, kind: str) -> str:
        answer = asker.client.get(
            f"/fhir/R4/{kind}", params={"patient": found, "purpose": asker.purpose}, headers=asker.headers
        )
        return f"{kind}/{answer.json()['entry'][0]['resource']['id']}"

    own, of_nurses = first(officer, "EpisodeOfCare"), first(nurse, "Condition")
    held = officer.get(f"/fhir/R4/{own}")
    assert held.status_code == 200
    version = f"{own}/_history/{held.json()['meta']['versionId']}"
    for copied in (f"Patient/{found}/$everything", f"Patient/{found}/$summary", f"{own}/_history", version):
        assert officer.get(f"/fhir/R4/{copied}").status_code == 404, copied

    before = len(events(place))
    for path in (of_nurses, f"{of_nurses}/_history", f"Patient/{found}/$summary"):
        assert nurse.get(f"/fhir/R4/{path}").status_code == 200
    assert [event["action"] for event in since(place, before)] == ["read", "export", "export"]


def test_nothing_answered_may_be_kept_by_a_cache(asking: Asking) -> None:
    found = person_id(asking)
    for path in (f"/api/persons/{found}", f"/fhir/R4/Patient/{found}/$everything"):
        assert asking("nurse").get(path).headers["cache-control"] == "no-store"


def test_every_source_says_how_fresh_it_is(asking: Asking) -> None:
    sources = asking("nurse").record(FATHER).view["sources"]

    assert {source["partner"] for source in sources} >= {"RL4", "LA508", "RRE", "WH100"}
    assert all(source["last_message_at"] for source in sources)


def test_a_heading_tells_who_recorded_nothing_and_who_sends_nothing(asking: Asking) -> None:
    record = asking("nurse").record(FATHER)

    silent = record.headings["medications"]["silent"]
    assert "8A999" in silent["no_feed"]
    assert "RL4" in record.headings["safeguarding"]["silent"]["no_feed"]
    assert "RRE" in record.headings["contingency"]["silent"]["nothing_recorded"]


def test_where_the_trail_cannot_be_written_nothing_is_disclosed(asking: Asking, place: Engine) -> None:
    found = person_id(asking)
    with transaction(place) as connection:
        connection.exec_driver_sql("ALTER TABLE audit_event RENAME TO audit_event_gone")
    try:
        answers = [
            asking("nurse").get(f"/api/persons/{found}"),
            asking("nurse").get(f"/fhir/R4/Patient/{found}/$everything"),
            asking("nurse").lookup(FATHER),
        ]
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql("ALTER TABLE audit_event_gone RENAME TO audit_event")

    for answer in answers:
        assert answer.status_code == 503
        assert "Tranter" not in answer.text
        assert found not in answer.text


def test_a_record_that_asks_for_a_reason_is_refused_while_none_can_be_given(asking: Asking, place: Engine) -> None:
    found = person_id(asking)
    with transaction(place) as connection:
        connection.exec_driver_sql(
            "INSERT INTO person_flag (person_id, partner, kind, raised, since, message)"
            " VALUES (%s, 'RL4', 'staff-or-vip', true, now(), 0)",
            (UUID(found),),
        )
    try:
        assert asking("nurse").get(f"/api/persons/{found}").status_code == 404
    finally:
        with transaction(place) as connection:
            connection.exec_driver_sql("DELETE FROM person_flag WHERE kind = 'staff-or-vip'")
    assert asking("nurse").get(f"/api/persons/{found}").status_code == 200


def test_whoever_opens_the_address_is_led_to_signing_in(client: TestClient) -> None:
    page = client.get("/", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert page.url.path == "/sign-in"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_ids_are_opaque(asking: Asking) -> None:
    assert UUID(person_id(asking)).version == 4


def test_every_route_of_a_person_refuses_whoever_is_not_signed_in(client: TestClient, asking: Asking) -> None:
    described = client.get("/openapi.json").json()["paths"]
    asked = [
        (method, re.sub(r"\{[^}]+\}", "1", path.replace("{kind}", "Condition")))
        for path, methods in described.items()
        for method in methods
        if path.startswith(("/api", "/fhir")) and not path.endswith(("/metadata", "/smart-configuration"))
    ]
    assert len(asked) >= 10

    for method, path in [*asked, ("get", f"/api/persons/{person_id(asking)}")]:  # which the description does not list
        answer = client.request(method, path, params={"purpose": "direct-care"}, json={} if method == "post" else None)
        assert answer.status_code == 401, path


def test_no_log_line_names_a_person(asking: Asking, capfd: pytest.CaptureFixture[str]) -> None:
    asking("nurse").record(FATHER)
    asking("nurse").lookup("999 000 0019")
    asking("nurse").search(family_name="Tranter", birth_date="1945-05-14")
    asking("lapsed-nurse").get(f"/api/persons/{person_id(asking)}")

    said = "".join(capfd.readouterr())
    assert "/api/persons/{person_id" in said  # something was said
    for personal in ("9990000018", "999 000 0018", "999 000 0019", "Tranter", "Walter", person_id(asking)):
        assert personal not in said
