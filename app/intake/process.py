"""From the inbox to the record: claim → read → file → mark, in one transaction a message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app.adapters.registry import adapter
from app.database import transaction
from app.intake import findings, waiting
from app.intake.inbox import Due, State, claim, move, open_message, try_again_later
from app.intake.reading import Counts, NewId, Reading
from app.record.filing import Source
from app.record.freshness import mapped_columns, note_processed
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Sender, UnreadableMessage

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of one message. `state` is `RECEIVED` where it will be tried again."""

    message: int
    partner: OdsCode
    adapter: str
    state: State
    counts: Counts


def process_next(engine: Engine, *, clock: Callable[[], datetime], new_id: NewId) -> Processed | None:
    """Process the next message whose turn it is; `None` where there is none.

    A process that dies in the middle leaves the message as it was. Raises `DBAPIError` where the database is gone:
    the message was not to blame, so it is not counted as an attempt.
    """
    with transaction(engine) as connection:
        due = claim(connection, clock())
        if due is None:
            return None
        state, counts = _process(connection, due, at=clock(), new_id=new_id)
    return Processed(message=due.message, partner=due.partner, adapter=due.adapter, state=state, counts=counts)


def _process(connection: Connection, due: Due, *, at: datetime, new_id: NewId) -> tuple[State, Counts]:
    source = Source(partner=due.partner, adapter=due.adapter, message=due.message, at=at)
    findings.forget(connection, due.message)
    waiting.forget(connection, due.message)
    attempt = connection.begin_nested()
    try:
        counts = _read(connection, source, new_id)
    except UnreadableMessage as unreadable:
        attempt.rollback()
        findings.keep(connection, [unreadable.finding], due.message)
        counts = Counts(refused=1)
        move(connection, due.message, State.REFUSED, at=at, counts=counts.json())
        return State.REFUSED, counts
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        attempt.rollback()
        return _failed(connection, due, error, at), Counts()
    except (
        Exception
    ) as error:  # whatever an adapter, ours or a partner's, did not foresee: the message must not be lost
        attempt.rollback()
        return _failed(connection, due, error, at), Counts()
    attempt.commit()
    move(connection, due.message, State.PROCESSED, at=at, counts=counts.json())
    note_processed(connection, due.partner, due.adapter, at)
    return State.PROCESSED, counts


def _read(connection: Connection, source: Source, new_id: NewId) -> Counts:
    reading = Reading(connection, source, new_id)
    columns = mapped_columns(connection, source.partner, source.adapter)
    sender = Sender(partner=source.partner, columns=columns)
    with open_message(connection, source.message) as message:
        for utterance in adapter(source.adapter).read(message, sender):
            reading.take(utterance)
    return reading.finish()


def _failed(connection: Connection, due: Due, error: Exception, at: datetime) -> State:
    # the error's text may hold what the message said, so only its kind and place are told
    _log.error(
        "message failed",
        message=due.message,
        partner=due.partner,
        adapter=due.adapter,
        kind=type(error).__name__,
        at=_place(error),
    )
    return try_again_later(connection, due, at=at)


def _place(error: Exception) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_qualname}:{traceback.tb_lineno}" if traceback else ""


def replay(engine: Engine, message: int, *, at: datetime) -> None:
    """Let a message be read again from its bytes, as when an adapter was mended; `ValueError` for one still in hand."""
    with transaction(engine) as connection:
        move(connection, message, State.RECEIVED, at=at)
