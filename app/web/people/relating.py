"""Pages of stating that one takes part in somebody's care, where no feed tells it."""

from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.asking.inquiry import handling
from app.governance.exceptions.opening import review_within
from app.governance.exceptions.relating import Making, NotMade, make
from app.governance.handling import named_by
from app.sharing.published.phrases import long
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import not_offered, nothing
from app.web.frame.typed import LongText, ShortText, TypedForm, typed_number
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.wording import begun_large

router = APIRouter(include_in_schema=False)

_NO_KIND: Final = "Select what connects you with this person"

Whom = Callable[[Connection], UUID | None]


class Claim(TypedForm):
    """The form, as it was typed."""

    nhs_number: ShortText = ""
    kind: ShortText = ""
    evidence: LongText = ""


@router.get("/relationship")
async def relationship(looking: Looking) -> Response:
    """The form that states a relationship with whoever has an NHS number."""
    return _form(looking, Claim(), None)


@router.post("/relationship/whom")
async def relationship_with(looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """The same, of a number that was typed already."""
    return _form(looking, claim, None)


@router.post("/relationship")
async def claim_by_number(looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """State it, or tell what is wrong with the form; what was typed is kept."""
    number = typed_number(claim.nhs_number)
    if isinstance(number, str):
        return _form(looking, claim, None, {"nhs_number": number})
    return await _claimed(looking, claim, None, lambda connection: named_by(connection, number))


@router.get("/people/{person_id}/relationship")
async def relationship_with_person(person_id: UUID, looking: Looking) -> Response:
    """The form for one person; the same whether there is such a person or not."""
    return _form(looking, Claim(), person_id)


@router.post("/people/{person_id}/relationship")
async def claim(person_id: UUID, looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """State it, or tell what is wrong with the form."""
    return await _claimed(looking, claim, person_id, lambda _: person_id)


async def _claimed(looking: Viewing, claim: Claim, person_id: UUID | None, whom: Whom) -> Response:
    if not looking.ways_in.claims:
        return not_offered(looking)
    kinds = [made.kind for made in looking.ways_in.claims]
    kind = claim.kind or (kinds[0] if len(kinds) == 1 else "")
    if kind not in kinds:
        return _form(looking, claim, person_id, {"kind": _NO_KIND})
    making, by = Making(kind=kind, evidence=claim.evidence), handling(looking.asked, looking.place)

    def write(connection: Connection) -> UUID | None:
        found = whom(connection)
        return found if make(connection, found, making, by) else None

    try:
        found = await written(looking.place, write)
    except NotMade as error:
        return _form(looking, claim, person_id, {"evidence": begun_large(str(error))})
    if found is None:
        return nothing(looking, nhs_number=claim.nhs_number)
    return RedirectResponse(f"/people/{found}?purpose={looking.asked.purpose}", SEE_OTHER)


def _form(looking: Viewing, claim: Claim, person_id: UUID | None, wrong: dict[str, str] | None = None) -> Response:
    if not looking.ways_in.claims:
        return not_offered(looking)
    context = {
        "typed": claim,
        "errors": wrong or {},
        "claims": [(made, looking.names.relationship(made.kind), long(made.lasts)) for made in looking.ways_in.claims],
        "review": long(review_within(looking.agreements, looking.asked.at)),
        "action": f"/people/{person_id}/relationship" if person_id else "/relationship",
        "by_number": person_id is None,
    }
    return page("people/relationship.html", looking.context() | context, status=MISTAKEN if wrong else 200)
