"""The scores known by name; `algorithms.toml` beside this file holds them as data."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any, Final

_NOT_SPELT: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One score: what it is called, the values that can be true, and the ages in which it was studied.

    `observed` tells one that says how somebody is from one that says what may befall them.
    """

    code: str
    title: str
    least: Decimal
    most: Decimal
    whole: bool
    ages: tuple[int, int] | None
    over_time: str
    observed: bool

    def possible(self, value: Decimal) -> bool:
        """Whether the score can take this value at all."""
        return self.least <= value <= self.most and not (self.whole and value % 1)

    def outside_validation(self, age: int | None) -> str | None:
        """What to say of a score at an age in which nobody studied it, or at an unknown one; else `None`."""
        if self.ages is None:
            return None
        youngest, oldest = self.ages
        if age is None:
            return f"age not known: studied from {youngest}"
        if age < youngest:
            return f"not studied in people under {youngest}"
        return f"not studied in people over {oldest}" if age > oldest else None


def algorithm(name: str) -> Algorithm | None:
    """The algorithm that a supplier's name means, in any spelling known here; `None` for any other, never a guess."""
    return _SPELT.get(_NOT_SPELT.sub("", name).casefold())


def definition(file: str) -> dict[str, Any]:
    """A score's published tables, from the data file of that name in this package."""
    return tomllib.loads(resources.files(__package__).joinpath(file).read_text(encoding="utf-8"))


def _read(code: str, row: Mapping[str, Any]) -> Algorithm:
    youngest, oldest = row.get("ages", (None, None))
    return Algorithm(
        code=code,
        title=row["title"],
        least=Decimal(row["least"]),
        most=Decimal(row["most"]),
        whole=row.get("whole", False),
        ages=None if youngest is None else (youngest, oldest),
        over_time=row["over_time"],
        observed=row.get("observed", False),
    )


_ROWS: Final = definition("algorithms.toml")
ALGORITHMS: Final[Mapping[str, Algorithm]] = {code: _read(code, row) for code, row in _ROWS.items()}
_SPELT: Final = {
    _NOT_SPELT.sub("", spelling).casefold(): ALGORITHMS[code]
    for code, row in _ROWS.items()
    for spelling in row["spellings"]
}
