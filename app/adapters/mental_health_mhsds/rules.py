"""The checks of one row by the rules that MHSDS publishes, and the row as the other modules read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.adapters import delimited
from app.adapters.delimited import read_date
from app.adapters.mental_health_mhsds.moments import Moment, at, on, read_time, read_timestamp
from app.adapters.mental_health_mhsds.tables import CodeSet, Column, Table
from app.vocabulary.statement import Finding, Severity

_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "date": read_date,
    "time": read_time,
    "timestamp": read_timestamp,
}


_NO_ENDS: Final = frozenset({"PersDeathDate", "CarePlanLastUpdateDate"})  # of a span; what is told goes on beyond them


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was checked: `""` stands for what is empty, absent or unreadable; of which the last is `unread`."""

    table: str
    line: int
    values: dict[str, str]
    unread: set[str] = field(default_factory=set)

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def date(self, column: str) -> date | None:
        """The day in a column of dates."""
        return read_date(self.values[column])

    def moment(self, column: str, clock: str = "") -> Moment | None:
        """The day in one column with the time in another; the day alone where there is no time."""
        day = read_date(self.values[column])
        if day is None:
            return None
        written = clock and self.values[clock]
        return at(day, read_time(written)) if written else on(day)

    def start(self, column: str, clock: str = "") -> Moment:
        """As `moment`, of a column without which the row would have been refused."""
        found = self.moment(column, clock)
        if found is None:
            raise LookupError(f"{self.table}: {column} is not marked as needed")
        return found

    def end(self, after: Moment, column: str, clock: str = "") -> Moment | None:
        """As `moment`, of an end: one that is a day without a time never lies before a start on the same day."""
        found = self.moment(column, clock)
        return found if found is None or found.instant >= after.instant else Moment(after.instant, found.fhir)

    def refused(self, rule: str, text: str) -> Finding:
        """Say why nothing was made of this row."""
        return Finding(rule=rule, severity=Severity.REFUSED, line=self.line, text=text, part=self.table)

    def warning(self, rule: str, text: str) -> Finding:
        """Say what is wrong with this row, of which something was made all the same."""
        return Finding(rule=rule, severity=Severity.WARNING, line=self.line, text=text, part=self.table)


def check(table: Table, found: delimited.Row, version: int) -> tuple[Row, list[Finding]]:
    """Check one row by the rules of a version (5 or 6); it must not be used if a finding refuses it.

    A code that lost its leading zero is mended; any other outside its set is kept as given, with a warning. What cannot
    be read is left out with a warning, and refuses the row where it is needed.
    """
    row = Row(table.name, found.line, dict(zip(table.names, found.values, strict=True)))
    findings: list[Finding] = []
    values = row.values
    for column in table.columns:
        value = values[column.name]
        if not value:
            if column.rule and version >= column.since:
                findings.append(_say(table, row, column, column.rule, f"{column.name} is empty; it is mandatory"))
        elif len(value) > column.longest:
            values[column.name] = ""
            row.unread.add(column.name)
            text = f"{column.name} is longer than {column.longest} characters; check whether columns have shifted"
            findings.append(_say(table, row, column, "mhsds-length", text))
        elif column.codes is not None:
            if value not in column.codes.labels:
                findings.extend(_mend_code(row, column, column.codes))
        elif column.kind != "text":
            try:
                _READERS[column.kind](value)
            except ValueError as error:
                values[column.name] = ""
                row.unread.add(column.name)
                text = f"{column.name} cannot be read: {error}"
                findings.append(_say(table, row, column, f"mhsds-{column.kind}", text))
    return row, findings + _backwards(table, row)


def _say(table: Table, row: Row, column: Column, rule: str, text: str) -> Finding:
    """What lacks what is needed is refused; so is what tells of an end that cannot be read, as it would go on."""
    ends = {end for _, end in table.spans} - _NO_ENDS
    is_lost = column.name in row.unread and column.name in ends
    return row.refused(rule, text) if column.needed or is_lost else row.warning(rule, text)


def _mend_code(row: Row, column: Column, codes: CodeSet) -> list[Finding]:
    mended = codes.spellings.get(row.values[column.name].lstrip("0").casefold())
    if mended is not None:
        row.values[column.name] = mended
        return []
    return [row.warning(column.code_rule, f"{column.name} is no national code; it is kept as given")]


def _backwards(table: Table, row: Row) -> list[Finding]:
    for start, end in table.spans:
        began, ended = row.date(start), row.date(end)
        if began and ended and ended < began:
            return [row.refused("mhsds-order", f"{end} lies before {start}; correct the one that is wrong")]
    return []
