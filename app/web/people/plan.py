"""Pages of one person's care and support plan: what it says, writing its next version, and what it said before."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from app.asking.callers import ThisPlace
from app.asking.inquiry import Record
from app.care_plan.plan import Parts, Support
from app.care_plan.read import PartVersion, copy_plan, read_history, read_plan
from app.care_plan.revise import Conflict, Revision, revise, writable
from app.care_plan.wording import AGREED, KINDS, TITLES, PartInWords, changed, in_words
from app.mdt.workflow.forms import filled_in
from app.record.read.access import SharedRecord
from app.vocabulary.plain_time import plain_date
from app.web.frame.filled_in.typed import fields
from app.web.frame.layout import HEADERS, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import Choice, Day, said_of
from app.web.people.pages import seen_page
from app.web.people.plan_form import field_of, numbers, place_of, typed_of, understood
from app.web.people.plan_paper import as_pdf

router = APIRouter(prefix="/people/{person_id}/plan", include_in_schema=False)

_LABELS: Final[Mapping[str, str]] = {
    "what_matters": "What matters to me",
    "how_to_support": "How to support me well",
    "said_by": "Who said it",
    "summary": "Summary",
    "coordinator": "Who coordinates it",
    "review_by": Day("Review date"),
    "says": "What it is",
    "test": "How we know that it is reached",
    "by": Day("By when"),
    "owner": "Owner",
    "organisation": Choice("Which organisation"),
    "due": Day("By when"),
    "sign": "What to look for",
    "do": "What to do then",
    "call": "Whom to call",
    "kind": Choice("Which document"),
    "kept_at": "Where it is kept",
    "held_by": Choice("Who holds it"),
    "dated": Day("Its date"),
    "steps": "What to look for",
}
_MEANWHILE: Final = (
    "Somebody wrote the plan while you were writing. What it says now stands beside your words, which are kept:"
    " change them if need be, and save again"
)


@router.get("")
async def plan(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The plan as the agreement lets the viewer see it, with who wrote what and when."""
    seen = await seen_page(person_id, looking, record)
    held = await read_plan(record, looking.asked, person_id) if seen else None
    if seen is None or held is None:
        return nothing(looking)
    context = {
        "page": seen,
        "plan": held,
        "parts": [(one, _in_words(one, looking)) for one in _in_order(held.written)],
        "titles": TITLES,
        "writable": await writable(record, looking.asked, held),
        "names": looking.names,
    }
    return page("people/plan.html", looking.context() | context)


@router.get("/history")
async def history(person_id: UUID, looking: Looking, record: Record) -> Response:
    """Every version that the viewer may see, the newest first, each with what it changed."""
    seen = await seen_page(person_id, looking, record)
    found = await read_history(record, looking.asked, person_id) if seen else None
    if seen is None or found is None:
        return nothing(looking)
    context = {"page": seen, "versions": _versions(found.versions, looking), "names": looking.names}
    return page("people/plan_history.html", looking.context() | context)


@router.get("/plan.pdf")
async def printed(person_id: UUID, looking: Looking, record: Record) -> Response:
    """The plan to print, with its reader's name across each page: what the agreements let them keep a copy of."""
    seen = await seen_page(person_id, looking, record)
    held = await copy_plan(record, looking.asked, person_id) if seen else None
    if seen is None or held is None:
        return nothing(looking)
    parts = [(one, _in_words(one, looking)) for one in _in_order(held.written)]
    content = await asyncio.to_thread(as_pdf, seen.banner, parts, looking.viewer, looking.names, at=looking.asked.at)
    return Response(content, headers=dict(HEADERS), media_type="application/pdf")


@router.get("/{part}")
async def form(person_id: UUID, part: str, looking: Looking, record: Record) -> Response:
    """The form of one part."""
    return await _form(person_id, part, looking, record)


