"""What every page of a meeting stands on: the meeting, who looks at it, and what they can do there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Response
from starlette.responses import RedirectResponse

from app.asking.inquiry import AtDesk
from app.mdt.desk import Desk
from app.mdt.reading import whole
from app.mdt.reading.answers.meetings import MeetingRow, MeetingTold
from app.mdt.steps.table import Came, step
from app.mdt.workflow.caseload import Named
from app.mdt.workflow.lifecycles.states import InvitationState
from app.mdt.workflow.locality import LocalityDocument, Staff
from app.mdt.workflow.refusal import Refusal
from app.record.inquiry import Inquiry
from app.sharing.published.phrases import long
from app.web.frame.layout import SEE_OTHER, page
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.words.labels import said_of
from app.web.frame.words.wording import rows_told_apart, sentence
from app.web.team.at_desk import for_team, staff_of, status

Labels = Mapping[str, tuple[str, str]]
"""What each field of a form is called, and the id under which it stands on the page."""


@dataclass(frozen=True, slots=True)
class AtMeeting:
    """Somebody at the pages of one meeting, whether or not it is any of their business."""

    looking: Viewing
    desk: Desk
    id: UUID

    def inquiry(self) -> Inquiry:
        """What is asked for the team: each time anew, as one request may take several steps."""
        return replace(for_team(self.looking), id=uuid4())

    async def take(self, things: str, event: str, of: UUID | None, said: Mapping[str, Any]) -> Came | Refusal:
        """Take a step."""
        return await self.desk.take(step(things, event), self.inquiry(), of, dict(said))

    async def whole(self) -> MeetingTold:
        """The meeting as whoever looks may see it."""
        told = await whole.meeting(self.desk, self.inquiry(), self.id)
        return {**told, "agenda": rows_told_apart(told["agenda"])}

    def locality(self, told: MeetingRow) -> LocalityDocument:
        """The locality whose meeting it is."""
        return self.desk.localities.by_id[told["locality"]]

    def back(self, to: str = "", *, line: UUID | str = "") -> Response:
        """To one of the meeting's pages, at a line of it where one is named."""
        path = f"/meetings/{self.id}" + (f"/{to}" if to else "")
        return RedirectResponse(path + (f"#line-{line}" if line else ""), SEE_OTHER)

    def show(
        self,
        template: str,
        told: MeetingRow,
        *,
        refused: Refusal | None = None,
        labels: Labels | None = None,
        **more: Any,
    ) -> Response:
        """A page of the meeting, with what is wrong first."""
        lead = self.desk.guest_lead(self.inquiry())
        context = {
            "meeting": told,
            "guests_from": f"{long(lead)} before the meeting" if lead else "the start of the meeting",
            "locality": self.locality(told).title,
            "names": self.looking.names,
            "is_member": "room" in told,
            "errors": errors_of(refused, labels or {}),
            "at": self.looking.asked.at,
        }
        return page(template, self.looking.context() | context | more, status=status(refused))


def errors_of(refused: Refusal | None, labels: Labels) -> list[dict[str, str]]:
    """What a refusal says, in the order of the labels, each with where it is mended.

    The fields of several steps stand on one page.
    """
    if refused is None:
        return []
    problems = refused.detail.get("problems", ()) if isinstance(refused.detail, dict) else ()
    places = {name: place for place, name in enumerate(labels)}
    in_order = sorted(problems, key=lambda one: places.get(one["field"], -1))
    told = [_error(one["problem"], *labels.get(one["field"], (one["field"], ""))) for one in in_order]
    return told or [{"href": "", "text": sentence(refused.text)}]


def _error(problem: str, label: str, place: str) -> dict[str, str]:
    return {"href": f"#{place}" if place else "", "text": said_of(label, problem)}


async def _at_meeting(meeting_id: UUID, looking: Looking, desk: AtDesk) -> AtMeeting:
    return AtMeeting(looking, desk, meeting_id)


Here = Annotated[AtMeeting, Depends(_at_meeting)]


def people_of(locality: LocalityDocument, told: MeetingTold) -> dict[str, Named]:
    """Whom this team may name, each by a key for a form: those of its file, its guests, and who presents."""
    named = [_of_staff(one) for one in staff_of([locality])]
    named += [
        Named(name=one["name"], organisation=one["organisation"], issuer="local", account=one["account"])
        for one in told.get("invitations", ())
        if one["kind"] == "guest" and one["state"] in (InvitationState.INVITED, InvitationState.ACCEPTED)
    ]
    named += [item["presenter"] for item in told["agenda"] if item["presenter"]]
    return {key_of(one): one for one in reversed(named)}


def key_of(named: Named) -> str:
    """By what a form knows somebody again: account and organisation, or name and organisation."""
    return f"{named.organisation}/{named.account or named.name}"


def _of_staff(staff: Staff) -> Named:
    return Named(name=staff.name, organisation=staff.organisation, issuer=staff.issuer, account=staff.account)
