"""`pisano bench mdt`: a pack of ten people beside ten bare views of the same people, by the same reader, in one run."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid4

from app.demonstration.people.resident import residents
from app.demonstration.place import GENERAL_PRACTICE
from app.mdt.desk import MDT
from app.mdt.packs.contents import Pack
from app.mdt.packs.pack import pack
from app.mdt.reading.lists import caseload
from app.mdt.steps.table import step
from app.mdt.workflow.refusal import Refusal
from app.place import Place, open_place
from app.record.inquiry import Inquiry
from app.settings import Settings
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Purpose

TEN: Final = 10
_ROUNDS: Final = 20
_DIRECT_CARE: Final = Purpose("direct-care")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Seconds of the best round: a pack of so many people, and as many views by themselves."""

    people: int
    pack: float
    views: float

    @property
    def times(self) -> float:
        """How many times as long the pack takes."""
        return self.pack / self.views


async def measure_pack(settings: Settings, url: str, *, people: int) -> Packing:
    """Refer ten patients of one practice, list them, and open their pack and their records in turn."""
    async with open_place(settings, url) as place:
        meeting, listed = await _meeting_of_ten(place, people)
        chair = await _inquiry(place, "chair", MDT)
        packs, views = [], []
        for _ in range(_ROUNDS):
            packs.append(await _timed(lambda: _opened(place, chair, meeting)))
            views.append(await _timed(lambda: _viewed(place, chair, listed)))
    return Packing(people=len(listed), pack=min(packs), views=min(views))


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def _opened(place: Place, chair: Inquiry, meeting: UUID) -> None:
    told = await pack(place.desk, replace(chair, id=uuid4()), meeting)
    if not isinstance(told, Pack) or len(told.pages) != TEN:
        raise AssertionError("the chair may see all ten")


async def _viewed(place: Place, chair: Inquiry, people: list[UUID]) -> None:
    for person_id in people:
        seen = await place.record.view(replace(chair, id=uuid4()), person_id)
        if seen is None:
            raise AssertionError("the chair may see all ten")
        seen.json()


async def _meeting_of_ten(place: Place, people: int) -> tuple[UUID, list[UUID]]:
    year = london_date(datetime.now(UTC)).year + 1  # as the measures of this one have meetings of their own
    when = {"first": str(date(year, 1, 1)), "until": str(date(year, 2, 28))}
    planned = await _take(place, "chair", "meetings", "new", None, {"locality": "northgate", **when})
    meeting: UUID = planned[0].id
    listed = []
    for number in islice(_patients(people), TEN):
        person_id = await place.record.finding.by_nhs_number(await _inquiry(place, "gp", _DIRECT_CARE), number)
        if person_id is None:
            raise AssertionError("the GP may find the practice's own patients")
        made = await _take(place, "gp", "referrals", "new", None, _form(person_id), purpose=_DIRECT_CARE)
        await _take(place, "chair", "referrals", "accept", made.id, {"version": 1, "reason": "To be measured"})
        listed.append(person_id)
    for entry in await _caseload(place):
        form = {"meeting_id": str(meeting), "caseload_id": str(entry), "question": "What next?"}
        await _take(place, "chair", "items", "new", None, form)
    return meeting, listed


def _patients(people: int) -> list[NHSNumber]:
    """Of the practice that is a party, those who have most recorded first."""
    day = london_date(datetime.now(UTC))
    theirs = [
        one
        for one in residents(people, seed=1, on=day)
        if one.nhs_number is not None and one.locality.practices[one.practice][0] == GENERAL_PRACTICE
    ]
    ranked = sorted(theirs, key=lambda one: ("much", "some", "little").index(one.need))
    return [one.nhs_number for one in ranked if one.nhs_number is not None]


async def _caseload(place: Place) -> list[UUID]:
    told = await caseload(place.desk, await _inquiry(place, "chair", MDT), "northgate")
    return [row["id"] for row in told]


async def _inquiry(place: Place, username: str, purpose: Purpose) -> Inquiry:
    account = await place.account(username)
    requester = account.asking() if account else None
    if requester is None:
        raise AssertionError("a demonstration place has this account")
    return Inquiry(id=uuid4(), requester=requester, purpose=purpose, at=datetime.now(UTC))


async def _take(
    place: Place, username: str, things: str, event: str, id: UUID | None, form: dict[str, Any], *,
    purpose: Purpose = MDT,
) -> Any:  # fmt: skip
    told = await place.desk.take(step(things, event), await _inquiry(place, username, purpose), id, form)
    if isinstance(told, Refusal):
        raise AssertionError(f"{things} {event} was refused: {told.text}")
    return told


def _form(person_id: UUID) -> dict[str, Any]:
    said = dict.fromkeys(
        ("situation", "background", "assessment", "recommendation", "question", "what_matters"), "To be measured"
    )
    informed = {"was": False, "why_not": "Nobody; they are made up"}
    agreement = {"stance": "agrees"}
    return {
        "person_id": str(person_id), "segments": ["long-term-conditions"], "informed": informed,
        "agreement": agreement, **said,
    }  # fmt: skip
