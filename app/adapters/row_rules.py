"""Rules that a row of a file must keep, as tables; each has the id by which the row's sender knows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.vocabulary.statement import Finding, Severity


class Row(Protocol):
    """A row that knows where it stands."""

    @property
    def line(self) -> int:
        """Counted from 1."""


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)  # no slots: in Python 3.11 they and Generic do not go together
class Rule(Generic[RowT]):
    """One rule: `breach` says whether a row breaks it, `text` what is then wrong and what to do."""

    id: str
    severity: Severity
    breach: Callable[[RowT], bool]
    text: str


def breaches(rules: Iterable[Rule[RowT]], row: RowT) -> list[Finding]:
    """The findings of all rules that a row breaks."""
    return [
        Finding(rule=rule.id, severity=rule.severity, line=row.line, text=rule.text)
        for rule in rules
        if rule.breach(row)
    ]
