"""What a running process tells its operators, a JSON object a line, with no person in it.

A line of ours holds constant words and opaque ids: `structlog.get_logger().info("message kept", message=41)`. Of other
libraries' lines, and of exceptions, what could quote a value is withheld: a database's error quotes the row it refuses.
"""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import extract_tb
from types import TracebackType

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from app.errors import DomainError

_PLAIN_SPOKEN = {"uvicorn.error"}  # where it quotes a value, it does so by an argument
_WITHHELD = "a message withheld, as it may quote a value"


def log_as_json(level: str) -> None:
    """Send all logs of this process to standard error from now on: ours from a level up, others' from warnings up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            tell_exception,
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Relay()], level=logging.WARNING, force=True)
    sys.excepthook = _tell_the_last


def _tell_the_last(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    structlog.get_logger().critical("ended by an error", exc_info=error)


def _line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    event["timestamp"] = datetime.now(UTC)
    return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z).decode()


class _Relay(logging.Handler):
    """Passes on what other libraries log, without the values in it."""

    def emit(self, record: logging.LogRecord) -> None:
        constant = record.args or record.name in _PLAIN_SPOKEN  # such as `connection to %s lost`
        words = str(record.msg) if constant else _WITHHELD
        structlog.get_logger().log(record.levelno, words, logger=record.name, exc_info=record.exc_info)


def tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the kinds of the exceptions and where they arose; only our own may speak."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if error:
        event["exception"] = [_tell(each) for each in _with_causes(error)]
    return event


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _tell(error: BaseException) -> dict[str, object]:
    told: dict[str, object] = {"kind": f"{type(error).__module__}.{type(error).__qualname__}"}
    if isinstance(error, DomainError):
        told["message"] = str(error)
    told["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    return told
