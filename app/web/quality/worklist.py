"""Pages of the worklist: what waits for a person, side by side with whom it may be about, and what becomes of it."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.intake import waiting
from app.intake.waiting import Waiting
from app.intake.worklist import doubts
from app.intake.worklist import settling as worklist
from app.intake.worklist.candidates import add_candidates, meant
from app.intake.worklist.doubts import Doubt, Outcome
from app.intake.worklist.settling import NotSettled, NotWaiting, Whole
from app.person import links
from app.record.kept.snapshots import held_back
from app.web.frame.filled_in.mistakes import Mistakes, error_list
from app.web.frame.filled_in.typed import LongText
from app.web.frame.handled import filed
from app.web.frame.layout import CONFLICT, MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.problem import problem
from app.web.frame.viewing import Viewing
from app.web.frame.words.wording import begun_large
from app.web.people.finding import Sought, understood
from app.web.quality.beside import beside
from app.web.quality.comparing import compared, settling
from app.web.quality.managing import Managing, handling_now, theirs

router = APIRouter(prefix="/data-quality", include_in_schema=False)

_MOST: Final = 100
WHOLE: Final[Mapping[Whole, str]] = {
    Whole.SENDER: "I asked its sender, who says that it is whole",
    Whole.ANNOUNCED: "Its sender announced beforehand that so much would end",
}
"""How somebody knows that a file is whole, as the form words it; the trail keeps the code."""
_NOBODY_ELSE: Final = "Nobody else is found by that, of those whom you may compare"


class Decision(StrEnum):
    """Whose something is."""

    THIS_ONE = "this-one"
    NEW = "new"
    NOBODY = "nobody"


@router.get("/worklist")
async def what_waits(looking: Managing) -> Response:
    """What waits for a person, the longest first; it names nobody."""
    return await _what_waits(looking, {})


async def _what_waits(looking: Viewing, errors: Mapping[str, str]) -> Response:
    partners = theirs(looking)

    def listed(connection: Connection) -> dict[str, Any]:
        return {
            "waiting": waiting.open_waiting(connection, limit=_MOST, partners=partners),
            "doubts": [one for one in doubts.open_doubts(connection) if one.sender in {"", *partners}],
            "held_back": [one for one in held_back(connection) if one.partner in partners],
        }

    context = await filed(looking.place, listed)
    context |= {"waiting": in_turn(context["waiting"]), "waits": len(context["waiting"])}
    context |= {"names": looking.names, "at": looking.asked.at, "most": _MOST, "whole": WHOLE, "errors": errors}
    return page("quality/worklist.html", looking.context() | context, status=MISTAKEN if errors else 200)


def in_turn(found: Sequence[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """What can be settled by comparing first, each by the words that stand above it."""
    parts = {
        "Somebody here may be meant: compare them": [one for one in found if one.waits.candidates],
        "Nobody here was found": [one for one in found if not one.waits.candidates],
    }
    return [(title, these) for title, these in parts.items() if these]


@router.post("/held-back/{message}/accept")
async def accept(message: int, looking: Managing, why: Annotated[str, Form()] = "") -> Response:
    """Say that a file is whole though it leaves out much of what was open: the worker reads it again, and that ends."""
    if why not in list(Whole):
        return await _what_waits(looking, {f"whole-{message}": "Select how you know that the file is whole"})
    by, partners = settling(looking), theirs(looking)
    try:
        await asyncio.to_thread(worklist.accept, looking.place.filing, message, by, why=Whole(why), among=partners)
    except NotWaiting:
        return nothing(looking)
    return RedirectResponse("/data-quality/worklist", SEE_OTHER)


async def _held(number: int, looking: Viewing) -> Waiting | None:
    """One that waits, of a party whose messages the viewer settles; of others as though nothing waited."""
    held = await filed(looking.place, lambda connection: waiting.waiting_one(connection, number))
    return held if held is not None and held.source.partner in theirs(looking) else None


async def _is_anothers(number: int, looking: Viewing) -> bool:
    """Whether one waits whose party's messages are for others to settle."""
    held = await filed(looking.place, lambda connection: waiting.waiting_one(connection, number))
    return held is not None and held.source.partner not in theirs(looking)


@router.get("/worklist/{number}")
async def one_that_waits(number: int, looking: Managing) -> Response:
    """What a message says beside each person whom it may be about."""
    return await _one_that_waits(number, looking, Sought(), Mistakes())


