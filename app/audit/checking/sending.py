"""Giving each signed head to every party and to write-once storage, so that nobody here can rewrite what it counted.

An operator names the receivers in a file: an address that takes a POST, or a folder, which is how a bucket with object
lock or a party's own share is mounted. Heads go in order, each until it is taken: a process that dies in between sends
one again, which its name tells. Nothing but hashes, counts and a signature leaves.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self

import httpx
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

from app.errors import DomainError
from app.identity.published import is_allowed
from app.settings import Settings

_AT_ONCE: Final = 100  # heads to one receiver, so that a new one does not keep the others waiting
_SECONDS: Final = 10.0


class InvalidReceivers(DomainError):
    """The file of receivers cannot be read, or sends a head where nobody may reach."""


class NotTaken(Exception):
    """A receiver did not take a head; it is tried again."""


def _one_word(text: str) -> str:
    if not text or not all(letter.isalnum() or letter in "-_" for letter in text):
        raise ValueError("a receiver is named by letters, digits and -: a party by its ODS code")
    return text


class Receiver(BaseModel):
    """Who keeps heads: `name` is a party's ODS code, or what else keeps them, such as write-once storage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_one_word)]
    url: str | None = None
    folder: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) == (self.folder is None):
            raise ValueError("a receiver has a url or a folder, and not both")
        return self


class Sent(NamedTuple):
    """How far one receiver has come: the last head it took, how many wait, and why the next was not taken."""

    receiver: str
    last: str
    waiting: int
    failure: str = ""


def read_receivers(path: Path | None, *, loopback: bool = False) -> list[Receiver]:
    """The receivers that a file names, none without one; raises `InvalidReceivers`."""
    if path is None:
        return []
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        receivers = [Receiver.model_validate(one) for one in said["receivers"]]
    except (OSError, yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise InvalidReceivers(f"`{path}` does not name receivers; see docs/operations.md ({_told(error)})") from None
    if len({receiver.name for receiver in receivers}) < len(receivers):
        raise InvalidReceivers(f"`{path}` names a receiver twice; name each once")
    for receiver in receivers:
        if receiver.url and not is_allowed(receiver.url, hosts=[_host(receiver.url)], loopback=loopback):
            raise InvalidReceivers(f"`{path}`: heads go to {receiver.name} by https alone; mend its url")
    return receivers


@dataclass(frozen=True, slots=True)
class Sending:
    """The heads in `heads`, and in `sent` a file for each receiver that names the last one it took."""

    heads: Path
    sent: Path
    receivers: Sequence[Receiver]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of a place; raises `InvalidReceivers`."""
        folder = settings.var / "audit"
        receivers = read_receivers(settings.head_receivers, loopback=settings.loopback_http)
        return cls(folder / "heads", folder / "sent", receivers)

    def send(self, client: httpx.Client) -> list[Sent]:
        """Give each receiver what waits for it, in order, up to the first that is not taken."""
        return [self._send(receiver, client) for receiver in self.receivers]

    def standing(self) -> list[Sent]:
        """How far each receiver has come."""
        return [Sent(each.name, self._last(each), len(self._waiting(each))) for each in self.receivers]

    def without(self, parties: Collection[str]) -> list[str]:
        """The parties to whom no head goes."""
        return sorted(set(parties) - {receiver.name for receiver in self.receivers})

    def _send(self, receiver: Receiver, client: httpx.Client) -> Sent:
        waiting = self._waiting(receiver)
        for taken, head in enumerate(waiting[:_AT_ONCE]):
            try:
                _give(receiver, head, client)
            except NotTaken as failure:
                return Sent(receiver.name, self._last(receiver), len(waiting) - taken, str(failure))
            self._remember(receiver, head.name)
        return Sent(receiver.name, self._last(receiver), max(0, len(waiting) - _AT_ONCE))

    def _waiting(self, receiver: Receiver) -> list[Path]:
        last = self._last(receiver)
        return sorted(path for path in self.heads.glob("*.json") if path.name > last)

    def _last(self, receiver: Receiver) -> str:
        try:
            return (self.sent / receiver.name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _remember(self, receiver: Receiver, name: str) -> None:
        self.sent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.sent / f".{receiver.name}"
        unfinished.write_text(name, encoding="utf-8")
        unfinished.replace(self.sent / receiver.name)


def open_sender() -> httpx.Client:
    """What posts heads: it follows no redirection, which could lead to where nobody allowed."""
    return httpx.Client(follow_redirects=False, timeout=_SECONDS)


def _give(receiver: Receiver, head: Path, client: httpx.Client) -> None:
    content = head.read_bytes()
    if receiver.folder is not None:
        _put(receiver.folder / head.name, content)
    else:
        _post(receiver.url or "", head.name, content, client)


def _post(url: str, name: str, content: bytes, client: httpx.Client) -> None:
    try:
        answer = client.post(url, content=content, headers={"content-type": "application/json", "pisano-head": name})
    except httpx.HTTPError as failure:
        raise NotTaken(type(failure).__name__) from None
    if not answer.is_success:
        raise NotTaken(f"answered {answer.status_code}")


def _put(path: Path, content: bytes) -> None:
    """Written once: what stands there already must be the same."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        if path.read_bytes() != content:
            raise NotTaken("another head of that name is there; find out who wrote it") from None
    except OSError as failure:
        raise NotTaken(failure.strerror or type(failure).__name__) from None


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode().lower() if url.startswith(("http://", "https://")) else ""


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(str(each["msg"]) for each in error.errors(include_input=False))
    return type(error).__name__
