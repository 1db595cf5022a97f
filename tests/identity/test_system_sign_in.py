"""A partner's system gets a token with its key, and reads as its partner; whoever is not believed learns nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from app.database.transactions import transaction
from app.identity.systems.store import register, revoke
from app.identity.systems.system import System

from .publisher import publishing
from .systems import EC, KEYS, OTHER, a_system, asking, claims, signed, unsigned
from .trail import told

REFUSED = (400, b'{"error":"invalid_client"}')


@pytest.fixture(autouse=True)
def registered(place: Engine) -> None:
    put(place, a_system())


def put(place: Engine, system: System) -> None:
    with transaction(place) as connection:
        register(connection, system, at=datetime.now(UTC))


def token(client: TestClient, **changed: Any) -> str:
    given = client.post("/oauth2/token", data=asking(signed(claims(**changed))))
    assert given.status_code == 200, given.text
    return str(given.json()["access_token"])


def everything(client: TestClient, held: str) -> Any:
    return client.get(f"/fhir/R4/Patient/{uuid4()}/$everything", headers={"authorization": f"Bearer {held}"})


def test_a_system_discovers_where_to_ask_and_how(client: TestClient) -> None:
    for path in ("/.well-known/smart-configuration", "/fhir/R4/.well-known/smart-configuration"):
        found = client.get(path).json()
        assert found["token_endpoint"] == "http://127.0.0.1:8000/oauth2/token"
        assert found["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
        assert found["grant_types_supported"] == ["client_credentials"]
        assert "client-confidential-asymmetric" in found["capabilities"]


def test_a_system_is_given_a_token_for_five_minutes(client: TestClient) -> None:
    given = client.post("/oauth2/token", data=asking(signed(claims(), key=EC, algorithm="ES384"), "system/Patient.r"))

    assert given.status_code == 200
    assert given.headers["cache-control"] == "no-store"
    said = given.json()
    assert (said["token_type"], said["expires_in"], said["scope"]) == ("bearer", 300, "system/Patient.r")
    assert len(said["access_token"]) > 43


def test_a_token_opens_what_its_scopes_permit_and_nothing_else(client: TestClient, place: Engine) -> None:
    assert everything(client, token(client)).status_code == 404  # asked, and nobody of that id is there
    put(place, a_system(scopes="system/Task.rs"))
    narrow = client.post("/oauth2/token", data=asking(signed(claims()), "system/*.rs")).json()
    assert narrow["scope"] == "system/Task.rs"
    assert everything(client, narrow["access_token"]).status_code == 403


def test_what_a_system_asks_is_told_to_the_trail_as_its_partner(client: TestClient, place: Engine) -> None:
    everything(client, token(client))
    issued, asked = told(place)[-2:]
    assert (issued["kind"], issued["subject"], issued["organisation"]) == ("token-issued", "rl4-integration", "RL4C")
    assert (asked["kind"], asked["subject"], asked["issuer"]) == ("denied", "rl4-integration", "systems")
    assert (asked["organisation"], asked["role"], asked["purpose"]) == ("RL4C", "partner-system", "direct-care")


def test_a_system_has_no_other_purpose_than_its_own(client: TestClient) -> None:
    held = {"authorization": f"Bearer {token(client)}"}
    path = f"/fhir/R4/Patient/{uuid4()}/$everything"
    assert client.get(path, headers=held, params={"purpose": "direct-care"}).status_code == 404
    assert client.get(path, headers=held, params={"purpose": "mdt"}).status_code == 400


def test_a_system_is_not_let_into_what_is_for_people(client: TestClient) -> None:
    held = {"authorization": f"Bearer {token(client)}"}
    asked = client.get(f"/api/persons/{uuid4()}", headers=held, params={"purpose": "direct-care"})
    assert asked.status_code == 403


def refused_forms() -> Iterator[tuple[str, dict[str, str]]]:
    yield "unknown", asking(signed(claims(iss="nobody", sub="nobody")))
    yield "unsigned", asking(unsigned(claims()))
    yield "forged", asking(signed(claims(), key=OTHER))
    yield "stale", asking(signed(claims(datetime.now(UTC) - timedelta(hours=1))))
    yield "long-lived", asking(signed(claims(exp=int(datetime.now(UTC).timestamp()) + 3600)))
    yield "audience", asking(signed(claims(aud="http://127.0.0.1:8000/")))
    yield "subject", asking(signed(claims(sub="another")))
    yield "no jti", asking(signed(claims(jti=None)))
    yield "algorithm", asking(signed(claims(), algorithm="RS256"))
    yield "key address", asking(signed(claims(), jku="https://keys.example/jwks"))
    yield "client", asking(signed(claims()), client_id="another")
    yield "type", asking(signed(claims()), client_assertion_type="urn:example")
    yield "nothing", asking("")
    yield "revoked", asking(signed(claims(iss="revoked", sub="revoked")))


def test_whoever_is_not_believed_is_answered_alike(client: TestClient, place: Engine) -> None:
    put(place, a_system("revoked"))
    with transaction(place) as connection:
        revoke(connection, "revoked", at=datetime.now(UTC))
    for why, form in refused_forms():
        answer = client.post("/oauth2/token", data=form)
        assert (answer.status_code, answer.content) == REFUSED, why
        assert answer.headers["cache-control"] == "no-store"


def test_why_a_system_was_not_believed_is_told_to_the_trail_alone(client: TestClient, place: Engine) -> None:
    client.post("/oauth2/token", data=asking(signed(claims(), key=OTHER)))
    client.post("/oauth2/token", data=asking(signed(claims(iss="Walter Tranter", sub="Walter Tranter"))))
    forged, unknown = told(place)[-2:]
    assert (forged["kind"], forged["subject"], forged["reason"]) == (
        "token-refused",
        "rl4-integration",
        "wrong-signature",
    )
    assert (unknown["subject"], unknown["reason"]) == ("nobody", "unknown-system")
    assert "Walter" not in str(unknown)


def test_an_assertion_is_good_once(client: TestClient) -> None:
    form = asking(signed(claims()))
    assert client.post("/oauth2/token", data=form).status_code == 200
    replayed = client.post("/oauth2/token", data=form)
    assert (replayed.status_code, replayed.content) == REFUSED


def test_the_same_jti_of_another_system_is_another(client: TestClient, place: Engine) -> None:
    put(place, a_system("another"))
    token(client, jti="one")
    token(client, jti="one", iss="another", sub="another")


@pytest.mark.parametrize("scope", ["", "system/Patient.read", "system/Task.cu", "openid", "system/*.rs user/*.rs"])
def test_scopes_that_cannot_be_granted_are_refused(client: TestClient, scope: str) -> None:
    answer = client.post("/oauth2/token", data=asking(signed(claims()), scope))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


def test_other_ways_of_asking_are_refused_as_the_standard_says(client: TestClient) -> None:
    good = signed(claims())
    assert client.post("/oauth2/token", data=asking(good, grant_type="password")).json() == {
        "error": "unsupported_grant_type"
    }
    assert client.post("/oauth2/token", data=asking(good, grant_type=None)).json() == {"error": "invalid_request"}
    twice = "grant_type=client_credentials&grant_type=client_credentials"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/oauth2/token", content=twice, headers=form).json() == {"error": "invalid_request"}
    assert client.post("/oauth2/token", content="x" * 20_000, headers=form).json() == {"error": "invalid_request"}
    assert client.post("/oauth2/token", json=asking(good)).json() == {"error": "invalid_request"}


def test_a_revoked_system_and_one_registered_anew_lose_their_tokens(
    client: TestClient, place: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = token(client)
    with transaction(place) as connection:
        assert revoke(connection, "rl4-integration", at=datetime.now(UTC))
        assert not revoke(connection, "rl4-integration", at=datetime.now(UTC))
    assert everything(client, held).status_code == 401
    put(place, a_system())
    assert everything(client, held).status_code == 401
    assert everything(client, token(client)).status_code == 404


def test_a_token_that_was_given_while_its_system_was_revoked_opens_nothing(client: TestClient, place: Engine) -> None:
    held = token(client)
    with transaction(place) as connection:  # as one who revokes would, just before the token was kept
        connection.exec_driver_sql("UPDATE system SET revoked = now() WHERE id = 'rl4-integration'")
    assert everything(client, held).status_code == 401


def test_only_the_hash_of_a_token_is_kept(client: TestClient, place: Engine) -> None:
    held = token(client)
    with transaction(place) as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM system_token").all())
    assert held not in kept
    assert held.removeprefix("pisano-") not in kept


def test_a_system_whose_organisation_is_not_assured_reads_nothing(client: TestClient, place: Engine) -> None:
    put(place, a_system(assured_until=date(2020, 1, 1)))
    assert everything(client, token(client)).status_code == 404


@pytest.mark.parametrize("held", ["", "pisano-", "pisano-guessed", "pisano-" + "A" * 43])
def test_a_guessed_token_is_no_token(client: TestClient, held: str) -> None:
    assert everything(client, held).status_code == 401


def test_a_system_signs_in_with_keys_that_its_partner_publishes(client: TestClient, place: Engine) -> None:
    with publishing() as publisher:
        publisher.content = orjson.dumps(KEYS)
        put(place, a_system("publisher", keys=None, keys_address=publisher.address))
        token(client, iss="publisher", sub="publisher")
        named = asking(signed(claims(iss="publisher", sub="publisher"), jku=publisher.address))
        assert client.post("/oauth2/token", data=named).status_code == 200
        unknown = asking(signed(claims(iss="publisher", sub="publisher"), kid="withdrawn"))
        assert client.post("/oauth2/token", data=unknown).status_code == 400
        assert publisher.asked == 1  # asked half a minute ago


def test_an_address_that_nobody_allows_any_more_is_not_fetched(client: TestClient, place: Engine) -> None:
    put(place, a_system("elsewhere", keys=None, keys_address="https://127.0.0.1/jwks"))
    answer = client.post("/oauth2/token", data=asking(signed(claims(iss="elsewhere", sub="elsewhere"))))
    assert (answer.status_code, answer.content) == REFUSED
    assert told(place)[-1]["reason"] == "keys-out-of-reach"
