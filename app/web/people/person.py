"""The page of one person, made of what their view answers; nothing is shown here that is not in it. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any, Final

from app.sharing.names import Names
from app.vocabulary.category import CATEGORIES
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.web.frame.wording import age, name_of, person_name, plain_date

MOST_UNDER_A_HEADING: Final = 5
"""Groups shown under each heading of the first page; the heading's own page shows them all."""

_NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 ]{7,15}")
_WARNINGS: Final = ("alerts", "staff-safety", "allergies", "safeguarding")
_ALLERGY: Final = "AllergyIntolerance"
_WARNING_TYPES: Final = ("Flag", _ALLERGY)
_NO_KNOWN: Final = "No known "  # as SNOMED CT terms begin that say so, such as `No known allergy`
_ABOUT_ME, _CARE_TEAM, _ADDRESS, _REQUIREMENTS = "about-me", "care-team", "address", "requirements"
_TEXTS: Final = {str(category): category.heading for category in CATEGORIES}

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """That the viewer opened the record with a reason, until an instant; else they would see less of it, or nothing."""

    until: datetime
    in_emergency: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """Why the viewer may look, and what that means."""

    text: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who it is, and whether the record is open for a while alone, on every page about them.

    `born` and `died` are worded; `age` is at death, where they died. `no_known` says that there is no
    known allergy, which warns of nothing.
    """

    name: str
    known_as: str
    nhs_number: str
    born: str
    age: int | None
    died: str
    gender: str
    language: str
    telephone: str
    warnings: tuple[str, ...]
    needs: tuple[str, ...]
    no_known: tuple[str, ...]
    opened: OpenedRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one partner states."""

    id: str
    title: str
    detail: str
    started: str | None
    ended: str | None
    recorded: str | None
    standing: str
    partner: str
    version: str


@dataclass(frozen=True, slots=True)
class Group:
    """Statements of one thing; `disagree` where partners state it differently."""

    statements: tuple[Statement, ...]
    disagree: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands under one heading; `silent` says of each partner without an entry there why it has none."""

    category: str
    text: str
    groups: tuple[Group, ...]
    silent: tuple[str, ...]

    @property
    def shown(self) -> tuple[Group, ...]:
        """As many as the person's first page has room for."""
        return self.groups[:MOST_UNDER_A_HEADING]


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
    what_matters: tuple[Statement, ...]
    involved: tuple[Statement, ...]
    now: tuple[Statement, ...]
    headings: tuple[Heading, ...]
    empty: tuple[Heading, ...]
    sources: tuple[Source, ...]
    notices: tuple[str, ...]
    grounds: tuple[Ground, ...] = ()

    def statement(self, number: str) -> Statement | None:
        """One statement, by its id."""
        return next((one for heading in self.headings for one in _statements(heading) if one.id == number), None)

    def heading(self, category: str) -> Heading | None:
        """One heading, with all that stands under it."""
        return next((one for one in (*self.headings, *self.empty) if one.category == category), None)


def person_page(view: Json, names: Names, role: str) -> PersonPage:
    """Make the page of a view's JSON, whose shape `app.record.view.PersonView.json` tells."""
    at = datetime.fromisoformat(view["at"])
    headings = [_heading(one, names) for one in sorted(view["headings"], key=_place_for(role))]
    by_category = {one.category: one for one in headings}
    by_id = {statement.id: statement for heading in headings for statement in _statements(heading)}
    return PersonPage(
        id=view["id"],
        at=at,
        banner=_banner(view, by_category, on=london_date(at)),
        what_matters=tuple(_standing(by_category.get(_ABOUT_ME))),
        involved=tuple(_standing(by_category.get(_CARE_TEAM))),
        now=tuple(by_id[number] for number in view["now"]),
        headings=tuple(one for one in headings if one.groups),
        empty=tuple(one for one in headings if not one.groups),
        sources=_sources(view["sources"], names),
        notices=_notices(view["notices"]),
    )


