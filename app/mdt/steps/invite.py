"""Inviting, as steps: the core team and deputies to the meeting, guests to named people's items and nothing else."""

from uuid import UUID

from app.mdt import store
from app.mdt.steps.office import Office
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry, Named
from app.mdt.workflow.forms import Change
from app.mdt.workflow.invitation import Answer, Invitation, InvitationContent, InviteGuest, Kind, Revoke
from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.lifecycles.states import InvitationState
from app.mdt.workflow.locality import CoreRole, Staff
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.refusal import invalid, unknown
from app.sharing.facts import Account


def invite_core(office: Office, meeting_id: UUID, form: Change) -> Meeting:
    """Invite everyone who holds a seat of the team; who is invited already is not invited twice."""
    meeting = office.seen(Meeting, meeting_id, form.version)
    office.demand(meeting.locality, *ARRANGERS, Relation.CLOCK)
    if not meeting.takes_items:
        raise invalid("this meeting is over or cancelled; nobody is invited to it any more")
    for seat in office.locality(meeting.locality).core:
        _invite_staff(office, meeting, seat, seat.holder, Kind.CORE)
    return meeting


def _invite_staff(office: Office, meeting: Meeting, seat: CoreRole, staff: Staff, kind: Kind) -> Invitation | None:
    if standing_invitation(office, meeting.id, staff.as_account) is not None:
        return None
    named = Named(name=staff.name, organisation=staff.organisation, issuer=staff.issuer, account=staff.account)
    content = InvitationContent(invitee=named, email=staff.email, seat=seat.id, reason=seat.title)
    return _invite(office, meeting, kind, None, content)


def _invite(
    office: Office, meeting: Meeting, kind: Kind, profile: str | None, content: InvitationContent
) -> Invitation:
    invitee = content.invitee
    made = office.begin(
        Invitation(
            id=office.new_id(),
            meeting_id=meeting.id,
            kind=kind,
            profile=profile,
            issuer=invitee.issuer or "local",
            subject=invitee.account or "",
            organisation=invitee.organisation,
            state=Invitation.lifecycle.initial,
            version=1,
            content=content,
        ),
        "invite",
    )
    office.notify(NoticeKind.INVITED, made.account, f"invitation/{made.id}", f"/meetings/{meeting.id}")
    return made


def tell_invited(office: Office, meeting: Meeting, kind: NoticeKind) -> None:
    """Let everyone who is invited know what became of a meeting."""
    for one in store.among(office.connection, Invitation, meeting_id=meeting.id):
        if one.ended_at is None and one.state != InvitationState.DECLINED:
            key = f"meeting/{meeting.id}/{meeting.version}/{one.id}"
            office.notify(kind, one.account, key, f"/meetings/{meeting.id}")


def standing_invitation(office: Office, meeting_id: UUID, account: Account) -> Invitation | None:
    """Somebody's invitation to a meeting, unless it was taken back."""
    return next(iter(store.standing_invitations(office.connection, meeting_id, account)), None)


def invite_guest(office: Office, form: InviteGuest) -> Invitation:
    """Invite a guest for some people's items: each of whom the inviter may see, and none of whom objects to them."""
    meeting = office.held(Meeting, form.meeting_id)
    office.demand(meeting.locality, *ARRANGERS)
    if not meeting.takes_items:
        raise invalid("this meeting is over or cancelled; nobody is invited to it any more")
    _demand_admissible(office, form)
    items = [_demand_item(office, form, meeting, item) for item in form.items]
    there = standing_invitation(office, meeting.id, Account(form.issuer, form.account))
    if there is not None and there.kind != Kind.GUEST:
        raise invalid("they are of the team and need no invitation for items")
    invitation = there or _invite(office, meeting, Kind.GUEST, form.profile, _guest(form))
    before = store.items_of(office.connection, [invitation.id])[invitation.id]
    store.invite_for(office.connection, invitation.id, {*before, *(item.id for item in items)})
    for item in items:
        office.tell("invitation/for-item", invitation.id, person=item.person_id)
    return invitation


def _guest(form: InviteGuest) -> InvitationContent:
    named = Named(name=form.name, organisation=form.organisation, issuer=form.issuer, account=form.account)
    return InvitationContent(invitee=named, email=form.email, reason=form.reason)


def _demand_admissible(office: Office, form: InviteGuest) -> None:
    if form.organisation not in office.parties:
        raise invalid(
            "that organisation is no party to the agreement, so that nobody there can be a guest", field="organisation"
        )
    if form.profile not in office.known.profiles:
        raise invalid("the agreement has no such guest profile for that organisation; see its guests", field="profile")
    account = office.known.accounts.get(form.account)
    if form.issuer == "local" and (account is None or account.organisation != form.organisation):
        raise invalid("there is no such account at that organisation; check both", field="account")


def _demand_item(office: Office, form: InviteGuest, meeting: Meeting, item_id: UUID) -> AgendaItem:
    item = office.held(AgendaItem, item_id)
    if item.meeting_id != meeting.id or not item.is_open:
        raise unknown()
    office.demand_sight(office.as_it_stands(item).person_id)
    if form.organisation in office.held(CaseloadEntry, item.caseload_id).content.kept_from:
        raise invalid("one of these people objects to that organisation; leave them out", field="items")
    return item


def accept(office: Office, invitation_id: UUID, form: Answer) -> Invitation:
    """Come: a guest's access opens by itself near the meeting, and not before they have accepted."""
    invitation = office.seen(Invitation, invitation_id, form.version)
    content = invitation.content.model_copy(update={"remark": form.remark})
    return office.advance(invitation, "accept", content=content)


def decline(office: Office, invitation_id: UUID, form: Answer) -> Invitation:
    """Not come: whoever deputises for the seat is invited instead."""
    invitation = office.seen(Invitation, invitation_id, form.version)
    content = invitation.content.model_copy(update={"remark": form.remark})
    declined = office.advance(invitation, "decline", content=content)
    meeting = office.held(Meeting, declined.meeting_id)
    for seat in office.locality(meeting.locality).core:
        if seat.id == declined.content.seat and declined.kind == Kind.CORE and meeting.takes_items:
            for deputy in seat.deputies:
                _invite_staff(office, meeting, seat, deputy, Kind.DEPUTY)
    return declined


def revoke(office: Office, invitation_id: UUID, form: Revoke) -> Invitation:
    """Take an invitation back: a guest sees nothing from the next request on."""
    invitation = office.seen(Invitation, invitation_id, form.version)
    content = invitation.content.model_copy(update={"remark": form.reason})
    return office.advance(invitation, "revoke", content=content, ended_at=office.at)


def end_guests(office: Office, entry: CaseloadEntry) -> None:
    """Let no guest of an organisation to which a person objects keep their item."""
    items = [item.id for item in store.among(office.connection, AgendaItem, caseload_id=entry.id) if item.is_open]
    meetings = {item.meeting_id for item in store.among(office.connection, AgendaItem, id=items)}
    for guest in store.among(office.connection, Invitation, meeting_id=meetings, kind=Kind.GUEST):
        if guest.organisation in entry.content.kept_from:
            theirs = store.items_of(office.connection, [guest.id])[guest.id]
            store.invite_for(office.connection, guest.id, [item for item in theirs if item not in items])
            held = office.held(Invitation, guest.id)
            office.rewrite(held, "lose-item")
