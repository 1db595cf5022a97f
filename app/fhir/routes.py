"""The FHIR door: `/fhir/R4`. What is read of it; what is sent stands beside this."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Request, Response

from app.asking.callers import EVERYONE
from app.asking.inquiry import Record, parameters_of
from app.asking.never_kept import NEVER_KEPT
from app.fhir.answers import MEDIA_TYPE, negotiated, outcome, refusal, version_answer
from app.fhir.asking import PREFIX, FhirAskedBy, Paging, base_of, person_of, to_keep
from app.fhir.bodies import form
from app.fhir.capability import Route, statement
from app.fhir.documented import FORM, NOT_MODIFIED, OF_HISTORY, OF_READING, OF_SEARCHING, OF_TYPE_HISTORY, RESPONSES
from app.fhir.read import people
from app.fhir.read.bundle import page
from app.fhir.read.kinds import KINDS, OF_TEAMS
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.reading import Single, past, patient, shape_of, single
from app.fhir.read.search import Parameters, read_search
from app.fhir.read.shape import Shape
from app.fhir.team import team
from app.record.inquiry import Inquiry
from app.record.read.access import SharedRecord
from app.record.read.everything import Everything
from app.vocabulary.london import london_date

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses=RESPONSES)
__all__ = ["MEDIA_TYPE", "PREFIX", "outcome", "router"]

Kind = Annotated[str, Path(description="A type of resource.", json_schema_extra={"enum": [*KINDS, *OF_TEAMS]})]
Id = Annotated[str, Path(description="The id of a resource.")]
ToRead = Annotated[Inquiry, Depends(FhirAskedBy("r"))]
ToSearch = Annotated[Inquiry, Depends(FhirAskedBy("s"))]
ForDocuments = Annotated[Inquiry, Depends(FhirAskedBy("r", "Binary"))]
Preferred = Annotated[str, Header(description="`handling=strict` refuses what `handling=lenient` leaves out.")]


@router.get("/metadata", responses=NOT_MODIFIED, dependencies=[Depends(EVERYONE)])
async def metadata(request: Request) -> Response:
    """What this server can do: a CapabilityStatement, for whoever asks."""
    negotiated(request)
    routes = [
        Route(method.upper(), path.removeprefix(PREFIX).lstrip("/"))
        for path, methods in request.app.openapi()["paths"].items()
        for method in methods
        if path.startswith(PREFIX)
    ]
    told = statement(routes, base=base_of(request), on=london_date(datetime.now(UTC)), version=request.app.version)
    return version_answer(request, orjson.dumps(told))


@router.get("/Binary/{person_id}.{number}")
async def binary(person_id: str, number: str, asked: ForDocuments, record: Record) -> Response:
    """A document that a DocumentReference of the person points to, in its own format."""
    person, entry = person_of(person_id), _number(number)
    found = await record.document(asked, person, entry) if person and entry is not None else None
    if found is None:
        return refusal()
    return Response(
        found.content,
        headers={
            **NEVER_KEPT,
            "content-disposition": "attachment",
            "content-security-policy": "sandbox",
        },
        media_type=found.content_type,
    )


@router.get("/{kind}/_history", openapi_extra=OF_TYPE_HISTORY)
async def type_history(kind: Kind, asked: ToRead, record: Record, request: Request) -> Response:
    """Every version of one person's entries of a type, as far as they are permitted: `patient` says whose."""
    _known(kind)
    paging = Paging(request, asked, f"{kind}/_history", parameters_of(request))
    wanted = past(kind, paging.asked)
    if person := person_of(wanted.patient):
        take = paging.taking(lambda found: wanted.page(found, base_of(request), paging.after))
        taken = await record.everything(asked, person, take, former=True, action=to_keep(asked))
        return paging.answer(taken, wanted.told, kind="history") if taken else refusal()
    raise NotUnderstood("a history is of one person's record: add patient=<id>")


@router.get("/{kind}/{id}", responses=NOT_MODIFIED, openapi_extra=OF_READING)
async def read(kind: Kind, id: Id, asked: ToRead, record: Record, request: Request) -> Response:
    """One resource: of a person's id, the Patient put together from the partners' accounts of them.

    What has another id than a number is of a multidisciplinary team's work.
    """
    if team.is_its_id(kind, id):
        return await team.read(kind, id, asked, request)
    _known(kind)
    shape = shape_of(parameters_of(request))
    taken: Single | None = None
    if kind == "Patient" and (person := person_of(id)):
        taken = await _patient(record, asked, person, shape)
    elif (number := _number(id)) is not None:
        taken = await record.entry(asked, number, single(kind, number, shape))
    return _single(request, taken)


