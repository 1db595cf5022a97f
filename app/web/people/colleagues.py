"""The page on which whoever cares for a person brings in a colleague, for as long as the agreement says."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import Record, handling
from app.governance.exceptions.relating import Making, NotMade, make
from app.record.read.access import SharedRecord
from app.sharing.published.phrases import long
from app.sharing.written.document import MadeRelationship
from app.web.frame.filled_in.typed import LongText, ShortText, TypedForm
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import not_offered, nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.ways_in import may_make
from app.web.frame.words.wording import begun_large
from app.web.people.pages import seen_page
from app.web.people.users import providers, user_named

router = APIRouter(include_in_schema=False)

_NOBODY: Final = "Nobody signs in with that; check it"
_MISSING: Final = "Enter your colleague"


class BringingIn(TypedForm):
    """The form, as it was typed."""

    colleague: ShortText = ""
    provider: ShortText = ""
    evidence: LongText = ""


@router.get("/people/{person_id}/colleague")
async def colleague(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The form."""
    return await _form(person_id, looking, record, BringingIn(), {})


@router.post("/people/{person_id}/colleague")
async def bring_in(person_id: UUID, looking: Looking, record: Record, typed: Annotated[BringingIn, Form()]) -> Response:
    """Bring them in, or tell what is wrong with the form; a name that nobody has would bring in nobody."""
    offered = _offered(looking)
    if not offered:
        return not_offered(looking)
    user = await user_named(looking, typed.colleague, typed.provider)
    if user is None:
        wrong = {"colleague": _NOBODY if typed.colleague else _MISSING}
        return await _form(person_id, looking, record, typed, wrong)
    making = Making(
        kind=offered[0].kind,
        evidence=typed.evidence,
        colleague=user.account,
        organisation=user.organisation,
    )
    by = handling(looking.asked, looking.place)
    try:
        made = await written(looking.place, lambda connection: make(connection, person_id, making, by))
    except NotMade as error:
        return await _form(person_id, looking, record, typed, {"evidence": begun_large(str(error))})
    if made is None:
        return nothing(looking)
    return RedirectResponse(f"/people/{person_id}/sources?purpose={looking.asked.purpose}", SEE_OTHER)


def _offered(looking: Viewing) -> list[MadeRelationship]:
    """What the viewer's role may make for a colleague."""
    asked = looking.asked
    return may_make("colleague", asked.requester, asked.purpose, looking.agreements, asked.at)


async def _form(
    person_id: UUID, looking: Viewing, record: SharedRecord, typed: BringingIn, wrong: dict[str, str]
) -> Response:
    seen, offered = await seen_page(person_id, looking, record), _offered(looking)
    if seen is None:
        return nothing(looking)
    if not offered:
        return not_offered(looking)
    context = {"page": seen, "typed": typed, "errors": wrong, "lasts": long(offered[0].lasts)}
    context["providers"] = providers(looking)
    return page("people/colleague.html", looking.context() | context, status=MISTAKEN if wrong else 200)
