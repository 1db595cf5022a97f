"""The words of other professions, and what they mean to everybody else: on pages and on paper."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib import resources
from typing import NamedTuple


class Term(NamedTuple):
    """A word, and what it means to somebody of another profession; `said` is how records say it, if otherwise too."""

    word: str
    meaning: str
    said: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The id under which it is explained at the foot of a page."""
        return "word-" + re.sub(r"\W+", "-", self.word.lower())

    @property
    def spellings(self) -> Sequence[str]:
        """Each way in which it is written."""
        return *re.split(r", or |, ", self.word), *self.said

    def use_in(self, html: str) -> re.Match[str] | None:
        """Where it stands first, in one of its spellings: as no part of other words, and in no tag."""
        return next((use for words in self.spellings if words in html and (use := _whole(words).search(html))), None)


@cache
def terms() -> Sequence[Term]:
    """The glossary, in alphabetical order."""
    told = tomllib.loads(resources.files(__package__).joinpath("glossary.toml").read_text(encoding="utf-8"))
    return sorted((Term(**one) for one in told["term"]), key=lambda term: term.word.lower())


def terms_in(html: str) -> list[Term]:
    """The words of the glossary that a reader of this HTML comes upon; capitals count, as `OT` is not `ot`."""
    return [term for term in terms() if term.use_in(html)]


def meant_in(said: object) -> list[tuple[str, str]]:
    """The words of the glossary in what is printed, each with what it means; `said` is as JSON holds it."""
    return [(term.word, term.meaning) for term in terms_in(escape("\n".join(_texts(said))))]


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        yield from (text for value in said.values() for text in _texts(value))
    elif isinstance(said, Iterable):
        yield from (text for value in said for text in _texts(value))


@cache
def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])(?![^<]*>)")
