"""Pages of stating that one takes part in somebody's care, where no feed tells it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection

from app.asking.inquiry import handling
from app.governance.exceptions.relating import Making, NotMade, demand_evidence, make
from app.sharing.published.phrases import long
from app.web.frame.filled_in.typed import LongText, ShortText, typed_number
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, page
from app.web.frame.nothing import not_offered
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import begun_large
from app.web.people.whom import ToOpen, Whom, asked, led_to

router = APIRouter(include_in_schema=False)

_NO_KIND: Final = "Select what connects you with this person"


class Claim(ToOpen):
    """The form, as it was typed."""

    kind: ShortText = ""
    evidence: LongText = ""


@router.get("/relationship")
async def relationship(looking: Looking) -> Response:
    """The form that states a relationship with whoever has an NHS number."""
    return _form(looking, Claim(), Whom())


@router.post("/relationship/whom")
async def relationship_with(looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """The same, of a number that was typed already."""
    return _form(looking, claim, Whom())


@router.post("/relationship")
async def claim_by_number(looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """State it, or tell what is wrong with the form; what was typed is kept."""
    number = typed_number(claim.nhs_number)
    if isinstance(number, str):
        return _form(looking, claim, Whom(), {"nhs_number": number} | _wrong(looking, claim))
    return await _claimed(looking, claim, Whom(number=number))


@router.get("/people/{person_id}/relationship")
async def relationship_with_person(person_id: UUID, looking: Looking) -> Response:
    """The form for one person; the same whether there is such a person or not."""
    return _form(looking, Claim(), Whom(person_id))


@router.post("/people/{person_id}/relationship")
async def claim(person_id: UUID, looking: Looking, claim: Annotated[Claim, Form()]) -> Response:
    """State it, or tell what is wrong with the form."""
    return await _claimed(looking, claim, Whom(person_id))


async def _claimed(looking: Viewing, claim: Claim, whom: Whom) -> Response:
    if not looking.ways_in.claims:
        return not_offered(looking)
    if wrong := _wrong(looking, claim):
        return _form(looking, claim, whom, wrong)
    making = Making(kind=_kind(looking, claim), evidence=claim.evidence)
    by = handling(looking.asked, looking.place)

    def write(connection: Connection) -> UUID | None:
        found = whom.known(connection)
        return found if make(connection, found, making, by) else None

    try:
        found = await written(looking.place, write)
    except NotMade as error:
        return _form(looking, claim, whom, {"evidence": begun_large(str(error))})
    return led_to(looking, found, claim)


def _kind(looking: Viewing, claim: Claim) -> str:
    """What was chosen, or the only one that there is; else ""."""
    kinds = [made.kind for made in looking.ways_in.claims]
    chosen = claim.kind or (kinds[0] if len(kinds) == 1 else "")
    return chosen if chosen in kinds else ""


def _wrong(looking: Viewing, claim: Claim) -> dict[str, str]:
    wrong = {} if _kind(looking, claim) else {"kind": _NO_KIND}
    try:
        demand_evidence(claim.evidence)
    except NotMade as error:
        wrong["evidence"] = begun_large(str(error))
    return wrong


def _form(looking: Viewing, claim: Claim, whom: Whom, wrong: dict[str, str] | None = None) -> Response:
    if not looking.ways_in.claims:
        return not_offered(looking)
    claims = [(made, looking.names.relationship(made.kind), long(made.lasts)) for made in looking.ways_in.claims]
    context = asked(looking, whom, "relationship", claim, wrong) | {"claims": claims}
    return page("people/relationship.html", context, status=MISTAKEN if wrong else 200)