@router.post("/worklist/{number}/search")
async def search(number: int, looking: Managing, sought: Annotated[Sought, Form()]) -> Response:
    """Look for somebody else whom it may be about: whoever is found stands beside it from then on."""
    whom = understood(sought)
    if isinstance(whom, Mistakes):
        return await _one_that_waits(number, looking, sought, whom)
    if await _held(number, looking) is None:
        return nothing(looking)
    by = handling_now(looking)
    found = await filed(looking.place, lambda connection: meant(connection, number, whom, by))
    shown = [one.person_id for one in await compared(looking, found, f"worklist/{number}", f"waiting-{number}")
             if one.accounts]  # fmt: skip
    if not await filed(looking.place, lambda connection: add_candidates(connection, number, shown)):
        nobody = Mistakes({"nhs_number" if sought.nhs_number else "family_name": _NOBODY_ELSE})
        return await _one_that_waits(number, looking, sought, nobody)
    return RedirectResponse(f"/data-quality/worklist/{number}", SEE_OTHER)


async def _one_that_waits(number: int, looking: Viewing, sought: Sought, mistakes: Mistakes) -> Response:
    held = await _held(number, looking)
    if held is None:
        return nothing(looking)
    people = list(held.waits.candidates)
    side_by_side = await compared(looking, people, f"worklist/{number}", f"waiting-{number}")
    context = {
        "held": held,
        "subject": held.statement.subject,
        "sides": [(side, beside(held.statement.subject, side, looking.names)) for side in side_by_side],
        "names": looking.names,
        "asked": sought,
        "errors": mistakes,
        "error_list": error_list(mistakes),
    }
    return page("quality/waiting.html", looking.context() | context, status=MISTAKEN if mistakes else 200)


@router.post("/worklist/{number}/{decision}")
async def decide(
    number: int, decision: Decision, looking: Managing, person_id: Annotated[str, Form()] = ""
) -> Response:
    """File it under a person, or as somebody new, or let it rest."""
    by, engine = settling(looking), looking.place.filing
    if decision is not Decision.THIS_ONE and await _is_anothers(number, looking):
        return nothing(looking)
    try:
        if decision is Decision.NEW:
            await asyncio.to_thread(worklist.admit, engine, number, by)
        elif decision is Decision.NOBODY:
            await asyncio.to_thread(worklist.dismiss, engine, number, by)
        else:
            chosen = await _chosen(number, person_id, looking)
            if chosen is None:
                return nothing(looking)
            await asyncio.to_thread(worklist.file_under, engine, number, chosen, by)
    except (NotWaiting, NotSettled) as error:
        return problem(CONFLICT, str(error))
    return RedirectResponse("/data-quality/worklist", SEE_OTHER)


async def _chosen(number: int, person_id: str, looking: Viewing) -> UUID | None:
    """One of those whom it may be about, under whom the agreements let it be filed."""
    held = await _held(number, looking)
    found = next((each for each in held.waits.candidates if str(each) == person_id), None) if held else None
    if found is None:
        return None
    (side,) = await compared(looking, [found], f"worklist/{number}", f"waiting-{number}")
    return found if side.may_be_chosen else None


@router.get("/doubts/{number}")
async def doubt(number: int, looking: Managing) -> Response:
    """What somebody doubts, with who the record is of, and whom it was joined from."""
    return await _doubt(number, looking)


@router.post("/doubts/{number}")
async def settle(
    number: int, looking: Managing, outcome: Annotated[str, Form()] = "", answer: Annotated[LongText, Form()] = ""
) -> Response:
    """Say what came of it; whoever raised it reads the answer."""
    if await _doubted(number, looking) is None:
        return nothing(looking)
    if outcome not in list(Outcome):
        return await _doubt(number, looking, typed=(outcome, answer), wrong={"outcome": "Select what came of it"})
    by = handling_now(looking)
    try:
        settled = await filed(
            looking.place, lambda connection: doubts.settle_doubt(connection, number, Outcome(outcome), answer, by)
        )
    except doubts.NothingSaid as error:
        return await _doubt(number, looking, typed=(outcome, answer), wrong={"answer": begun_large(str(error))})
    return RedirectResponse("/data-quality/worklist", SEE_OTHER) if settled else nothing(looking)


async def _doubted(number: int, looking: Viewing) -> Doubt | None:
    """A doubt that waits, unless it is of a line of a party whose messages are for others to settle."""
    one = await filed(looking.place, lambda connection: doubts.doubt(connection, number))
    return one if one is not None and one.sender in {"", *theirs(looking)} else None


async def _doubt(
    number: int, looking: Viewing, *, typed: tuple[str, str] = ("", ""), wrong: dict[str, str] | None = None
) -> Response:
    one = await _doubted(number, looking)
    if one is None:
        return nothing(looking)
    person_id = one.person_id
    joined = await filed(looking.place, lambda connection: links.standing(connection, limit=_MOST, of=person_id))
    (side,) = await compared(looking, [one.person_id], f"doubt/{number}", f"doubt-{number}")
    context = {
        "doubt": one,
        "side": side,
        "merges": joined,
        "outcomes": list(Outcome),
        "typed": typed,
        "errors": wrong or {},
        "names": looking.names,
    }
    return page("quality/doubt.html", looking.context() | context, status=MISTAKEN if wrong else 200)
