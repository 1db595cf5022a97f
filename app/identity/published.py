"""What others publish at an address of theirs, as JSON: fetched within bounds, and kept for a while.

Only addresses are fetched whose host an operator named: never one that a request brought.
"""

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

import httpx

KEPT_FOR: Final = timedelta(minutes=10)
"""A key that its owner withdrew is believed for so long at most."""

_AGAIN_AFTER: Final = timedelta(seconds=30)  # however often something is asked for that is not there
_MOST_BYTES: Final = 256 * 1024
_SECONDS: Final = 5
_AS_IT_IS: Final = {"accept-encoding": "identity"}  # of a few kilobytes, gzip could make more than memory holds
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

T = TypeVar("T")


class OutOfReach(Exception):
    """What was to be fetched did not come, or is not what it should be."""


def is_allowed(address: str, *, hosts: Collection[str], loopback: bool = False) -> bool:
    """Whether an address is https on one of these hosts (`name` or `name:port`); http on this machine if `loopback`."""
    try:
        parts = urlsplit(address)
        plain = parts.username is None and parts.password is None and not parts.fragment
        if loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK:
            return plain
        return plain and parts.scheme == "https" and parts.netloc.lower() in hosts
    except ValueError:
        return False


@dataclass(slots=True)
class _Kept(Generic[T]):
    tried: datetime
    found: T | None = None
    at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_fresh(self, now: datetime) -> bool:
        return self.at is not None and self.at <= now < self.at + KEPT_FOR


class Published(Generic[T]):
    """Fetches by address; `read` turns bytes into what they mean, and raises `ValueError` where they mean nothing."""

    def __init__(self, client: httpx.AsyncClient, read: Callable[[bytes], T]) -> None:
        self._client, self._read = client, read
        self._kept: dict[str, _Kept[T]] = {}

    async def at(self, address: str, *, now: datetime, anew: bool = False) -> T:
        """What stands at an address, as of ten minutes ago at most; raises `OutOfReach`.

        `anew` asks again for what is kept, as where a key is missing from it; every half a minute at most.
        """
        kept = self._kept.setdefault(address, _Kept(now - _AGAIN_AFTER))
        async with kept.lock:
            if (anew or not kept.is_fresh(now)) and now - kept.tried >= _AGAIN_AFTER:
                kept.tried = now
                found = await self._fetch(address)
                if found is not None:
                    kept.found, kept.at = found, now
            if kept.found is None or not kept.is_fresh(now):
                raise OutOfReach("what stands there did not come")
            return kept.found

    async def _fetch(self, address: str) -> T | None:
        try:
            return self._read(await self._bytes(address))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError):
            return None

    async def _bytes(self, address: str) -> bytes:
        content = b""
        async with (
            asyncio.timeout(_SECONDS),
            self._client.stream("GET", address, headers=_AS_IT_IS | {"accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError("no answer of the kind that is kept")
            async for part in answer.aiter_raw():
                content += part
                if len(content) > _MOST_BYTES:
                    raise ValueError("more than anyone publishes there")
        return content


def read_object(content: bytes) -> dict[str, Any]:
    """A JSON object; raises `ValueError`."""
    said = json.loads(content)
    if not isinstance(said, dict):
        raise ValueError("this is no JSON object")
    return said


def open_client() -> httpx.AsyncClient:
    """What fetches: it follows no redirection, which could lead to where nobody allowed."""
    return httpx.AsyncClient(follow_redirects=False, timeout=_SECONDS)
