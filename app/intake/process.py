"""From the inbox to the record: claim → read → file → mark, in one transaction a message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from traceback import walk_tb
from typing import Final

import structlog
from sqlalchemy import Engine

from app.adapters import registry
from app.audit.chain import ChainKey
from app.database.transactions import is_the_databases, transaction
from app.intake import findings, waiting
from app.intake.arriving.inbox import Due, State, claim, finish, move, try_again_later
from app.intake.arriving.parts import open_message
from app.intake.beside import Beside
from app.intake.filing import Intake, NewId
from app.intake.reading import Counts, Reading, collecting_seldom
from app.person.locks import keep_identities
from app.record.freshness import sender_of
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Finding, Severity, UnreadableMessage

ATTEMPT: Final = "SAVEPOINT attempt"
"""What fails after it is undone as far as here."""

Progress = Callable[[int, int, int], None]

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of one message. `state` is `RECEIVED` where it will be tried again."""

    message: int
    partner: OdsCode
    adapter: str
    state: State
    counts: Counts


def process_next(
    engine: Engine,
    *,
    clock: Callable[[], datetime],
    new_id: NewId,
    key: ChainKey,
    progress: Progress = lambda _message, _bytes, _of: None,
) -> Processed | None:
    """Process the next message whose turn it is; `None` where there is none.

    `key` is of the audit trail; `progress` is told which message is being read, how many more bytes, and of how many.
    A process that dies in the middle leaves the message as it was. Raises one of `DATABASE_ERRORS` where the database
    is gone or out of room: the message was not to blame, so it is not counted as an attempt.
    """
    with transaction(engine) as connection:
        due = claim(connection, clock())
        if due is None:
            return None
        keep_identities(connection)
        connection.exec_driver_sql(ATTEMPT)
        intake = Intake(connection=connection, source=due.source_at(clock()), new_id=new_id, key=key)
        state, counts = process_claimed(intake, due, lambda: _read(intake, progress))
    return Processed(message=due.message, partner=due.partner, adapter=due.adapter, state=state, counts=counts)


def process_claimed(intake: Intake, due: Due, read: Callable[[], Counts]) -> tuple[State, Counts]:
    """Let `read` file what a message says, all of it or nothing, and mark the message.

    The caller holds the partner, keeps identities as they are, and has begun the `ATTEMPT`.
    """
    try:
        counts = read()
    except UnreadableMessage as unreadable:
        _undo(intake)
        return _refused(intake, unreadable)
    except Exception as error:  # whatever an adapter, ours or a partner's, did not foresee: nothing must be lost
        if is_the_databases(error):
            raise
        _undo(intake)
        return _failed(intake, due, error)
    finish(intake.connection, due, at=intake.source.at, counts=counts.json())
    return State.PROCESSED, counts


def _undo(intake: Intake) -> None:
    """Take back what the attempt did; the message, which came before it, stays."""
    intake.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT attempt")


def _read(intake: Intake, progress: Progress) -> Counts:
    """Read the message, as though for the first time."""
    connection, source = intake.connection, intake.source
    findings.forget(connection, source.message)
    waiting.forget(connection, source.message)
    sender = sender_of(connection, source.partner, source.adapter)
    with collecting_seldom(), Beside() as beside:
        reading = Reading(intake, filing=beside)
        told = partial(progress, source.message)
        with open_message(connection, source.message, progress=told, wait=beside.wait) as message:
            for utterance in registry.adapter(source.adapter).read(message, sender):
                reading.take(utterance)
        return reading.finish()


def _refused(intake: Intake, unreadable: UnreadableMessage) -> tuple[State, Counts]:
    counts = Counts(refused=1)
    _tell(intake, unreadable.finding)
    move(intake.connection, intake.source.message, State.REFUSED, at=intake.source.at, counts=counts.json())
    return State.REFUSED, counts


def _failed(intake: Intake, due: Due, error: Exception) -> tuple[State, Counts]:
    kind, place = type(error).__name__, _place(error)  # its text may quote what the message said
    _log.error("message failed", message=due.message, partner=due.partner, adapter=due.adapter, kind=kind, place=place)
    state = try_again_later(intake.connection, due, at=intake.source.at)
    if state is State.STUCK:
        text = f"reading it failed again and again ({kind} at {place}); have it mended, then run `pisano feed replay`"
        _tell(intake, Finding(rule="stuck", severity=Severity.REFUSED, line=0, text=text))
    return state, Counts()


def _tell(intake: Intake, finding: Finding) -> None:
    """Say why a whole message is not in the record, instead of what was said of it before."""
    findings.forget(intake.connection, intake.source.message)
    findings.keep(intake.connection, [finding], intake.source.message)


def _place(error: Exception) -> str:
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{frame.f_globals.get('__name__')}:{line}"


def replay(engine: Engine, message: int, *, at: datetime) -> None:
    """Let a message be read again from its bytes, as when an adapter was mended; `NotMoved` for one still in hand."""
    with transaction(engine) as connection:
        move(connection, message, State.RECEIVED, at=at)
