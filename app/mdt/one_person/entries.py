"""One person's permitted entries, by heading and parsed once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from dateutil.relativedelta import relativedelta

from app.record.sifted import Sifted
from app.risk.icd_10 import bare
from app.vocabulary.fhir_systems import ICD_10
from app.vocabulary.london import london_date

LocalityOf = Callable[[Iterable[str], Iterable[str]], str | None]
"""Where someone belongs, by their practices, else by their postcodes; `None` where that cannot be told."""


class Stated(NamedTuple):
    """An entry, and what it says as FHIR."""

    entry: Sifted
    resource: dict[str, Any]

    def lasts(self, at: datetime) -> bool:
        """Whether it has begun, stands, and has not ended."""
        started, ended = self.entry.started, self.entry.ended
        return self.entry.standing == "current" and (started is None or started <= at) and (ended is None or ended > at)


@dataclass(frozen=True)
class PersonEntries:
    """What may be read of one person, as at an instant in UTC."""

    entries: Sequence[Sifted]
    at: datetime
    _read: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _by_heading(self) -> dict[tuple[str, str], list[Sifted]]:
        under: dict[tuple[str, str], list[Sifted]] = {}
        for entry in self.entries:
            under.setdefault((entry.label.category, entry.kind), []).append(entry)
        return under

    def as_at(self, at: datetime) -> "PersonEntries":
        """What had begun before another instant, and no more."""
        return PersonEntries([one for one in self.entries if one.started is None or one.started < at], at, self._read)

    @cached_property
    def _parsed(self) -> dict[tuple[str, str], list[Stated]]:
        return {}

    def under(self, category: str, kind: str) -> Sequence[Stated]:
        """The entries of one resource type under a heading; parsed when they are first asked for."""
        heading = (category, kind)
        if heading not in self._by_heading:
            return ()
        if heading not in self._parsed:
            self._parsed[heading] = [Stated(entry, self._says(entry)) for entry in self._by_heading[heading]]
        return self._parsed[heading]

    def _says(self, entry: Sifted) -> dict[str, Any]:
        if entry.number not in self._read:
            self._read[entry.number] = orjson.loads(entry.content)
        return self._read[entry.number]

    @cached_property
    def patients(self) -> list[Stated]:
        """Each partner's account of who the person is."""
        return list(self.under("demographics", "Patient"))

    @cached_property
    def died(self) -> bool:
        """Whether any partner says so."""
        return any(
            one.resource.get("deceasedBoolean") is True or "deceasedDateTime" in one.resource for one in self.patients
        )

    @cached_property
    def age(self) -> int | None:
        """In whole years; `None` where no date of birth may be read, or where partners state different ones."""
        return self.age_on(london_date(self.at))

    def age_on(self, day: date) -> int | None:
        """The same on another day."""
        return relativedelta(day, self._born).years if self._born else None

    @cached_property
    def _born(self) -> date | None:
        stated = {one.resource["birthDate"] for one in self.patients if len(one.resource.get("birthDate", "")) == 10}
        return date.fromisoformat(stated.pop()) if len(stated) == 1 else None

    @cached_property
    def diagnoses(self) -> list[tuple[str, Stated]]:
        """Each ICD-10 code that stands, bare, with the entry that states it."""
        return [
            (code, one)
            for one in self.under("problems", "Condition")
            for coding in one.resource.get("code", {}).get("coding", ())
            if coding.get("system") == ICD_10 and (code := bare(coding.get("code", "")))
        ]

    def practices(self) -> Iterator[str]:
        """The ODS codes of practices with which partners say that the person is registered."""
        for one in self.under("gp-practice", "Patient"):
            for practice in one.resource.get("generalPractitioner", ()):
                if code := practice.get("identifier", {}).get("value"):
                    yield code

    def postcodes(self) -> Iterator[str]:
        """Those of the addresses at which partners say that the person lives."""
        for one in self.under("address", "Patient"):
            for address in one.resource.get("address", ()):
                if code := address.get("postalCode"):
                    yield code
