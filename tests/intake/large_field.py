"""Takes and reads a message with a field of many megabytes, and prints how much more memory that took, in megabytes."""

import resource
import sys
from datetime import UTC, datetime
from uuid import uuid4

from app.database.transactions import open_engine
from app.intake.arriving.inbox import receive
from app.intake.process import process_next
from tests.intake.feed import KEY
from tests.person.people import ACUTE

START = b"MSH|^~\\&|PAS|RL4|||20260301||ORU^R01|1|P|2.4\rOBX|1|TX|"
END = b"\rMSH|^~\\&|PAS|RL4|||20260301||ADT^A28|2|P|2.4\rPID|||H1^^^RL4^MR\r"


class LargeField:
    """A message whose middle is one letter again and again."""

    def __init__(self, size: int) -> None:
        self._start, self._left, self._end = START, size, END

    def read(self, size: int, /) -> bytes:
        if self._start:
            start, self._start = self._start, b""
            return start
        if self._left:
            size = min(size, self._left)
            self._left -= size
            return b"A" * size
        end, self._end = self._end, b""
        return end


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main(url: str, megabytes: str) -> None:
    """Print the growth, and the state of the message."""
    engine = open_engine(url)
    receive(engine, LargeField(0), partner=ACUTE, adapter="acute-hl7v2", at=datetime.now(UTC))
    process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=KEY)
    before = _megabytes()
    receive(engine, LargeField(int(megabytes) << 20), partner=ACUTE, adapter="acute-hl7v2", at=datetime.now(UTC))
    processed = process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=KEY)
    engine.dispose()
    sys.stdout.write(f"{_megabytes() - before} {processed and processed.state}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
