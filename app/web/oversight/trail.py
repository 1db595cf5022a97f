"""Pages of whoever the agreements let read the trail: searching it, and why somebody could see something that day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection

from app.asking.callers import ThisPlace
from app.asking.inquiry import handling
from app.audit.store import HeldEvent
from app.governance.alerts.triage import how_many_wait, triage_of
from app.governance.oversight.trail_search import is_refusal, search_trail
from app.governance.oversight.why import why
from app.sharing.names import Names
from app.vocabulary.category import CATEGORIES
from app.vocabulary.london import london_date
from app.vocabulary.plain_time import plain_time
from app.web.frame.filled_in.mistakes import Mistakes, error_list
from app.web.frame.handled import written
from app.web.frame.layout import MISTAKEN, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.oversight.agreements import near_review
from app.web.oversight.forms import SPANS, OnADay, TrailForm, WhyForm, as_text, question, sought
from app.web.oversight.looks_in_words import act
from app.web.oversight.reasons_in_words import reasons

router = APIRouter(prefix="/oversight", include_in_schema=False)


@router.get("")
async def oversight(looking: Looking) -> Response:
    """What the viewer answers for."""
    if not looking.reach:
        return nothing(looking)
    year, week, _ = (london_date(looking.asked.at) - timedelta(days=7)).isocalendar()
    told = {"last_week": f"{year}-W{week:02}", "reading_for": looking.reach.purpose}
    return page("oversight/oversight.html", looking.context() | told | await waiting(looking))


async def waiting(looking: Viewing) -> dict[str, Any]:
    """`{oversight: {alerts, reviews}}`: how many alerts wait, and the agreements near review; `None` for others."""
    if not looking.reach:
        return {"oversight": None}
    by = handling(looking.overseeing.asked, looking.place)

    def count(connection: Connection) -> int:
        triage = triage_of(connection, by)
        return how_many_wait(connection, triage) if triage else 0

    reviews = near_review(looking.agreements.documents, london_date(looking.asked.at))
    return {"oversight": {"alerts": await written(looking.place, count), "reviews": reviews}}


@router.get("/trail")
async def trail(looking: Looking) -> Response:
    """The form that searches the trail, of the four weeks up to today."""
    return _trail(looking, TrailForm(**_today(looking)))


@router.post("/trail")
async def trail_found(looking: Looking, opened: ThisPlace, form: Annotated[TrailForm, Form()]) -> Response:
    """One page of what the trail says; what was typed stays, for another search or the next page."""
    search = sought(form)
    if isinstance(search, Mistakes):
        return _trail(looking, form, errors=search)
    by = handling(looking.overseeing.asked, opened)
    found = await written(opened, lambda connection: search_trail(connection, search, by))
    if found is None:
        return nothing(looking)
    rows = [_row(told, looking.names) for told in found.events]
    return _trail(looking, form, rows=rows, after=as_text(found.after))


@router.get("/why")
async def why_form(looking: Looking) -> Response:
    """The form that asks why somebody could see something on a day."""
    return _why(looking, WhyForm(**_today(looking)))


@router.post("/why")
async def why_told(looking: Looking, opened: ThisPlace, form: Annotated[WhyForm, Form()]) -> Response:
    """The answer, made again from the facts as they were, by the clauses that decided."""
    asked = question(form)
    if isinstance(asked, Mistakes):
        return _why(looking, form, errors=asked)
    by = handling(looking.overseeing.asked, opened)
    found = await written(opened, lambda connection: why(connection, asked, by))
    if found is None:
        return nothing(looking)
    told = {"reasons": reasons(found.reasonings, looking.names), "not_kept": found.not_kept, "category": asked.category}
    return _why(looking, form, told=told)


def _trail(
    looking: Viewing, form: TrailForm, *, errors: Mistakes | None = None, rows: Any = None, after: str = ""
) -> Response:
    context = {
        "spans": SPANS,
        "organisations": [(code, name) for code, name in looking.names.partners.items() if looking.reach.covers(code)],
        "rows": rows,
        "after": after,
    }
    return _asked("oversight/trail.html", looking, form, errors or Mistakes(), context)


def _why(looking: Viewing, form: WhyForm, *, errors: Mistakes | None = None, told: Any = None) -> Response:
    context = {
        "roles": sorted(looking.names.roles.items(), key=lambda role: role[1]),
        "categories": [(str(category), category.heading) for category in CATEGORIES],
        "told": told,
    }
    return _asked("oversight/why.html", looking, form, errors or Mistakes(), context)


def _asked(template: str, looking: Viewing, form: OnADay, errors: Mistakes, context: Mapping[str, Any]) -> Response:
    if not looking.reach:
        return nothing(looking)
    told = {
        "asked": form,
        "purposes": looking.names.purposes,
        "errors": errors,
        "error_list": error_list(errors),
        "on": [
            {"name": part, "value": getattr(form, part), "classes": f"nhsuk-input--width-{width}"}
            for part, width in (("day", 2), ("month", 2), ("year", 4))
        ],
    }
    return page(template, {**looking.context(), **told, **context}, status=MISTAKEN if errors else 200)


def _today(looking: Viewing) -> dict[str, str]:
    on = london_date(looking.asked.at)
    return {"day": str(on.day), "month": str(on.month), "year": str(on.year)}


def _row(told: HeldEvent, names: Names) -> dict[str, Any]:
    said, refused = told.event, is_refusal(told.event)
    clauses = sorted({clause.rpartition("/") for under in said.get("permitted", {}) for clause in under.split()})
    role, organisation = said.get("role", ""), said.get("organisation", "")
    return {
        "at": plain_time(datetime.fromisoformat(said["at"])),
        "user": said["subject"],
        "who": ", ".join(filter(None, (names.role(role), names.partner(organisation)))),
        "did": act(said["kind"], said.get("reason", "")),
        "purpose": names.purpose(said.get("purpose", "")),
        "person": "" if refused else said.get("person", "")[:8],  # to be refused is the same for nobody and somebody
        "refused": refused,
        "clauses": [(isa, clause) for isa, _, clause in clauses],
    }
