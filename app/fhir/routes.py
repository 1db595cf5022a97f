"""The FHIR door: `/fhir/R4`. JSON only."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.inquiry import AskedBy, Record
from app.record.access import Inquiry
from app.sharing.decision import REFUSAL

router = APIRouter(prefix="/fhir/R4", tags=["fhir"])

MEDIA_TYPE = "application/fhir+json"


@router.get("/Patient/{person_id}/$everything")
async def everything(
    person_id: UUID,
    asked: Annotated[Inquiry, Depends(AskedBy(people=True, system="*.rs"))],
    record: Record,
    request: Request,
) -> Response:
    """All that the asker may see of the person, as a searchset bundle."""
    found = await record.everything(asked, person_id)
    base = str(request.base_url).rstrip("/") + router.prefix
    return _fhir(found.bundle(base)) if found else refusal()


@router.get("/Binary/{person_id}.{number}")
async def binary(
    person_id: UUID,
    number: int,
    asked: Annotated[Inquiry, Depends(AskedBy(people=True, system="Binary.r"))],
    record: Record,
) -> Response:
    """A document that a DocumentReference of the person points to, in its own format."""
    found = await record.document(asked, person_id, number)
    if found is None:
        return refusal()
    return Response(
        found.content,
        headers={
            "cache-control": "no-store",
            "content-disposition": "attachment",
            "content-security-policy": "sandbox",
        },
        media_type=found.content_type,
    )


def refusal() -> Response:
    """The one answer to `no such person`, `nothing permitted` and `not yours`, as FHIR says it."""
    return _fhir(outcome("error", "not-found", REFUSAL), status=404)


def outcome(severity: str, code: str, text: str) -> bytes:
    """An OperationOutcome with one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})


def _fhir(content: bytes, status: int = 200) -> Response:
    return Response(content, status, {"cache-control": "no-store"}, media_type=MEDIA_TYPE)
