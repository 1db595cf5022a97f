"""Delivering what is due: decided anew each time, told to the trail, and only then sent."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import httpx
import structlog
from sqlalchemy import Connection

from app.identity.published import is_allowed
from app.identity.systems.system import System
from app.record.inquiry import Inquiry
from app.record.kept import changes
from app.record.kept.changes import Topic
from app.record.read.access import SharedRecord
from app.record.read.everything import Everything, Resource
from app.sharing.known.store import related
from app.subscriptions import store
from app.subscriptions.notification import event, handshake
from app.subscriptions.store import Delivery
from app.subscriptions.subscription import SigningKey, Status, Subscription, signature

_MOST_CHANGES: Final = 1000
_SECONDS: Final = 10  # that a receiver may take
_MOST_ANSWER: Final = 1024  # bytes

_log = structlog.get_logger()

MayBeTold = Callable[[Inquiry, UUID], Awaitable[bool]]
"""Whether whoever asks may be told of a thing of the team's, which the trail is then told before anything is sent."""


class Sent(NamedTuple):
    """A notification that may be sent, and what of the record it discloses."""

    shown: list[Resource]
    content: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: `error` in our words where it failed."""

    error: str | None = None


class Teller:
    """Tells subscribers; `system_of` finds a system that is still believed, `hosts` are those that may be told."""

    def __init__(
        self,
        record: SharedRecord,
        client: httpx.AsyncClient,
        key: SigningKey,
        *,
        base: str,
        hosts: Collection[str],
        loopback: bool,
        system_of: Callable[[str], Awaitable[System | None]],
        may_be_told: MayBeTold,
    ) -> None:
        self._record, self._client, self._key, self._base = record, client, key, base
        self._may_send = partial(is_allowed, hosts=hosts, loopback=loopback)
        self._system_of, self._may_be_told = system_of, may_be_told

    async def attempt(self, one: Delivery, *, at: datetime) -> Attempt:
        """Try to deliver one; whoever may not be told of it any more is told nothing, and that is an end too."""
        system = await self._system_of(one.subscription.system)
        if system is None:
            return Attempt("the system is registered no longer")
        if not self._may_send(one.subscription.endpoint):
            return Attempt("the address is allowed no longer")
        if one.is_handshake:
            return await self._shake_hands(one, at)
        inquiry = Inquiry(id=uuid4(), requester=system.asking(), purpose=system.purpose, at=at)
        content = await (
            self._of_entry(one, system, inquiry) if one.thing is None else self._of_team(one, system, inquiry)
        )
        return Attempt() if content is None else await self._send(one, content, at)

    async def _of_team(self, one: Delivery, system: System, inquiry: Inquiry) -> bytes | None:
        if one.thing is None or not system.scopes.permit("Task", "r"):
            return None
        if not await self._may_be_told(inquiry, one.thing):
            return None
        return event(one.subscription, self._base, number=one.number, focus=f"Task/{one.thing}")

    async def _of_entry(self, one: Delivery, system: System, inquiry: Inquiry) -> bytes | None:
        def take(found: Everything) -> Sent | None:
            for row in found.resources:
                if row.number == one.entry and system.scopes.permit(row.kind, "r"):
                    content = event(one.subscription, self._base, number=one.number, focus=f"{row.kind}/{row.number}")
                    return Sent([row], content)
            return None

        sent = await self._record.everything(inquiry, one.person_id, take)
        return sent.content if sent else None

    async def _shake_hands(self, one: Delivery, at: datetime) -> Attempt:
        challenge = self._key.challenge(one.subscription.id)
        content = handshake(one.subscription, self._base)
        return await self._send(one, content, at, headers={"pisano-challenge": challenge}, answer=challenge)

    async def _send(
        self, one: Delivery, content: bytes, at: datetime, *, headers: dict[str, str] | None = None, answer: str = ""
    ) -> Attempt:
        timestamp = int(at.timestamp())
        signed = {
            "content-type": "application/fhir+json",
            "accept-encoding": "identity",  # of a kilobyte, gzip could make a megabyte before it is counted
            "pisano-delivery": str(one.number),
            "pisano-timestamp": str(timestamp),
            "pisano-signature": f"sha256={signature(self._key.of(one.subscription.id), timestamp, content)}",
            **(headers or {}),
        }
        try:
            async with (
                asyncio.timeout(_SECONDS),  # in all: one who answers byte by byte would keep others waiting
                self._client.stream("POST", one.subscription.endpoint, content=content, headers=signed) as answered,
            ):
                said = await _beginning(answered)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
            return Attempt(f"the address does not answer ({type(failure).__name__})")
        if not answered.is_success:
            return Attempt(f"the address answered {answered.status_code}")
        if answer and said.strip() != answer.encode():
            return Attempt("the address did not answer with the challenge")
        return Attempt()


async def _beginning(answered: httpx.Response) -> bytes:
    said = b""
    async for part in answered.aiter_raw():
        said += part
        if len(said) > _MOST_ANSWER:
            break
    return said


def spread(connection: Connection, at: datetime) -> int:
    """Put what happened out for each subscriber whom it concerns; return how much it was."""
    changed = changes.take(connection, _MOST_CHANGES)
    for topic in {change.topic for change in changed}:
        of_topic = [change for change in changed if change.topic is topic]
        for one in store.active(connection, topic):
            store.put_out(connection, one, _concerning(connection, one, of_topic, at=at), at=at)
    return len(changed)


def _concerning(
    connection: Connection, one: Subscription, changed: list[changes.Change], *, at: datetime
) -> list[changes.Change]:
    """Of what happened, that which concerns a subscriber: what its organisation is to do, or its people.

    What an organisation stated itself it is not told.
    """
    if one.topic is Topic.ACTION_ASSIGNED:
        return [each for each in changed if each.partner == one.organisation]
    known = related(connection, one.organisation, {each.person_id for each in changed}, at=at)
    own = one.organisation if one.topic is Topic.NEW_ENTRY else None
    return [each for each in changed if each.person_id in known and each.partner != own]


def settle(connection: Connection, one: Delivery, told: Attempt, *, at: datetime) -> None:
    """Note how an attempt ended."""
    if told.error is None:
        store.delivered(connection, one)
        return
    status = store.failed(connection, one, told.error, at=at)
    level = _log.error if status is Status.ERROR else _log.warning
    level("a subscriber was not told", subscription=str(one.subscription.id), error=told.error, status=status)
