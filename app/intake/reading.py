"""One message on its way into the record: read as a stream, filed in batches, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection

from app.intake import findings, waiting
from app.intake.filing import Intake, file_now_known, file_statements
from app.intake.identity_changes import apply_change
from app.record.filing import Outcome, close_missing, snapshot_before
from app.sharing.store import end_missing_relationships
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Complete, Finding, IdentityChange, Severity, Statement, Utterance

BATCH: Final = 1000
"""Statements filed together: enough that a round trip costs little, few enough that memory stays flat."""


@dataclass(slots=True)
class Counts:
    """What a message did to the record: in entries, but for those that are named otherwise."""

    statements: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    late: int = 0
    waiting: int = 0  # statements
    refused: int = 0  # rows
    warnings: int = 0
    identity_changes: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count what filing some entries did."""
        self.new += outcome.new
        self.changed += outcome.changed
        self.unchanged += outcome.unchanged
        self.late += len(outcome.late_lines)

    def json(self) -> str:
        """As the inbox keeps it."""
        return orjson.dumps(self).decode()


class Reading:
    """Takes what an adapter says, in its order; `finish` files what is left."""

    def __init__(self, intake: Intake) -> None:
        self.counts = Counts()
        self._intake, self._connection, self._source = intake, intake.connection, intake.source
        self._statements: list[Statement] = []
        self._findings: list[Finding] = []
        self._connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE IF NOT EXISTS stated_key (key text) ON COMMIT DELETE ROWS"
        )
        self._connection.exec_driver_sql("DELETE FROM stated_key")

    def take(self, utterance: Utterance) -> None:
        """One thing that the message says."""
        match utterance:
            case Statement():
                self._statements.append(utterance)
            case Finding():
                self._findings.append(utterance)
            case IdentityChange():
                self._file()
                self.counts.identity_changes += 1
                self._findings += apply_change(self._intake, utterance)
            case Complete():
                self._file()
                self.counts.closed += self._close(utterance)
        if len(self._statements) >= BATCH or len(self._findings) >= BATCH:
            self._file()

    def finish(self) -> Counts:
        """File what is left, and whatever of this partner was waiting for someone whom the message made known."""
        self._file()
        self.counts.waiting -= file_now_known(self._intake)
        return self.counts

    def _file(self) -> None:
        statements, self._statements = self._statements, []
        filing = file_statements(self._intake, statements)
        self.counts.add(filing.outcome)
        self.counts.statements += len(statements)
        self.counts.waiting += len(filing.waits)
        waiting.keep(self._connection, filing.waits, self._source)
        _note_open_keys(self._connection, statements)
        self._keep_findings(filing.outcome)

    def _close(self, complete: Complete) -> int:
        """What was open in the snapshot before, and is missing from this one, ended with that snapshot."""
        before = snapshot_before(self._connection, complete.prefix, complete.as_at, self._source)
        if before is None:
            return 0
        ended = london_midnight(before)
        end_missing_relationships(self._connection, self._source, complete.prefix, ended=ended)
        return close_missing(self._connection, complete.prefix, self._source, ended=ended)

    def _keep_findings(self, outcome: Outcome) -> None:
        found, self._findings = [*self._findings, *(_older(line) for line in outcome.late_lines)], []
        findings.keep(self._connection, found, self._source.message)
        refused = sum(one.severity is Severity.REFUSED for one in found)
        self.counts.refused += refused
        self.counts.warnings += len(found) - refused


def _note_open_keys(connection: Connection, statements: Sequence[Statement]) -> None:
    """Remember what the message states as open, so that a whole extract can close the rest."""
    with connection.connection.cursor().copy("COPY stated_key FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(("text",))
        for statement in statements:
            for entry in statement.entries:
                if entry.ended is None:
                    copy.write_row((entry.key,))
            for held in statement.relationships:
                if held.ended is None:
                    copy.write_row((held.key,))


def _older(line: int) -> Finding:
    return Finding(
        rule="older-than-held",
        severity=Severity.WARNING,
        line=line,
        text="this was recorded before what is held; it stays in the inbox and is not shown",
    )
