"""Keys as files of mode 0600, made whole or not at all."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from app.errors import DomainError


class UnusableKey(DomainError):
    """A key is missing, unreadable, or open to others."""


def key_file(path: Path, new: Callable[[], bytes]) -> bytes:
    """The content of a key file, made with `new` where there is none; raises `UnusableKey`."""
    try:
        if not path.exists():
            put_key_file(path, new())
        if path.stat().st_mode & 0o077:
            raise UnusableKey(f"others can reach `{path}`; run `chmod 600` on it")
        return path.read_bytes()
    except OSError as error:
        raise UnusableKey(f"`{path}` cannot be read or made: {error.strerror}") from None


def put_key_file(path: Path, content: bytes) -> None:
    """Put a whole file in its place, or leave the one that another process put there first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
