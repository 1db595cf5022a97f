"""The headings under which entries stand; `categories.toml` beside this file holds them as data."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final


class Category(str):
    """The code of one heading, such as `medications`; raises `ValueError` for a code that is not in the data."""

    __slots__ = ()

    def __new__(cls, code: str) -> "Category":  # noqa: D102
        if code not in HEADINGS:
            raise ValueError(f"`{code}` is no category; see app/vocabulary/categories.toml")
        return super().__new__(cls, code)

    @property
    def heading(self) -> str:
        """The words that a reader sees."""
        return HEADINGS[str(self)].text


@dataclass(frozen=True, slots=True)
class Heading:
    """A category as people read it; `section` numbers the PRSB Core Information Standard, `None` where ours.

    `number` is what entries carry.
    """

    text: str
    number: int
    section: int | None


def _headings() -> dict[str, Heading]:
    source = resources.files(__package__).joinpath("categories.toml").read_text(encoding="utf-8")
    return {
        row["code"]: Heading(row["heading"], row["number"], row.get("section"))
        for row in tomllib.loads(source)["category"]
    }


HEADINGS: Final = _headings()
CATEGORIES: Final[tuple[Category, ...]] = tuple(Category(code) for code in HEADINGS)
