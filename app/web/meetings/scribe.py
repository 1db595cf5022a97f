"""The scribe's screen: who comes and goes, what is said, who does what by when, the outcome, and the clock of it all.

The page is one form, so that whichever button is pressed, what was typed is kept: the notes are written first.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from operator import itemgetter
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.mdt.reading import discussed
from app.mdt.reading.answers.agenda import AgendaRow
from app.mdt.reading.answers.meetings import MeetingTold
from app.mdt.workflow.agenda import CarryOver, Conclude, Outcome
from app.mdt.workflow.forms import filled_in
from app.mdt.workflow.lifecycles.states import InvitationState, ItemState
from app.mdt.workflow.meeting import starts_early
from app.mdt.workflow.refusal import Refusal, Why, unknown
from app.web.frame.filled_in.typed import fields
from app.web.frame.nothing import nothing
from app.web.frame.words.wording import begun_large
from app.web.meetings.at_meeting import AtMeeting, Here, people_of
from app.web.meetings.scribing import LABELS, action_of, is_unfinished, note_of, outcome_of, unkept, without_notes
from app.web.meetings.timer import timer

router = APIRouter(include_in_schema=False)

Typed = Mapping[str, str]
_LONGER: Final = timedelta(minutes=15)
_COMING: Final = (InvitationState.INVITED, InvitationState.ACCEPTED)


@router.get("/meetings/{meeting_id}/scribe")
async def scribe(here: Here, item: UUID | None = None) -> Response:
    """The form of whoever is under discussion, or of another on the agenda where one is named."""
    return await _scribe(here, {"item": str(item)} if item else {})


@router.post("/meetings/{meeting_id}/scribe/{deed}")
async def write(deed: str, here: Here, request: Request) -> Response:
    """Keep the notes, then do what the button says."""
    form = await request.form()
    typed, act = dict(fields(form)), _DEEDS.get(deed)
    if act is None:
        return nothing(here.looking)
    kept, typed = await _kept(here, typed)
    if kept is not None:
        return await _scribe(here, typed, refused=kept)
    if deed in ("conclude", "agreed"):
        return await _closing(here, typed, [str(one) for one in form.getlist("read_back")], is_agreed=deed == "agreed")
    told = await act(here, typed)
    if isinstance(told, Refusal):
        return await _scribe(here, typed, refused=told)
    left = {name: value for name, value in typed.items() if not (deed == "action" and name.startswith("action."))}
    if is_unfinished(left):
        return await _scribe(here, left)
    return here.back(f"scribe?item={typed['item']}" if deed in ("note", "action") and "beside" in typed else "scribe")


async def _kept(here: AtMeeting, typed: dict[str, str]) -> tuple[Refusal | None, dict[str, str]]:
    """Write the notes; what somebody else wrote otherwise meanwhile is told, and all the rest is kept."""
    note = note_of(typed)
    if "item" not in typed or not note:
        return None, typed
    told = await _note(here, typed, note)
    clashes = told.detail.get("clashes", {}) if isinstance(told, Refusal) and isinstance(told.detail, dict) else {}
    if clashes:
        rest = await _note(here, typed, {name: said for name, said in note.items() if name not in clashes})
        version = rest.detail["held"]["version"] if isinstance(rest, Refusal) else rest.version
        return told, without_notes(typed, but=clashes) | {"version": str(version)}
    if isinstance(told, Refusal):
        return told, typed
    return None, without_notes(typed, but={}) | {"version": str(told.version)}


async def _note(here: AtMeeting, typed: Typed, note: Mapping[str, Any]) -> Any | Refusal:
    return await _take_of_item(here, "note", typed["item"], {"version": typed.get("version"), **note})


async def _take_of_item(here: AtMeeting, event: str, item: str, said: Mapping[str, Any]) -> Any | Refusal:
    try:
        item_id = UUID(item)
    except ValueError:
        return unknown().refusal
    return await here.take("items", event, item_id, said)


async def _nothing_more(_here: AtMeeting, _typed: Typed) -> None:
    return None


async def _arrive(here: AtMeeting, typed: Typed) -> Any | Refusal:
    account, _, role = typed.get("of", "").partition("|")
    said = {"meeting_id": str(here.id), "account": account}
    return await here.take("arrivals", "new", None, said | ({"role": role} if role else {}))


async def _leave(here: AtMeeting, typed: Typed) -> Any | Refusal:
    return await here.take("leavings", "new", None, {"meeting_id": str(here.id), "account": typed.get("of", "")})


async def _start(here: AtMeeting, typed: Typed) -> Any | Refusal:
    said: dict[str, Any] = {"version": typed.get("meeting_version"), "early": "early" in typed}
    said["without_quorum"] = typed.get("without_quorum") or None
    return await here.take("meetings", "start", here.id, said)


async def _extend(here: AtMeeting, typed: Typed) -> Any | Refusal:
    told = await here.whole()
    until = max(told["ends_at"], here.looking.asked.at) + _LONGER
    said = {"version": typed.get("meeting_version"), "ends_at": until.isoformat()}
    return await here.take("meetings", "extend", here.id, said)


async def _close(here: AtMeeting, typed: Typed) -> Any | Refusal:
    said = {"version": typed.get("meeting_version"), "carry_over": typed.get("carry_over") or None}
    return await here.take("meetings", "close", here.id, said)


def _of_item(event: str) -> Callable[[AtMeeting, Typed], Awaitable[Any | Refusal]]:
    """A step of the item that a button names, with the version that it was shown in, else of the one being written."""

    async def act(here: AtMeeting, typed: Typed) -> Any | Refusal:
        item, _, version = typed.get("of", "").partition("|")
        reason = {"reason": typed.get("reason", "")} if event == "carry-over" else {}
        said = {"version": version or typed.get("version"), **reason}
        return await _take_of_item(here, event, item or typed.get("item", ""), said)

    return act


async def _assign(here: AtMeeting, typed: Typed) -> Any | Refusal:
    told = await here.whole()
    return await here.take("actions", "new", None, action_of(typed, people_of(here.locality(told), told)))


_DEEDS: Final[dict[str, Callable[[AtMeeting, Typed], Awaitable[Any | Refusal]]]] = {
    "note": _nothing_more,
    "arrive": _arrive,
    "leave": _leave,
    "start": _start,
    "extend": _extend,
    "close": _close,
    "begin": _of_item("begin"),
    "pause": _of_item("pause"),
    "carry-over": _of_item("carry-over"),
    "action": _assign,
    "again": _nothing_more,
    "conclude": _nothing_more,
    "agreed": _nothing_more,
}
"""What each button does once the notes are kept."""


async def _closing(here: AtMeeting, typed: dict[str, str], read_back: list[str], *, is_agreed: bool) -> Response:
    """An item closes in two steps: its actions are read back to the room, then the room agrees."""
    said = outcome_of(typed)
    form = filled_in(Conclude, said | {"read_back": read_back})
    if isinstance(form, list):
        problems = [problem._asdict() for problem in form]
        return await _scribe(here, typed, refused=Refusal(Why.INVALID, "", {"problems": problems}))
    told = await here.whole()
    chosen = _chosen(told, typed)
    if chosen is None:
        return nothing(here.looking)
    item = await discussed.item(here.desk, here.inquiry(), chosen["id"])
    refused = None
    if is_agreed:
        listed = item["state"] == ItemState.LISTED
        done = await here.take(
            "items", "conclude-by-exception" if listed else "conclude", item["id"], {**said, "read_back": read_back}
        )
        if not isinstance(done, Refusal):
            return here.back("scribe")
        refused = done
    return here.show(
        "meetings/read_back.html",
        told,
        refused=refused,
        labels=LABELS,
        tab="Scribe",
        item=_named(told, item),
        form=form,
        typed=typed | {"version": str(item["version"])},
        typed_stays=True,
    )


async def _scribe(here: AtMeeting, typed: Typed, *, refused: Refusal | None = None) -> Response:
    told = await here.whole()
    if "room" not in told:
        return nothing(here.looking)
    chosen = _chosen(told, typed)
    item = await discussed.item(here.desk, here.inquiry(), chosen["id"]) if chosen else None
    detail = refused.detail if refused and isinstance(refused.detail, dict) else {}
    there = {stay["account"] for stay in told["room"] if stay["left_at"] is None}
    is_open = item is not None and item["state"] in (ItemState.LISTED, ItemState.UNDER_DISCUSSION)
    people = people_of(here.locality(told), told)
    return here.show(
        "meetings/scribe.html",
        told,
        refused=refused,
        labels=LABELS,
        tab="Scribe",
        item=_named(told, item) if item else None,
        timer=timer(item, here.looking.asked.at) if item else None,
        typed=typed,
        typed_stays=bool(refused),
        clashes=detail.get("clashes", {}),
        may_write=is_open and item is not None and "summary" in item,
        unkept=[] if is_open or refused is None else unkept(typed),
        early=starts_early(told["starts_at"], here.looking.asked.at),
        coming=[one for one in _coming(here, told) if one["account"] not in there],
        owners=[(key, f"{one.name}, {here.looking.names.partner(one.organisation)}") for key, one in people.items()],
        partners=here.looking.names.partners,
        outcomes=list(Outcome),
        carried=[(str(one), begun_large(one.replace("-", " "))) for one in CarryOver],
        new_action=typed.get("action.id") or str(uuid4()),
    )


def _chosen(told: MeetingTold, typed: Typed) -> AgendaRow | None:
    """Whom the scribe writes of: whoever is asked for, else whoever is under discussion."""
    by_id = {str(one["id"]): one for one in told["agenda"]}
    current = next((one for one in told["agenda"] if one["state"] == ItemState.UNDER_DISCUSSION), None)
    return by_id.get(typed.get("item", ""), current)


def _named(told: MeetingTold, item: Mapping[str, Any]) -> dict[str, Any]:
    person = next((one["person"] for one in told["agenda"] if one["id"] == item["id"]), None)
    return {**item, "person": person}


def _coming(here: AtMeeting, told: MeetingTold) -> list[dict[str, Any]]:
    """Whoever is invited and did not decline, by name, with the role of the first seat that they are named for."""
    roles = {one.account: one.role for one in reversed(here.locality(told).everyone)}
    coming = (one for one in told["invitations"] if one["state"] in _COMING)
    return [{**one, "role": roles.get(one["account"], "")} for one in sorted(coming, key=itemgetter("name"))]
