"""Files that partners leave in folders are taken when they are whole, and lie in `done` once they are kept."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine

from app.intake.arriving import folders
from app.intake.arriving.folders import Folders
from app.intake.arriving.inbox import receive
from tests.intake.feed import NOON, column, rows, sent

pytestmark = pytest.mark.usefixtures("spoken")

LATER, LATER_STILL = (NOON + timedelta(seconds=seconds) for seconds in (1, 2))


@pytest.fixture
def leave(tmp_path: Path) -> Callable[..., Path]:
    """Let a partner leave a file, last written a minute before noon unless told otherwise."""

    def write(name: str, content: bytes = b"word", *, folder: str = "RL4/spoken", at: datetime | None = None) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written = (at or NOON - timedelta(minutes=1)).timestamp()
        os.utime(path, (written, written))
        return path

    return write


def look(engine: Engine, watched: Folders, at: datetime) -> int:
    """How many files were taken."""
    return len(list(watched.take(engine, at=at)))


def looked_twice(engine: Engine, root: Path) -> int:
    watched = Folders(root)
    assert look(engine, watched, NOON) == 0
    return look(engine, watched, LATER)


def left(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_file_is_kept_for_its_partner_and_moved(engine: Engine, tmp_path: Path, leave: Callable[..., Path]) -> None:
    leave("nightly.csv")

    assert looked_twice(engine, tmp_path) == 1
    (message,) = rows(engine, "SELECT id, partner, adapter, message_id FROM inbox_message")
    assert tuple(message)[1:] == ("RL4", "spoken", "nightly.csv")
    assert left(tmp_path) == [f"RL4/spoken/done/{message.id}-nightly.csv"]


def test_files_are_taken_in_the_order_in_which_they_were_written(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    leave("a.csv", b"second", at=NOON - timedelta(minutes=1))
    leave("b.csv", b"first", at=NOON - timedelta(minutes=2))

    assert looked_twice(engine, tmp_path) == 2
    assert column(engine, "SELECT message_id FROM inbox_message ORDER BY id") == ["b.csv", "a.csv"]


def test_a_file_that_grows_is_left_alone_until_it_has_stopped(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    watched = Folders(tmp_path)
    taken = []
    for second in range(14):
        at = NOON + timedelta(seconds=second)
        if second < 3:
            leave("growing.csv", b"word" * (second + 1), at=at)
        taken.append(look(engine, watched, at))

    assert taken.index(1) == 12  # ten seconds after it was last written
    assert column(engine, "SELECT size FROM inbox_message") == [12]


def test_a_file_whose_writer_keeps_its_date_is_looked_at_twice(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    watched = Folders(tmp_path)
    for at, content in ((NOON, b"word"), (LATER, b"word word")):
        leave("dated.csv", content)
        assert look(engine, watched, at) == 0

    assert look(engine, watched, LATER_STILL) == 1


@pytest.mark.parametrize("name", [".nightly.csv", "nightly.csv.part", "nightly.tmp", "nightly.csv.filepart"])
def test_a_file_is_left_alone_until_it_has_its_last_name(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path], name: str
) -> None:
    unfinished = leave(name)
    assert looked_twice(engine, tmp_path) == 0

    unfinished.rename(unfinished.with_name("nightly.csv"))
    assert looked_twice(engine, tmp_path) == 1


def test_a_link_leads_nowhere(engine: Engine, tmp_path: Path, leave: Callable[..., Path]) -> None:
    secret = leave("secret", folder="elsewhere")
    (tmp_path / "RL4/spoken").mkdir(parents=True)
    (tmp_path / "RL4/spoken/nightly.csv").symlink_to(secret)

    assert looked_twice(engine, tmp_path) == 0


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leave("slow.csv")

    def writing(engine: Engine, content: Any, **how: Any) -> Any:
        with path.open("ab") as file:
            file.write(b"more")
        return receive(engine, content, **how)

    monkeypatch.setattr(folders, "receive", writing)
    assert looked_twice(engine, tmp_path) == 0
    assert column(engine, "SELECT count(*) FROM inbox_part") == [0]
    assert left(tmp_path) == ["RL4/spoken/slow.csv"]


def test_a_file_that_was_kept_and_not_moved_counts_once(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    """As when the worker was killed between the two."""
    leave("nightly.csv")
    kept = sent(engine, b"word", message_id="nightly.csv").message

    assert looked_twice(engine, tmp_path) == 1
    assert column(engine, "SELECT id FROM inbox_message") == [kept]
    assert left(tmp_path) == [f"RL4/spoken/done/{kept}-nightly.csv"]


def test_the_same_name_with_another_content_is_another_message(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    for content in (b"monday's", b"tuesday's"):
        leave("nightly.csv", content)
        assert looked_twice(engine, tmp_path) == 1

    assert len(left(tmp_path)) == 2


def test_a_folder_of_no_partner_is_left_and_told_of_without_the_files_name(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    leave("Ashe Ivy.csv", folder="the trust/spoken")
    leave("nightly.csv")
    with structlog.testing.capture_logs() as logs:
        assert looked_twice(engine, tmp_path) == 1

    (line,) = logs
    assert line == {
        "event": "file left where it is",
        "log_level": "warning",
        "folder": str(tmp_path / "the trust/spoken"),
        "failure": "ValueError",
    }


def test_without_folders_there_is_nothing_to_take(engine: Engine, tmp_path: Path) -> None:
    assert looked_twice(engine, tmp_path / "nowhere") == 0
