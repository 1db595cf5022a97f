"""Stays in hospital and visits to its emergency department, as partners' entries tell of them. Pure.

A stay is the whole of it: a ward of it is told as a part. Its method of admission is the NHS Data Dictionary's
ADMISSION METHOD CODE, as UK Core has it on an Encounter (Extension-UKCore-AdmissionMethod).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from app.mdt.one_person.entries import PersonEntries
from app.mdt.one_person.use import EMERGENCY, Followed, Spell, before
from app.record.sifted import Sifted
from app.vocabulary.london import london_date

PLANNED: Final = frozenset({"11", "12", "13", "2C", "31", "32", "81", "82", "83"})
_METHOD: Final = "AdmissionMethod"  # how the extension ends, of the trusts' and of mental health's list alike


class Encounter(NamedTuple):
    """A stay or a visit, with what tells of it."""

    entry: Sifted
    resource: dict[str, Any]
    began: datetime
    ended: datetime | None


def stays(person: PersonEntries) -> Iterator[Encounter]:
    """Those that have begun; one that never was, or is only planned, is none."""
    yield from _encounters(person, "IMP")


def visits(person: PersonEntries) -> Iterator[Encounter]:
    """Attendances at an emergency department."""
    yield from _encounters(person, "EMER")


def spell(stay: Encounter) -> Spell:
    """A stay by its days in London."""
    left = london_date(stay.ended) if stay.ended else None
    return Spell(admitted=london_date(stay.began), left=left, method=method_of(stay.resource))


def method_of(encounter: dict[str, Any]) -> str:
    """How somebody was admitted, as a code; empty where nobody says."""
    for extension in encounter.get("hospitalization", {}).get("extension", ()):
        if extension.get("url", "").endswith(_METHOD):
            return str(extension["valueCodeableConcept"]["coding"][0]["code"])
    return ""


def is_emergency(encounter: dict[str, Any]) -> bool | None:
    """Whether an admission was unforeseen; `None` where its method is not told, or is no code of either kind."""
    method = method_of(encounter)
    return True if method in EMERGENCY else False if method in PLANNED else None


def year_of_use(person: PersonEntries) -> tuple[str, ...]:
    """What somebody used in the 365 days up to the instant of their entries, in words; what is not known is told.

    Without any stay or visit in them it says so, which is not to say that there was none.
    """
    on = london_date(person.at)
    known, seen = [spell(one) for one in stays(person)], [london_date(one.began) for one in visits(person)]
    followed = Followed(index=on + timedelta(days=1), spells=known, attendances=seen)
    use, begins = before(followed), on - timedelta(days=364)
    within = [one for one in known if begins <= one.admitted <= on]
    unknown = sum(one.method not in EMERGENCY | PLANNED for one in within)
    planned = sum(one.method in PLANNED for one in within)
    return (
        f"Emergency admissions: {use.admissions}"
        + (f"; planned: {planned}" if planned else "")
        + (f"; how is not told: {unknown}" if unknown else ""),
        f"Nights in hospital after emergency admissions: {use.bed_days}",
        f"Visits to an emergency department: {use.attendances}",
    )


def _encounters(person: PersonEntries, kind: str) -> Iterator[Encounter]:
    for one in person.under("admissions", "Encounter"):
        began = one.entry.started
        if (
            one.resource.get("class", {}).get("code") == kind
            and "partOf" not in one.resource
            and began is not None
            and began <= person.at
            and one.entry.standing in ("current", "ended")
        ):
            yield Encounter(one.entry, one.resource, began, one.entry.ended)
