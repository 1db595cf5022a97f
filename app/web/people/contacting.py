"""How to contact somebody safely, as far as partners state it and the viewer may see it; nothing is concluded. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from app.web.people.stated import Heading, Statement, standing_under

_SAID: Final = ("staff-safety", "requirements")
"""Headings of which every line bears on a visit, a call or a letter."""

_WAYS, _IDENTITY = "address", "demographics"
_NEEDED: Final = {*_SAID, _WAYS}
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ]{7,15}(?=$|,| \()")
_MAIL: Final = re.compile(r"\S+@\S+\.\S+")
_ENGLISH: Final = frozenset({"en", "eng", "en-gb"})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """A number that can be rung, "" where there is none, what is stated beside it, and who states both."""

    number: str
    beside: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacting:
    """What is said of how to contact a person, by what addresses and numbers, and what the viewer's role never sees.

    `language` is what they would rather speak, where it is not English and a partner says so. `ways` are telephone
    numbers and addresses of electronic mail, each with what its partner says of using it.
    """

    language: str
    said: tuple[Statement, ...]
    ways: tuple[Way, ...]
    unseen: tuple[str, ...]

    @property
    def telephone(self) -> Way | None:
        """The telephone number that was stated last."""
        return next((one for one in self.ways if one.number), None)

    @property
    def is_known(self) -> bool:
        """Whether anybody says how, or warns: a bare number says nothing of whether it is safe to ring."""
        return bool(self.said) or any(" (" in one.beside for one in self.ways)


def contacting(view: Json, headings: Mapping[str, Heading], hidden: Mapping[str, str]) -> Contacting:
    """Of a view and its headings; `hidden` are the titles of the headings that the viewer's role never sees."""
    said = [one for category in _SAID for one in standing_under(headings.get(category))]
    accounts = list(_of_their_accounts(view, headings))
    ways = _ways(standing_under(headings.get(_WAYS)))
    return Contacting(
        language=next((spoken for spoken, _ in accounts if spoken), ""),
        said=(*said, *(one for _, one in accounts)),
        ways=tuple(one for one in ways if one.number or _MAIL.search(one.beside)),
        unseen=tuple(title for category, title in hidden.items() if category in _NEEDED),
    )


def _ways(statements: Iterable[Statement]) -> Iterator[Way]:
    """Each once, whoever else states the same of it."""
    told: dict[str, list[Statement]] = {}
    for one in statements:
        told.setdefault(one.detail, []).append(one)
    for detail, same in told.items():
        rung = _NUMBER.match(detail)
        number = rung[0] if rung else ""
        yield Way(number, detail[len(number) :], tuple(same))


def language(who: Json) -> str:
    """What they would rather speak, where it is not English."""
    for one in who.get("communication", ()):
        told = one.get("language", {})
        coding: Json = next(iter(told.get("coding", ())), {})
        if coding.get("code", "").lower() not in _ENGLISH:
            text: str = told.get("text") or coding.get("display", "")
            return text
    return ""


def _of_their_accounts(view: Json, headings: Mapping[str, Heading]) -> Iterator[tuple[str, Statement]]:
    """Each partner's own word on the language that they speak, and on the ways of contact that they prefer."""
    accounts = {
        line["id"]: line.get("identity", {})
        for heading in view["headings"]
        if heading["category"] == _IDENTITY
        for group in heading["entries"]
        for line in group["statements"]
    }
    for one in standing_under(headings.get(_IDENTITY)):
        spoken = language(accounts[one.id])
        if spoken or one.detail:
            yield spoken, replace(one, title=f"Speaks {spoken}") if spoken else one
