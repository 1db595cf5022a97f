"""From the inbox to the record: claim → read → file → mark, in one transaction a message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.adapters.registry import adapter
from app.audit.chain import ChainKey
from app.database import transaction
from app.intake import findings, waiting
from app.intake.filing import Intake, NewId
from app.intake.inbox import Due, State, claim, move, open_message, try_again_later
from app.intake.reading import Counts, Reading
from app.record.freshness import mapped_columns, note_processed
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender, UnreadableMessage

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
    A process that dies in the middle leaves the message as it was. Raises `DBAPIError` where the database is gone:
    the message was not to blame, so it is not counted as an attempt.
    """
    with transaction(engine) as connection:
        due = claim(connection, clock())
        if due is None:
            return None
        intake = Intake(connection=connection, source=due.source_at(clock()), new_id=new_id, key=key)
        state, counts = _process(intake, due, progress)
    return Processed(message=due.message, partner=due.partner, adapter=due.adapter, state=state, counts=counts)


def _process(intake: Intake, due: Due, progress: Progress) -> tuple[State, Counts]:
    connection, at = intake.connection, intake.source.at
    findings.forget(connection, due.message)
    waiting.forget(connection, due.message)
    attempt = connection.begin_nested()
    try:
        counts = _read(intake, progress)
    except UnreadableMessage as unreadable:
        attempt.rollback()
        findings.keep(connection, [unreadable.finding], due.message)
        counts = Counts(refused=1)
        move(connection, due.message, State.REFUSED, at=at, counts=counts.json())
        return State.REFUSED, counts
    except (
        Exception
    ) as error:  # whatever an adapter, ours or a partner's, did not foresee: the message must not be lost
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        attempt.rollback()
        return _failed(intake, due, error), Counts()
    attempt.commit()
    move(connection, due.message, State.PROCESSED, at=at, counts=counts.json())
    note_processed(connection, due.partner, due.adapter, at)
    return State.PROCESSED, counts


def _read(intake: Intake, progress: Progress) -> Counts:
    source = intake.source
    reading = Reading(intake)
    columns = mapped_columns(intake.connection, source.partner, source.adapter)
    with open_message(intake.connection, source.message, progress=partial(progress, source.message)) as message:
        for utterance in adapter(source.adapter).read(message, Sender(partner=source.partner, columns=columns)):
            reading.take(utterance)
    return reading.finish()


def _failed(intake: Intake, due: Due, error: Exception) -> State:
    _log.error(
        "message failed",
        message=due.message,
        partner=due.partner,
        adapter=due.adapter,
        kind=type(error).__name__,  # its text may quote what the message said
        place=_place(error),
    )
    return try_again_later(intake.connection, due, at=intake.source.at)


def _place(error: Exception) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_qualname}:{traceback.tb_lineno}" if traceback else ""


def replay(engine: Engine, message: int, *, at: datetime) -> None:
    """Let a message be read again from its bytes, as when an adapter was mended; `ValueError` for one still in hand."""
    with transaction(engine) as connection:
        move(connection, message, State.RECEIVED, at=at)
