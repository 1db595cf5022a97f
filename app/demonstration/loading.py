"""Making the demonstration place: its files written, then sent through the front door like anyone's."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import Engine

from app.database.transactions import transaction
from app.demonstration.partners.files import FILES, write_files
from app.demonstration.place import ACUTE, FEEDS, staff, themselves
from app.errors import DomainError
from app.identity.passwords.hashing import Passwords
from app.identity.passwords.store import put_password
from app.identity.store import put_accounts
from app.keyfile import key_file
from app.record.freshness import declare_complete, expect
from app.settings import Settings

DEFAULT_PEOPLE: Final = 2000
MOST_PEOPLE: Final = 1_000_000
_HOSPITAL_TELLS_OF: Final = timedelta(days=5 * 365)


class AnotherPlace(DomainError):
    """The folder holds a demonstration place made otherwise than is asked for."""


@dataclass(frozen=True, slots=True)
class Making:
    """What a demonstration place is made from; the same makes the same files, byte for byte."""

    people: int
    seed: int
    on: date


def written(folder: Path, asked: Callable[[date | None], Making], progress: Callable[[], None]) -> Making:
    """Write the place's files, or find them written; raises `AnotherPlace` where they are of another making.

    `asked` is given the day of a place that is there, as one that was made yesterday is not made anew.
    """
    found = _found(folder)
    making = asked(found.on if found else None)
    if found is None:
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_files(unfinished, making.people, seed=making.seed, on=making.on, progress=progress)
        (unfinished / "making.json").write_bytes(orjson.dumps(asdict(making)))
        unfinished.rename(folder)
    elif found != making:
        raise AnotherPlace(
            f"this folder holds a place of {found.people} people with seed {found.seed}; "
            "set PISANO_VAR to another folder, or run `make clean`, which removes it"
        )
    return making


def _found(folder: Path) -> Making | None:
    try:
        said = orjson.loads((folder / "making.json").read_bytes())
    except FileNotFoundError:
        return None
    return Making(said["people"], said["seed"], date.fromisoformat(said["on"]))


def furnish(engine: Engine, on: date) -> None:
    """Let the place's staff sign in, and say how often each partner promised to send."""
    with transaction(engine) as connection:
        put_accounts(connection, [*staff(on), *themselves()])
        for feed in FEEDS:
            expect(connection, feed.partner, feed.adapter, feed.every)
        declare_complete(connection, ACUTE, "acute-hl7v2", on - _HOSPITAL_TELLS_OF)


def password_of(place: Settings) -> str:
    """The one password of all the demonstration's accounts, made at its first use and kept in its secrets folder."""
    path = place.secrets_folder / "demonstration-password"
    return key_file(path, lambda: secrets.token_urlsafe(9).encode()).decode()


def let_in(engine: Engine, password: str) -> None:
    """Let each of the staff, and whoever signs in for themselves, do so with a password, whatever became of theirs."""
    with Passwords() as hashing, transaction(engine) as connection:
        hashed = hashing.hashed(password)
        for one in (*staff(today()), *themselves()):
            put_password(connection, one.username, hashed, must_change=False)


def paths(folder: Path) -> list[tuple[Path, str, str]]:
    """The place's files in the order of their sending: path, partner, adapter."""
    return [(folder / file.name, str(file.partner), file.adapter) for file in FILES]


def today() -> date:
    """The day of a place that is made now."""
    return datetime.now(UTC).date()
