"""A server of the benchmark: the service as it is served, or its floor, with the same event loop and parser.

`floor` is one process, `floors` as many as serve the place. `unlocked` is the service whose reads no policy holds and
bring no settings for one: what the second lock costs.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

import uvicorn

from app import place
from app.bench.floor import Floor
from app.database.transactions import Role, acting_as
from app.processes import side_by_side
from app.record.lock import Lock
from app.serving import bound, processes, serve
from app.settings import Settings


def main(which: str, var: str, port: str) -> None:
    """Serve until told to stop; the database's address is the first line of standard input."""
    url = sys.stdin.readline().strip()
    settings = Settings(var=Path(var), demonstration=True)
    if which in ("service", "unlocked"):
        with _unlocked() if which == "unlocked" else nullcontext():
            serve(settings, url, port=int(port))
        return
    with bound("127.0.0.1", int(port)) as listening:
        many = processes(settings) if which == "floors" else 1
        floor = Floor(url, processes=many)

        def answer(_number: int = 0) -> None:
            config = uvicorn.Config(floor, log_config=None, access_log=False, loop="uvloop", http="httptools")
            uvicorn.Server(config).run([listening])

        if many == 1:
            answer()
        else:
            side_by_side(answer, many)


@contextmanager
def _unlocked() -> Iterator[None]:
    """Let reads be the worker's, whom no policy holds."""
    reading = place.READING["options"].replace(acting_as(Role.SERVICE), acting_as(Role.WORKER))
    with patch.dict(place.READING, options=reading), patch.object(Lock, "over", lambda *_: None):
        yield


if __name__ == "__main__":
    main(*sys.argv[1:])
