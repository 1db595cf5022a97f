"""Whatever a system may send by the description of the door: no 500, and no answer that it does not name."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from tests.fhir.described import described
from tests.fhir.pushing.sender import System

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure

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
