"""What is listed to whoever may see it: referrals, the caseload, meetings, invitations, actions.

Names stand only where the agreement lets whoever asks read them of that person; what people wrote stands in none.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.notice_store import last_noticed
from app.mdt.reading.answers.agenda import ActionRow
from app.mdt.reading.answers.caseload import CaseloadRow, LookedAfter
from app.mdt.reading.answers.meetings import InvitationRow, MeetingRow
from app.mdt.reading.answers.referrals import ReferralRow, TriageRow
from app.mdt.steps.office import Office
from app.mdt.steps.refer import waited
from app.mdt.workflow.action import Action
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, QUESTION
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import CaseloadState, ReferralState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.referral import Referral, segments_of
from app.record.inquiry import Inquiry
from app.sharing.facts import account_of
from app.sharing.known.store import deceased_among
from app.vocabulary.category import Category
from app.vocabulary.london import london_date
from app.vocabulary.working_days import working_days_between

MOST = 100


async def referrals(desk: Desk, inquiry: Inquiry, locality: str, *, state: str | None = None) -> list[TriageRow]:
    """A locality's referrals, the soonest due first, for its team; `own` are those that the requester made."""

    def listed(office: Office) -> list[Referral]:
        office.demand(locality, Relation.MEMBER)
        only = {"state": state} if state else {}
        there = sorted(store.among(office.connection, Referral, locality=locality, **only), key=_soonest)
        return office.as_they_stand(there[:MOST])

    found = await desk.ask(inquiry, listed)
    names = await desk.record.glancing.identities(inquiry, {one.person_id for one in found})
    own = account_of(inquiry.requester)
    return [
        {
            **_referral_row(one, london_date(inquiry.at)),
            "person": names.get(one.person_id),
            "own": own in one.referrers,
        }
        for one in found
    ]


async def triage_tally(desk: Desk, inquiry: Inquiry) -> tuple[int, int]:
    """How many referrals wait for whoever asks to triage them, and how many of those are late; about nobody."""

    def counted(office: Office) -> list[Referral]:
        theirs = {name for name in desk.localities.by_id if Relation.TRIAGER in office.relations(None, name)}
        return store.among(office.connection, Referral, locality=theirs, state=ReferralState.RECEIVED)

    found = await desk.ask(inquiry, counted)
    return len(found), sum(one.triage_due < london_date(inquiry.at) for one in found)


def _soonest(referral: Referral) -> tuple[date, str]:
    return referral.triage_due, str(referral.id)


def _referral_row(referral: Referral, on: date) -> ReferralRow:
    until = referral.content.decided_on or on  # the clock stands once it is triaged
    return {
        "id": referral.id,
        "person_id": referral.person_id,
        "locality": referral.locality,
        "state": referral.state,
        "version": referral.version,
        "urgency": referral.urgency,
        "received_at": referral.received_at,
        "triage_due": referral.triage_due,
        "days_overdue": waited(referral, on).days,
        "working_days_left": working_days_between(until, referral.triage_due),
        "working_days_late": working_days_between(referral.triage_due, until),
        "clock_stopped": referral.content.clock_stopped,
        "referrers": sorted({made.by.organisation for made in referral.content.made}),
        "segments": segments_of(referral),
    }


async def own_referrals(desk: Desk, inquiry: Inquiry) -> list[ReferralRow]:
    """What whoever asks has referred, with what became of it, wherever it belongs."""
    own = account_of(inquiry.requester)
    found = await desk.ask(inquiry, lambda office: office.as_they_stand(store.referred_by(office.connection, own)))
    return [_referral_row(one, london_date(inquiry.at)) for one in found]


async def caseload(desk: Desk, inquiry: Inquiry, locality: str, *, after: UUID | None = None) -> list[CaseloadRow]:
    """Who is on a locality's caseload, a page at a time by id; with who has died, and who has stayed longest.

    `question` is why they are on it, of those of whom whoever asks may read referrals.
    """

    def listed(office: Office) -> tuple[list[CaseloadEntry], set[UUID], timedelta]:
        office.demand(locality, Relation.MEMBER)
        entries = store.among(office.connection, CaseloadEntry, locality=locality, state=CaseloadState.ACTIVE)
        page = office.as_they_stand([one for one in entries if after is None or str(one.id) > str(after)][:MOST])
        dead = deceased_among(office.connection, {entry.person_id for entry in page})
        return page, dead, office.locality(locality).longest_stay

    entries, dead, longest = await desk.ask(inquiry, listed)
    names = await desk.record.glancing.identities(inquiry, {entry.person_id for entry in entries})
    asked_of = await may_read(desk, inquiry, names, QUESTION)
    return [
        {
            "id": entry.id,
            "person_id": entry.person_id,
            "person": names[entry.person_id],
            "version": entry.version,
            "since": entry.since,
            "question": entry.content.question if entry.person_id in asked_of else "",
            "next_review": entry.next_review,
            "overdue": entry.next_review < london_date(inquiry.at),
            "last_discussed": entry.content.last_discussed,
            "lead": entry.content.lead.name if entry.content.lead else None,
            "coordinator": entry.content.coordinator.name if entry.content.coordinator else None,
            "segments": entry.content.segments,
            "deceased": entry.person_id in dead,
            "why_still_here": london_date(inquiry.at) - entry.since > longest,
        }
        for entry in entries
        if entry.person_id in names
    ]


