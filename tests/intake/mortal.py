"""A process that takes and files messages, and stands still at one step of it, to be killed there.

It is started once and forks for each line that it is given, `step<TAB>address of the database`, so that what must be
imported is imported once. It prints the child's process id, the name of each message that it acknowledges, and `here`.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from app.adapters.caseload import FIELDS
from app.database.transactions import open_engine
from app.intake import process, reading
from app.intake.arriving import inbox
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from tests.intake.feed import KEY
from tests.person.people import COUNCIL, NUMBERS

Step = tuple[Any, str, str]
"""Whose function it is, its name, and whether to stand still `before` it or `after` it."""

STEPS: dict[str, Step | None] = {
    "the parts are written": (inbox, "keep_parts", "after"),
    "the receipt is about to be committed": (inbox, "note_arrival", "after"),
    "the message is acknowledged": None,
    "the message is claimed": (process, "claim", "after"),
    "the message is about to be read": (process, "open_message", "before"),
    "a part of the message is filed": (reading.Reading, "_file", "after"),
    "all of the message is filed": (reading.Reading, "finish", "after"),
    "the message is about to be marked": (process, "finish", "before"),
    "the mark is about to be committed": (process, "finish", "after"),
    "the message is processed": None,
}
AFTER_WHICH_IT_IS_ACKNOWLEDGED = list(STEPS)[2:]
NAMES = ("monday.csv", "tuesday.csv")


def content(name: str) -> bytes:
    """A caseload of thirty people, of whom one row is bad and one person is not known."""
    reference = name[:1]
    rows = [
        f"{reference}{n},{NUMBERS[n].digits},01,Ashe,Ivy,1940-02-{n % 28 + 1:02},ZX1 1AA,caseload,{name},,2026-04-01,,"
        for n in range(30)
    ]
    rows[7] = rows[7].replace("caseload,", "friend,")
    rows[8] = rows[8].replace(NUMBERS[8].digits, "").replace(",01,", ",,").replace("ZX1 1AA", "")
    return "\n".join([",".join(FIELDS.values()), *rows, ""]).encode()


def take(engine: Any, name: str) -> None:
    """Put one message in the inbox, and say so once it may be acknowledged."""
    receive(engine, BytesIO(content(name)), partner=COUNCIL, adapter="caseload", at=_now(), message_id=name)


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _stand_still(*_: object) -> None:
    _tell("here")
    signal.pause()


def _stop_at(owner: Any, name: str, when: str) -> None:
    act: Callable[..., Any] = getattr(owner, name)

    def stopping(*given: Any, **named: Any) -> Any:
        if when == "before":
            _stand_still()
        done = act(*given, **named)
        _stand_still()
        return done

    setattr(owner, name, stopping)


def _live(step: str, url: str) -> None:
    _tell(str(os.getpid()))
    reading.BATCH = 10  # type: ignore[misc]  # so that thirty rows are several batches
    if place := STEPS[step]:
        _stop_at(*place)
    engine = open_engine(url)
    for name in NAMES:
        take(engine, name)
        _tell(name)
    if step == "the message is acknowledged":
        _stand_still()
    process_next(engine, clock=_now, new_id=uuid4, key=KEY)
    _stand_still()


def main() -> None:
    """Fork for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody need wait for the dead
    for line in sys.stdin:
        if os.fork() == 0:
            try:
                _live(*line.rstrip("\n").split("\t"))
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