@router.post("/{part}")
async def write(
    person_id: UUID, part: str, request: Request, looking: Looking, record: Record, opened: ThisPlace
) -> Response:
    """Write the next version; what is wrong, or was written meanwhile, is told, and nothing has to be typed again."""
    if part not in TITLES:
        return nothing(looking)
    typed = fields(await request.form())
    based_on = next((int(value) for name, value in typed if name == "based_on" and value.isdecimal()), 0)
    typed = [(name, value) for name, value in typed if name != "based_on"]
    said, rows = understood(part, typed)
    parts = filled_in(Parts, {part: said})
    if not isinstance(parts, Parts):
        told = [_error(field_of(part, one.field, rows), one.problem) for one in parts]
        errors = sorted(told, key=lambda one: place_of(one["field"], typed))
        return await _form(person_id, part, looking, record, typed=typed, errors=errors, based_on=based_on, code=422)
    revision = Revision(parts=parts, based_on=based_on)
    outcome = await revise(record, opened.filing, looking.asked, person_id, revision, key=opened.key)
    if outcome is None:
        return nothing(looking)
    if isinstance(outcome, Conflict):
        errors = [{"field": "", "href": "", "text": f"{_MEANWHILE}."}]
        return await _form(
            person_id, part, looking, record, typed=typed, errors=errors, based_on=outcome.version, code=409
        )
    return RedirectResponse(f"/people/{person_id}/plan?purpose={looking.asked.purpose}", SEE_OTHER)


async def _form(
    person_id: UUID,
    part: str,
    looking: Viewing,
    record: SharedRecord,
    *,
    typed: Sequence[tuple[str, str]] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    based_on: int | None = None,
    code: int = 200,
) -> Response:
    seen = await seen_page(person_id, looking, record)
    held = await read_plan(record, looking.asked, person_id) if seen else None
    if seen is None or held is None or part not in await writable(record, looking.asked, held):
        return nothing(looking)
    stands = next((one for one in held.written if one.part == part), None)
    values = typed_of(_as_json(stands)) if typed is None else _kept(typed)
    context = {
        "page": seen,
        "part": part,
        "title": TITLES[part],
        "typed": values,
        "rows": numbers(part, values),
        "errors": errors,
        "labels": _LABELS,
        "based_on": held.version if based_on is None else based_on,
        "now": _in_words(stands, looking) if code == 409 and stands else None,
        "stands": stands,
        "partners": sorted(looking.names.partners.items(), key=itemgetter(1)),
        "agreed": list(AGREED.items()),
        "kinds": list(KINDS.items()),
        "names": looking.names,
    }
    return page("people/plan_part.html", looking.context() | context, status=code)


def _kept(typed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What was typed, as the form shows it again; what a goal or action refers to is a list."""
    kept: dict[str, Any] = {}
    for name, value in typed:
        if name.count(".") == 2 and name.endswith((".needs", ".goals")):
            kept.setdefault(name, []).append(value)
        else:
            kept[name] = value
    return kept


def _as_json(stands: PartVersion | None) -> dict[str, Any] | None:
    content = stands.content if stands else None
    return content.model_dump(mode="json") if isinstance(content, BaseModel) else None


def _error(field: str, problem: str) -> dict[str, str]:
    label = _LABELS.get(field.rpartition(".")[2], "")
    return {"field": field, "href": f"#{field.replace('.', '-')}", "text": said_of(label, problem)}


def _in_words(one: PartVersion, looking: Viewing) -> PartInWords:
    return in_words(one.part, one.content, looking.names.partner, plain_date)


def _in_order(written: Sequence[PartVersion]) -> list[PartVersion]:
    return sorted(written, key=lambda one: list(TITLES).index(one.part))


@dataclass(frozen=True, slots=True)
class Former:
    """A part as it was written at one time: of which version of the whole, where that may be seen, and what changed."""

    written: PartVersion
    words: PartInWords
    changed: tuple[str, ...]
    version: int | None


def _versions(found: Sequence[PartVersion], looking: Viewing) -> list[Former]:
    """Each version of each part, the newest first; a part that was only carried along is left out."""
    wholes = sorted(one.at for one in found if one.part == "support")  # every change writes it
    nothing_yet = {"support": in_words("support", Support(), str, str)}
    shown = []
    for part in TITLES:
        mine = [(one, _in_words(one, looking)) for one in found if one.part == part]
        words = [each for _, each in mine] + [nothing_yet.get(part, PartInWords(TITLES[part]))]
        for (one, now), before in zip(mine, words[1:], strict=True):
            if differs := tuple(changed(now, before)):
                shown.append(Former(one, now, differs, bisect_right(wholes, one.at) or None))
    return sorted(shown, key=lambda former: former.written.at, reverse=True)
