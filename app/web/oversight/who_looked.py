"""Who saw a person: for whoever answers them, as JSON, as a page, and as a letter to hand over."""

import asyncio
from dataclasses import asdict
from datetime import date, timedelta
from importlib import resources
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from pydantic import BeforeValidator, StringConstraints
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.asking.callers import ThisPlace
from app.asking.inquiry import Asked, handling, refusals
from app.errors import DomainError
from app.governance.exceptions.relating import Making
from app.governance.handling import Handling
from app.governance.oversight.answering import Answer, requests_taken, take_request, who_saw
from app.place import Place
from app.printing import pdf
from app.record.read.foremost import person_name
from app.sharing.names import names_of
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.plain_time import plain_date, plain_time
from app.web.frame.answers import json, refusal
from app.web.frame.filled_in.mistakes import Mistakes, error_list
from app.web.frame.filled_in.typed import TypedForm
from app.web.frame.handled import written
from app.web.frame.layout import HEADERS, MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.wording import begun_large
from app.web.oversight.forms import number_of
from app.web.oversight.looks_in_words import TO_THEMSELVES, as_json, in_words

router = APIRouter()
pages = APIRouter(include_in_schema=False)

Typed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Since = Annotated[date | None, BeforeValidator(lambda said: said or None)]
_TEMPLATE: Final = resources.files("app.web").joinpath("templates/oversight/who_looked.typ")


class Requested(TypedForm):
    """The form, as it was typed."""

    nhs_number: Typed = ""
    kind: Typed = ""
    evidence: Typed = ""


@router.get("/api/persons/{person_id}/looks", tags=["audit"], responses=refusals(400, 401, 403, 404, 422, 503))
async def looks_of_person(asked: Asked, opened: ThisPlace, person_id: UUID, since: Since = None) -> Response:
    """Who saw the person, for whom the agreement names to answer that: `{looks, held_back, refused, since, whole}`.

    `held_back` could endanger somebody where it is told, and is for the requester to weigh.
    """
    answer = await _answer(person_id, handling(asked, opened), opened, since)
    if answer is None:
        return refusal()
    names = names_of(opened.agreements)
    told = {
        name: as_json(looks, in_words(looks, names, opened.agreements))
        for name, looks in (("looks", answer.looks.told), ("held_back", answer.looks.held_back))
    }
    content = {**told, "refused": answer.looks.refused, "since": answer.since, "whole": answer.whole}
    return json(content)


@pages.get("/access-requests")
async def requests(looking: Looking, opened: ThisPlace) -> Response:
    """The form by which somebody who asked is written down, and answered."""
    return _form(looking.overseeing, opened, Requested(), Mistakes())


@pages.post("/access-requests")
async def request(looking: Looking, opened: ThisPlace, asked: Annotated[Requested, Form()]) -> Response:
    """Write down who asked, and lead to the answer; what was typed is kept where something is wrong."""
    looking = looking.overseeing
    number = number_of(asked.nhs_number)
    if isinstance(number, Mistakes):
        return _form(looking, opened, asked, number)
    by, making = handling(looking.asked, opened), Making(kind=asked.kind, evidence=asked.evidence)
    try:
        person_id = await written(opened, lambda connection: take_request(connection, number, making, by))
    except DomainError as error:
        return _form(looking, opened, asked, Mistakes(evidence=begun_large(str(error))))
    if person_id is None:
        return nothing(looking)
    return RedirectResponse(f"/people/{person_id}/who-looked?purpose={by.purpose}", SEE_OTHER)


@pages.get("/people/{person_id}/who-looked")
async def who_looked(person_id: UUID, looking: Looking, opened: ThisPlace, since: Since = None) -> Response:
    """Who saw the person, day by day."""
    answer = await _answer(person_id, handling(looking.asked, opened), opened, since)
    if answer is None:
        return nothing(looking)
    context = {
        "answer": answer,
        "periods": [(day.isoformat(), text) for day, text in _periods(london_date(looking.asked.at))],
        "person": await _identity(answer, looking, opened),
        "told": in_words(answer.looks.told, looking.names, looking.agreements),
        "held_back": in_words(answer.looks.held_back, looking.names, looking.agreements),
    }
    return page("oversight/who_looked.html", looking.context() | context)


@pages.get("/people/{person_id}/who-looked.pdf")
async def letter(
    person_id: UUID, looking: Looking, opened: ThisPlace, since: Since = None, weighed: bool = False
) -> Response:
    """The same to hand over; what is held back is in it only where somebody weighed it."""
    answer = await _answer(person_id, handling(looking.asked, opened), opened, since)
    if answer is None:
        return nothing(looking)
    looks = [*answer.looks.told, *(answer.looks.held_back if weighed else ())]
    looks.sort(key=lambda one: one.on, reverse=True)
    said = {
        "name": person_name(await _identity(answer, looking, opened)),
        "since": plain_date(answer.since),
        "written": plain_time(looking.asked.at),
        "by": f"{looking.viewer.role}, {looking.viewer.organisation}",
        "looks": [asdict(one) for one in in_words(looks, looking.names, looking.agreements, voice=TO_THEMSELVES)],
        "refused": answer.looks.refused,
        "objected": answer.looks.objected,
        "whole": answer.whole,
        "advice": [],
    }
    content = await asyncio.to_thread(pdf, _TEMPLATE, said, at=looking.asked.at)
    return Response(content, headers=dict(HEADERS), media_type="application/pdf")


def _periods(today: date) -> list[tuple[date, str]]:
    """Since when one may ask, counted back from a day."""
    told = ((30, "In the last 30 days"), (91, "In the last 3 months"), (365, "In the last year"))
    return [(today - timedelta(days=days), text) for days, text in told]


async def _answer(person_id: UUID, by: Handling, opened: Place, since: date | None) -> Answer | None:
    def read(connection: Connection) -> Answer | None:
        return who_saw(connection, person_id, by, since=london_midnight(since) if since else None)

    return await written(opened, read)


async def _identity(answer: Answer, looking: Viewing, opened: Place) -> Any:
    """Who the person is, as far as the agreement shows it for this purpose."""
    named = await opened.record.glancing.identities(looking.asked, [answer.person_id])
    return named.get(answer.person_id)


def _form(looking: Viewing, opened: Place, asked: Requested, mistakes: Mistakes) -> Response:
    by = handling(looking.asked, opened)
    if not looking.reach:
        return nothing(looking)
    context = {
        "asked": asked,
        "kinds": [{"value": kind, "text": text} for kind, text in requests_taken(by).items()],
        "errors": mistakes,
        "error_list": error_list(mistakes),
    }
    return page("oversight/access_requests.html", looking.context() | context, status=MISTAKEN if mistakes else 200)
