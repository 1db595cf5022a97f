"""How sure it is that somebody who was found is whoever was described: certain only where all that tells agrees."""

from typing import Any

import orjson
import pytest

from app.fhir.read.match import Described, described
from app.vocabulary.fhir_systems import NHS_NUMBER

NUMBER = {"identifier": [{"system": NHS_NUMBER, "value": "9990000018"}]}
NAMED = {"name": [{"family": "Tranter", "given": ["Walter"]}]}
BORN = {"birthDate": "1945-05-14"}
LIVES = {"address": [{"postalCode": "WV3 7AB"}]}
FOUND = {**NUMBER, "name": [{"family": "TRANTER", "given": ["Walter", "John"]}], **BORN,
         "address": [{"postalCode": "wv37ab"}]}  # fmt: skip


def asked(patient: dict[str, Any], **more: Any) -> Described:
    told = [{"name": "resource", "resource": {"resourceType": "Patient", **patient}}]
    told += [{"name": name, **value} for name, value in more.items()]
    return described(orjson.dumps({"resourceType": "Parameters", "parameter": told}))


@pytest.mark.parametrize(
    ("told", "found", "grade"),
    [
        (NUMBER | NAMED | BORN, FOUND, "certain"),
        (NUMBER | BORN, FOUND, "probable"),
        (NUMBER | NAMED, FOUND, "probable"),
        (NUMBER | NAMED, NUMBER | NAMED, "probable"),  # nobody said when they were born
        (NUMBER | BORN, NUMBER | BORN, "probable"),  # nor what they are called
        (NUMBER | BORN | {"name": [{"family": "Tranter", "given": ["Mary"]}]}, FOUND, "probable"),
        (NUMBER | NAMED | {"birthDate": "1945-05-15"}, FOUND, "probable"),
        (NUMBER | {"birthDate": "1945-05-15"}, FOUND, "possible"),
        (NAMED | BORN | LIVES, FOUND, "probable"),
        (NAMED | BORN, FOUND, "possible"),
        (NAMED | LIVES, FOUND, "possible"),
        (NAMED | {"birthDate": "1945-05-15"} | LIVES, FOUND, "possible"),
        (BORN | LIVES | {"name": [{"family": "Tranter"}]}, FOUND, "possible"),
        (BORN | LIVES | {"name": [{"family": "Tranter", "given": ["Mary"]}]}, FOUND, "possible"),
        (NAMED | BORN | {"address": [{"postalCode": "WV3 7AC"}]}, FOUND, "possible"),
    ],
)
def test_nobody_is_certain_of_whom_not_all_agrees(told: dict[str, Any], found: dict[str, Any], grade: str) -> None:
    assert asked(told).grade(found) == grade


def test_as_many_are_offered_as_were_asked_for_within_what_a_reader_can_compare() -> None:
    counts = [asked(NUMBER, count={"valueInteger": count}).count for count in (0, 1, 20, 21)]
    assert (counts, asked(NUMBER).count) == ([1, 1, 20, 20], 20)
    assert asked(NUMBER, onlyCertainMatches={"valueBoolean": True}).only_certain
    assert not asked(NUMBER, onlyCertainMatches={"valueInteger": 1}).only_certain
