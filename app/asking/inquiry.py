"""Who asks, and what for: what every route is told before it answers."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Depends, Query, Request

from app.asking.callers import CalledBy, Caller, place
from app.errors import DomainError
from app.governance.handling import Handling
from app.mdt.desk import Desk
from app.place import Place
from app.record.inquiry import Inquiry
from app.record.read.access import SharedRecord
from app.vocabulary.token import Purpose

_PURPOSE_ALONE: Final = re.compile(rb"purpose=([a-z0-9-]+)")


class NoPurpose(DomainError):
    """The requester did not say what for."""


class AskedBy:
    """Gives the `Inquiry` of a route that answers of people: who asks, of those whom it is for, and what for.

    A system asks for the purpose that it was registered for; it may say so, and no other. Raises what `CalledBy` does,
    or `NoPurpose` where the purpose is no such word.
    """

    def __init__(self, *, people: bool = False, system: str | None = None) -> None:
        self.callers = CalledBy(people=people, system=system)

    async def __call__(
        self,
        request: Request,
        purpose: Annotated[str, Query(description="What for, as the agreement calls it, such as direct-care.")] = "",
    ) -> Inquiry:
        """Who asks and what for."""
        return inquiry_of(await self.callers(request), purpose)


def inquiry_of(caller: Caller, purpose: str) -> Inquiry:
    """What a caller asks, for what they said; raises `NoPurpose`."""
    return Inquiry(id=uuid4(), requester=caller.requester, purpose=_purpose(caller, purpose), at=datetime.now(UTC))


def _purpose(caller: Caller, said: str) -> Purpose:
    if caller.purpose is not None and said in ("", caller.purpose):
        return caller.purpose
    if caller.purpose is not None:
        raise NoPurpose("a system asks for the purpose that it was registered for; leave ?purpose= out")
    try:
        return Purpose(said)
    except ValueError:
        raise NoPurpose("say what for: add ?purpose=direct-care, or another purpose of the agreement") from None


def parameters_of(request: Request) -> Sequence[tuple[str, str]]:
    """What the address says after its path, in its order."""
    said = _PURPOSE_ALONE.fullmatch(request.scope["query_string"])  # as nearly always, so that nothing need be parsed
    return [("purpose", said[1].decode())] if said else request.query_params.multi_items()


def purpose_of(request: Request) -> str:
    """The purpose that the address says; empty where it says none."""
    return dict(parameters_of(request)).get("purpose", "")


def handling(asked: Inquiry, opened: Place) -> Handling:
    """Who asks, as what they do is handled and told to the trail."""
    return Handling(
        requester=asked.requester,
        purpose=asked.purpose,
        at=asked.at,
        agreements=opened.agreements,
        key=opened.key,
        new_id=uuid4,
    )


async def shared_record(request: Request) -> SharedRecord:
    """The records of this place."""
    return place(request).record


async def team_desk(request: Request) -> Desk:
    """Where what is asked of this place's teams is asked."""
    return place(request).desk


_ERROR: Final = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_WHY: Final = {
    400: "What was asked makes no sense: what is wrong, and what to do.",
    401: "Nobody vouches for whoever asks.",
    403: "Not for whom you ask as, or not from where you ask.",
    404: "No such person, nothing permitted, or not yours: the same answer to all.",
    409: "It cannot be now, or was changed meanwhile: read it again.",
    422: "Something stands where it cannot be understood.",
    503: "Nothing was disclosed, as the record or the trail is out of reach.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route of `/api` may answer besides what it is for, for the OpenAPI document."""
    return {
        status: {"description": _WHY[status], "content": {"application/json": {"schema": _ERROR}}}
        for status in statuses
    }


inquiry: Final = AskedBy(people=True)

Asked = Annotated[Inquiry, Depends(inquiry)]
Record = Annotated[SharedRecord, Depends(shared_record)]
AtDesk = Annotated[Desk, Depends(team_desk)]
