"""The page of one person, made of what their view answers; nothing is shown here that is not in it. Pure."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any, Final

from app.sharing.names import Names
from app.vocabulary.category import CATEGORIES
from app.vocabulary.contact_point import holding
from app.vocabulary.london import london_date
from app.vocabulary.plain_time import plain_date
from app.web.people.banner import Banner, banner_of
from app.web.people.contacting import Contacting, contacting
from app.web.people.stated import Group, Heading, Statement, all_under, folded, standing_under

_ABOUT_ME, _CARE_TEAM = "about-me", "care-team"
_NEVER_SILENT: Final = ("medications", "allergies")
"""Headings at which nothing is not left out: whoever reads none may take it that there is none."""
_TEXTS: Final = {str(category): category.heading for category in CATEGORIES}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why the viewer may look, and what that means."""

    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Source:
    """How fresh one partner's feed is."""

    partner: str
    feed: str
    last_message_at: datetime | None
    late_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """All that the page shows, in the order in which the viewer's profession reads."""

    id: str
    at: datetime
    banner: Banner
    contacting: Contacting
    what_matters: tuple[Statement, ...]
    involved: tuple[Statement, ...]
    now: tuple[Statement, ...]
    headings: tuple[Heading, ...]
    empty: tuple[Heading, ...]
    sources: tuple[Source, ...]
    notices: tuple[str, ...]
    grounds: tuple[Ground, ...] = ()
    joined: tuple[str, ...] = ()

    def statement(self, number: str) -> Statement | None:
        """One statement, by its id."""
        return next((one for heading in self.headings for one in all_under(heading) if one.id == number), None)

    def heading(self, category: str) -> Heading | None:
        """One heading, with all that stands under it."""
        return next((one for one in (*self.headings, *self.empty) if one.category == category), None)


def person_page(view: Json, names: Names, role: str) -> PersonPage:
    """Make the page of a view's JSON, whose shape `app.record.read.view.PersonView.json` tells."""
    at = datetime.fromisoformat(view["at"])
    headings = [_heading(one, names, london_date(at)) for one in sorted(view["headings"], key=_place_for(role))]
    by_category = {one.category: one for one in headings}
    hidden = {category: _TEXTS[category] for category in view["notices"]["not_for_role"]}
    contact = contacting(view, by_category, hidden)
    by_id = {statement.id: statement for heading in headings for statement in all_under(heading)}
    return PersonPage(
        id=view["id"],
        at=at,
        banner=banner_of(view, by_category, contact, names, on=london_date(at)),
        contacting=contact,
        what_matters=tuple(standing_under(by_category.get(_ABOUT_ME))),
        involved=tuple(standing_under(by_category.get(_CARE_TEAM))),
        now=tuple(by_id[number] for number in view["now"]),
        headings=tuple(one for one in headings if _is_told(one)),
        empty=tuple(one for one in headings if not _is_told(one)),
        sources=_sources(view["sources"], names),
        notices=_notices(view["notices"]),
    )


def _is_told(heading: Heading) -> bool:
    return bool(heading.groups) or heading.category in _NEVER_SILENT


def timeline(view: Json, page: PersonPage) -> Iterator[tuple[Heading, Statement]]:
    """What has a date, the newest first, each under its heading; a report that only repeats its result is left out."""
    groups = [(heading, group) for heading in page.headings for group in heading.groups]
    by_id = {
        one.id: (heading, one) for heading, group in groups for one in group.statements[: 1 if group.folds else None]
    }
    return (by_id[number] for number in view["timeline"] if number in by_id)


def _orders() -> dict[str, list[str]]:
    source = resources.files(__package__).joinpath("heading_order.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


ORDERS: Final = _orders()


def _place_for(role: str) -> Any:
    order = [*ORDERS.get(role, ()), *CATEGORIES]
    return lambda heading: order.index(heading["category"])


def _heading(heading: Json, names: Names, on: date) -> Heading:
    return Heading(
        category=heading["category"],
        text=heading["heading"],
        groups=folded(
            [
                Group(tuple(_statement(one, names, on) for one in group["statements"]), group["disagree"])
                for group in heading["entries"]
            ]
        ),
        silent=tuple(_silences(heading["silent"], names)),
    )


def _statement(one: Json, names: Names, on: date) -> Statement:
    return Statement(
        id=one["id"],
        title=names.told(one["title"]),
        detail=names.told(holding(one["detail"], one.get("lapses", ()), on=on)),
        started=one["started"],
        ended=one["ended"],
        recorded=one["recorded"],
        standing=one["standing"],
        partner=names.partner(one["source"]["partner"]),
        version=one["version"],
    )


def _silences(silent: Json, names: Names) -> Iterator[str]:
    nothing = sorted(names.partner(code) for code in silent.get("nothing_recorded", ()))
    if nothing:
        yield f"{_listed(nothing)} recorded nothing here"
    for code, since in silent.get("feed_late", {}).items():
        yield f"{names.partner(code)} is late: nothing came since {plain_date(since)}, so this may be out of date"
    unfed = sorted(names.partner(code) for code in silent.get("no_feed", ()))
    if unfed:
        yield f"{_listed(unfed)} {'does' if len(unfed) == 1 else 'do'} not send this"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sources(sources: Sequence[Json], names: Names) -> tuple[Source, ...]:
    return tuple(
        Source(
            names.partner(one["partner"]), one["feed"], _instant(one["last_message_at"]), _instant(one["late_since"])
        )
        for one in sources
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _notices(notices: Json) -> tuple[str, ...]:
    hidden = [_TEXTS[category] for category in notices["not_for_role"]]
    role = f"{notices['role']}: {', '.join(hidden).lower()}." if hidden else ""
    return tuple(filter(None, (notices["banner"], role, notices["withheld"])))
