"""Pages of two people who may be one: compared, joined or kept apart with a reason, and parted again."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.governance.handling import named_by
from app.intake.worklist import settling as worklist
from app.intake.worklist.settling import NotSettled
from app.person import links
from app.person.standing_store import stands_for
from app.web.frame.filled_in.typed import ShortText, typed_number
from app.web.frame.handled import filed
from app.web.frame.layout import CONFLICT, MISTAKEN, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.problem import problem
from app.web.frame.viewing import Viewing
from app.web.people.grounds import ON_WHOSE_WORD
from app.web.quality.beside import two
from app.web.quality.comparing import compared, settling
from app.web.quality.managing import Managing, theirs

router = APIRouter(prefix="/data-quality/merges", include_in_schema=False)

_MOST: Final = 100

Numbers = tuple[str, str]


class Verdict(StrEnum):
    """What somebody decided who compared two people."""

    JOIN = "join"
    KEEP_APART = "keep-apart"


REASONS: Final[Mapping[Verdict, Mapping[str, str]]] = {
    Verdict.JOIN: {
        "personal-demographics-service": "The Personal Demographics Service says that they are one",
        "partner": "The partners who know them say so",
        "person": "The person says so, or who cares for them",
    },
    Verdict.KEEP_APART: {
        "personal-demographics-service": "The Personal Demographics Service knows them as two",
        "partner": "The partners who know them say so",
        "person": "The person says so, or who cares for them",
        "not-sure": "It is not certain enough that they are one",
    },
}
"""Why, as the trail keeps it and as the form words it."""


@router.get("")
async def merges(looking: Managing) -> Response:
    """Who was joined to whom, the newest first; it names nobody."""
    return await _merges(looking, ("", ""), {})


@router.post("/compare")
async def compare(
    looking: Managing, one: Annotated[ShortText, Form()] = "", other: Annotated[ShortText, Form()] = ""
) -> Response:
    """On to two people by their NHS numbers, which no address holds."""
    mistakes: dict[str, str] = {}
    people = [await _named(looking, name, said, mistakes) for name, said in (("one", one), ("other", other))]
    if not mistakes and people[0] == people[1]:
        mistakes["other"] = "Both numbers are one person's already"
    if mistakes:
        return await _merges(looking, (one, other), mistakes)
    return RedirectResponse(f"/data-quality/merges/two?one={people[0]}&other={people[1]}", SEE_OTHER)


async def _named(looking: Viewing, name: str, said: str, mistakes: dict[str, str]) -> UUID | None:
    """Who has that NHS number; what is wrong is told under the name of its field.

    The same is told of a number that nobody has and of one whose owner the viewer may not compare.
    """

    number = typed_number(said)
    if isinstance(number, str):
        mistakes[name] = number
        return None

    def held(connection: Connection) -> UUID | None:
        found = named_by(connection, number)
        return stands_for(connection, found) if found else None

    person_id = await filed(looking.place, held)
    shown = await compared(looking, [person_id] if person_id else [], "merge/two", "merge-two")
    if not any(side.may_be_chosen for side in shown):
        mistakes[name] = "Nobody whom you may compare has that NHS number"
    return person_id


async def _merges(looking: Viewing, typed: Numbers, mistakes: Mapping[str, str]) -> Response:
    joined = await filed(looking.place, lambda connection: links.standing(connection, limit=_MOST))
    context = {"joined": joined, "typed": typed, "errors": mistakes, **_words(looking)}
    return page("quality/merges.html", looking.context() | context, status=MISTAKEN if mistakes else 200)


def _words(looking: Viewing) -> dict[str, Any]:
    """On whose word two were joined; which party's it was is told of those whose messages the viewer settles."""
    return {"names": looking.names, "words": ON_WHOSE_WORD, "theirs": theirs(looking)}


@router.get("/two")
async def two_people(one: UUID, other: UUID, looking: Managing) -> Response:
    """Two people side by side, and what may be decided of them."""
    return await _two(looking, one, other, {})


@router.post("/two/{verdict}")
async def decide(
    verdict: Verdict,
    looking: Managing,
    one: Annotated[UUID, Form()],
    other: Annotated[UUID, Form()],
    reason: Annotated[ShortText, Form()] = "",
) -> Response:
    """Join them, or write down that they stay two; either with a reason."""
    if reason not in REASONS[verdict]:
        return await _two(looking, one, other, {str(verdict): "Select why"})
    both = await compared(looking, [one, other], "merge/two", "merge-two")
    if not all(side.may_be_chosen for side in both):
        return nothing(looking)
    by, place = settling(looking), looking.place
    if verdict is Verdict.KEEP_APART:
        await filed(place, lambda connection: worklist.keep_apart(connection, one, other, by, reason=reason))
        return RedirectResponse("/data-quality/merges", SEE_OTHER)
    try:
        link = await asyncio.to_thread(worklist.merge, place.filing, one, other, by, reason=reason)
    except NotSettled as error:
        return problem(CONFLICT, str(error))
    return RedirectResponse(f"/data-quality/merges/{link.id}", SEE_OTHER)


async def _two(looking: Viewing, one: UUID, other: UUID, mistakes: Mapping[str, str]) -> Response:
    both = await compared(looking, [one, other], "merge/two", "merge-two")
    if one == other or not all(side.may_be_chosen for side in both):
        return nothing(looking)
    first, second = both
    context = {
        "rows": two(first, second, looking.names),
        "pair": (one, other),
        "reasons": REASONS,
        "errors": mistakes,
        "names": looking.names,
    }
    return page("quality/two.html", looking.context() | context, status=MISTAKEN if mistakes else 200)


@router.get("/{link}")
async def merge(link: UUID, looking: Managing) -> Response:
    """The two whom a link joined, side by side."""
    joined = await filed(looking.place, lambda connection: links.standing(connection, limit=1, only=link))
    if not joined:
        return nothing(looking)
    (found,) = joined
    one, other = await compared(looking, [found["survivor"], found["retired"]], f"merge/{link}", f"merge-{link}")
    context = {"link": found, "rows": two(one, other, looking.names), **_words(looking)}
    return page("quality/merge.html", looking.context() | context)


@router.post("/{link}/undo")
async def undo(link: UUID, looking: Managing) -> Response:
    """Part the two; what was filed of each goes back to each."""
    try:
        await asyncio.to_thread(worklist.undo_merge, looking.place.filing, link, settling(looking))
    except NotSettled as error:
        return problem(CONFLICT, str(error))
    return RedirectResponse("/data-quality/merges", SEE_OTHER)
