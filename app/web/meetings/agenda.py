"""The agenda: proposed, put in order by button or drag, timed, given presenters, added to late, locked."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.mdt.reading import whole
from app.mdt.workflow.agenda import CarryOver
from app.mdt.workflow.lifecycles.states import TO_COME, MeetingState
from app.mdt.workflow.meeting import locks_early
from app.mdt.workflow.refusal import Refusal
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.nothing import nothing
from app.web.frame.words.labels import Choice
from app.web.frame.words.wording import told_apart
from app.web.meetings.at_meeting import AtMeeting, Here, key_of, people_of

router = APIRouter(include_in_schema=False)

_OF_AN_ITEM: Final = ("arrange", "withdraw", "carry-over")
_LABELS: Final = {
    "caseload_id": (Choice("Whom to add"), "caseload_id"),
    "question": ("The question", "question"),
    "why_late": ("Why this cannot wait", "why_late"),
    "early": (Choice("Whether it is locked now"), "early"),
}


@router.get("/meetings/{meeting_id}/agenda")
async def agenda(here: Here) -> Response:
    """Who is on it, in which order, from when; and who could be."""
    return await _agenda(here)


@router.post("/meetings/{meeting_id}/agenda/fill")
async def fill(here: Here, request: Request) -> Response:
    """Put those who were chosen of the proposal on it."""
    said = nested(fields(await request.form()), lists=frozenset({"only"}))
    return await _then(here, await here.take("meetings", "fill", here.id, {"only": [], **said}))


@router.post("/meetings/{meeting_id}/agenda/lock")
async def lock(here: Here, request: Request) -> Response:
    """Settle it."""
    said = nested(fields(await request.form()))
    return await _then(here, await here.take("meetings", "lock", here.id, said))


@router.post("/meetings/{meeting_id}/agenda/add")
async def add(here: Here, request: Request) -> Response:
    """Put one more person on it: after the lock only by the locality's rule, and with the reason."""
    typed = dict(fields(await request.form()))
    told = await here.take("items", "new", None, nested(typed.items()) | {"meeting_id": str(here.id)})
    return await _then(here, told, typed=typed)


@router.post("/meetings/{meeting_id}/agenda/{item_id}/{event}")
async def change(item_id: UUID, event: str, here: Here, request: Request) -> Response:
    """Move a person up or down, give them more or fewer minutes or another presenter, or take them off."""
    if event not in _OF_AN_ITEM:
        return nothing(here.looking)
    typed = dict(fields(await request.form()))
    said = nested(typed.items())
    told = await here.whole()
    if event == "arrange":
        chosen = people_of(here.locality(told), told).get(said.pop("presenter", ""))
        said |= {"presenter": chosen.model_dump()} if chosen else {}
    stands = {f"minutes-{item_id}": typed["minutes"]} if "minutes" in typed else {}
    return await _then(here, await here.take("items", event, item_id, said), typed=stands, line=item_id)


async def _then(
    here: AtMeeting, told: Any, *, typed: Mapping[str, str] | None = None, line: UUID | str = ""
) -> Response:
    if isinstance(told, Refusal):
        return await _agenda(here, refused=told, typed=typed or {}, line=line)
    return here.back("agenda", line=line)


async def _agenda(
    here: AtMeeting,
    *,
    refused: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    line: UUID | str = "",
) -> Response:
    told = await here.whole()
    if "room" not in told:
        return nothing(here.looking)
    arranges = told["arranges"] and told["state"] in TO_COME
    both = await _candidates(here) if arranges else {"listed": [], "waiting": []}
    return here.show(
        "meetings/agenda.html",
        told,
        refused=refused,
        labels=_LABELS | _of_line(line),
        tab="Agenda",
        arranges=arranges,
        last=max((item["place"] for item in told["agenda"] if item["place"]), default=0),
        proposed=both["listed"] if told["state"] == MeetingState.PLANNED else [],
        others=both["waiting"] if told["state"] == MeetingState.PLANNED else both["listed"] + both["waiting"],
        people=people_of(here.locality(told), told),
        key_of=key_of,
        reasons=list(CarryOver),
        early=locks_early(told["locks_at"], here.looking.asked.at),
        typed=typed or {},
        typed_stays=bool(refused),
    )


def _of_line(line: UUID | str) -> dict[str, tuple[str, str]]:
    """The fields of one line of the agenda, each of which has its own."""
    return {"minutes": ("Minutes", f"minutes-{line}"), "reason": ("Why they are taken off", f"withdraw-{line}")}


async def _candidates(here: AtMeeting) -> dict[str, list[dict[str, Any]]]:
    both = await whole.proposal(here.desk, here.inquiry(), here.id)
    people = {one["person_id"] for one in (*both["listed"], *both["waiting"])}
    names = told_apart(await here.desk.record.glancing.identities(here.inquiry(), people))
    return {
        "listed": [{**one, "person": names.get(one["person_id"])} for one in both["listed"]],
        "waiting": [{**one, "person": names.get(one["person_id"])} for one in both["waiting"]],
    }
