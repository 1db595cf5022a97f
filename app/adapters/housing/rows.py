"""One row of a table, read field by field: the same whether it came as JSON or as a line of CSV."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

from app.adapters.delimited import read_date
from app.vocabulary.london import from_london, london_date, london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Finding, Severity

_FAR = r"(?:2079|20[89]\d|2[1-9]\d\d|[3-9]\d{3})"  # smalldatetime of SQL Server ends in 2079
_NO_DATE: Final = re.compile(
    rf"(?:0001-01-01|1753-01-01|1899-12-30|1900-01-01|{_FAR}-\d\d-\d\d"
    rf"|0?1/0?1/(?:0001|1753|1900)|30/12/1899|\d\d?/\d\d?/{_FAR})(?!\d)"
)
"""What systems write where a date is required and there is none: the first and last days that databases know."""

_ZONED: Final = re.compile(r"T.*(?:Z|[+-]\d\d(?::?\d\d)?)")
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_YES: Final = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


_OF_PERSONS: Final = ("person_id", "tenant_id", "household_member_id")
_LONGEST_ID: Final = 100


class Row:
    """One row. What is wrong with a field is kept in `findings`; the field then reads as if it were empty."""

    __slots__ = ("fields", "findings", "kind", "line", "partner")

    def __init__(self, kind: str, fields: Mapping[str, Any], *, line: int, partner: OdsCode) -> None:
        self.kind, self.fields, self.line, self.partner = kind, fields, line, partner
        self.findings: list[Finding] = []

    def text(self, name: str) -> str:
        """The text of a field, stripped; "" where there is none. Control characters are left out, and told of."""
        value = self.fields.get(name)
        if not value:
            return ""
        if not isinstance(value, str):
            self.warn(name, "is no text; it was not read")
            return ""
        if not value.isprintable() and _UNFIT.search(value):
            self.warn(name, "holds control characters; they were left out")
            value = _UNFIT.sub("", value)
        return value.strip()

    def first(self, *names: str) -> str:
        """The text of the first of these fields that has any."""
        for name in names:
            if text := self.text(name):
                return text
        return ""

    def on(self, name: str) -> date | None:
        """The London date of a field; `None` where it has none, says "never" in a database's way, or is no date."""
        try:
            return day_of(self.text(name))
        except ValueError:
            self.warn(name, "is no date; write it 2025-04-01")
            return None

    def at(self, name: str) -> datetime | None:
        """The instant of a field, in UTC: without a zone London's clock is meant, without a time its midnight."""
        try:
            return instant_of(self.text(name))
        except ValueError:
            self.warn(name, "is no date and time; write it 2025-04-01T09:30:00")
            return None

    def yes(self, name: str) -> bool | None:
        """Whether a field says yes or no; `None` where it says neither."""
        value = self.fields.get(name)
        if isinstance(value, bool):
            return value
        text = self.text(name)
        answer = _YES.get(text.lower())
        if text and answer is None:
            self.warn(name, "is neither yes nor no; it was not read")
        return answer

    def warn(self, name: str, text: str) -> None:
        """Tell, once, of a field that could not be read as it should."""
        self.tell(self._finding(name, Severity.WARNING, f"`{name}` {text}"))

    def tell(self, finding: Finding) -> None:
        """Keep a finding of the row, once."""
        if finding not in self.findings:
            self.findings.append(finding)

    def refusal(self, required: Sequence[str], dates: Sequence[str] = ()) -> Finding | None:
        """Why the row cannot be read at all: a required field is empty, a date on which it hangs is none, or it ends
        before it starts.
        """
        for name in required:
            if not self.text(name):
                return self.refused(name, f"`{name}` is required")
        for name in _OF_PERSONS:
            if len(self.text(name)) > _LONGEST_ID:
                return self.refused(name, f"`{name}` is too long for an identifier")
        for name in dates:
            try:
                day_of(self.text(name))
            except ValueError:
                return self.refused(name, f"`{name}` is no date; write it 2025-04-01")
        started, ended = self.on("start_date"), self.on("end_date")
        if started and ended and ended < started:
            return self.refused("end_date", "`end_date` is before `start_date`; mend the one that is wrong")
        return None

    def refused(self, name: str, text: str) -> Finding:
        """The finding that refuses the row for a field."""
        return self._finding(name, Severity.REFUSED, text)

    def _finding(self, name: str, severity: Severity, text: str) -> Finding:
        return Finding(rule=f"housing {self.kind}.{name}", severity=severity, line=self.line, text=text)


@lru_cache(maxsize=8192)
def day_of(text: str) -> date | None:
    """The London date that a text gives: an instant with a zone is told by London's calendar. Raises `ValueError`."""
    if _NO_DATE.match(text):
        return None
    if _ZONED.search(text):
        instant = instant_of(text)
        return london_date(instant) if instant else None
    return read_date(text)


@lru_cache(maxsize=8192)
def instant_of(text: str) -> datetime | None:
    """The instant in UTC that a text gives. Raises `ValueError`."""
    if _NO_DATE.match(text):
        return None
    head, _, clock = text.replace("T", " ", 1).partition(" ")
    day = read_date(head)
    if day is None:
        return None
    if not clock:
        return london_midnight(day)
    moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
    return moment.astimezone(UTC) if moment.tzinfo else from_london(moment)
