"""AuditEvents: what a partner's own staff and systems were shown, for its own audit system."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID, uuid5

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from app.asking.callers import place
from app.asking.inquiry import AskedBy, handling
from app.audit.store import HeldEvent, Position
from app.database.transactions import in_transaction
from app.fhir.answers import negotiated
from app.fhir.asking import PREFIX, Paging, base_of
from app.fhir.audit_event import audit_event
from app.fhir.documented import RESPONSES
from app.fhir.read.bundle import Page, as_entry, outcomes
from app.fhir.read.matching import NotUnderstood
from app.fhir.read.search import COUNT, MOST, reference_of
from app.fhir.read.values import span
from app.governance.oversight.own_disclosures import Wanted, own_disclosures
from app.record.inquiry import Inquiry

router = APIRouter(prefix=PREFIX, tags=["fhir"], responses=RESPONSES, dependencies=[Depends(negotiated)])

ToSearch = Annotated[Inquiry, Depends(AskedBy(system="AuditEvent.s"))]
_KNOWN: Final = frozenset({"patient", "date", "_count", "_cursor", "_format", "_pretty", "purpose"})
_DATED: Final = "`date` takes a date or an instant, with `ge`, `gt`, `le` or `lt` before it, or none for that day"


@router.get("/AuditEvent")
async def audit_events(
    asked: ToSearch,
    request: Request,
    patient: Annotated[str, Query(description="Of whom.")] = "",
    date: Annotated[list[str] | None, Query(description="When it was recorded, such as `ge2026-06-01`.")] = None,
    count: Annotated[str, Query(alias="_count", description="How many at once, 500 at most.")] = "",
    cursor: Annotated[str, Query(alias="_cursor", description="From the link `next`.")] = "",
    prefer: Annotated[str, Header()] = "",
) -> Response:
    """What the calling system's organisation was shown, the newest first: of a `patient`, since a `date`, or both."""
    paging = Paging(request, asked, "AuditEvent", request.query_params.multi_items())
    ignored = [name for name, _ in paging.asked if name not in _KNOWN]
    if ignored and "handling=strict" in prefer:
        raise NotUnderstood("a search parameter is not known here; see `/metadata`, or leave `handling=strict` out")
    wanted = _wanted(paging.asked, paging.after)
    opened, by = place(request), handling(asked, place(request))
    found = await in_transaction(opened.writing, lambda connection: own_disclosures(connection, wanted, by))
    base = base_of(request)
    told = [audit_event({**one.event, "id": _id(one)}, base) for one in found.events]
    entries = [as_entry(f"{base}/AuditEvent/{one['id']}", orjson.dumps(one), "match") for one in told]
    after = tuple(map(str, found.after)) if found.after else None
    return paging.answer(Page([], [*entries, *outcomes((), ignored)], after=after), paging.asked)


def _id(one: HeldEvent) -> str:
    """Its own, by where the trail holds it: what one request is told of may share the id that it goes by there."""
    return str(uuid5(UUID(one.event["id"]), f"{one.chain}/{one.sequence}"))


def _wanted(asked: Iterable[tuple[str, str]], after: tuple[str, ...]) -> Wanted:
    patient: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    most = COUNT
    for name, value in asked:
        if name == "patient" and value:
            patient = reference_of(value)
        elif name == "date" and value:
            since, until = _narrowed(since, until, value)
        elif name == "_count" and value:
            most = _count(value)
    if patient is None and since is None:
        raise NotUnderstood("say of whom, or since when: add patient=<id>, or date=ge2026-06-01")
    return Wanted(person_id=patient, since=since, until=until, after=_position(after), most=most)


def _narrowed(since: datetime | None, until: datetime | None, value: str) -> tuple[datetime | None, datetime | None]:
    """The time that is left of [since, until) by one more value of `date`."""
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    try:
        low, high = span(text)
    except (ValueError, OverflowError):
        raise NotUnderstood(_DATED) from None
    if prefix not in ("eq", "ge", "gt", "le", "lt"):
        raise NotUnderstood(_DATED)
    first = {"eq": low, "ge": low, "gt": high}.get(prefix)
    end = {"eq": high, "le": high, "lt": low}.get(prefix)
    later = max((each for each in (since, first) if each), default=None)
    sooner = min((each for each in (until, end) if each), default=None)
    return later, sooner


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 9 and int(value)):
        raise NotUnderstood("`_count` takes a number from 1 on")
    return min(int(value), MOST)


def _position(after: tuple[str, ...]) -> Position | None:
    return Position(datetime.fromisoformat(after[0]), int(after[1]), int(after[2])) if after else None
