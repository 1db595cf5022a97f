"""One message on its way into the record: read as a stream, filed in batches, all in one transaction."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
from sqlalchemy import Connection

from app.database.transactions import copy_rows
from app.intake import findings, waiting
from app.intake.beside import AT_ONCE, AtOnce, Beside
from app.intake.filing import Intake, file_now_known, file_statements, unrelate
from app.intake.identity_changes import apply_change
from app.person.resolution import Found, Resolution, Waits
from app.record.kept.filing import Outcome
from app.record.kept.held import Held
from app.record.kept.moving import retract
from app.record.kept.snapshots import Drop, close_missing, hold_back, prefixes_of, snapshot_before, sudden_drop
from app.sharing.known.feed_store import end_missing_relationships
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import (
    Complete,
    Entry,
    Finding,
    IdentityChange,
    Relationship,
    Retraction,
    Severity,
    Statement,
    Utterance,
)

Whose = Callable[[Statement, Resolution], None]
Left = Callable[[Iterable[Held]], None]

BATCH: Final = 1000
"""Statements filed together: enough that a round trip costs little, few enough that memory stays flat."""

BATCH_BYTES: Final = 16 << 20
"""Of documents, which are filed together at most: one may be as large as thousands of statements."""


_LIVE_AT_ONCE: Final = 300_000
"""More objects than two batches hold: beyond it there must be garbage."""


@dataclass(slots=True)
class Counts:
    """What a message did to the record: in entries, but for those that are named otherwise."""

    statements: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    held_back: int = 0  # would have been closed, had it not been too many
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
def collecting_seldom() -> Iterator[None]:
    """Let garbage be looked for when there may be some, not while a batch grows, of which nothing is garbage.

    Measured: the collector took a sixth of a file's time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_LIVE_AT_ONCE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Reading:
    """Takes what an adapter says, in its order; `finish` files what is left."""

    def __init__(
        self,
        intake: Intake,
        whose: Whose = lambda _statement, _resolution: None,
        left: Left = lambda _held: None,
        *,
        filing: Beside | AtOnce = AT_ONCE,
        may_be_whole: bool = True,
    ) -> None:
        """`whose` is told of each statement once it is known whose it is, or that it waits; `left` how entries stand.

        `may_be_whole` is false for what never says that it is all there is. While `filing` files a batch beside, nobody
        else uses the connection.
        """
        self.counts = Counts()
        self._whose, self._left, self._filing = whose, left, filing
        self._intake, self._connection, self._source = intake, intake.connection, intake.source
        self._statements: list[Statement] = []
        self._bytes = 0
        self._findings: list[Finding] = []
        self._whole = prefixes_of(self._connection, self._source) if may_be_whole else ()
        if self._whole:
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

    def finish(self) -> Counts:
        """File what is left."""
        self._file_all()
        if self.counts.waiting:  # some of it may have been settled by what came after it
            self.counts.waiting = waiting.count(self._connection, self._source.message)
        return self.counts

    def _file(self) -> None:
        """Let what was taken be filed, while more is taken."""
        self._filing.do(self._take_batch())

    def _file_all(self) -> None:
        """File what was taken, and return when it is filed."""
        self._filing.wait()
        self._take_batch()()

    def _take_batch(self) -> Callable[[], None]:
        batch = partial(self._file_batch, self._statements, self._findings)
        self._statements, self._findings, self._bytes = [], [], 0
        return batch

    def _file_batch(self, statements: Sequence[Statement], found: Sequence[Finding]) -> None:
        told: list[Finding] = []
        if statements:
            outcome, resolutions = file_statements(self._intake, statements)
            self.counts.statements += len(statements)
            self.counts.add(outcome)
            self._left(outcome.held)
            told = findings.of_filing(outcome)
            if self._whole:
                _note_open_keys(self._connection, statements, self._whole)
            self._settle(statements, resolutions)
        self._keep_findings([*found, *told])

    def _settle(self, statements: Sequence[Statement], resolutions: Sequence[Resolution]) -> None:
        """Let wait what must; file what waited for someone whom these statements made known."""
        told = list(zip(statements, resolutions, strict=True))
        for statement, resolution in told:
            self._whose(statement, resolution)
        waits = [(statement, wait) for statement, wait in told if isinstance(wait, Waits)]
        waiting.keep(self._connection, waits, self._source)
        self.counts.waiting += len(waits)
        known = [statement.subject.local_id for statement, found in told if isinstance(found, Found)]
        self.counts.settled += file_now_known(self._intake, known)

    def _change(self, change: IdentityChange) -> None:
        self._file_all()
        self.counts.identity_changes += 1
        self._findings += apply_change(self._intake, change)
        self.counts.settled += file_now_known(self._intake, (change.surviving.local_id, change.retired.local_id))

    def _close(self, complete: Complete) -> None:
        """End what was open in the snapshot before and is missing from this one, as at that snapshot.

        More of it than its feed may end at once waits for a person: a file cut at the end of a line looks whole.
        """
        self._file_all()
        connection, source, prefix = self._connection, self._source, complete.prefix
        is_known = prefix in self._whole
        if is_known:
            connection.exec_driver_sql("ANALYZE stated_key")
            if drop := sudden_drop(connection, prefix, complete.as_at, source):
                hold_back(connection, prefix, drop, source)
                self.counts.held_back += drop.missing
                self._findings.append(_dropped(drop))
                return
        before = snapshot_before(connection, prefix, complete.as_at, source)
        if before is not None and is_known:
            ended = london_midnight(before)
            end_missing_relationships(connection, source, prefix, ended=ended)
            self.counts.closed += close_missing(connection, prefix, source, ended=ended)

    def _retract(self, retraction: Retraction) -> None:
        self._file_all()
        taken = retract(self._connection, self._source, key=retraction.key, number=retraction.number)
        self.counts.changed += len(taken)
        unrelate(self._intake, taken)

    def _keep_findings(self, found: Sequence[Finding]) -> None:
        findings.keep(self._connection, found, self._source.message)
        refused = sum(one.severity is Severity.REFUSED for one in found)
        self.counts.refused += refused
        self.counts.warnings += len(found) - refused


def _note_open_keys(connection: Connection, statements: Sequence[Statement], prefixes: tuple[str, ...]) -> None:
    """Remember what the message states as open where it may be whole, so that the rest can be closed."""
    entries = [one for statement in statements for one in statement.entries]
    relationships = [one for statement in statements for one in statement.relationships]
    stated: list[Entry | Relationship] = [*entries, *relationships]
    keys = [(one.key,) for one in stated if one.ended is None and one.key.startswith(prefixes)]
    copy_rows(connection, "stated_key", {"key": "text"}, keys)


def _dropped(drop: Drop) -> Finding:
    text = (
        f"{drop.missing} of {drop.open_before} that were open are not in it, as though it was cut short; none was"
        " ended: send it whole, or say that it is"
    )
    return Finding(rule="sudden-drop", severity=Severity.WARNING, line=0, text=text)
