"""Who looked at one's own record: a page, and the same as PDF, for whoever signed in for themselves: `/own/…`."""

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BeforeValidator

from app.asking.callers import Browsing, ByThemselves, ThisPlace
from app.audit.acting import Acting
from app.governance.handling import documents_in_force
from app.governance.oversight.own_looks import OwnAnswer, Themselves, who_saw_me
from app.identity.sessions.session import SignedIn
from app.place import Place
from app.printing import pdf
from app.sharing.facts import Account
from app.sharing.names import names_of
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.plain_time import plain_date, plain_time
from app.web.frame.handled import written
from app.web.frame.layout import HEADERS, page
from app.web.frame.onward import OWN
from app.web.oversight.looks_in_words import TO_THEMSELVES, in_words
from app.web.own.advice import advice
from app.web.sign_in.routes import signed_out

router = APIRouter(include_in_schema=False)

Own = Annotated[Browsing, Depends(ByThemselves())]
Since = Annotated[date | None, BeforeValidator(lambda said: said or None)]

_TEMPLATE: Final = resources.files("app.web").joinpath("templates/oversight/who_looked.typ")
_PERIODS: Final = ((30, "In the last 30 days"), (91, "In the last 3 months"), (365, "In the last year"))


@router.get(OWN)
async def own(browsing: Own, opened: ThisPlace, since: Since = None) -> Response:
    """Who looked, day by day; one page wherever there is nothing that may be told here."""
    at = datetime.now(UTC)
    answer = await _answer(browsing.session.signed_in, opened, since, at)
    context = {"own": _owner(browsing), **_said(answer, opened, at)}
    if answer is None:
        return page("own/nothing.html", context, status=404)
    today = london_date(at)
    periods = [((today - timedelta(days=days)).isoformat(), text) for days, text in _PERIODS]
    return page("own/who_looked.html", context | {"answer": answer, "periods": periods})


@router.get(OWN + ".pdf")
async def own_pdf(browsing: Own, opened: ThisPlace, since: Since = None) -> Response:
    """The same to keep."""
    at = datetime.now(UTC)
    answer = await _answer(browsing.session.signed_in, opened, since, at)
    said = _said(answer, opened, at)
    if answer is None:
        return page("own/nothing.html", {"own": _owner(browsing), **said}, status=404)
    letter = {
        "name": "",
        "since": plain_date(answer.since),
        "written": plain_time(at),
        "by": "",
        "looks": [asdict(one) for one in said["told"]],
        "refused": answer.looks.refused,
        "objected": answer.looks.objected,
        "whole": answer.whole,
        "advice": [
            *said["advice"].objections,
            *(f"{one.name}, {one.organisation} {one.email} {one.telephone}".strip() for one in said["advice"].answers),
        ],
    }
    content = await asyncio.to_thread(pdf, _TEMPLATE, letter, at=at)
    named = {"content-disposition": 'attachment; filename="who-looked.pdf"'}
    return Response(content, headers={**HEADERS, **named}, media_type="application/pdf")


@router.post("/own/sign-out")
async def sign_out(request: Request, browsing: Own) -> Response:
    """Out, and to the way out of the provider."""
    return await signed_out(request, browsing)


async def _answer(who: SignedIn, opened: Place, since: date | None, at: datetime) -> OwnAnswer | None:
    if who.nhs_number is None:
        return None
    by = Themselves(
        acting=Acting(by=Account(who.issuer, who.subject), at=at, key=opened.key, new_id=uuid4),
        nhs_number=who.nhs_number,
        agreements=opened.agreements,
    )
    midnight = london_midnight(since) if since else None
    return await written(opened, lambda connection: who_saw_me(connection, by, since=midnight))


def _owner(browsing: Browsing) -> dict[str, str]:
    """Who is signed in, as their provider calls them; never by their NHS number, nor by what stands for them there."""
    who = browsing.session.signed_in
    return {"name": who.name if who.name != who.subject else "", "csrf": browsing.held.form_token}


def _said(answer: OwnAnswer | None, opened: Place, at: datetime) -> dict[str, Any]:
    names = names_of(opened.agreements)
    looks = answer.looks.told if answer else ()
    return {
        "told": in_words(looks, names, opened.agreements, voice=TO_THEMSELVES),
        "advice": advice(documents_in_force(opened.agreements, at), names),
    }
