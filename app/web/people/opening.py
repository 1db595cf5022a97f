"""Pages of opening a record with a reason: the reason first, then the view, then what it was for."""

from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.asking.inquiry import handling
from app.governance.exceptions.afterwards import NothingSaid, OwnOpening, own_openings, say_afterwards
from app.governance.exceptions.opening import Asking, NoReason, NotNeeded, Reason, demand_reason, open_record
from app.sharing.facts import account_of
from app.sharing.published.phrases import long
from app.web.frame.filled_in.typed import LongText, ShortText, TypedForm, typed_number
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import not_offered, nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.ways_in import IN_EMERGENCY, OF_A_FLAGGED_RECORD
from app.web.frame.words.wording import begun_large
from app.web.people.whom import ToOpen, Whom, asked, led_to

router = APIRouter(include_in_schema=False)

_NO_REASON: Final = "Select why you must see this record now"
_REASONS: Final = {str(reason): text for reason, text in (IN_EMERGENCY | OF_A_FLAGGED_RECORD).items()}


class Opening(ToOpen):
    """The form, as it was typed."""

    reason: ShortText = ""
    details: LongText = ""


class Afterwards(TypedForm):
    """What an opening was for, as it was typed."""

    said: LongText = ""


@router.get("/emergency-access")
async def emergency_access(looking: Looking) -> Response:
    """The form that opens the record of whoever has an NHS number."""
    return _form(looking, Opening(), Whom())


@router.post("/emergency-access/whom")
async def emergency_access_to(looking: Looking, opening: Annotated[Opening, Form()]) -> Response:
    """The same, of a number that was typed already."""
    return _form(looking, opening, Whom())


@router.post("/emergency-access")
async def open_by_number(looking: Looking, opening: Annotated[Opening, Form()]) -> Response:
    """Open it, or tell what is wrong with the form; what was typed is kept."""
    number = typed_number(opening.nhs_number)
    if isinstance(number, str):
        return _form(looking, opening, Whom(), {"nhs_number": number} | _wrong(looking, opening))
    return await _opened(looking, opening, Whom(number=number))


@router.get("/people/{person_id}/emergency-access")
async def emergency_access_to_person(person_id: UUID, looking: Looking) -> Response:
    """The form that opens one person's record; the same whether there is such a person or not."""
    return _form(looking, Opening(), Whom(person_id))


@router.post("/people/{person_id}/emergency-access")
async def open_person(person_id: UUID, looking: Looking, opening: Annotated[Opening, Form()]) -> Response:
    """Open it, or tell what is wrong with the form."""
    return await _opened(looking, opening, Whom(person_id))


@router.get("/openings")
async def openings(looking: Looking) -> Response:
    """The records that the viewer opened with a reason, and what each was for."""
    return await _openings(looking)


@router.post("/openings/{number}")
async def say_what_for(number: int, looking: Looking, afterwards: Annotated[Afterwards, Form()]) -> Response:
    """Say what one's own opening was for; it is said once."""
    by = handling(looking.asked, looking.place)
    try:
        kept = await written(looking.place, lambda connection: say_afterwards(connection, number, afterwards.said, by))
    except NothingSaid as error:
        return await _openings(looking, typed={number: (afterwards.said, begun_large(str(error)))})
    return RedirectResponse("/openings", SEE_OTHER) if kept else nothing(looking)


async def own(looking: Viewing) -> list[OwnOpening]:
    """The viewer's own openings."""
    account = account_of(looking.asked.requester)
    return await written(looking.place, lambda connection: own_openings(connection, account, at=looking.asked.at))


async def _openings(looking: Viewing, *, typed: dict[int, tuple[str, str]] | None = None) -> Response:
    context = {"openings": await own(looking), "reasons": _REASONS, "typed": typed or {}, "at": looking.asked.at}
    return page("people/openings.html", looking.context() | context, status=MISTAKEN if typed else 200)


async def _opened(looking: Viewing, opening: Opening, whom: Whom) -> Response:
    if not looking.ways_in.opening:
        return not_offered(looking)
    if wrong := _wrong(looking, opening):
        return _form(looking, opening, whom, wrong)
    asking = Asking(
        requester=looking.asked.requester,
        purpose=looking.asked.purpose,
        reason=Reason(opening.reason),
        details=opening.details,
        at=looking.asked.at,
    )
    try:
        found = await written(looking.place, lambda connection: _open(connection, whom, asking, looking))
    except NotNeeded:  # they see it already, and are led to it
        found = await written(looking.place, whom.known)
    return led_to(looking, found, opening)


def _open(connection: Connection, whom: Whom, asking: Asking, looking: Viewing) -> UUID | None:
    """Whose record is open now."""
    opened, person_id = looking.place, whom.known(connection)
    kept = open_record(connection, person_id, asking, agreements=opened.agreements, key=opened.key, new_id=uuid4)
    return person_id if kept else None


def _wrong(looking: Viewing, opening: Opening) -> dict[str, str]:
    wrong = {} if opening.reason in looking.ways_in.reasons else {"reason": _NO_REASON}
    try:
        demand_reason(opening.details)
    except NoReason as error:
        wrong["details"] = begun_large(str(error))
    return wrong


def _form(looking: Viewing, opening: Opening, whom: Whom, wrong: dict[str, str] | None = None) -> Response:
    if not looking.ways_in.opening:
        return not_offered(looking)
    ways = looking.ways_in
    context = asked(looking, whom, "emergency-access", opening, wrong) | {
        "ways": ways,
        "reasons": [{"value": str(reason), "text": text} for reason, text in ways.reasons.items()],
        "lasts": long(ways.lasts),
    }
    return page("people/emergency_access.html", context, status=MISTAKEN if wrong else 200)