async def on_caseload(desk: Desk, inquiry: Inquiry, people: Collection[UUID]) -> Mapping[UUID, LookedAfter]:
    """Which of these people a team of whoever asks looks after already; none where they are of no team."""

    def held(office: Office) -> list[CaseloadEntry]:
        own = {name for name in desk.localities.by_id if Relation.MEMBER in office.relations(None, name)}
        entries = store.among(office.connection, CaseloadEntry, locality=own, state=CaseloadState.ACTIVE) if own else ()
        return [one for one in office.as_they_stand(entries) if one.person_id in people]

    entries = await desk.ask(inquiry, held)
    seen = await desk.record.glancing.identities(inquiry, {one.person_id for one in entries})
    return {
        one.person_id: {"id": one.id, "locality": one.locality, "since": one.since, "next_review": one.next_review}
        for one in entries
        if one.person_id in seen
    }


async def meetings(desk: Desk, inquiry: Inquiry, locality: str, first: date, last: date) -> list[MeetingRow]:
    """A locality's meetings between two days; none in a month in which it does not meet."""

    def listed(office: Office) -> list[Meeting]:
        office.demand(locality, Relation.MEMBER)
        return store.meetings_between(office.connection, locality, first, last)

    found = await desk.ask(inquiry, listed)
    return [meeting_row(one) for one in found]


def meeting_row(meeting: Meeting) -> MeetingRow:
    """A meeting as lists and invitations name it: nothing of whom it is about."""
    return {
        "id": meeting.id,
        "locality": meeting.locality,
        "state": meeting.state,
        "version": meeting.version,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "place": meeting.content.place,
    }


async def own_invitations(desk: Desk, inquiry: Inquiry) -> list[InvitationRow]:
    """What whoever asks is invited to."""
    own = account_of(inquiry.requester)

    def listed(office: Office) -> list[tuple[Invitation, Meeting]]:
        theirs = store.among(
            office.connection, Invitation, issuer=own.issuer, subject=own.subject,
            organisation=inquiry.requester.organisation,
        )  # fmt: skip
        return [(one, office.held(Meeting, one.meeting_id)) for one in theirs if one.ended_at is None]

    found = await desk.ask(inquiry, listed)
    return [_invitation_row(one, meeting) for one, meeting in found]


def _invitation_row(invitation: Invitation, meeting: Meeting) -> InvitationRow:
    return {
        "id": invitation.id,
        "kind": invitation.kind,
        "state": invitation.state,
        "version": invitation.version,
        "seat": invitation.content.seat,
        "meeting": meeting_row(meeting),
    }


async def own_actions(desk: Desk, inquiry: Inquiry) -> list[ActionRow]:
    """The open actions of whoever asks. They may read what they are to do, whoever it is about."""
    own = account_of(inquiry.requester)
    found = await desk.ask(
        inquiry,
        lambda office: office.as_they_stand(
            store.open_actions(
                office.connection, issuer=own.issuer, subject=own.subject, organisation=inquiry.requester.organisation
            )
        ),
    )
    return [action_row(one, inquiry.at) for one in sorted(found, key=_due)]


async def actions(desk: Desk, inquiry: Inquiry, locality: str, *, overdue: bool = False) -> list[ActionRow]:
    """A locality's open actions, the soonest due first, of the people of whom whoever asks may read actions."""

    def listed(office: Office) -> list[Action]:
        office.demand(locality, Relation.MEMBER)
        there = office.as_they_stand(store.open_actions(office.connection, locality=locality))
        return [one for one in there if not overdue or one.is_overdue(office.on)]

    found = await desk.ask(inquiry, listed)
    return await _readable(desk, inquiry, found)


async def organisation_actions(desk: Desk, inquiry: Inquiry) -> list[ActionRow]:
    """The open actions of the organisation of whoever asks, of the people of whom they may read actions."""
    found = await desk.ask(
        inquiry,
        lambda office: office.as_they_stand(
            store.open_actions(office.connection, organisation=inquiry.requester.organisation)
        ),
    )
    return await _readable(desk, inquiry, found)


async def last_chased(desk: Desk, inquiry: Inquiry, actions: Collection[UUID]) -> dict[UUID, datetime]:
    """When the owners of these actions were last reminded by somebody, of those that were."""
    return await desk.ask(inquiry, lambda office: last_noticed(office.connection, NoticeKind.ACTION_CHASED, actions))


def _due(action: Action) -> tuple[date, str]:
    return action.due, str(action.id)


def action_row(action: Action, at: datetime) -> ActionRow:
    """An action as whoever may read it sees it."""
    return {
        "id": action.id,
        "person_id": action.person_id,
        "locality": action.locality,
        "item_id": action.item_id,
        "state": action.state,
        "version": action.version,
        "what": action.content.what,
        "test": action.content.test,
        "priority": action.content.priority,
        "owner": action.content.owner,
        "organisation": action.organisation,
        "due": action.due,
        "original_due": action.original_due,
        "overdue": action.is_overdue(london_date(at)),
        "on_time": action.on_time,
        "result": action.content.result,
        "remarks": action.content.remarks,
    }


async def may_read(desk: Desk, inquiry: Inquiry, people: Collection[UUID], heading: Category) -> set[UUID]:
    """Of these people, those of whom whoever asks may read a heading."""
    seen = await desk.record.glancing.sights(inquiry, people)
    return {person_id for person_id, headings in seen.items() if heading in headings}


async def _readable(desk: Desk, inquiry: Inquiry, actions: Collection[Action]) -> list[ActionRow]:
    """These actions, of the people of whom whoever asks may read actions, the soonest due first."""
    readable = await may_read(desk, inquiry, {one.person_id for one in actions}, ACTIONS)
    return [action_row(one, inquiry.at) for one in sorted(actions, key=_due) if one.person_id in readable]
