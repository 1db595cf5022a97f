"""Subscribers are told as the worker does, and what they were told is read back."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.settings import Settings
from app.worker.shift import Shift
from app.worker.subscribers import tell
from tests.conftest import PATIENCE
from tests.fhir.receiver import Receiver


@contextmanager
def telling(settings: Settings, url: str, engine: Engine) -> Iterator[None]:
    """Subscribers are told, as the worker does, while the block lasts."""
    loop, shift, failure = asyncio.new_event_loop(), Shift(), list[BaseException]()

    def run() -> None:
        try:
            loop.run_until_complete(tell(settings, url, engine, shift))
            loop.run_until_complete(loop.shutdown_default_executor())
        except BaseException as error:
            failure.append(error)
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(shift.end)
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not failure


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def told(receiver: Receiver) -> list[str]:
    """Which entries the receiver was told of, in their order, the handshake left out."""
    return [focus for _, content in list(receiver.received) if (focus := focus_of(content))]


def focus_of(content: bytes) -> str:
    parameters = orjson.loads(content)["entry"][0]["resource"]["parameter"]
    happened = next((one for one in parameters if one["name"] == "notification-event"), None)
    return str(happened["part"][1]["valueReference"]["reference"]) if happened else ""


def waiting(engine: Engine) -> int:
    with transaction(engine) as connection:
        counted = "SELECT (SELECT count(*) FROM delivery) + (SELECT count(*) FROM entry_change)"
        return int(connection.exec_driver_sql(counted).scalar_one())
