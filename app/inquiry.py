"""Who asks, and what for: what every route is told before it answers."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Query, Request

from app.errors import DomainError
from app.place import Place
from app.record.access import Inquiry, SharedRecord
from app.vocabulary.token import Purpose


class NotSignedIn(DomainError):
    """Nobody vouches for whoever asks: the same for a token that is missing, forged, stale or of someone unknown."""


class NoPurpose(DomainError):
    """The asker did not say what for."""


async def inquiry(
    request: Request,
    purpose: Annotated[str, Query(description="What for, as the agreement calls it, such as direct-care.")] = "",
) -> Inquiry:
    """Who asks and what for; raises `NotSignedIn`, or `NoPurpose` where the purpose is no such word."""
    at = datetime.now(UTC)
    tokens = place(request).tokens
    asking = await tokens.requester(request.headers.get("authorization", ""), at=at) if tokens else None
    if asking is None:
        raise NotSignedIn("sign in first: send a bearer token that this place issued")
    try:
        return Inquiry(id=uuid4(), requester=asking, purpose=Purpose(purpose), at=at)
    except ValueError:
        raise NoPurpose("say what for: add ?purpose=direct-care, or another purpose of the agreement") from None


def place(request: Request) -> Place:
    """The place that this service is of."""
    opened: Place = request.app.state.place
    return opened


async def shared_record(request: Request) -> SharedRecord:
    """The records of this place."""
    return place(request).record


Asked = Annotated[Inquiry, Depends(inquiry)]
Record = Annotated[SharedRecord, Depends(shared_record)]
