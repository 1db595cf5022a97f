"""Pages about people: finding them, and their record as the agreements let the viewer see it."""

import asyncio
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import Record
from app.audit.event import Kind
from app.governance.exceptions.grounds import grounds_of
from app.record.read.access import SharedRecord
from app.vocabulary.london import instant_told, london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import EXPORT, FIND, READ, Action
from app.web.frame.filled_in.mistakes import Mistakes, error_list
from app.web.frame.handled import written
from app.web.frame.layout import HEADERS, MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.people.entry import opened
from app.web.people.finding import Sought, understood
from app.web.people.grounds import joined_in_words, opened_record, why_one_may_look
from app.web.people.paper import as_pdf
from app.web.people.person import PersonPage, person_page, timeline
from app.web.people.stated import Heading, Statement

router = APIRouter(include_in_schema=False)

_NO_PURPOSE: Final = "Select why you are looking"


@router.get("/find")
async def find(looking: Looking) -> Response:
    """The form that finds a person."""
    return _find(looking, Sought(purpose=next(iter(looking.purposes(FIND)), "")), Mistakes())


@router.post("/find")
async def found(viewing: Looking, record: Record, sought: Annotated[Sought, Form()]) -> Response:
    """The person of an NHS number, or who may be meant by a name; what was typed is kept where it was no use."""
    looking = viewing.looking_for(sought.purpose)
    whom = understood(sought)
    if sought.purpose not in looking.purposes(FIND):
        whom = Mistakes({"purpose": _NO_PURPOSE, **(whom if isinstance(whom, Mistakes) else {})})
    if isinstance(whom, Mistakes):
        return _find(looking, sought, whom, status=MISTAKEN)
    if isinstance(whom, NHSNumber):
        person_id = await record.finding.by_nhs_number(looking.asked, whom)
        return _to_person(person_id, looking) if person_id else nothing(looking, nhs_number=sought.nhs_number)
    candidates = await record.finding.search(looking.asked, whom)
    named = [(one, [looking.names.partner(code) for code in one.partners]) for one in candidates]
    return page("people/candidates.html", looking.context() | {"candidates": named}) if named else nothing(looking)


