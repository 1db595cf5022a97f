"""Pages on which whoever reads a record says that it is not this person's, or that it looks wrong."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import Record, handling
from app.audit.event import Kind
from app.intake.worklist.doubts import Doubting, NothingSaid, raise_doubt
from app.record.read.access import SharedRecord
from app.web.frame.filled_in.typed import LongText, ShortText, TypedForm
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import begun_large
from app.web.people.entry import opened
from app.web.people.pages import seen_page
from app.web.people.person import PersonPage
from app.web.people.stated import Statement

router = APIRouter(include_in_schema=False)

_KINDS: Final = {
    Doubting.NOT_THIS_PERSON: "It is not about this person",
    Doubting.LOOKS_WRONG: "It is about this person, and looks wrong",
}


class Doubted(TypedForm):
    """The form, as it was typed."""

    kind: ShortText = ""
    said: LongText = ""


@router.get("/people/{person_id}/doubt")
async def doubt_record(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The form about a whole record."""
    return await _form(person_id, None, looking, record, Doubted(), {})


@router.post("/people/{person_id}/doubt")
async def doubted_record(
    person_id: UUID, looking: Looking, record: Record, doubted: Annotated[Doubted, Form()]
) -> Response:
    """Raise it, or tell what is wrong with the form."""
    return await _raised(person_id, None, looking, record, doubted)


@router.get("/people/{person_id}/entries/{number}/doubt")
async def doubt_entry(person_id: UUID, number: int, looking: Looking, record: Record) -> Response:
    """The form about one line of it."""
    return await _form(person_id, number, looking, record, Doubted(), {})


@router.post("/people/{person_id}/entries/{number}/doubt")
async def doubted_entry(
    person_id: UUID, number: int, looking: Looking, record: Record, doubted: Annotated[Doubted, Form()]
) -> Response:
    """Raise it, or tell what is wrong with the form."""
    return await _raised(person_id, number, looking, record, doubted)


async def _raised(
    person_id: UUID, number: int | None, looking: Viewing, record: SharedRecord, doubted: Doubted
) -> Response:
    seen = await _seen(person_id, number, looking, record)
    if seen is None:
        return nothing(looking)
    if doubted.kind not in list(Doubting):
        return await _form(person_id, number, looking, record, doubted, {"kind": "Select what is wrong"})
    by, kind = handling(looking.asked, looking.place), Doubting(doubted.kind)
    source = await _source(person_id, number, looking, record) if number is not None else ""
    try:
        await written(
            looking.place,
            lambda connection: raise_doubt(
                connection, UUID(seen[0].id), kind, doubted.said, by, entry=number, source=source
            ),
        )
    except NothingSaid as error:
        return await _form(person_id, number, looking, record, doubted, {"said": begun_large(str(error))})
    return RedirectResponse("/home#doubts", SEE_OTHER)


async def _seen(
    person_id: UUID, number: int | None, looking: Viewing, record: SharedRecord
) -> tuple[PersonPage, Statement | None] | None:
    """What the viewer may see of it: nothing that they do not see can be doubted."""
    seen = await seen_page(person_id, looking, record)
    line = seen.statement(str(number)) if seen and number is not None else None
    return None if seen is None or (number is not None and line is None) else (seen, line)


async def _source(person_id: UUID, number: int, looking: Viewing, record: SharedRecord) -> str:
    """Where a line came from, for whoever has it mended there."""
    one = await record.everything(looking.asked, person_id, opened(number, looking.names), kind=Kind.ENTRY)
    return "/".join((one.partner, one.feed, one.message, one.line)) if one else ""


async def _form(
    person_id: UUID,
    number: int | None,
    looking: Viewing,
    record: SharedRecord,
    doubted: Doubted,
    wrong: dict[str, str],
) -> Response:
    seen = await _seen(person_id, number, looking, record)
    if seen is None:
        return nothing(looking)
    context = {
        "page": seen[0],
        "line": seen[1],
        "typed": doubted,
        "errors": wrong,
        "kinds": [{"value": str(kind), "text": text} for kind, text in _KINDS.items()],
        "action": f"/people/{person_id}{f'/entries/{number}' if number is not None else ''}/doubt",
    }
    return page("people/doubt.html", looking.context() | context, status=MISTAKEN if wrong else 200)
