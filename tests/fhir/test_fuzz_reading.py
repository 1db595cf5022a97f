"""Whatever is asked of the door by its own description: no 500, and no answer that the description does not name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.identity.systems.store import register
from app.identity.tokens import issue, token_key
from app.settings import Settings
from tests.conftest import PATIENCE
from tests.fhir.conftest import FATHER, Door
from tests.fhir.described import described
from tests.fhir.serving import served
from tests.identity.systems import a_system, asking, claims, signed

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES, OF_EACH_STEP = 10, 2  # the latter of all that pages and teams do, as there are a hundred of it


OPERATIONS = described()


@pytest.fixture(scope="module")
def server(place: Engine, module_database_url: str, settings: Settings) -> Iterator[str]:
    with transaction(place) as connection:
        register(connection, a_system(scopes="system/*.cruds"), at=datetime.now(UTC))
    with served(settings, module_database_url) as address:
        yield address


@pytest.fixture(scope="module")
def systems_token(server: str) -> str:
    assertion = signed(claims(aud=f"{server}/oauth2/token"))
    given = requests.post(f"{server}/oauth2/token", data=asking(assertion, "system/*.cruds"), timeout=PATIENCE)
    return str(given.json()["access_token"])


@pytest.fixture(scope="module")
def known(door: Any) -> dict[str, list[str]]:
    """What stands in addresses where something is there; nothing of it is anything that an act could be done to."""
    gp: Door = door("gp")
    person = gp.person(FATHER)
    return {
        "kind": ["Condition", "Encounter", "Patient"],
        "id": [person, gp.matches("Encounter")[0]["id"]],
        "person_id": [person],
        "version": ["1", "2"],
    }


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_door_or_meets_an_answer_that_is_not_described(
    label: str, server: str, settings: Settings, known: dict[str, list[str]], systems_token: str
) -> None:
    is_of_the_door = " /fhir/" in label or "/api/partners" in label
    is_pull = label.startswith("GET /fhir") or label.endswith(("_search", "$match")) or not is_of_the_door
    username = "coordinator" if "/mdt/" in label else "gp"
    token = issue(token_key(settings), username, role=None, at=datetime.now(UTC)) if is_pull else systems_token
    examples_of_it = EXAMPLES if is_of_the_door or label.endswith(("/lookup", "/search")) else OF_EACH_STEP
    asked = 0

    @examples(
        max_examples=examples_of_it,
        derandomize=not is_of_the_door,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(), data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        nonlocal asked
        for name in case.path_parameters or {}:
            if name in known and (is_of_the_door or case.method == "GET") and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        query = {"purpose": "direct-care", "patient": known["person_id"][0]} if data.draw(st.booleans()) else {}
        case.query = {**(case.query or {}), **query}
        headers = {"authorization": f"Bearer {token}", "purpose-of-use": "direct-care" if is_pull else ""}
        answer = case.call(base_url=server, headers=headers)
        case.validate_response(answer, checks=CHECKS)
        asked += 1

    ask()
    assert asked
