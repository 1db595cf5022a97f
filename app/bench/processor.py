"""Processor time of other processes: on a shared machine it says more than the clock does. Linux only."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.settings import Settings


def seconds(process: int | None) -> float:
    """What a process has taken so far (/proc/<pid>/schedstat counts nanoseconds); nothing where nobody counts."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    return 0.0


def seconds_of_postgres(place: Settings) -> float:
    """What all processes of a place's embedded server have taken that are there now."""
    return sum(map(seconds, _processes(place)))


def _processes(place: Settings) -> Iterator[int]:
    with suppress(OSError):
        first = int((place.var / "postgres/data/postmaster.pid").read_text().split()[0])
        yield first
        yield from map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())
