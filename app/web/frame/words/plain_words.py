"""What pages explain: help for what somebody is doing, and the words of other professions that stand on a page."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from markupsafe import Markup

from app.vocabulary.glossary import Term


class Topic(NamedTuple):
    """Help for one job; `pages` are patterns of the addresses that it is about."""

    name: str
    title: str
    pages: Sequence[str]
    text: Sequence[str]


@cache
def topics() -> Mapping[str, Topic]:
    """All help there is, by name, in the order in which it is read."""
    told = tomllib.loads(resources.files(__package__).joinpath("help.toml").read_text(encoding="utf-8"))
    return {one["name"]: Topic(**one) for one in told["topic"]}


def topic_of(path: str) -> Topic | None:
    """The help for the page at an address."""
    return next((one for one in topics().values() if any(re.match(page, path) for page in one.pages)), None)


def explained(html: str, found: Iterable[Term]) -> Markup:
    """The same HTML: where one of these words first stands in a heading or a name of ours, it leads to what it means.

    Names are those of a fact, of a group of fields, of a table and of its rows: those of columns are out of sight on
    a telephone, and nobody could see a link in them that holds the focus.

    One that a partner wrote (`pisano-told`), or that leads somewhere already, stays as it is; so do labels, as
    whoever presses a label means its field.
    """
    waiting = list(found)

    def leading(heading: re.Match[str]) -> str:
        term, use = next(((one, use) for one in waiting if (use := one.use_in(heading["text"]))), (None, None))
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
