"""What was wrong in a message, kept for whoever can mend it."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection

from app.database.transactions import copy_rows
from app.record.kept.filing import Outcome
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Finding, Severity


class RuleCount(NamedTuple):
    """How often one rule of a feed was broken, and where first."""

    partner: str
    adapter: str
    rule: str
    severity: str
    times: int
    first_message: int
    first_line: int


_COLUMNS: Final = {
    "message": "int8", "rule": "text", "severity": "text", "line": "int4", "part": "text", "text": "text"
}  # fmt: skip
_OLDER: Final = "this was recorded before what is held; it stays in the inbox and is not shown"
_MOST: Final = 1000  # told of one message
_TAKEN: Final = "you sent the same about somebody else before; it is shown of them no longer, so say if both had it"
_ALIKE: Final = (
    "you sent a report of this number and test about somebody else, of another day near to it; both are shown: if they"
    " are one report, withdraw the other"
)


def keep(connection: Connection, findings: Iterable[Finding], message: int) -> None:
    """Keep findings of one message, line by line."""
    rows = [(message, one.rule, one.severity, one.line, one.part, one.text) for one in findings]
    copy_rows(connection, "finding", _COLUMNS, rows)


def of_filing(outcome: Outcome) -> list[Finding]:
    """What filing entries has to tell their sender."""
    told = (
        (outcome.late_lines, "older-than-held", _OLDER),
        (outcome.taken_lines, "told-of-another", _TAKEN),
        (outcome.alike_lines, "alike-of-another", _ALIKE),
    )
    return [
        Finding(rule=rule, severity=Severity.WARNING, line=line, text=text)
        for lines, rule, text in told
        for line in lines
    ]


def forget(connection: Connection, message: int) -> None:
    """Take back the findings of a message that is about to be read again."""
    connection.exec_driver_sql("DELETE FROM finding WHERE message = %s", (message,))


def of_message(connection: Connection, message: int) -> list[Finding]:
    """The first findings of one message, by part and line."""
    rows = connection.exec_driver_sql(
        "SELECT rule, severity, line, part, text FROM finding WHERE message = %s ORDER BY part, line, id LIMIT %s",
        (message, _MOST),
    )
    return [Finding(rule=r.rule, severity=r.severity, line=r.line, part=r.part, text=r.text) for r in rows]


def by_rule(connection: Connection, partner: OdsCode | None = None) -> list[RuleCount]:
    """How often each rule was broken, by feed; of all partners, or of one."""
    rows = connection.exec_driver_sql(
        """
        SELECT m.partner, m.adapter, f.rule, f.severity, count(*),
               min(f.message), (array_agg(f.line ORDER BY f.message, f.line))[1]
        FROM finding f JOIN inbox_message m ON m.id = f.message
        WHERE %(partner)s::text IS NULL OR m.partner = %(partner)s
        GROUP BY m.partner, m.adapter, f.rule, f.severity ORDER BY count(*) DESC, f.rule
        """,
        {"partner": partner},
    )
    return [RuleCount(*row) for row in rows]
