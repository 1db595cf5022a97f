"""Hashing by Argon2id, in threads of its own: it takes a tenth of a second and 64 MiB, on purpose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, NamedTuple, Self

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.identity.passwords.rules import MOST_CHARACTERS, normalised

EFFORT: Final = Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
"""The second recommendation of RFC 9106, section 4: passes, KiB, lanes."""

_AT_ONCE: Final = 2
"""However many sign in together, no more memory of a process goes, and who is signed in is answered meanwhile."""


class Checked(NamedTuple):
    """Whether the password is right, and its hash anew where that was made with less effort than is now asked."""

    is_right: bool
    anew: str | None = None


@cache
def _nobodys(hasher: Argon2Hasher) -> str:
    """What the password of an account that is not there is checked against, with the same effort."""
    return hasher.hash("nobody has this password")


class Passwords:
    """Hashes and checks; close it, or use it as a context manager. The default effort is `EFFORT`."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        hasher = hasher or EFFORT
        self._hash = PasswordHash((hasher,))
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._nobodys = _nobodys(hasher)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    def hashed(self, password: str) -> str:
        """The hash to keep."""
        return self._hash.hash(normalised(password))

    async def hashed_apart(self, password: str) -> str:
        """The same, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.hashed, password)

    async def check(self, password: str, kept: str | None) -> Checked:
        """Whether it is the password of a hash; where there is none the work is the same, and it never is."""
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._check, password, kept)
        return found if kept is not None else Checked(False)

    def _check(self, password: str, kept: str | None) -> Checked:
        plain = normalised(password[: MOST_CHARACTERS * 4])
        return Checked(*self._hash.verify_and_update(plain, kept or self._nobodys))
