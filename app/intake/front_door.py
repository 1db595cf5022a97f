"""Putting files in the inbox and processing what waits there, with progress to look at: what commands share."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.console import errors
from app.intake.arriving.inbox import Received, receive
from app.intake.process import Processed, process_next
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode


def bars() -> Progress:
    """Progress bars of bytes, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors)


def load_file(engine: Engine, file: Path, partner: OdsCode, adapter: str, progress: Progress) -> Received:
    """Put one file in the inbox; the same file again counts once, known by its name and content."""
    bar = progress.add_task(f"receiving {file.name}", total=file.stat().st_size)
    with file.open("rb") as content:
        return receive(
            engine,
            content,
            partner=partner,
            adapter=adapter,
            at=datetime.now(UTC),
            message_id=file.name,
            progress=lambda size: progress.advance(bar, size),
        )


def process_all(engine: Engine, place: Settings, progress: Progress) -> list[Processed]:
    """Process every message whose turn it is, with a bar for each."""
    bars: dict[int, Any] = {}

    def advance(message: int, size: int, whole: int) -> None:
        if message not in bars:
            bars[message] = progress.add_task(f"reading message {message}", total=whole)
        progress.advance(bars[message], size)

    key = chain_key(place)
    done = []
    while (
        processed := process_next(engine, clock=lambda: datetime.now(UTC), new_id=uuid4, key=key, progress=advance)
    ) is not None:
        done.append(processed)
    return done
