"""What comes before all else wherever somebody is shown: their name, their NHS number, what to beware of. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from app.sharing.names import Names
from app.vocabulary.fhir_elements import WHOLE_DAY
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.plain_time import plain_date

_UNDER: Final = ("alerts", "staff-safety", "allergies", "safeguarding", "child-protection")
_ALLERGY: Final = "AllergyIntolerance"
_TYPES: Final = ("Flag", _ALLERGY)
_NO_KNOWN: Final = "No known "  # as SNOMED CT terms begin that say so, such as `No known allergy`

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Warned:
    """What one entry warns of; `entry` is its id, by which who says so and since when is found."""

    title: str
    entry: str


class Beware(NamedTuple):
    """What warns of something, in the order in which it is read; `no_known` are allergies said not to be known."""

    warnings: tuple[Warned, ...]
    no_known: tuple[Warned, ...]


class Death(NamedTuple):
    """Whether somebody died, as it is told: `day` where all who say so mean one, and nobody says that they live."""

    said: str
    day: date | None

    def until(self, on: date) -> date | None:
        """The day by which they have their age, `on` while they live; `None` where it is not certain when they died."""
        return self.day if self.said else on


def person_name(identity: Json | None) -> str:
    """What somebody is called wherever they are named; empty where no name may be read."""
    return name_of(identity or {}, "official", "usual")


def name_of(identity: Json, *uses: str) -> str:
    """The name of the first of these uses (FHIR `HumanName.use`) that somebody has, as it is written out."""
    named = {one.get("use", "official"): one for one in reversed(identity.get("name", ()))}
    chosen = next((named[use] for use in uses if use in named), None)
    if chosen is None:
        return ""
    text: str = chosen.get("text") or " ".join(
        [*chosen.get("prefix", ()), *chosen.get("given", ()), chosen.get("family", "")]
    )
    return text.strip()


def spaced_number(identity: Json) -> str:
    """The NHS number as people read it aloud; empty where none may be read."""
    numbers = (one for one in identity.get("identifier", ()) if one.get("system") == NHS_NUMBER and one.get("value"))
    return next((NHSNumber(one["value"]).spaced for one in numbers), "")


def beware(view: Json) -> Beware:
    """Alerts, dangers to visiting staff, allergies and safeguarding that stand in a view's JSON."""
    told = list(_stated(view))
    no_known = [one for kind, one in told if kind == _ALLERGY and one.title.startswith(_NO_KNOWN)]
    return Beware(tuple(one for _, one in told if one not in no_known), tuple(no_known))


def death(view: Json, names: Names) -> Death:
    """What partners say in a view's JSON, whichever account names the person; who says what where they differ."""
    told = sorted(set(_lives_and_deaths(view)), reverse=True)
    days = {one.day for one in told if one.died and one.day}
    if not any(one.died for one in told):
        return Death("", None)
    if len(days) > 1 or not all(one.died for one in told):
        return Death("; ".join(one.said(names) for one in told), None)
    day = max(days, default="")
    return Death(plain_date(day) or "yes", date.fromisoformat(day) if len(day) == WHOLE_DAY else None)


class _Account(NamedTuple):
    died: bool
    day: str
    partner: str
    recorded: str

    def said(self, names: Names) -> str:
        state = plain_date(self.day) or ("yes" if self.died else "alive")
        recorded = f" on {plain_date(self.recorded)}" if self.recorded else ""
        return f"{state}, says {names.partner(self.partner)}{recorded}"


def _lives_and_deaths(view: Json) -> Iterator[_Account]:
    """Each account that says either; the day as far as it is told."""
    demographics = next((one for one in view["headings"] if one["category"] == "demographics"), {"entries": ()})
    for one in (one for group in demographics["entries"] for one in group["statements"]):
        who = one.get("identity", {}) if one["standing"] == "current" else {}
        day = who.get("deceasedDateTime", "")[:WHOLE_DAY]
        if day or "deceasedBoolean" in who:
            died = bool(day) or who["deceasedBoolean"]
            yield _Account(died, day, one["source"]["partner"], one["recorded"] or "")


def _stated(view: Json) -> Iterator[tuple[str, Warned]]:
    """Each with the type of its resource."""
    by_category = {heading["category"]: heading for heading in view["headings"]}
    for category in _UNDER:
        for group in by_category[category]["entries"] if category in by_category else ():
            first = group["statements"][0]
            if first["standing"] == "current" and first["type"] in _TYPES:
                yield first["type"], Warned(first["title"], first["id"])