def timeline(view: Json, page: PersonPage) -> Iterator[tuple[Heading, Statement]]:
    """What has a date, the newest first, each with the heading that it stands under."""
    by_id = {one.id: (heading, one) for heading in page.headings for one in _statements(heading)}
    return (by_id[number] for number in view["timeline"])


def _orders() -> dict[str, list[str]]:
    source = resources.files(__package__).joinpath("heading_order.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


ORDERS: Final = _orders()


def _place_for(role: str) -> Any:
    order = [*ORDERS.get(role, ()), *CATEGORIES]
    return lambda heading: order.index(heading["category"])


def _heading(heading: Json, names: Names) -> Heading:
    return Heading(
        category=heading["category"],
        text=heading["heading"],
        groups=tuple(
            Group(tuple(_statement(one, names) for one in group["statements"]), group["disagree"])
            for group in heading["entries"]
        ),
        silent=tuple(_silences(heading["silent"], names)),
    )


def _statement(one: Json, names: Names) -> Statement:
    return Statement(
        id=one["id"],
        title=one["title"],
        detail=one["detail"],
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


def _statements(heading: Heading | None) -> Iterator[Statement]:
    return (one for group in heading.groups for one in group.statements) if heading else iter(())


def _standing(heading: Heading | None) -> Iterator[Statement]:
    """What still holds, or is to come."""
    return (one for one in _statements(heading) if one.standing in ("current", "planned"))


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


def _banner(view: Json, headings: Mapping[str, Heading], *, on: date) -> Banner:
    who: Json = view["identity"] or {}
    born, died = _stated_date(who.get("birthDate")), _stated_date(who.get("deceasedDateTime"))
    warnings = [title for _, title in _warnings(view)]
    no_known = [title for kind, title in _warnings(view) if kind == _ALLERGY and title.startswith(_NO_KNOWN)]
    return Banner(
        name=person_name(who),
        known_as=name_of(who, "nickname"),
        nhs_number=next(
            (
                NHSNumber(one["value"]).spaced
                for one in who.get("identifier", ())
                if one.get("system") == _NHS_NUMBER and one.get("value")
            ),
            "",
        ),
        born=plain_date(who.get("birthDate")),
        age=age(born, died or on) if born else None,
        died=plain_date(died) or ("yes" if who.get("deceasedBoolean") else ""),
        gender=who.get("gender", ""),
        language=_language(who),
        telephone=_telephone(headings.get(_ADDRESS)),
        warnings=tuple(title for title in warnings if title not in no_known),
        needs=tuple(one.title for one in _standing(headings.get(_REQUIREMENTS))),
        no_known=tuple(no_known),
    )


def _stated_date(text: str | None) -> date | None:
    """The day, where one is stated whole: a year alone tells no age."""
    return date.fromisoformat(text[:10]) if text and len(text) >= 10 else None


def _telephone(contact_details: Heading | None) -> str:
    """The number that was stated last, where a partner states one and nothing else with it."""
    return next((one.detail for one in _standing(contact_details) if _TELEPHONE.fullmatch(one.detail)), "")


def _language(who: Json) -> str:
    """What they would rather speak, where it is not English."""
    for one in who.get("communication", ()):
        language = one.get("language", {})
        coding: Json = next(iter(language.get("coding", ())), {})
        if coding.get("code", "").lower() not in ("en", "eng", "en-gb"):
            text: str = language.get("text") or coding.get("display", "")
            return text
    return ""


def _warnings(view: Json) -> Iterator[tuple[str, str]]:
    """What must be seen before anything else: alerts, dangers to visiting staff, allergies, safeguarding; by type."""
    for heading in view["headings"]:
        if heading["category"] in _WARNINGS:
            for group in heading["entries"]:
                first = group["statements"][0]
                if first["standing"] == "current" and first["type"] in _WARNING_TYPES:
                    yield first["type"], first["title"]
