"""`$everything`, whole and in part."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fhir.conftest import Door, matched

Doors = Callable[..., Door]


def everything(door: Door, **asked: Any) -> Any:
    answer = door.get(f"Patient/{door.person()}/$everything", **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_pages_together_are_everything_in_its_order(door: Doors) -> None:
    whole = matched(everything(door()))
    bundle, seen = everything(door(), _count=7), list[Any]()
    while True:
        seen += matched(bundle)
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        if not following:
            break
        bundle = door().follow(following[0]).json()

    assert seen == whole
    assert seen[0]["id"] == door().person()


def test_types_and_dates_and_changes_leave_what_is_asked_for(door: Doors) -> None:
    whole = matched(everything(door("gp")))
    kinds = matched(everything(door("gp"), _type="Encounter,Flag"))
    assert kinds == [one for one in whole if one["resourceType"] in ("Encounter", "Flag")]

    since = matched(everything(door("gp"), _since="2999-01-01"))
    assert [one["id"] for one in since] == [door("gp").person()]
    assert matched(everything(door("gp"), _since="2020-01-01")) == whole

    visits = [one for one in kinds if one["resourceType"] == "Encounter"]
    in_june = matched(everything(door("gp"), start="2026-06-01", end="2026-06-30", _type="Encounter"))
    assert in_june
    assert in_june == [
        one
        for one in visits
        if one["period"].get("start", "0")[:10] <= "2026-06-30" and one["period"].get("end", "9")[:10] >= "2026-06-01"
    ]


def test_parts_of_resources_are_marked(door: Doors) -> None:
    for one in matched(everything(door(), _elements="status")):
        assert one["meta"]["tag"][-1]["code"] == "SUBSETTED"


@pytest.mark.parametrize(
    "asked",
    [
        {"_type": "Basic"},
        {"start": "June"},
        {"_since": "x"},
        {"_count": "0"},
        {"colour": "blue"},
        {"_summary": "count"},
    ],
)
def test_what_it_does_not_take_is_refused(door: Doors, asked: dict[str, str]) -> None:
    assert door().get(f"Patient/{door().person()}/$everything", **asked).status_code == 400
