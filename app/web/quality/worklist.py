"""Pages of the worklist: what waits for a person, side by side with whom it may be about, and what becomes of it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.audit.event import Kind
from app.audit.trail import record
from app.governance.handling import Handling
from app.intake import doubts, waiting, worklist
from app.intake.comparing import Side, open_for_matching, sides
from app.intake.doubts import Doubt, Outcome
from app.intake.waiting import Waiting
from app.intake.worklist import NotSettled, NotWaiting, Settling
from app.person import links
from app.web.frame.handled import filed
from app.web.frame.layout import page
from app.web.frame.nothing import nothing
from app.web.frame.problem import problem
from app.web.frame.typed import LongText
from app.web.frame.viewing import Viewing
from app.web.frame.wording import begun_large
from app.web.quality.beside import beside, two
from app.web.quality.managing import Managing, acting

router = APIRouter(prefix="/data-quality", include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_MISTAKEN: Final = 422
_MOST: Final = 100


class Decision(StrEnum):
    """Whose something is."""

    THIS_ONE = "this-one"
    NEW = "new"
    NOBODY = "nobody"


@router.get("/worklist")
async def what_waits(looking: Managing) -> Response:
    """What waits for a person, the longest first; it names nobody."""

    def listed(connection: Connection) -> tuple[list[Waiting], list[Doubt]]:
        return waiting.open_waiting(connection, limit=_MOST), doubts.open_doubts(connection)

    held, doubted = await filed(looking.place, listed)
    context = {"waiting": held, "doubts": doubted, "names": looking.names, "at": looking.asked.at, "most": _MOST}
    return page("quality_worklist.html", looking.context() | context)


@router.get("/worklist/{number}")
async def one_that_waits(number: int, looking: Managing) -> Response:
    """What a message says beside each person whom it may be about."""
    held = await filed(looking.place, lambda connection: waiting.waiting_one(connection, number))
    if held is None:
        return nothing(looking)
    people = list(held.reason.candidates)
    side_by_side = await _sides(looking, people, f"worklist/{number}", partial(_seen, f"waiting-{number}"))
    context = {
        "held": held,
        "subject": held.statement.subject,
        "sides": [(side, beside(held.statement.subject, side, looking.names)) for side in side_by_side],
        "names": looking.names,
    }
    return page("quality_waiting.html", looking.context() | context)


@router.post("/worklist/{number}/{decision}")
async def decide(
    number: int, decision: Decision, looking: Managing, person_id: Annotated[str, Form()] = ""
) -> Response:
    """File it under a person, or as somebody new, or let it rest."""
    settling, engine = _settling(looking), looking.place.filing
    try:
        if decision is Decision.NEW:
            await asyncio.to_thread(worklist.admit, engine, number, settling)
        elif decision is Decision.NOBODY:
            await asyncio.to_thread(worklist.dismiss, engine, number, settling)
        else:
            chosen = await _chosen(number, person_id, looking)
            if chosen is None:
                return nothing(looking)
            await asyncio.to_thread(worklist.file_under, engine, number, chosen, settling)
    except (NotWaiting, NotSettled) as error:
        return problem(_CONFLICT, str(error))
    return RedirectResponse("/data-quality/worklist", _SEE_OTHER)


async def _chosen(number: int, person_id: str, looking: Viewing) -> UUID | None:
    """One of those whom it may be about, under whom the agreements let it be filed."""
    held = await filed(looking.place, lambda connection: waiting.waiting_one(connection, number))
    found = next((each for each in held.reason.candidates if str(each) == person_id), None) if held else None
    if found is None:
        return None
    (side,) = await _sides(looking, [found], f"worklist/{number}", partial(_seen, f"waiting-{number}"))
    return found if side.may_be_chosen else None


@router.get("/merges")
async def merges(looking: Managing) -> Response:
    """Who was joined to whom, the newest first; it names nobody."""
    joined = await filed(looking.place, lambda connection: links.standing(connection, limit=_MOST))
    return page("quality_merges.html", looking.context() | {"joined": joined, "names": looking.names})


@router.get("/merges/{link}")
async def merge(link: UUID, looking: Managing) -> Response:
    """The two whom a link joined, side by side."""
    joined = await filed(looking.place, lambda connection: links.standing(connection, limit=1, only=link))
    if not joined:
        return nothing(looking)
    (found,) = joined
    one, other = await _sides(
        looking, [found["survivor"], found["retired"]], f"merge/{link}", partial(_seen, f"merge-{link}")
    )
    context = {"link": found, "rows": two(one, other, looking.names), "names": looking.names}
    return page("quality_merge.html", looking.context() | context)


@router.post("/merges/{link}/undo")
async def undo(link: UUID, looking: Managing) -> Response:
    """Part the two; what was filed of each goes back to each."""
    try:
        await asyncio.to_thread(worklist.undo_merge, looking.place.filing, link, _settling(looking))
    except NotSettled as error:
        return problem(_CONFLICT, str(error))
    return RedirectResponse("/data-quality/merges", _SEE_OTHER)


@router.get("/doubts/{number}")
async def doubt(number: int, looking: Managing) -> Response:
    """What somebody doubts, with who the record is of, and whom it was joined from."""
    return await _doubt(number, looking)


@router.post("/doubts/{number}")
async def settle(
    number: int, looking: Managing, outcome: Annotated[str, Form()] = "", answer: Annotated[LongText, Form()] = ""
) -> Response:
    """Say what came of it; whoever raised it reads the answer."""
    if outcome not in list(Outcome):
        return await _doubt(number, looking, typed=(outcome, answer), wrong={"outcome": "Choose what came of it"})
    by = acting(looking)
    try:
        settled = await filed(
            looking.place, lambda connection: doubts.settle_doubt(connection, number, Outcome(outcome), answer, by)
        )
    except doubts.NothingSaid as error:
        return await _doubt(number, looking, typed=(outcome, answer), wrong={"answer": begun_large(str(error))})
    return RedirectResponse("/data-quality/worklist", _SEE_OTHER) if settled else nothing(looking)


async def _doubt(
    number: int, looking: Viewing, *, typed: tuple[str, str] = ("", ""), wrong: dict[str, str] | None = None
) -> Response:
    def found(connection: Connection) -> tuple[Doubt | None, list[dict[str, Any]]]:
        one = doubts.doubt(connection, number)
        return one, links.standing(connection, limit=_MOST, of=one.person_id) if one else []

    one, joined = await filed(looking.place, found)
    if one is None:
        return nothing(looking)
    (side,) = await _sides(looking, [one.person_id], f"doubt/{number}", partial(_seen, f"doubt-{number}"))
    context = {
        "doubt": one,
        "side": side,
        "merges": joined,
        "outcomes": list(Outcome),
        "typed": typed,
        "errors": wrong or {},
        "names": looking.names,
    }
    return page("quality_doubt.html", looking.context() | context, status=_MISTAKEN if wrong else 200)


async def _sides(
    looking: Viewing, people: Sequence[UUID], why: str, seen: Callable[[Connection, Handling], None]
) -> list[Side]:
    """People as the viewer may compare them: first it is written down that they look, then they are shown."""
    before = acting(looking)
    await filed(looking.place, lambda connection: open_for_matching(connection, people, why, before))
    by = acting(looking)

    def looked(connection: Connection) -> list[Side]:
        found = sides(connection, people, by) if people else []
        seen(connection, by)
        return found

    return await filed(looking.place, looked)


def _seen(what: str, connection: Connection, by: Handling) -> None:
    record(connection, [by.event(None, Kind.WORKLIST_SEEN, reason=what)], key=by.key)


def _settling(looking: Viewing) -> Settling:
    who = looking.asked.requester
    return Settling(
        by=who.subject, at=datetime.now(UTC), new_id=uuid4, key=looking.place.key, issuer=who.issuer, role=who.role
    )
