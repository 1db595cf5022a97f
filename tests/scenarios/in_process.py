"""Asks an application in this process, without a socket, a thread or a client between: thousands of answers cost less.

What is said to the database meanwhile is taken down too, since how long an answer takes is how much is asked there.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from starlette.types import ASGIApp

from app.audit.trail import Trail
from app.database.pipeline import Pipeline

Header = tuple[bytes, bytes]
_OWN = (b"host", b"content-length")


class Told(NamedTuple):
    """An answer, as it was sent, and what the database was asked for it, with how many rows it gave."""

    status: int
    headers: list[Header]
    content: bytes
    said: list[tuple[str, int]]


class InProcess(httpx.BaseTransport):
    """An application that runs in this thread's loop while it is asked; a transport, for those who hold a client."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._app, self._runner = app, runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As an `httpx.Client` asks."""
        headers = [(name.lower(), value) for name, value in request.headers.raw if name.lower() not in _OWN]
        asked = self.ask(request.method, request.url.path, request.url.query.decode(), headers, request.read())
        told = self._runner.run(asked)
        return httpx.Response(told.status, headers=told.headers, content=told.content)

    async def ask(self, method: str, path: str, query: str, headers: list[Header], content: bytes) -> Told:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
            "headers": [(b"host", b"testserver"), (b"content-length", b"%d" % len(content)), *headers],
            "client": ("127.0.0.1", 1), "server": ("testserver", 80), "state": {},
        }  # fmt: skip
        sent: list[Any] = []
        body = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> Any:
            return body.pop() if body else await asyncio.Event().wait()  # nobody hangs up

        async def send(message: Any) -> None:
            sent.append(message)

        said: list[tuple[str, int]] = []
        _SAID.set(said)
        await self._app(scope, receive, send)
        content = b"".join(each.get("body", b"") for each in sent[1:])
        return Told(sent[0]["status"], sent[0]["headers"], content, said)


_SAID: ContextVar[list[tuple[str, int]]] = ContextVar("what the database is asked for one answer, and how many rows")


@contextmanager
def taken_down() -> Iterator[None]:
    """Takes down each statement that is asked for an answer, and what is committed to the trail for it."""
    with pytest.MonkeyPatch.context() as patch:
        read, commit = Pipeline.read, Trail.commit

        async def pipelined(self: Pipeline, statement: bytes, *more: Any, **settings: Any) -> Any:
            rows = await read(self, statement, *more, **settings)
            _say(statement.decode(), len(rows))
            return rows

        async def committed(self: Trail, *events: Any) -> None:
            await commit(self, *events)
            _say("the trail", len(events))

        patch.setattr(Pipeline, "read", pipelined)
        patch.setattr(Trail, "commit", committed)
        for cursor in (psycopg.Cursor, psycopg.AsyncCursor):
            for name in ("execute", "executemany"):
                patch.setattr(cursor, name, _telling(getattr(cursor, name)))
        yield


def _say(statement: str, rows: int) -> None:
    said = _SAID.get(None)
    if said is not None:
        said.append((statement, rows))


def _telling(execute: Callable[..., Any]) -> Callable[..., Any]:
    def executed(self: Any, query: Any, *more: Any, **settings: Any) -> Any:
        told = execute(self, query, *more, **settings)
        _say(str(query), self.rowcount)
        return told

    async def executed_later(self: Any, query: Any, *more: Any, **settings: Any) -> Any:
        told = await execute(self, query, *more, **settings)
        _say(str(query), self.rowcount)
        return told

    return executed_later if inspect.iscoroutinefunction(execute) else executed


@contextmanager
def running(app: ASGIApp, runner: asyncio.Runner) -> Iterator[InProcess]:
    """The application, begun and in the end ended (ASGI, "Lifespan Protocol")."""
    told: asyncio.Queue[str] = asyncio.Queue()
    to_it: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def send(message: Any) -> None:
        told.put_nowait(message["type"])

    async def begin() -> asyncio.Task[None]:
        living = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, to_it.get, send))
        await to_it.put({"type": "lifespan.startup"})
        assert await told.get() == "lifespan.startup.complete"
        return living

    async def end() -> None:
        await to_it.put({"type": "lifespan.shutdown"})
        assert await told.get() == "lifespan.shutdown.complete"
        await living

    living = runner.run(begin())
    try:
        yield InProcess(app, runner)
    finally:
        runner.run(end())
