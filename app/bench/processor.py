"""Processor time of other processes: on a shared machine it says more than the clock does. Linux only."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.settings import Settings


def seconds(process: int | None) -> float:
    """What a process has taken so far (/proc/<pid>/schedstat counts nanoseconds); nothing where nobody counts."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    return 0.0


def seconds_of_family(process: int) -> float:
    """The same of a process and of all that it began and that are there now."""
    return seconds(process) + sum(map(seconds_of_family, _children(process)))


def seconds_of_all(process: int) -> float:
    """What a process and all that it began have taken, in all their threads, also those that ended since (proc(5))."""
    with suppress(OSError):
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        taken = sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")
        return taken + sum(map(seconds_of_all, _children(process)))
    return 0.0


def postmaster(place: Settings) -> int:
    """The first process of a place's embedded server."""
    return int((place.var / "postgres/data/postmaster.pid").read_text().split()[0])


def seconds_of_postgres(place: Settings) -> float:
    """What all processes of a place's embedded server have taken that are there now."""
    return sum(map(seconds, _processes(place)))


def _processes(place: Settings) -> Iterator[int]:
    with suppress(OSError):
        first = postmaster(place)
        yield first
        yield from _children(first)


def _children(process: int) -> Iterator[int]:
    for told in Path(f"/proc/{process}/task").glob("*/children"):
        yield from map(int, told.read_text().split())