@router.get("/{kind}/{id}/_history", openapi_extra=OF_HISTORY)
async def history(kind: Kind, id: Id, asked: ToRead, record: Record, request: Request) -> Response:
    """The versions of an entry that are permitted, the newest first."""
    _known(kind)
    number = _number(id)
    if number is None:
        return refusal()
    paging = Paging(request, asked, f"{kind}/{number}/_history", parameters_of(request))
    wanted = past(kind, paging.asked, number=number)
    take = paging.taking(lambda found: wanted.page(found, base_of(request), paging.after))
    taken = await record.entry(asked, number, take, former=True, action=to_keep(asked))
    return paging.answer(taken, wanted.told, kind="history") if taken else refusal()


@router.get("/{kind}/{id}/_history/{version}", responses=NOT_MODIFIED)
async def vread(kind: Kind, id: Id, version: Id, asked: ToRead, record: Record, request: Request) -> Response:
    """One version of an entry; what was sealed since is refused in all its versions."""
    _known(kind)
    shape, number = shape_of(parameters_of(request)), _number(id)
    if number is None:
        return refusal()
    take = single(kind, number, shape, version=version)
    taken = await record.entry(asked, number, take, former=True, action=to_keep(asked))
    return _single(request, taken)


@router.get("/{kind}", openapi_extra=OF_SEARCHING)
async def search(kind: Kind, asked: ToSearch, record: Record, request: Request, prefer: Preferred = "") -> Response:
    """People by identifier, or by name with a date of birth or postcode; all else within one `patient`'s record."""
    return await _search(kind, parameters_of(request), asked, record, request, prefer)


@router.post("/{kind}/_search", openapi_extra=FORM)
async def search_by_form(
    kind: Kind, asked: ToSearch, record: Record, request: Request, prefer: Preferred = ""
) -> Response:
    """The same with its parameters as a form, so that none that tells of a person stands in an address."""
    return await _search(kind, [*parameters_of(request), *await form(request)], asked, record, request, prefer)


async def _search(
    kind: str, parameters: Parameters, asked: Inquiry, record: SharedRecord, request: Request, prefer: str
) -> Response:
    paging = Paging(request, asked, kind, parameters)
    if team.is_its_search(kind, paging.asked):
        return await team.search(kind, paging, asked, request, strict="handling=strict" in prefer)
    _known(kind)
    search = read_search(kind, paging.asked, strict="handling=strict" in prefer)
    base = base_of(request)
    if kind == "Patient" and not any(name == "_id" for name, _ in search.used):
        by = people.whom(search)
        found = await record.finding.patients(asked, by, people.taking(search, by))
        return paging.answer(people.page(search, found, base), search.told)
    person = people.named(search) if kind == "Patient" else search.patient
    if person is None:
        raise NotUnderstood("a search is of one person's record: add patient=<id>, of a Patient that was found")
    take = paging.taking(
        lambda found: people.one(search, found, base) if kind == "Patient" else page(search, found, base, paging.after)
    )
    taken = await record.everything(asked, person, take)
    return paging.answer(taken, search.told) if taken else refusal()


async def _patient(record: SharedRecord, asked: Inquiry, person: UUID, shape: Shape) -> Single | None:
    """The Patient, with a link to each record that was joined to it of which the reader sees something."""
    seen: list[Everything] = []

    def take(found: Everything) -> Single:
        seen.append(found)
        return patient(found, shape, ())

    taken = await record.everything(asked, person, take)
    if taken is None:
        return None
    (found,) = seen
    return patient(found, shape, await record.joined(found.person_id, found.decision))


def _single(request: Request, taken: Single | None) -> Response:
    if taken is None:
        return refusal()
    return version_answer(request, taken.content, version=taken.version, changed=taken.changed)


def _number(id: str) -> int | None:
    """The number of an entry, as it is written and no other way."""
    return (
        int(id) if id.isascii() and id.isdigit() and len(id) < 20 and int(id) < 1 << 63 and str(int(id)) == id else None
    )


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise HTTPException(404, "no resources of that type are answered here; see /metadata")
