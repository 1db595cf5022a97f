"""Every step that can be taken, declared once: the API and the command line are both made of this table."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from app.mdt import store
from app.mdt.steps import chase, invite, keep, meet, own, plan, refer, write_up
from app.mdt.steps.agenda import carry_over, fill, lock
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action, AssignAction, Complete, HandOver, ReDate, TakeOn
from app.mdt.workflow.agenda import AgendaItem, Arrange, CarriedOver, Conclude, FollowUp, ListPerson, Note
from app.mdt.workflow.case_study import STORY, CaseStudy, Permit, ReviseStory, Withdraw, WriteStory
from app.mdt.workflow.caseload import Assign, CaseloadEntry, JoinEntries, PlanReview, StepDown
from app.mdt.workflow.forms import Change, Form
from app.mdt.workflow.invitation import Answer, Invitation, InviteGuest, Revoke
from app.mdt.workflow.lifecycles.states import CaseloadState
from app.mdt.workflow.meeting import Extend, Lock, Meeting, Minutes, MoveMeeting, Reasoned
from app.mdt.workflow.referral import Referral, ReferralForm
from app.mdt.workflow.rules.room import Stay
from app.mdt.workflow.thing import OfPersonT, Thing, ThingT
from app.vocabulary.token import Purpose

Came = Thing | Sequence[Thing] | Stay | int
"""What comes of a step: the thing that it made or changed, or several; who arrived in a room, or how many left it."""

CameT = TypeVar("CameT", bound=Came)

LooksAt = Callable[[Office, UUID | None, Any], Collection[UUID]]


def _nobody(_office: Office, _id: UUID | None, _form: Any) -> Collection[UUID]:
    return ()


def _no_accounts(_form: Any) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[CameT]):
    """One step: `event` of a thing that is there, or making one where it begins with `new`.

    `looks_at` are the people whom whoever takes the step must be asked about first, for `purpose` where it is not the
    team's; `names` accounts that its form names.
    """

    things: str
    event: str
    form: type[Form]
    act: Callable[..., CameT]
    looks_at: LooksAt = _nobody
    names: Callable[[Any], Collection[str]] = _no_accounts
    finds_residence: bool = False
    finds_happenings: bool = False
    finds_identity: bool = False
    purpose: Purpose | None = None

    @property
    def makes(self) -> bool:
        """Whether it makes a thing, rather than changes one."""
        return self.event == "new"

    @property
    def path(self) -> str:
        """Its address below the teams' own."""
        return f"/{self.things}" if self.makes else f"/{self.things}/{{id}}/{self.event}"

    @property
    def says(self) -> str:
        """What it does, in a line."""
        return (self.act.__doc__ or "").split("\n")[0]


def _of_form(office: Office, _id: UUID | None, form: ReferralForm) -> Collection[UUID]:
    return office.standing({form.person_id}).values()


def _of_entry(office: Office, _id: UUID | None, form: ListPerson | WriteStory) -> Collection[UUID]:
    return _whom(office, CaseloadEntry, form.caseload_id)


def _of_item(office: Office, item_id: UUID | None, form: Any) -> Collection[UUID]:
    return _whom(office, AgendaItem, item_id or form.item_id)


def _of_action(office: Office, action_id: UUID | None, _form: HandOver) -> Collection[UUID]:
    assert action_id is not None  # noqa: S101  # the step is one of an action that is there
    return _whom(office, Action, action_id)


def _of_items(office: Office, _id: UUID | None, form: InviteGuest) -> Collection[UUID]:
    return {person_id for item in form.items for person_id in _whom(office, AgendaItem, item)}


def _of_proposal(office: Office, meeting_id: UUID | None, _form: Any) -> Collection[UUID]:
    assert meeting_id is not None  # noqa: S101  # the step is one of a meeting that is there
    meeting = office.held(Meeting, meeting_id)
    entries = store.among(office.connection, CaseloadEntry, locality=meeting.locality, state=CaseloadState.ACTIVE)
    return set(office.standing({entry.person_id for entry in entries}).values())


def _of_study(office: Office, study_id: UUID | None, _form: Any) -> Collection[UUID]:
    assert study_id is not None  # noqa: S101  # the step is one of a case study that is there
    return _whom(office, CaseStudy, study_id)


def _whom(office: Office, kind: type[OfPersonT], thing_id: UUID) -> Collection[UUID]:
    """Whom a thing is about, for who has a part in it: nobody else is looked up, which would take its time."""
    thing = office.held(kind, thing_id)
    office.demand_part(thing)
    return office.standing({thing.person_id}).values()


def _owner(form: AssignAction | HandOver) -> Collection[str]:
    return {form.owner.account} if form.owner.account else ()


def _guest(form: InviteGuest) -> Collection[str]:
    return {form.account}


def _arriving(form: meet.Arrive) -> Collection[str]:
    return {form.account} if form.account else ()


