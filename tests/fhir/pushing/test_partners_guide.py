"""What docs/partners.md tells a partner's engineer to send does what it says."""

import json
import re
from typing import Any

import pytest

from app.settings import ROOT, Settings
from tests.fhir.pushing.sender import System, statuses

GUIDE = (ROOT / "docs/partners.md").read_text(encoding="utf-8").split("## Push\n")[1].split("\n## Pull\n")[0]
SENT = re.findall(r"```http\nPOST /fhir/R4(\S*)\n```\n\n```json\n(.*?)\n```", GUIDE, re.DOTALL)
BUNDLE, MEASUREMENT = (content for _, content in SENT)
IDENTIFIER = "identifier=https://wulfrun-hospitals.example/problem|P1"


@pytest.fixture(scope="module")
def first(acute: System) -> Any:
    return acute.send("POST", content=BUNDLE.encode())


def etags(answer: Any) -> list[str]:
    return [entry["response"]["etag"] for entry in answer.json()["entry"]]


def test_the_first_bundle_is_taken_and_the_same_again_changes_nothing(acute: System, first: Any) -> None:
    assert statuses(first) == ["201", "201"]
    again, once_more = (acute.send("POST", content=BUNDLE.encode()) for _ in range(2))
    assert statuses(again) == statuses(once_more) == ["200", "200"]
    assert etags(once_more) == etags(again)


@pytest.mark.usefixtures("first")
def test_a_measurement_is_taken_of_someone_known_by_the_senders_number(acute: System) -> None:
    (_, (path, _)) = SENT
    answer = acute.send("POST", path, MEASUREMENT.encode())
    assert (answer.status_code, answer.headers["etag"][:3]) == (201, 'W/"')
    assert '"value":71.50' in answer.text
    assert acute.send("POST", path, MEASUREMENT.encode(), prefer="return=minimal").content == b""


def test_each_row_of_the_table_of_changes_does_what_it_says(acute: System, first: Any) -> None:
    problem = json.loads(BUNDLE)["entry"][1]["resource"] | {
        "subject": {"identifier": {"system": "https://wulfrun-hospitals.example/hospital-number", "value": "H0001"}}
    }
    changed = problem | {"onsetDateTime": "2026-01-06"}
    located = first.json()["entry"][1]["response"]["location"].split("/R4")[1].split("/_history")[0]
    by_identifier = acute.send("PUT", f"/Condition?{IDENTIFIER}", changed)
    second = by_identifier.headers["etag"]
    by_id = acute.send("PUT", located, problem | {"id": located.rpartition("/")[2]}, if_match=second)
    third = by_id.headers["etag"]
    assert (by_identifier.status_code, by_id.status_code) == (200, 200)
    assert acute.send("POST", "/Condition", changed, if_none_exist=IDENTIFIER).headers["etag"] == third
    assert acute.send("PUT", f"/Condition?{IDENTIFIER}", changed, if_match=etags(first)[1]).status_code == 412
    fourth = acute.send("DELETE", f"/Condition?{IDENTIFIER}").headers["etag"]
    assert len({etags(first)[1], second, third, fourth}) == 4


def test_each_status_of_the_table_is_met(acute: System, client: Any) -> None:
    met = {
        400: acute.send("POST", content=b'{"a":1,"a":2}'),
        401: client.post("/fhir/R4", content=b"{}"),
        404: acute.send("DELETE", "/Condition/1"),
        406: acute.send("POST", content=BUNDLE.encode(), accept="application/fhir+xml"),
        412: acute.send("DELETE", f"/Condition?{IDENTIFIER}", if_match='W/"9"'),
        413: acute.send("POST", content=b"[" * 5000),
        415: acute.send("POST", content=b"<Bundle/>", content_type="application/fhir+xml"),
        422: acute.send("POST", content=BUNDLE.replace("9998887771", "9990000019").encode()),
    }
    for status, answer in met.items():
        assert answer.status_code == status
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert re.search(rf"^\| (\d+, )?{status}", GUIDE, re.MULTILINE)


def test_trying_it_first_says_what_would_be(acute: System) -> None:
    told = acute.send("POST", "/Bundle/$validate", BUNDLE.encode()).json()["issue"]
    said = {one["diagnostics"].removeprefix("this would be: ") for one in told}
    assert all(f"`{word}`" in GUIDE.replace("this would be: ", "") for word in ("created", "updated", "refused", *said))


def test_the_limits_are_those_of_the_settings() -> None:
    for name, told in {"BYTES": "10 million", "ENTRIES": "1,000", "DEPTH": "30", "STRING": "a million"}.items():
        assert re.search(rf"`PISANO_PUSH_{name}` \({told}", GUIDE.replace("\n", " "))
    assert (Settings().push_bytes, Settings().push_entries) == (10_000_000, 1_000)
    assert (Settings().push_depth, Settings().push_string) == (30, 1_000_000)
