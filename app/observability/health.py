"""Whether this process lives, and whether it can serve: for a container engine, a load balancer and an operator."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.database.migrate import NO_ANSWER, applied, newest
from app.database.transactions import in_transaction

Obstacle = str
"""What keeps a process from serving, in words for an operator."""

SECONDS_TO_ANSWER = 3
_NONE: Final[Mapping[str, str | None]] = {}


def health_routes(
    checks: Mapping[str, Callable[[], Awaitable[Obstacle | None]]], notes: Mapping[str, str | None] = _NONE
) -> list[Route]:
    """`GET /health/live` and `GET /health/ready`; the latter answers 503 while any check names an obstacle.

    `notes` keep nothing from serving: they tell an operator what is not configured, by what waits for it.
    """

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"live": True})

    async def ready(_request: Request) -> JSONResponse:
        found = {name: await check() for name, check in checks.items()}
        is_ready = not any(found.values())
        told = {name: obstacle or "ready" for name, obstacle in found.items()}
        noted = {name: note for name, note in notes.items() if note}
        answer = {"ready": is_ready, "checks": told} | ({"notes": noted} if noted else {})
        return JSONResponse(answer, status_code=200 if is_ready else 503)

    return [Route("/health/live", live), Route("/health/ready", ready)]


async def database_obstacle(engine: Engine) -> Obstacle | None:
    """What keeps the database from serving: it does not answer in time, or is not at the newest migration."""
    try:
        async with asyncio.timeout(SECONDS_TO_ANSWER):
            at = await in_transaction(engine, applied)
    except (SQLAlchemyError, OSError, TimeoutError):
        return NO_ANSWER
    if at != newest():
        return f"the database is at migration {at}, this version needs {newest()}; run `pisano db upgrade`"
    return None
