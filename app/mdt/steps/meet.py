"""Holding a meeting, as steps: who is in the room, the clock of each item, what scribes write, outcomes, the close."""

from typing import Any
from uuid import UUID

from app.identity.requester import Requester
from app.mdt import store
from app.mdt.steps.agenda.carry_over import carry
from app.mdt.steps.agenda.propose import NOT_DISCUSSED
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem, CarryOver, Cause, Conclude, Note, Stint
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.forms import Change, Form, Line
from app.mdt.workflow.invitation import Kind
from app.mdt.workflow.lifecycles.relation import ARRANGERS
from app.mdt.workflow.lifecycles.states import InvitationState, ItemState, MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import (
    MOST_EXTENDED,
    Extend,
    Meeting,
    Minutes,
    MinutesKept,
    Reasoned,
    quorate,
    starts_early,
)
from app.mdt.workflow.refusal import Refusal, Refused, Why, invalid, unknown
from app.mdt.workflow.rules.notes import Clash, noted
from app.mdt.workflow.rules.room import Stay, seats_filled
from app.sharing.facts import Account, account_of
from app.sharing.known.objection_store import kept_from_meeting
from app.sharing.known.store import deceased_among
from app.sharing.written.words import RoleName
from app.vocabulary.london import london_date


class Start(Change):
    """Begin a meeting that is locked; without a quorum only where the chair says why, and more than an hour before its
    time only where that is confirmed.
    """

    without_quorum: Line | None = None
    early: bool = False


class Close(Change):
    """End the meeting; `carry_over` is why those who were not reached move to the next one."""

    carry_over: CarryOver | None = None


class Arrive(Form):
    """Somebody comes into the room: whoever says so, or who is named by account and role."""

    meeting_id: UUID
    account: Line | None = None
    role: RoleName | None = None


class Leave(Form):
    """Somebody leaves the room."""

    meeting_id: UUID
    issuer: Line = "local"
    account: Line | None = None


def start(office: Office, meeting_id: UUID, form: Start) -> Meeting:
    """Begin: the chair is remembered, and so is whether the team was quorate."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    content = meeting.content.model_copy(
        update={"started_at": office.at, "chair": office.by, "reason": form.without_quorum}
    )
    started = office.advance(meeting, "start", content=content)
    if (early := starts_early(meeting.starts_at, office.at)) and not form.early:
        raise invalid(f"it is planned to begin in {early}; confirm that it begins now", field="early")
    seats = seats_filled(store.room_of(office.connection, meeting.id))
    if not quorate(office.locality(meeting.locality), seats) and not form.without_quorum:
        raise invalid(
            "the team is not quorate; wait for who is missing, or say why it meets all the same", field="without_quorum"
        )
    return started


def extend(office: Office, meeting_id: UUID, form: Extend) -> Meeting:
    """Let the meeting, and its guests' access, last longer than was planned."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    if not meeting.ends_at < form.ends_at <= max(meeting.ends_at, office.at) + MOST_EXTENDED:
        raise invalid("a meeting is extended to a later time, by two hours at most")
    return office.advance(meeting, "extend", ends_at=form.ends_at)


