"""Who will be in the room, and what each of them will and will not see; inviting guests, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.mdt.reading.foreseen import Invitee, Sight, foreseen
from app.mdt.workflow.refusal import Refusal
from app.record.read.foremost import person_name
from app.vocabulary.category import CATEGORIES
from app.web.frame.filled_in.typed import fields, nested
from app.web.frame.nothing import nothing
from app.web.frame.words.labels import Choice
from app.web.meetings.at_meeting import AtMeeting, Here, Labels

router = APIRouter(include_in_schema=False)

_LABELS: Final = {
    "name": ("Their name", "name"),
    "account": ("The name that they sign in with", "account"),
    "profile": (Choice("As what they come"), "profile"),
    "organisation": (Choice("As what they come"), "profile"),
    "items": (Choice("For whom they come"), "items-1"),
    "reason": ("Why", "reason"),
    "email": ("Email address", "email"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """The people of whom somebody will read the same headings."""

    people: tuple[str, ...]
    shown: tuple[str, ...]
    hidden: tuple[str, ...]


@router.get("/meetings/{meeting_id}/invited")
async def invited(here: Here) -> Response:
    """Everyone who is invited, with what they will see of whom; to the rest of the team, who they are."""
    return await _invited(here)


@router.post("/meetings/{meeting_id}/invited/core")
async def invite_core(here: Here, request: Request) -> Response:
    """Invite everyone who holds a seat."""
    said = nested(fields(await request.form()))
    return await _then(here, await here.take("meetings", "invite-core", here.id, said), {})


@router.post("/meetings/{meeting_id}/invited/guest")
async def invite_guest(here: Here, request: Request) -> Response:
    """Invite a guest for some people and no others."""
    form = await request.form()
    typed = fields(form)
    said = nested(typed, lists=frozenset({"items"})) | {"meeting_id": str(here.id)}
    said["organisation"], _, said["profile"] = said.pop("profile", "").partition("|")
    told = await here.take("invitations", "new", None, {name: value for name, value in said.items() if value})
    return await _then(here, told, {**dict(typed), "items": form.getlist("items")})


@router.post("/meetings/{meeting_id}/invited/{invitation_id}/revoke")
async def revoke(invitation_id: UUID, here: Here, request: Request) -> Response:
    """Take an invitation back: from the next request on a guest sees nothing."""
    said = nested(fields(await request.form()))
    told = await here.take("invitations", "revoke", invitation_id, said)
    return await _then(here, told, {}, why=f"why-{invitation_id}")


async def _then(here: AtMeeting, told: Any, typed: Mapping[str, Any], *, why: str = "reason") -> Response:
    """Back to the page, or what was refused; a reason that is missing is given under `why`."""
    if isinstance(told, Refusal):
        return await _invited(here, refused=told, typed=typed, labels=_LABELS | {"reason": ("Why", why)})
    return here.back("invited")


async def _invited(
    here: AtMeeting,
    *,
    refused: Refusal | None = None,
    typed: Mapping[str, Any] | None = None,
    labels: Labels = _LABELS,
) -> Response:
    told = await here.whole()
    if "room" not in told:
        return nothing(here.looking)
    known = await foreseen(here.desk, here.inquiry(), here.id) if told["arranges"] else None
    people = {item["id"]: person_name(item["person"]) or "Name not shown" for item in told["agenda"]}
    return here.show(
        "meetings/invited.html",
        told,
        refused=refused,
        labels=labels,
        tab="Who comes",
        people=people,
        sights={one.invitation.id: _sights(one, people) for one in known.invitees} if known else {},
        wall=[(people[one.item_id], _texts(one.headings), one.leave, one.without) for one in known.wall]
        if known
        else [],
        kinds=_kinds(here),
        typed=typed or {},
        typed_stays=bool(refused),
    )


def _kinds(here: AtMeeting) -> list[tuple[str, str]]:
    """As what a guest may come: by which organisation, and for which of its parts."""
    return [
        (f"{code}|{profile}", f"{here.looking.names.partner(code)}: {profile.replace('-', ' ')}")
        for code, profiles in here.desk.guest_profiles(here.inquiry()).items()
        for profile in profiles
    ]


def _sights(invitee: Invitee, people: Mapping[UUID, str]) -> list[Alike] | None:
    """What they will see of whom, people alike together; `None` where it is known when they sign in."""
    if invitee.sights is None:
        return None
    alike = groupby(sorted(invitee.sights, key=_headings), key=_headings)
    return [
        Alike(
            people=tuple(people[one.item_id] for one in those),
            shown=_texts(headings),
            hidden=_texts(frozenset(CATEGORIES) - set(headings)),
        )
        for headings, those in alike
    ]


def _headings(sight: Sight) -> tuple[str, ...]:
    return tuple(sorted(sight.headings))


def _texts(headings: Any) -> tuple[str, ...]:
    return tuple(one.heading for one in CATEGORIES if one in headings)
