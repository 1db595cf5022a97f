"""What pages explain: help for what somebody is doing, and the words of other professions that stand on a page."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from markupsafe import Markup, escape


class Topic(NamedTuple):
    """Help for one job; `pages` are patterns of the addresses that it is about."""

    name: str
    title: str
    pages: Sequence[str]
    text: Sequence[str]


class Term(NamedTuple):
    """A word, and what it means to somebody of another profession; `said` is how records say it, if otherwise too."""

    word: str
    meaning: str
    said: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The id under which it is explained at the foot of a page."""
        return "word-" + re.sub(r"\W+", "-", self.word.lower())


@cache
def topics() -> Mapping[str, Topic]:
    """All help there is, by name, in the order in which it is read."""
    return {one["name"]: Topic(**one) for one in _read("help.toml")["topic"]}


@cache
def terms() -> Sequence[Term]:
    """The glossary, in alphabetical order."""
    return sorted((Term(**one) for one in _read("glossary.toml")["term"]), key=lambda term: term.word.lower())


def topic_of(path: str) -> Topic | None:
    """The help for the page at an address."""
    return next((one for one in topics().values() if any(re.match(page, path) for page in one.pages)), None)


def terms_in(html: str) -> list[Term]:
    """The words of the glossary that a reader of this HTML comes upon; capitals count, as `OT` is not `ot`."""
    return [term for term in terms() if any(words in html and _whole(words).search(html) for words in _said(term))]


def meant_in(said: object) -> list[tuple[str, str]]:
    """The words of the glossary in what is printed, each with what it means; `said` is as JSON holds it."""
    return [(term.word, term.meaning) for term in terms_in(str(escape("\n".join(_texts(said)))))]


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        yield from (text for value in said.values() for text in _texts(value))
    elif isinstance(said, Iterable):
        yield from (text for value in said for text in _texts(value))


def explained(html: str, found: Iterable[Term]) -> Markup:
    """The same HTML: where one of these words first stands in a heading or a name of ours, it leads to what it means.

    Names are those of a fact, of a group of fields, of a table and of its rows: those of columns are out of sight on
    a telephone, and nobody could see a link in them that holds the focus.

    One that a partner wrote (`pisano-told`), or that leads somewhere already, stays as it is; so do labels, as
    whoever presses a label means its field.
    """
    waiting = list(found)

    def leading(heading: re.Match[str]) -> str:
        term, use = next(((one, use) for one in waiting if (use := _use(one, heading["text"]))), (None, None))
        if term is None or use is None:
            return heading[0]
        waiting.remove(term)
        link = f'<a class="pisano-word" href="#{term.place}" title="What this means">{use[0]}</a>'
        return heading["begin"] + heading["text"][: use.start()] + link + heading["text"][use.end() :] + heading["end"]

    return Markup(_HEADING.sub(leading, html))  # noqa: S704  # of HTML that is escaped already


_HEADING: Final = re.compile(
    r"(?P<begin><(?P<tag>h[1-4]|dt|legend|caption|th)\b(?![^>]*(?:pisano-told|visually-hidden|scope=\"col))[^>]*>)"
    r"(?P<text>(?:(?!<a\b|</(?:h[1-4]|dt|legend|caption|th)\b).)*)"
    r"(?P<end></(?P=tag)>)",
    re.S,
)


def _use(term: Term, text: str) -> re.Match[str] | None:
    return next((use for words in _said(term) if (use := _whole(words).search(text))), None)


def _said(term: Term) -> Sequence[str]:
    return *re.split(r", or |, ", term.word), *term.said


@cache
def _whole(words: str) -> re.Pattern[str]:
    """These words, as no part of others and in no tag."""
    return re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])(?![^<]*>)")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
