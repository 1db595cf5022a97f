"""What a multidisciplinary team did, as this door answers it: read by its id, or searched for by `_source`."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import orjson
from fastapi import Request, Response

from app.asking.callers import place
from app.asking.inquiry import parameters_of
from app.fhir.answers import answer, refusal, version_answer
from app.fhir.asking import base_of
from app.fhir.bundle import Link, Page, address, as_entry, bundle, outcomes
from app.fhir.matching import NotUnderstood
from app.fhir.reading import shape_of
from app.fhir.search import Parameters, Search, read_search
from app.mdt.as_fhir import reading
from app.mdt.as_fhir.elements import SOURCE, Resource
from app.mdt.thing import Refusal
from app.record.access import Inquiry

ALONE: Final = frozenset({"Composition"})
"""Types that are a team's alone: no entry of a record is of them."""

_OF_NO_PERSON: Final = "a team's meeting is of no patient, and is read by its id alone"


def is_its_id(kind: str, id: str) -> bool:
    """Whether an id is of a team's work, and of no entry, whose ids are numbers."""
    return kind in reading.KINDS and "-" in id


def is_its_search(kind: str, parameters: Parameters) -> bool:
    """Whether a search is of a team's work."""
    return kind in reading.KINDS and (kind in ALONE or ("_source", SOURCE) in parameters)


async def read(kind: str, id: str, asked: Inquiry, request: Request) -> Response:
    """One resource; the same refusal for what does not exist and what is none of the reader's business."""
    found = await reading.one(place(request).desk, asked, kind, id)
    return refusal() if isinstance(found, Refusal) else single(found, request)


def single(found: Resource, request: Request) -> Response:
    """It, in the shape that is asked for."""
    shape = shape_of(parameters_of(request))
    return version_answer(request, shape.of(found["resourceType"], orjson.dumps(found)))


async def search(kind: str, parameters: Parameters, asked: Inquiry, request: Request, prefer: str) -> Response:
    """Of one person, what the reader may read of the work of whichever team."""
    if kind in reading.OF_NOBODY:
        raise NotUnderstood(_OF_NO_PERSON)
    rest = [one for one in parameters if one[0] != "_source"]
    wanted = read_search(kind, rest, strict="handling=strict" in prefer)
    person: UUID | None = wanted.patient
    if person is None:
        raise NotUnderstood("a search is of one person: add patient=<id>, of a Patient that was found")
    found = await reading.of_person(place(request).desk, asked, kind, person)
    if isinstance(found, Refusal):
        return refusal()
    told = [("_source", SOURCE), *wanted.told]
    return answer(bundle("searchset", _page(wanted, found, base_of(request)), [_itself(request, kind, told)]))


def _page(wanted: Search, found: Iterable[Resource], base: str) -> Page:
    """All at once: of one person a team has made few."""
    kind = wanted.kind
    matching = [one for one in found if all(condition.holds(one) for condition in wanted.conditions)]
    if wanted.shape.summary == "count" or wanted.count == 0:
        return Page([], [], total=len(matching))
    entries = [
        as_entry(f"{base}/{kind}/{one['id']}", wanted.shape.of(kind, orjson.dumps(one)), "match") for one in matching
    ]
    told = outcomes((), wanted.ignored)
    return Page([], [*entries, *told], total=len(matching) if wanted.counted else None)


def _itself(request: Request, kind: str, told: Parameters) -> Link:
    return Link("self", address(base_of(request), kind, told))