@router.get("/people/{person_id}")
async def person(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The record on one page."""
    whole = await seen_page(person_id, looking, record)
    if whole is None:
        return nothing(looking)
    late = [source for source in whole.sources if source.late_since]
    return page("people/person.html", looking.context() | {"page": whole, "late": late})


@router.get("/people/{person_id}/headings/{category}")
async def heading(person_id: UUID, category: str, looking: Looking, record: Record) -> Response:
    """Everything under one heading."""
    seen = await seen_page(person_id, looking, record)
    chosen = seen.heading(category) if seen else None
    if seen is None or chosen is None:
        return nothing(looking)
    return page("people/person_heading.html", looking.context() | {"page": seen, "heading": chosen})


@router.get("/people/{person_id}/entries/{number}")
async def entry(person_id: UUID, number: int, looking: Looking, record: Record) -> Response:
    """One line, opened: its source, and what it said before."""
    seen = await seen_page(person_id, looking, record)
    line = seen.statement(str(number)) if seen else None
    whole = await record.everything(
        looking.asked, person_id, opened(number, looking.names), former=True, kind=Kind.ENTRY
    )
    if seen is None or line is None or whole is None:
        return nothing(looking)
    return page("people/person_entry.html", looking.context() | {"page": seen, "line": line, "entry": whole})


@router.get("/people/{person_id}/sources")
async def sources(person_id: UUID, looking: Looking, record: Record) -> Response:
    """How fresh each source is, what is not shown, and why the viewer may look."""
    seen = await seen_page(person_id, looking, record)
    if seen is None:
        return nothing(looking)
    purpose = looking.names.purpose(looking.asked.purpose)
    return page("people/person_sources.html", looking.context() | {"page": seen, "purpose_title": purpose})


@router.get("/people/{person_id}/timeline")
async def person_timeline(
    person_id: UUID, looking: Looking, record: Record, heading: str = "", partner: str = "", since: str = ""
) -> Response:
    """What happened, the newest first, of one heading, partner or time where these are chosen."""
    seen = await _answered(person_id, looking, record)
    if seen is None:
        return nothing(looking)
    view, whole = seen
    dated = [(under, one, instant_told(one.started or "")) for under, one in timeline(view, whole)]
    chosen = [
        (under, one, at)
        for under, one, at in dated
        if heading in ("", under.category) and partner in ("", one.partner) and since <= str(london_date(at).year)
    ]
    context = {
        "page": whole,
        "months": _months(chosen),
        "headings": [(one.category, one.text) for one in whole.headings if one.groups],
        "partners": sorted({one.partner for _, one, _ in dated}),
        "years": sorted({str(london_date(at).year) for _, _, at in dated}, reverse=True),
        "chosen": {"heading": heading, "partner": partner, "since": since},
    }
    return page("people/person_timeline.html", looking.context() | context)


@router.get("/people/{person_id}/record.pdf")
async def paper(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The record to print, with its reader's name across each page: what the agreements let them keep a copy of."""
    seen = await seen_page(person_id, looking, record, kind=Kind.EXPORT, action=EXPORT)
    if seen is None:
        return nothing(looking)
    content = await asyncio.to_thread(as_pdf, seen, looking.viewer)
    return Response(content, headers=dict(HEADERS), media_type="application/pdf")


def _months(dated: list[tuple[Heading, Statement, datetime]]) -> list[dict[str, Any]]:
    months = groupby(dated, key=lambda one: f"{london_date(one[2]):%B %Y}")
    entries = [(text, [(under.text, one) for under, one, _ in each]) for text, each in months]
    return [{"text": text, "entries": each, "count": len(each)} for text, each in entries]


async def seen_page(
    person_id: UUID, looking: Viewing, record: SharedRecord, *, kind: Kind = Kind.VIEW, action: Action = READ
) -> PersonPage | None:
    """The page of a person's record, also for what stands beside it under the same banner."""
    seen = await _answered(person_id, looking, record, kind=kind, action=action)
    return seen[1] if seen else None


async def _answered(
    person_id: UUID, looking: Viewing, record: SharedRecord, *, kind: Kind = Kind.VIEW, action: Action = READ
) -> tuple[Any, PersonPage] | None:
    """A person's record as it is answered to programs, and the page that is made of it."""
    view = await record.view(looking.asked, person_id, kind=kind, action=action)
    if view is None:
        return None
    answered = orjson.loads(view.json())
    whole = person_page(answered, looking.names, looking.asked.requester.role)
    asked, relied_on = looking.asked, view.decision.relied_on
    grounds = await written(
        looking.place,
        lambda connection: grounds_of(connection, view.person_id, relied_on, asked.requester, asked.at),
    )
    banner = replace(whole.banner, opened=opened_record(grounds))
    joins = tuple(joined_in_words(one, looking.names) for one in await record.joined(view.person_id, view.decision))
    why = why_one_may_look(grounds, looking.names, looking.agreements)
    return answered, replace(whole, banner=banner, grounds=why, joined=joins)


def _find(looking: Viewing, sought: Sought, mistakes: Mistakes, *, status: int = 200) -> Response:
    purposes = [{"value": str(name), "text": title} for name, title in looking.purposes(FIND).items()]
    context = {
        "asked": sought,
        "errors": mistakes,
        "error_list": error_list(mistakes),
        "purposes": purposes,
    }
    return page("people/find.html", looking.context() | context, status=status)


def _to_person(person_id: UUID, looking: Viewing) -> Response:
    return RedirectResponse(f"/people/{person_id}?purpose={looking.asked.purpose}", SEE_OTHER)
