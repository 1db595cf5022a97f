"""Who somebody is, as the banner on every page about them tells it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.plain_time import plain_date
from app.web.frame.wording import age, name_of, person_name
from app.web.people.contacting import Contacting, language
from app.web.people.stated import Heading, standing_under

_WARNINGS: Final = ("alerts", "staff-safety", "allergies", "safeguarding", "child-protection")
_ALLERGY: Final = "AllergyIntolerance"
_WARNING_TYPES: Final = ("Flag", _ALLERGY)
_NO_KNOWN: Final = "No known "  # as SNOMED CT terms begin that say so, such as `No known allergy`
_REQUIREMENTS: Final = "requirements"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """That the viewer opened the record with a reason, until an instant; else they would see less of it, or nothing."""

    until: datetime
    in_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who it is, and whether the record is open for a while alone, on every page about them.

    `born` and `died` are worded; `age` is at death, where they died. `no_known` says that there is no
    known allergy, which warns of nothing. `telephone` is all that its partner states of it, of which
    `number` can be rung.
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
    number: str
    is_told_how_to_contact: bool
    warnings: tuple[str, ...]
    needs: tuple[str, ...]
    no_known: tuple[str, ...]
    opened: OpenedRecord | None = None


def banner_of(view: Json, headings: Mapping[str, Heading], contact: Contacting, *, on: date) -> Banner:
    """The banner of a view; `on` is the London date by which a person has their age."""
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
                if one.get("system") == NHS_NUMBER and one.get("value")
            ),
            "",
        ),
        born=plain_date(who.get("birthDate")),
        age=age(born, died or on) if born else None,
        died=plain_date(died) or ("yes" if who.get("deceasedBoolean") else ""),
        gender=who.get("gender", ""),
        language=language(who) or contact.language,
        telephone=contact.telephone.statement.detail if contact.telephone else "",
        number=contact.telephone.number if contact.telephone else "",
        is_told_how_to_contact=contact.is_known,
        warnings=tuple(title for title in warnings if title not in no_known),
        needs=tuple(one.title for one in standing_under(headings.get(_REQUIREMENTS))),
        no_known=tuple(no_known),
    )


def _stated_date(text: str | None) -> date | None:
    """The day, where one is stated whole: a year alone tells no age."""
    return date.fromisoformat(text[:10]) if text and len(text) >= 10 else None


def _warnings(view: Json) -> Iterator[tuple[str, str]]:
    """What must be seen before anything else: alerts, dangers to visiting staff, allergies, safeguarding; by type."""
    for heading in view["headings"]:
        if heading["category"] in _WARNINGS:
            for group in heading["entries"]:
                first = group["statements"][0]
                if first["standing"] == "current" and first["type"] in _WARNING_TYPES:
                    yield first["type"], first["title"]
