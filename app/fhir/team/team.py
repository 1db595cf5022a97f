"""What a multidisciplinary team did, as this door answers it: read by its id, or searched for by `_source`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import Request, Response

from app.asking.callers import place
from app.asking.inquiry import parameters_of
from app.fhir.answers import version_answer
from app.fhir.asking import Paging, base_of
from app.fhir.read.bundle import Page, as_entry, order, outcomes, sorted_by
from app.fhir.read.kinds import OF_TEAMS
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.reading import shape_of
from app.fhir.read.search import Parameters, Search, read_search
from app.fhir.read.shape import Shape
from app.mdt.as_fhir import reading
from app.mdt.as_fhir.elements import SOURCE, Resource
from app.mdt.as_fhir.reading import Found
from app.record.inquiry import Inquiry

_OF_NO_PERSON: Final = "a team's meeting is of no patient, and is read by its id alone"
_OF_ONE_PERSON: Final = "a search is of one person: add patient=<id>, of a Patient that was found"


def is_its_id(kind: str, id: str) -> bool:
    """Whether an id is of a team's work, and of no entry, whose ids are numbers."""
    return kind in OF_TEAMS or (kind in reading.KINDS and "-" in id)


def is_its_search(kind: str, parameters: Parameters) -> bool:
    """Whether a search is of a team's work."""
    return kind in OF_TEAMS or (kind in reading.KINDS and ("_source", SOURCE) in parameters)


async def read(kind: str, id: str, asked: Inquiry, request: Request) -> Response:
    """One resource; the same refusal for what does not exist and what is none of the reader's business."""
    return single(await reading.one(place(request).desk, asked, kind, id), request)


def single(found: Resource, request: Request) -> Response:
    """It, in the shape that is asked for."""
    shape = shape_of(parameters_of(request))
    content = shape.of(found["resourceType"], orjson.dumps(found))
    return version_answer(request, content, version=found["meta"].get("versionId") or _mark(found, shape))


def _mark(found: Resource, shape: Shape) -> str | None:
    """By which a report is known again that is made anew at each reading: by all of it but when that was."""
    if found["resourceType"] != "MeasureReport":
        return None
    told = shape.of("MeasureReport", orjson.dumps({name: of for name, of in found.items() if name != "date"}))
    return hashlib.sha256(told).hexdigest()[:16]


async def search(kind: str, paging: Paging, asked: Inquiry, request: Request, *, strict: bool) -> Response:
    """Of one person, what the reader may read of the work of whichever team; of no person, what names nobody.

    What is on the page that is answered is told to the trail, and nothing else.
    """
    wanted = _wanted(kind, paging.asked, strict=strict)
    desk = place(request).desk
    found = await _found(wanted, asked, request)
    page = _page(wanted, found, base_of(request), paging.after)
    await reading.tell(desk, asked, page.found)
    source = [] if kind in OF_TEAMS else [("_source", SOURCE)]
    return paging.answer(page.page, [*source, *wanted.told])


async def _found(wanted: Search, asked: Inquiry, request: Request) -> list[Found]:
    desk, kind = place(request).desk, wanted.kind
    if kind in reading.OF_TEAMS:
        return await reading.of_teams(desk, asked, kind)
    if kind in reading.OF_NOBODY:
        raise NotUnderstood(_OF_NO_PERSON)
    if wanted.patient is not None:
        return await reading.of_person(desk, asked, kind, wanted.patient)
    if kind != "Communication":
        raise NotUnderstood(_OF_ONE_PERSON)
    return await reading.of_nobody(desk, asked, kind)


def _wanted(kind: str, parameters: Parameters, *, strict: bool) -> Search:
    """Nothing is included of a team's work: what is asked for besides is told of as what is not known."""
    followed = [one for one in parameters if one[0] != "_include"]
    wanted = read_search(kind, [one for one in followed if one != ("_source", SOURCE)], strict=strict)
    if len(followed) < len(parameters):
        if strict:
            raise NotUnderstood("nothing is included of a team's work; ask for it by its own type")
        wanted.ignored.append("_include")
    return wanted


@dataclass(frozen=True, slots=True)
class _Answered:
    """A page, and what of is on it."""

    page: Page
    found: Sequence[Found]


def _page(wanted: Search, found: Sequence[Found], base: str, after: tuple[str, ...]) -> _Answered:
    """One page in the order of the search, by id where it names none; `after` is where the page before it ended."""
    matching = [one for one in found if all(condition.holds(one.resource) for condition in wanted.conditions)]
    if wanted.shape.summary == "count" or wanted.count == 0:
        return _Answered(Page([], [], total=len(matching)), matching)
    placed = sorted(
        ((_position(wanted, one.resource), one) for one in matching), key=lambda each: order(wanted, each[0])
    )
    remaining = [each for each in placed if not after or order(wanted, after) < order(wanted, each[0])]
    taken = remaining[: wanted.count]
    entries = [_entry(wanted, one.resource, base) for _, one in taken]
    page = Page(
        [],
        [*entries, *outcomes((), wanted.ignored)],
        after=taken[-1][0] if len(remaining) > len(taken) else None,
        total=len(matching) if wanted.counted else None,
    )
    return _Answered(page, [one for _, one in taken])


def _position(wanted: Search, resource: dict[str, Any]) -> tuple[str, ...]:
    return (*(sorted_by(wanted.kind, resource, name) for name, _ in wanted.sort), resource["id"])


def _entry(wanted: Search, resource: Resource, base: str) -> bytes:
    content = wanted.shape.of(wanted.kind, orjson.dumps(resource))
    return as_entry(f"{base}/{wanted.kind}/{resource['id']}", content, "match")
