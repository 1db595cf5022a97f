"""How good what a partner sent is, told to that partner: what is wrong and how to mend it, what is missing, who waits.

It tells of the partner's own messages and of nobody: numbers, rules, and names of elements. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any, Final, NamedTuple

from app.adapters.fhir_bundle.times import read_of
from app.profiles.definitions import definitions
from app.profiles.rules import listed, verification_statuses
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.statement import Tracing

_GIVEN_HERE: Final = frozenset({"text", "meta", "subject", "patient", "for"})
_PARTED: Final = ("address", "telecom", "generalPractitioner", "contact")  # these stand in entries of their own
_OF_PATIENTS: Final = ("birthDate", *_PARTED)


class Sent(NamedTuple):
    """One entry that a partner stated: its type, whether it is the part of a Patient that says who they are, and when.

    `told` is when its source wrote it or it began, `stored` when it was held here.
    """

    kind: str
    resource: Mapping[str, Any]
    is_identity: bool
    told: datetime | None
    stored: datetime


@dataclass(slots=True)
class Measured:
    """What the newest entries of one feed show; `entries` is how many were looked at."""

    entries: int = 0
    people: int = 0
    present: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    of: Counter[str] = field(default_factory=Counter)
    nhs_numbers: Counter[str] = field(default_factory=Counter)
    delays: list[timedelta] = field(default_factory=list)

    def completeness(self) -> list[dict[str, Any]]:
        """Of each type and element that is read here, how many entries have it."""
        return [
            {"type": kind, "element": element, "present": self.present[kind, element], "of": self.of[kind]}
            for kind in sorted(self.of)
            for element in elements_read(kind)
        ]

    def timeliness(self) -> dict[str, Any]:
        """How long after they were written entries came, in hours: the median and the 95th percentile."""
        hours = [delay.total_seconds() / 3600 for delay in self.delays]
        if len(hours) < 2:  # of fewer there are no percentiles
            return {"of": len(hours), "median_hours": None, "p95_hours": None}
        places = quantiles(hours, n=20, method="inclusive")
        return {"of": len(hours), "median_hours": round(places[9], 1), "p95_hours": round(places[18], 1)}


def elements_read(kind: str) -> tuple[str, ...]:
    """The elements of a type that are read here: those of its profile, of its dates, and of where somebody lives.

    Alternatives are one, such as `effectiveDateTime|effectivePeriod|issued`.
    """
    definition = definitions().get(kind)
    named = [element.steps[0].name for element in definition.elements if element.steps] if definition else []
    dates = read_of(kind)
    own = [name for name in dict.fromkeys(named) if name not in _GIVEN_HERE and name not in dates]
    more = [name for name in _OF_PATIENTS if kind == "Patient" and name not in own]
    return (*own, *more, *(["|".join(dates)] if dates else []))


def measured(entries: Iterable[Sent]) -> Measured:
    """Look at entries."""
    found = Measured()
    for one in entries:
        found.entries += 1
        is_part = one.kind == "Patient" and not one.is_identity
        if not is_part:
            found.of[one.kind] += 1
        for element in elements_read(one.kind):
            if is_part == (one.kind == "Patient" and element in _PARTED) and _has(one.resource, element):
                found.present[one.kind, element] += 1
        if one.kind == "Patient" and one.is_identity:
            found.people += 1
            found.nhs_numbers[_nhs_number(one.resource)] += 1
        if one.told is not None and one.told <= one.stored:
            found.delays.append(one.stored - one.told)
    return found


def _has(resource: Mapping[str, Any], element: str) -> bool:
    return any(resource.get(name.partition(".")[0]) not in (None, [], {}) for name in element.split("|"))


def _nhs_number(patient: Mapping[str, Any]) -> str:
    """How the number that names a person stands, of what the partner says of it."""
    numbers = [one for one in listed(patient.get("identifier")) if one.get("system") == NHS_NUMBER]
    if not numbers:
        return "missing"
    verified = any(Tracing.VERIFIED in verification_statuses(one) for one in numbers)
    return "verified" if verified else "not-verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuality:
    """All that is told of one feed; each row is as the database counted it."""

    feed: str
    messages: Mapping[str, int]
    resources: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    waiting: Mapping[str, int]
    measured: Measured
    last_message_at: datetime | None
    late_since: datetime | None

    def told(self) -> dict[str, Any]:
        """As JSON."""
        failing = sum(one["times"] for one in self.findings if "nhs-" in one["rule"])
        waiting = sum(self.waiting.values())
        return {
            "feed": self.feed,
            "messages": self.messages,
            "resources": self.resources,
            "findings": self.findings,
            "completeness": self.measured.completeness(),
            "measured_of_newest": self.measured.entries,
            "matching": {
                "people": self.measured.people,
                "nhs_number": {
                    **{name: self.measured.nhs_numbers[name] for name in ("verified", "not-verified", "missing")},
                    "failing": failing,
                },
                "waiting": self.waiting,
                "found_share": _share(self.measured.people, waiting),
            },
            "timeliness": {
                "last_message_at": self.last_message_at,
                "late_since": self.late_since,
                **self.measured.timeliness(),
            },
        }


def _share(found: int, waiting: int) -> float | None:
    return round(found / (found + waiting), 3) if found + waiting else None
