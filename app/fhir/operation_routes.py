"""The operations of a Patient: all of a record, a summary of it, and who somebody described may be."""

from typing import Annotated, Final
from uuid import uuid5

from fastapi import APIRouter, Depends, Path, Request, Response

from app.asking.inquiry import Record, parameters_of
from app.fhir.answers import answer, refusal
from app.fhir.asking import PREFIX, FhirAskedBy, Paging, base_of, person_of, to_keep
from app.fhir.bodies import json
from app.fhir.documented import OF_EVERYTHING, PARAMETERS, RESPONSES
from app.fhir.read import everything as whole
from app.fhir.read import match
from app.fhir.read.summary import summary
from app.record.inquiry import Inquiry

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses=RESPONSES)

Id = Annotated[str, Path(description="The id of a person.")]
FOR_EVERYTHING: Final = FhirAskedBy("rs", "*")
ForEverything = Annotated[Inquiry, Depends(FOR_EVERYTHING)]
ToMatch = Annotated[Inquiry, Depends(FhirAskedBy("s", "Patient"))]


@router.get("/Patient/{person_id}/$everything", openapi_extra=OF_EVERYTHING)
async def everything(person_id: Id, asked: ForEverything, record: Record, request: Request) -> Response:
    """All that the requester may see of the person, or what of it is asked for: _since, start, end, _type, _count."""
    person = person_of(person_id)
    if person is None:
        return refusal()
    paging = Paging(request, asked, f"Patient/{person}/$everything", parameters_of(request))
    wanted = whole.read_wanted(paging.asked)
    take = paging.taking(lambda found: whole.page(wanted, found, base_of(request), paging.after))
    taken = await record.everything(asked, person, take, action=to_keep(asked))
    return paging.answer(taken, paging.asked) if taken else refusal()


@router.get("/Patient/{person_id}/$summary")
async def patient_summary(person_id: Id, asked: ForEverything, record: Record, request: Request) -> Response:
    """An International Patient Summary of what the requester may see: a document Bundle."""
    person = person_of(person_id)
    if person is None:
        return refusal()
    taken = await record.everything(
        asked,
        person,
        lambda found: summary(
            found, base=base_of(request), id=uuid5(asked.id, "summary"), at=asked.at, version=request.app.version
        ),
        action=to_keep(asked),
    )
    return answer(taken.document) if taken else refusal()


@router.post("/Patient/$match", openapi_extra=PARAMETERS)
async def patient_match(asked: ToMatch, record: Record, request: Request) -> Response:
    """Who the Patient of the Parameters may be, as far as the requester may find them, the surest first."""
    wanted = match.described(await json(request))
    people = await record.finding.patients(asked, wanted.whom, match.taking(wanted))
    return Paging(request, asked, "Patient/$match", []).answer(match.page(wanted, people, base_of(request)))
