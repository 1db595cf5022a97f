"""A server process of the benchmark: the service as it is, or its floor, with the same event loop and parser."""

import sys
from pathlib import Path

import uvicorn

from app.bench.floor import Floor
from app.serving import serve
from app.settings import Settings


def main(which: str, var: str, port: str) -> None:
    """Serve until told to stop; the database's address is the first line of standard input."""
    url = sys.stdin.readline().strip()
    settings = Settings(var=Path(var), demonstration=True)
    if which == "service":
        serve(settings, url, port=int(port))
        return
    uvicorn.run(
        Floor(url), host="127.0.0.1", port=int(port), log_config=None, access_log=False, loop="uvloop", http="httptools"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
