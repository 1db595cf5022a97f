"""No log line has a person in it, whoever wrote it and whatever went wrong."""

import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO

import orjson
import psycopg
import pytest
import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError
from app.observability.logs import log_as_json

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """All that has been logged."""
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    log_as_json("info")
    yield lambda: [orjson.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()


def test_our_own_lines_hold_their_time_level_words_and_context(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request="3f0c"):
        structlog.get_logger().info("message kept", message=41)
    (line,) = lines()
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {"event": "message kept", "level": "info", "request": "3f0c", "message": 41}


def test_lines_below_the_level_are_left_out(lines: Lines) -> None:
    structlog.get_logger().debug("a detail")
    logging.getLogger("httpx").info("HTTP Request: GET https://pds.example/Patient/9990000018")
    assert lines() == []


def test_of_other_libraries_lines_the_values_are_withheld(lines: Lines) -> None:
    logging.getLogger("partner").warning("no answer about %s", "Fibonacci")
    logging.getLogger("partner").warning("no answer about Fibonacci")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert [(line["logger"], line["event"]) for line in lines()] == [
        ("partner", "no answer about %s"),
        ("partner", "a message withheld, as it may quote a value"),
        ("uvicorn.error", "Invalid HTTP request received."),
    ]


def test_an_error_of_the_database_is_told_without_the_row_that_it_quotes(lines: Lines, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE neighbour (family_name text UNIQUE)"))
        connection.execute(text("INSERT INTO neighbour VALUES ('Fibonacci')"))
    with pytest.raises(IntegrityError, match="Fibonacci") as refused, engine.begin() as connection:
        connection.execute(text("INSERT INTO neighbour VALUES ('Fibonacci')"))
    structlog.get_logger().error("message not processed", message=41, exc_info=refused.value)
    logging.getLogger("asyncio").error("%r was never retrieved", refused.value, exc_info=refused.value)
    told = lines()
    for line in told:
        exceptions = line["exception"]
        assert isinstance(exceptions, list)
        assert [each["kind"] for each in exceptions] == [
            "sqlalchemy.exc.IntegrityError",
            f"{psycopg.errors.UniqueViolation.__module__}.UniqueViolation",
        ]
        assert "test_logs.py" in exceptions[0]["at"][0]
    assert len(told) == 2
    assert "Fibonacci" not in str(told)


def test_our_own_refusals_may_speak(lines: Lines) -> None:
    try:
        raise DomainError("the agreement ended on 31 March; renew it")
    except DomainError:
        structlog.get_logger().exception("agreement not loaded")
    (line,) = lines()
    assert "renew it" in str(line["exception"])


def test_a_cause_that_was_put_aside_is_not_told(lines: Lines) -> None:
    try:
        try:
            int("Fibonacci")
        except ValueError:
            raise DomainError("the line is no number; mend it") from None
    except DomainError as error:
        structlog.get_logger().warning("line refused", exc_info=error)
    (line,) = lines()
    assert "ValueError" not in str(line["exception"])


def test_what_ends_the_process_is_told_in_the_same_way(lines: Lines) -> None:
    error = ValueError("Fibonacci")
    sys.excepthook(ValueError, error, None)
    (line,) = lines()
    assert line["event"] == "ended by an error"
    assert line["exception"] == [{"kind": "builtins.ValueError", "at": []}]