STEPS: Final[tuple[Step[Any], ...]] = (
    Step(things="referrals", event="new", form=ReferralForm, act=refer.refer, looks_at=_of_form,
         finds_residence=True),
    Step(things="referrals", event="ask", form=refer.Decide, act=refer.ask),
    Step(things="referrals", event="answer", form=refer.Decide, act=refer.answer),
    Step(things="referrals", event="accept", form=refer.Accept, act=refer.accept),
    Step(things="referrals", event="redirect", form=refer.Redirect, act=refer.redirect),
    Step(things="referrals", event="standard-pathway", form=refer.Decide, act=refer.standard_pathway),
    Step(things="referrals", event="withdraw", form=refer.Decide, act=refer.withdraw),
    Step(things="caseload", event="assign", form=Assign, act=keep.assign),
    Step(things="caseload", event="plan-review", form=PlanReview, act=keep.plan_review),
    Step(things="caseload", event="step-down", form=StepDown, act=keep.step_down),
    Step(things="caseload", event="join-entry", form=JoinEntries, act=keep.join_entry),
    Step(things="meetings", event="new", form=plan.PlanMeetings, act=plan.plan_meetings),
    Step(things="meetings", event="move", form=MoveMeeting, act=plan.move_meeting),
    Step(things="meetings", event="fill", form=fill.Fill, act=fill.fill, looks_at=_of_proposal,
         finds_happenings=True),
    Step(things="meetings", event="lock", form=Lock, act=lock.lock),
    Step(things="meetings", event="cancel", form=Reasoned, act=carry_over.cancel),
    Step(things="meetings", event="invite-core", form=Change, act=invite.invite_core),
    Step(things="meetings", event="start", form=meet.Start, act=meet.start),
    Step(things="meetings", event="extend", form=Extend, act=meet.extend),
    Step(things="meetings", event="close", form=meet.Close, act=meet.close),
    Step(things="meetings", event="draft-minutes", form=Minutes, act=meet.draft_minutes),
    Step(things="meetings", event="sign", form=Change, act=meet.sign),
    Step(things="meetings", event="reopen-minutes", form=Reasoned, act=meet.reopen_minutes),
    Step(things="arrivals", event="new", form=meet.Arrive, act=meet.arrive, names=_arriving),
    Step(things="leavings", event="new", form=meet.Leave, act=meet.leave),
    Step(things="items", event="new", form=ListPerson, act=fill.list_person, looks_at=_of_entry),
    Step(things="items", event="arrange", form=Arrange, act=fill.arrange),
    Step(things="items", event="begin", form=Change, act=meet.begin, looks_at=_of_item),
    Step(things="items", event="pause", form=Change, act=meet.pause),
    Step(things="items", event="note", form=Note, act=meet.note, looks_at=_of_item),
    Step(things="items", event="conclude", form=Conclude, act=meet.conclude),
    Step(things="items", event="conclude-by-exception", form=Conclude, act=meet.conclude_by_exception),
    Step(things="items", event="follow-up", form=FollowUp, act=keep.follow_up, looks_at=_of_item),
    Step(things="items", event="carry-over", form=CarriedOver, act=carry_over.carry_over),
    Step(things="items", event="withdraw", form=Reasoned, act=lock.withdraw),
    Step(things="invitations", event="new", form=InviteGuest, act=invite.invite_guest,
         looks_at=_of_items, names=_guest),
    Step(things="invitations", event="accept", form=Answer, act=invite.accept),
    Step(things="invitations", event="decline", form=Answer, act=invite.decline),
    Step(things="invitations", event="revoke", form=Revoke, act=invite.revoke),
    Step(things="actions", event="new", form=AssignAction, act=own.assign, looks_at=_of_item,
         names=_owner),
    Step(things="actions", event="accept", form=TakeOn, act=own.accept),
    Step(things="actions", event="decline", form=Reasoned, act=own.decline),
    Step(things="actions", event="hand-over", form=HandOver, act=own.hand_over, looks_at=_of_action, names=_owner),
    Step(things="actions", event="reassign", form=HandOver, act=own.reassign, looks_at=_of_action, names=_owner),
    Step(things="actions", event="owner-left", form=Reasoned, act=own.owner_left),
    Step(things="actions", event="re-date", form=ReDate, act=own.re_date),
    Step(things="actions", event="complete", form=Complete, act=own.complete),
    Step(things="actions", event="give-up", form=Reasoned, act=own.give_up),
    Step(things="actions", event="cancel", form=Reasoned, act=own.cancel),
    Step(things="case-studies", event="new", form=WriteStory, act=write_up.write, looks_at=_of_entry,
         finds_identity=True, purpose=STORY),
    Step(things="case-studies", event="revise", form=ReviseStory, act=write_up.revise, looks_at=_of_study,
         finds_identity=True, purpose=STORY),
    Step(things="case-studies", event="permit", form=Permit, act=write_up.permit, looks_at=_of_study,
         purpose=STORY),
    Step(things="case-studies", event="approve", form=Change, act=write_up.approve, looks_at=_of_study,
         finds_identity=True, purpose=STORY),
    Step(things="case-studies", event="withdraw", form=Withdraw, act=write_up.withdraw),
    Step(things="reminders", event="new", form=chase.Chase, act=chase.chase),
)  # fmt: skip


def step(things: str, event: str) -> Step[Came]:
    """One step; raises `KeyError` for one that is not declared."""
    return _BY_NAME[things, event]


def step_of(kind: type[ThingT], event: str) -> Step[ThingT]:
    """The same, of which one thing of a kind comes; planning meetings makes several."""
    return _BY_NAME[_CALLED[kind], event]


THINGS: Final[Mapping[str, type[Thing]]] = {
    "referrals": Referral,
    "caseload": CaseloadEntry,
    "meetings": Meeting,
    "items": AgendaItem,
    "invitations": Invitation,
    "actions": Action,
    "case-studies": CaseStudy,
}
"""What each kind of thing that has a history is called."""

_CALLED: Final = {kind: things for things, kind in THINGS.items()}
_BY_NAME: Final = {(one.things, one.event): one for one in STEPS}


def receipt(told: Came) -> Any:
    """What whoever took a step is answered: which things, in which state and version, and nothing that they hold."""
    if isinstance(told, Sequence):
        return [receipt(one) for one in told]
    if isinstance(told, Stay):
        return {"account": told.account.subject, "name": told.requester.name, "seat": told.seat}
    if isinstance(told, int):
        return {"left": told}
    return {"id": told.id, "state": told.state, "version": told.version}
