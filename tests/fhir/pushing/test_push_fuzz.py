"""Whatever a system may send by the description of the door: no 500, and no answer that it does not name."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from app.main import create_app
from app.settings import Settings
from tests.fhir.pushing.sender import System

PUSHED = (
    "POST /fhir/R4",
    "POST /fhir/R4/Bundle/$validate",
    "POST /fhir/R4/{kind}/$validate",
    "POST /fhir/R4/{kind}",
    "PUT /fhir/R4/{kind}",
    "PUT /fhir/R4/{kind}/{id}",
    "DELETE /fhir/R4/{kind}",
    "DELETE /fhir/R4/{kind}/{id}",
)


def described() -> dict[str, Any]:
    measured: Any = create_app(Settings(demonstration=True), "postgresql://127.0.0.1/none")
    schema: Any = schemathesis.openapi.from_dict(measured._app.router.default.openapi())
    found = [each.ok() for each in schema.include(path_regex="^/fhir/R4").get_all_operations()]
    return {operation.label: operation for operation in found}


OPERATIONS = described()


@pytest.mark.parametrize("label", PUSHED)
def test_no_push_breaks_the_door_or_meets_an_answer_that_is_not_described(label: str, acute: System) -> None:
    told = {int(status) for status in OPERATIONS[label].definition.raw["responses"]}
    met = set()

    @examples(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy())
    def ask(case: Any) -> None:
        content = json.dumps(case.body).encode() if isinstance(case.body, dict | list | str) else None
        path = case.formatted_path.removeprefix("/fhir/R4")
        answer = acute.send(case.method, path, content)
        assert answer.headers["content-type"] == "application/fhir+json"
        met.add(answer.status_code)

    ask()
    assert met
    assert met <= told
    assert all(status < 500 for status in met)