def close(office: Office, meeting_id: UUID, form: Close) -> Meeting:
    """End it: who is under discussion needs an outcome first, and who was not reached moves on with the reason."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    items = [item for item in store.among(office.connection, AgendaItem, meeting_id=meeting.id) if item.is_open]
    if any(item.state == ItemState.UNDER_DISCUSSION for item in items):
        raise invalid("somebody is still under discussion; give their outcome, or carry them over")
    if items and form.carry_over is None:
        left = f"{len(items)} on the agenda have neither an outcome nor a reason"
        raise invalid(f"{left}; say why they are carried over", field="carry_over")
    closed = office.advance(meeting, "close", closed_at=office.at)
    for item in items:
        carry(office, office.held(AgendaItem, item.id), form.carry_over or CarryOver.OUT_OF_TIME)
    store.leave(office.connection, meeting.id, None, office.at)
    return closed


def arrive(office: Office, form: Arrive) -> Stay:
    """Come into the room; whoever arrives is invited, and holds the role that they come in."""
    meeting = office.held(Meeting, form.meeting_id)
    requester = _arriving(office, form, meeting)
    account = account_of(requester)
    if not _is_invited(office, meeting, account) and not _is_of_team(requester, office.locality(meeting.locality)):
        raise unknown()
    if meeting.state not in (MeetingState.LOCKED, MeetingState.IN_PROGRESS):
        raise invalid("people arrive once the agenda is locked and until the meeting is closed")
    seat = _seat(office.locality(meeting.locality), account)
    stay = Stay(requester=requester, seat=seat, arrived_at=office.at)
    if store.arrive(office.connection, meeting.id, stay):
        office.tell("meeting/arrive", meeting.id)
    return stay


def _arriving(office: Office, form: Arrive, meeting: Meeting) -> Requester:
    if form.account is None:
        return office.inquiry.requester
    office.demand(meeting.locality, *ARRANGERS)
    account = office.known.accounts.get(form.account)
    arriving = account.asking(form.role) if account else None
    if arriving is None:
        raise invalid("there is no such account, or it does not hold that role")
    return arriving


def _is_of_team(requester: Requester, locality: LocalityDocument) -> bool:
    return locality.team in requester.teams


def _is_invited(office: Office, meeting: Meeting, account: Account) -> bool:
    """Whether they may come in by an invitation; a guest only by one that they accepted."""
    invited = store.standing_invitations(office.connection, meeting.id, account)
    return any(one.kind != Kind.GUEST or one.state == InvitationState.ACCEPTED for one in invited)


def _seat(locality: LocalityDocument, account: Account) -> str | None:
    seats = (seat.id for seat in locality.core for staff in seat.staff if staff.as_account == account)
    return next(seats, None)


def leave(office: Office, form: Leave) -> int:
    """Leave the room; from then on the screen need no longer suit whoever left."""
    meeting = office.held(Meeting, form.meeting_id)
    own = account_of(office.inquiry.requester)
    account = own if form.account is None else Account(form.issuer, form.account)
    if account != own:
        office.demand(meeting.locality, *ARRANGERS)
    if not store.leave(office.connection, meeting.id, account, office.at):
        raise unknown()
    office.tell("meeting/leave", meeting.id)
    return 1


def begin(office: Office, item_id: UUID, form: Change) -> AgendaItem:
    """Start the clock of an item; one at a time, and nobody whom the chair may not see, or who has died."""
    item = office.seen(AgendaItem, item_id, form.version)
    meeting = office.held(Meeting, item.meeting_id)
    office.demand(meeting.locality, *ARRANGERS)
    standing = office.as_it_stands(item).person_id
    if meeting.state != MeetingState.IN_PROGRESS:
        raise invalid("the meeting has not begun, or is over")
    if standing in deceased_among(office.connection, {standing}):
        raise invalid("this person has died; withdraw them from the agenda, and step them down")
    if kept_from_meeting(office.connection, {standing}, meeting.name, at=office.at):
        raise invalid(NOT_DISCUSSED)
    if not office.known.visible.get(standing):
        raise invalid("nothing of this person may be shown to you, so that they cannot be discussed; withdraw them")
    others = store.among(office.connection, AgendaItem, meeting_id=meeting.id, state=ItemState.UNDER_DISCUSSION)
    if others:
        raise invalid("somebody else is under discussion; conclude, pause or carry them over first")
    stints = (*item.content.stints, Stint(began=office.at))
    return office.advance(item, "begin", content=item.content.model_copy(update={"stints": stints}))


def pause(office: Office, item_id: UUID, form: Change) -> AgendaItem:
    """Stop the clock, and come back to the person later."""
    item = office.seen(AgendaItem, item_id, form.version)
    return office.advance(item, "pause", content=item.content.stopped(office.at))


def note(office: Office, item_id: UUID, form: Note) -> AgendaItem:
    """Write what is said. Two scribes who write different fields both stand; the same field differently is a clash.

    A clash is refused with both texts and nothing is overwritten. What was sent before and lost its answer stands.
    """
    item = office.held(AgendaItem, item_id)
    office.demand_part(item)
    office.demand_sight(office.as_it_stands(item).person_id)
    base = store.content_at(office.connection, item, form.version)
    if base is None:
        raise Refused(Refusal(Why.CONFLICT, "there is no such version; look at what stands now", _held(item, ())))
    after = noted(base, item.content, form)
    if isinstance(after, list):
        text = "somebody else wrote the same field meanwhile; look at both, and write what is to stand"
        raise Refused(Refusal(Why.CONFLICT, text, _held(item, after)))
    return item if after == item.content else office.advance(item, "note", content=after)


def _held(item: AgendaItem, clashes: list[Clash] | tuple[()]) -> dict[str, Any]:
    both = {clash.field: {"held": clash.held, "yours": clash.yours} for clash in clashes}
    return {"held": {"id": item.id, "version": item.version, "state": item.state}, "clashes": both}


def conclude(office: Office, item_id: UUID, form: Conclude) -> AgendaItem:
    """Give the outcome: with actions that have an owner and a day, or with the reason why there are none."""
    item = office.seen(AgendaItem, item_id, form.version)
    return _conclude(office, item, form, "conclude")


def conclude_by_exception(office: Office, item_id: UUID, form: Conclude) -> AgendaItem:
    """Close a review that needs no discussion; it was listed and is recorded all the same."""
    item = office.seen(AgendaItem, item_id, form.version)
    if item.content.cause is not Cause.BY_EXCEPTION:
        raise invalid("only a review that was listed as by exception is closed without discussion")
    return _conclude(office, item, form, "conclude-by-exception")


def _conclude(office: Office, item: AgendaItem, form: Conclude, event: str) -> AgendaItem:
    actions = {action.id for action in store.open_actions(office.connection, item_id=item.id)}
    if set(form.read_back) != actions:
        raise invalid("not every open action was read back as it stands; read them back again", field="read_back")
    if form.no_action_reason is None and not actions:
        raise invalid("nobody is to do anything yet; give an action its owner and day, or say why there is none")
    content = item.content.stopped(office.at).model_copy(
        update={
            "outcome": form.outcome,
            "no_action_reason": form.no_action_reason,
            "review_on": form.review_on,
        }
    )
    concluded = office.advance(item, event, content=content, ended_at=office.at)
    _look_again(office, concluded)
    return concluded


def _look_again(office: Office, item: AgendaItem) -> None:
    """The caseload knows when the person was last discussed, and when the team looks again."""
    entry = office.held(CaseloadEntry, item.caseload_id)
    content = entry.content.model_copy(update={"last_discussed": london_date(office.at)})
    review = item.content.review_on or entry.next_review
    office.rewrite(entry, "discussed", content=content, next_review=review)


def draft_minutes(office: Office, meeting_id: UUID, form: Minutes) -> Meeting:
    """Write the minutes of the meeting as a whole."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    kept = MinutesKept(apologies=form.apologies, learning=form.learning)
    return office.advance(meeting, "draft-minutes", content=meeting.content.model_copy(update={"minutes": kept}))


def sign(office: Office, meeting_id: UUID, form: Change) -> Meeting:
    """Sign the minutes: what was drafted stands as this version."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    drafted = meeting.content.minutes or MinutesKept()
    signed = drafted.model_copy(update={"signed_by": office.by, "signed_at": office.at})
    return office.advance(meeting, "sign", content=meeting.content.model_copy(update={"minutes": signed}))


def reopen_minutes(office: Office, meeting_id: UUID, form: Reasoned) -> Meeting:
    """Open signed minutes again, with the reason; the version that was signed stays in the history."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    drafted = (meeting.content.minutes or MinutesKept()).model_copy(update={"signed_by": None, "signed_at": None})
    content = meeting.content.model_copy(update={"minutes": drafted, "reason": form.reason})
    return office.advance(meeting, "reopen-minutes", content=content)
