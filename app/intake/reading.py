"""One message on its way into the record: read as a stream, filed in batches, all in one transaction."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection

from app.database import copy_rows
from app.intake import findings, waiting
from app.intake.filing import Intake, file_now_known, file_statements
from app.intake.identity_changes import apply_change
from app.intake.waiting import Reason
from app.person.resolution import Found, Resolution, Waits
from app.record.filing import Outcome
from app.record.moving import retract
from app.record.snapshots import close_missing, snapshot_before
from app.sharing.store import end_missing_relationships
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Complete, Finding, IdentityChange, Retraction, Severity, Statement, Utterance

Whose = Callable[[Statement, Resolution], None]

BATCH: Final = 1000
"""Statements filed together: enough that a round trip costs little, few enough that memory stays flat."""

BATCH_BYTES: Final = 16 << 20
"""Of documents, which are filed together at most: one may be as large as thousands of statements."""


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
    settled: int = 0  # statements that had waited
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


@contextmanager
def collecting_by_batch() -> Iterator[None]:
    """Let garbage be looked for when a batch is filed, not while it grows: of a batch that waits nothing is garbage.

    Measured: the collector took a sixth of a file's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Reading:
    """Takes what an adapter says, in its order; `finish` files what is left."""

    def __init__(self, intake: Intake, whose: Whose = lambda _statement, _resolution: None) -> None:
        """`whose` is told of each statement once it is known whose it is, or that it waits."""
        self.counts = Counts()
        self._whose = whose
        self._intake, self._connection, self._source = intake, intake.connection, intake.source
        self._statements: list[Statement] = []
        self._bytes = 0
        self._findings: list[Finding] = []
        self._connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE IF NOT EXISTS stated_key (key text) ON COMMIT DELETE ROWS"
        )

    def take(self, utterance: Utterance) -> None:
        """One thing that the message says."""
        match utterance:
            case Statement():
                self._statements.append(utterance)
                self._bytes += sum(len(entry.attachment) for entry in utterance.entries if entry.attachment)
            case Finding():
                self._findings.append(utterance)
            case IdentityChange():
                self._change(utterance)
            case Complete():
                self._close(utterance)
            case Retraction():
                self._retract(utterance)
        if len(self._statements) >= BATCH or self._bytes >= BATCH_BYTES or len(self._findings) >= BATCH:
            self._file()
            gc.collect(0)

    def finish(self) -> Counts:
        """File what is left."""
        self._file()
        if self.counts.waiting:  # some of it may have been settled by what came after it
            self.counts.waiting = waiting.count(self._connection, self._source.message)
        return self.counts

    def _file(self) -> None:
        statements, self._statements, self._bytes = self._statements, [], 0
        if statements:
            outcome, resolutions = file_statements(self._intake, statements)
            self.counts.statements += len(statements)
            self.counts.add(outcome)
            self._findings += map(_older, outcome.late_lines)
            _note_open_keys(self._connection, statements)
            self._settle(statements, resolutions)
        self._keep_findings()

    def _settle(self, statements: Sequence[Statement], resolutions: Sequence[Resolution]) -> None:
        """Let wait what must; file what waited for someone whom these statements made known."""
        told = list(zip(statements, resolutions, strict=True))
        for statement, resolution in told:
            self._whose(statement, resolution)
        waits = [(statement, Reason.of(wait)) for statement, wait in told if isinstance(wait, Waits)]
        waiting.keep(self._connection, waits, self._source)
        self.counts.waiting += len(waits)
        known = [statement.subject.local_id for statement, found in told if isinstance(found, Found)]
        self.counts.settled += file_now_known(self._intake, known)

    def _change(self, change: IdentityChange) -> None:
        self._file()
        self.counts.identity_changes += 1
        self._findings += apply_change(self._intake, change)
        self.counts.settled += file_now_known(self._intake, (change.surviving.local_id, change.retired.local_id))

    def _close(self, complete: Complete) -> None:
        """End what was open in the snapshot before and is missing from this one, as at that snapshot."""
        self._file()
        before = snapshot_before(self._connection, complete.prefix, complete.as_at, self._source)
        if before is not None:
            ended = london_midnight(before)
            self._connection.exec_driver_sql("ANALYZE stated_key")
            end_missing_relationships(self._connection, self._source, complete.prefix, ended=ended)
            self.counts.closed += close_missing(self._connection, complete.prefix, self._source, ended=ended)

    def _retract(self, retraction: Retraction) -> None:
        self._file()
        self.counts.changed += retract(self._connection, self._source, key=retraction.key, number=retraction.number)

    def _keep_findings(self) -> None:
        found, self._findings = self._findings, []
        findings.keep(self._connection, found, self._source.message)
        refused = sum(one.severity is Severity.REFUSED for one in found)
        self.counts.refused += refused
        self.counts.warnings += len(found) - refused


def _note_open_keys(connection: Connection, statements: Sequence[Statement]) -> None:
    """Remember what the message states as open, so that a whole extract can close the rest."""
    keys = [(entry.key,) for one in statements for entry in one.entries if entry.ended is None]
    keys += [(held.key,) for one in statements for held in one.relationships if held.ended is None]
    copy_rows(connection, "stated_key", {"key": "text"}, keys)


def _older(line: int) -> Finding:
    return Finding(
        rule="older-than-held",
        severity=Severity.WARNING,
        line=line,
        text="this was recorded before what is held; it stays in the inbox and is not shown",
    )
