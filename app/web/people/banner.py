"""Who somebody is, as the banner on every page about them tells it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from app.record.read.foremost import Warned, beware, death, name_of, person_name, spaced_number
from app.sharing.names import Names
from app.vocabulary.plain_time import age, plain_date
from app.web.people.contacting import Contacting, language
from app.web.people.stated import Heading, standing_under

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
    warnings: tuple[Warned, ...]
    needs: tuple[Warned, ...]
    no_known: tuple[Warned, ...]
    opened: OpenedRecord | None = None


def banner_of(view: Json, headings: Mapping[str, Heading], contact: Contacting, names: Names, *, on: date) -> Banner:
    """The banner of a view; `on` is the London date by which a person has their age."""
    who: Json = view["identity"] or {}
    born, died = _stated_date(who.get("birthDate")), death(view, names)
    until = died.until(on)
    warned = beware(view)
    return Banner(
        name=person_name(who),
        known_as=name_of(who, "nickname"),
        nhs_number=spaced_number(who),
        born=plain_date(who.get("birthDate")),
        age=age(born, until) if born and until else None,
        died=died.said,
        gender=who.get("gender", ""),
        language=language(who) or contact.language,
        telephone=contact.telephone.number + contact.telephone.beside if contact.telephone else "",
        number=contact.telephone.number if contact.telephone else "",
        is_told_how_to_contact=contact.is_known,
        warnings=warned.warnings,
        needs=tuple(Warned(one.title, one.id) for one in standing_under(headings.get(_REQUIREMENTS))),
        no_known=warned.no_known,
    )


def _stated_date(text: str | None) -> date | None:
    """The day, where one is stated whole: a year alone tells no age."""
    return date.fromisoformat(text[:10]) if text and len(text) >= 10 else None
