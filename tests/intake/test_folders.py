"""Files that partners leave in folders are taken when they are whole, and lie in `done` once they are kept."""

import errno
import os
from collections.abc import Callable
from contextlib import nullcontext
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


def test_a_link_that_takes_the_place_of_a_file_leads_nowhere(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    secret = leave("secret", folder="elsewhere")
    leave("a.csv")
    swapped = leave("b.csv")
    watched = Folders(tmp_path)
    assert look(engine, watched, NOON) == 0
    for _ in watched.take(engine, at=LATER):
        swapped.unlink()
        swapped.symlink_to(secret)

    assert column(engine, "SELECT message_id FROM inbox_message") == ["a.csv"]


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
        "reason": "an ODS code is two to ten capital letters and digits",
    }


def test_what_cannot_be_taken_is_told_of_once_a_minute_and_not_every_second(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    leave("nightly.csv", folder="the trust/spoken")
    watched = Folders(tmp_path)
    with structlog.testing.capture_logs() as logs:
        for second in range(122):
            look(engine, watched, NOON + timedelta(seconds=second))

    assert [line["reason"] for line in logs] == ["an ODS code is two to ten capital letters and digits"] * 3


def test_what_was_put_right_is_taken_a_minute_later(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave("nightly.csv")
    watched = Folders(tmp_path)
    with monkeypatch.context() as locked:
        locked.setattr(os, "open", denied)
        assert [look(engine, watched, at) for at in (NOON, LATER)] == [0, 0]

    assert [look(engine, watched, LATER + timedelta(seconds=seconds)) for seconds in (59, 60)] == [0, 1]


def denied(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", "Ashe Ivy.csv")


def test_a_folder_into_which_nobody_may_look_is_told_of(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave("nightly.csv")
    monkeypatch.setattr(os, "scandir", denied)
    with structlog.testing.capture_logs() as logs:
        assert looked_twice(engine, tmp_path) == 0

    assert [(line["event"], line["folder"], line["reason"]) for line in logs] == [
        ("folder passed over", str(tmp_path), "permission denied")
    ]


def test_a_linked_folder_brings_no_partner_another_partners_files(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path]
) -> None:
    leave("nightly.csv", folder="WH100/spoken")
    (tmp_path / "RL4").mkdir()
    (tmp_path / "RL4/spoken").symlink_to(tmp_path / "WH100/spoken")
    with structlog.testing.capture_logs() as logs:
        assert looked_twice(engine, tmp_path) == 1

    assert column(engine, "SELECT partner FROM inbox_message") == ["WH100"]
    assert [line["folder"] for line in logs] == [str(tmp_path / "RL4/spoken")]


def test_a_file_that_goes_while_it_is_looked_at_disturbs_nobody(
    engine: Engine, tmp_path: Path, leave: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    leave("nightly.csv")
    going = leave("going.csv")
    with os.scandir(going.parent) as listed:
        entries = list(listed)
    going.unlink()
    look_in = os.scandir

    def as_it_was(folder: Any) -> Any:
        return nullcontext(entries) if os.fspath(folder) == str(going.parent) else look_in(folder)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "scandir", as_it_was)
        assert looked_twice(engine, tmp_path) == 1


@pytest.mark.parametrize("name", [b"new\nline.csv", b"na\xefve.csv", "naïve – 漢字.csv".encode(), b"x" * 251 + b".csv"])
def test_a_file_may_be_called_anything(engine: Engine, tmp_path: Path, leave: Callable[..., Path], name: bytes) -> None:
    leave(os.fsdecode(name))

    assert looked_twice(engine, tmp_path) == 1
    assert column(engine, "SELECT message_id FROM inbox_message") == [name.decode(errors="replace")]


def test_without_folders_there_is_nothing_to_take(engine: Engine, tmp_path: Path) -> None:
    assert looked_twice(engine, tmp_path / "nowhere") == 0
