"""The filled demonstration place of the scenarios, asked through the FHIR door."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.conftest import As, asking, client, filled, keys, module_template, place, settings

__all__ = ["asking", "client", "filled", "keys", "module_template", "place", "settings"]

FATHER = "999 000 0018"


class Door:
    """The FHIR door, as one of the staff opens it."""

    def __init__(self, who: As) -> None:
        self.who = who

    def get(self, path: str, headers: dict[str, str] | None = None, /, **parameters: Any) -> Any:
        return self.who.client.get(
            f"/fhir/R4/{path}",
            params={"purpose": self.who.purpose, **parameters},
            headers={**self.who.headers, **(headers or {})},
        )

    def follow(self, url: str) -> Any:
        return self.who.client.get(url, headers=self.who.headers)

    def search(self, kind: str, form: dict[str, Any], *, headers: dict[str, str] | None = None) -> Any:
        return self.who.client.post(
            f"/fhir/R4/{kind}/_search",
            params={"purpose": self.who.purpose},
            data=form,
            headers={**self.who.headers, **(headers or {})},
        )

    def person(self, nhs_number: str = FATHER) -> str:
        found: str = self.who.lookup(nhs_number).json()["id"]
        return found

    def matches(self, kind: str, **parameters: Any) -> list[Any]:
        """The resources that a search within the father's record matches."""
        answer = self.get(kind, **{"patient": self.person(), "_count": 500, **parameters})
        assert answer.status_code == 200, answer.text
        return matched(answer.json())


def matched(bundle: Any, mode: str = "match") -> list[Any]:
    return [entry["resource"] for entry in bundle.get("entry", []) if entry.get("search", {}).get("mode") == mode]


@pytest.fixture(scope="module")
def door(asking: Callable[..., As]) -> Callable[..., Door]:
    def open_door(username: str = "nurse", purpose: str = "direct-care", role: str | None = None) -> Door:
        return Door(asking(username, purpose, role))

    return open_door
