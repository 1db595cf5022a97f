"""A push once its body is there: read, checked, filed and answered, in whatever thread or process that is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from fastapi import Response
from sqlalchemy import Engine

from app.adapters.fhir_bundle.bundle import Bundle, Method, read_bundle
from app.adapters.fhir_bundle.labels import HEADINGS
from app.adapters.fhir_bundle.reading import read
from app.asking.callers import Caller
from app.audit.chain import ChainKey
from app.fhir.push.answer import Answer, refusal, status_of
from app.fhir.push.request import Returned
from app.intake.pushing.push import push
from app.intake.pushing.pushed import Push
from app.profiles.strict_json import Limits, Unreadable

INTERACTION: Final = {Method.POST: "c", Method.PUT: "u", Method.DELETE: "d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, by whom, and how they want to be answered; `base` is the address of the FHIR door.
    `wait` is for how many seconds they wait rather than be answered before it is filed.

    `alone` where one resource was sent, wrapped as a bundle; `rehearse` where nothing is to be stored.
    """

    content: bytes
    sender: Caller
    limits: Limits
    base: str
    returned: Returned
    wait: int | None = None
    alone: bool = False
    rehearse: bool = False


def take(engine: Engine, key: ChainKey, sent: Sent) -> Response:
    """File what was sent, and answer; it waits for the database. Raises `NotForThem` and `Busy`."""
    try:
        bundle = read_bundle(sent.content, sent.limits)
    except Unreadable as unreadable:
        return refusal(status_of(unreadable.issue), [unreadable.issue])
    _demand(sent.sender, bundle)
    what = Push(
        content=sent.content,
        bundle=read(bundle, sent.sender.requester.organisation),
        partner=sent.sender.requester.organisation,
        at=datetime.now(UTC),
        new_id=uuid4,
        key=key,
    )
    pushed = push(engine, what, rehearse=sent.rehearse, wait=sent.wait)
    answer = Answer(pushed, bundle.kind, base=sent.base, at=datetime.now(UTC), returned=sent.returned, alone=sent.alone)
    if sent.rehearse:
        return answer.rehearsed()
    return answer.of_one() if sent.alone else answer.of_bundle()


def _demand(sender: Caller, sent: Bundle) -> None:
    """Ask that the sender may do all that the bundle asks; what is about nobody comes with what refers to it."""
    for kind, interaction in _wanted(sent):
        sender.demand(kind, interaction)


def _wanted(sent: Bundle) -> Iterable[tuple[str, str]]:
    """What the bundle asks to be done, by type. What a collection or a message states may be new or not."""
    return {
        (part.type, INTERACTION[part.method] if part.requested else "cu")
        for part in sent.parts
        if part.type in HEADINGS
    }
