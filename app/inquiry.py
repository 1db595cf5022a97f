"""Who asks, and what for: what every route is told before it answers."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Query, Request

from app.errors import DomainError
from app.identity.requester import Requester
from app.place import Place
from app.record.access import Inquiry, SharedRecord
from app.vocabulary.token import Purpose


class NotSignedIn(DomainError):
    """Nobody vouches for whoever asks: the same for a token that is missing, forged, stale or of someone unknown."""


class NoPurpose(DomainError):
    """The asker did not say what for."""


async def requester(request: Request) -> Requester:
    """Who asks; raises `NotSignedIn`."""
    tokens = place(request).tokens
    found = await tokens.requester(request.headers.get("authorization", ""), at=_now()) if tokens else None
    if found is None:
        raise NotSignedIn("sign in first: send a bearer token that this place issued")
    return found


async def inquiry(
    asking: Annotated[Requester, Depends(requester)],
    purpose: Annotated[str, Query(description="What for, as the agreement calls it, such as direct-care.")] = "",
) -> Inquiry:
    """Who asks and what for; raises `NotSignedIn`, or `NoPurpose` where the purpose is no such word."""
    try:
        return Inquiry(id=_new_id(), requester=asking, purpose=Purpose(purpose), at=_now())
    except ValueError:
        raise NoPurpose("say what for: add ?purpose=direct-care, or another purpose of the agreement") from None


def place(request: Request) -> Place:
    """The place that this service is of."""
    opened: Place = request.app.state.place
    return opened


async def shared_record(request: Request) -> SharedRecord:
    """The records of this place."""
    return place(request).record


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> UUID:
    return uuid4()


Asked = Annotated[Inquiry, Depends(inquiry)]
Record = Annotated[SharedRecord, Depends(shared_record)]
