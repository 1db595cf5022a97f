"""The tables of a housing feed: `kinds.toml` beside this file tells what they hold, and here is who reads them."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from app.adapters.housing.facts import alerts, home, homelessness, members, persons, risk, tenancy, works
from app.adapters.housing.facts.entries import Fact
from app.adapters.housing.rows import Row

Reader = Callable[[Row, str], Iterator[Fact]]
"""What a row says for one of the persons it is about, who is given by local id."""

_READERS: Final[Mapping[str, Reader]] = {
    "household_member_person": members.read,
    "person_alert": alerts.read,
    "investigation_hazard": home.read_hazard_found,
    "investigation": home.read_investigation,
    "work_order": works.read_work_order,
    "adaptation": works.read_adaptation,
    "hazard_report": home.read_hazard_report,
    "tenancy_risk": risk.read,
    "support_need": homelessness.read_support_need,
    "temporary_accommodation": homelessness.read_placement,
    "homelessness_duty": homelessness.read_duty,
    "tenancy": tenancy.read,
    "tenant_person": persons.read,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One table, as `kinds.toml` tells of it."""

    name: str
    key: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    dates: tuple[str, ...]

    def read(self, row: Row, person: str) -> Iterator[Fact]:
        """What a row of this table says for one person."""
        return _READERS[self.name](row, person)


def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))


def _kind(table: Mapping[str, Any]) -> Kind:
    return Kind(
        name=table["name"],
        key=table["key"],
        columns=tuple(table["columns"]),
        required=tuple(table.get("required", ())),
        dates=tuple(table.get("dates", ())),
    )


KINDS: Final = tuple(map(_kind, _data()["kind"]))
NAMED: Final = {kind.name: kind for kind in KINDS}
PERSON: Final[tuple[str, ...]] = tuple(_data()["person"])
NOT_IMPORTED: Final[frozenset[str]] = frozenset(_data()["not_imported"])
