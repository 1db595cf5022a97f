"""Owning actions, as steps: assigned to a named person of a party, accepted, handed over, done, or not and why."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.mdt import store
from app.mdt.steps.office import Office
from app.mdt.workflow.action import (
    Action,
    ActionContent,
    AssignAction,
    Complete,
    HandOver,
    ReDate,
    TakeOn,
)
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry, Named
from app.mdt.workflow.forms import Remark
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.meeting import Meeting, Reasoned
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.refusal import invalid
from app.sharing.facts import Account
from app.sharing.known.objection_store import is_kept_from

_LONGEST: Final = 366


def assign(office: Office, form: AssignAction) -> Action:
    """Give somebody an action for a person on the agenda; sent twice under one id it is one action."""
    item = office.held(AgendaItem, form.item_id)
    meeting = office.held(Meeting, item.meeting_id)
    office.demand(meeting.locality, Relation.MEMBER)
    office.demand_sight(office.as_it_stands(item).person_id)
    there = store.held(office.connection, Action, form.id) if form.id else None
    if there is not None:
        return _the_same(there, form)
    if not item.is_open:
        raise invalid("this discussion is closed; assign actions before its outcome is given")
    _demand_day(office, form.due)
    owner = demand_owner(office, form.owner, office.held(CaseloadEntry, item.caseload_id))
    _demand_no_objection(office, owner, office.as_it_stands(item).person_id)
    action = Action(
        id=form.id or office.new_id(),
        locality=meeting.locality,
        item_id=item.id,
        person_id=item.person_id,
        issuer=owner.issuer,
        subject=owner.account,
        organisation=owner.organisation,
        original_due=form.due,
        due=form.due,
        state=Action.lifecycle.initial,
        version=1,
        content=ActionContent(what=form.what, test=form.test, priority=form.priority, owner=owner, asked_by=office.by),
    )
    return _offered(office, office.begin(action, "assign"))


def _offered(office: Office, action: Action) -> Action:
    if action.account is not None:
        key = f"action/{action.id}/offered/{action.version}"
        office.notify(NoticeKind.ACTION_OFFERED, action.account, key, f"/actions/{action.id}")
    return action


def _returned(office: Office, action: Action) -> Action:
    """It is nobody's: whoever gave it is told."""
    key = f"action/{action.id}/returned/{action.version}"
    office.notify(NoticeKind.ACTION_RETURNED, action.content.asked_by.account, key, f"/actions/{action.id}")
    return action


def _the_same(there: Action, form: AssignAction) -> Action:
    if (there.item_id, there.content.what) != (form.item_id, form.what):
        raise invalid("another action has this id; leave the id out, and it is given a new one")
    return there


def _demand_day(office: Office, due: date) -> None:
    if not 0 <= (due - office.on).days <= _LONGEST:
        raise invalid("an action is due today at the earliest, and within a year", field="due")


def demand_owner(office: Office, owner: Named, entry: CaseloadEntry) -> Named:
    """Somebody who can accept it: of a party, with an account there, and not of whom the person does not want."""
    if owner.organisation not in office.parties:
        raise invalid(
            "that organisation is no party to the agreement, so that it can be told nothing; choose another",
            field="owner",
        )
    if owner.organisation in entry.content.kept_from:
        raise invalid("the person objects to that organisation; choose an owner of another", field="owner")
    if owner.account is None:
        raise invalid("name the owner by their account, as only they can accept it", field="owner")
    account = office.known.accounts.get(owner.account)
    if (owner.issuer or "local") == "local" and (account is None or account.organisation != owner.organisation):
        raise invalid(
            "there is no such account at that organisation, or its owner has left; choose another owner", field="owner"
        )
    return owner.model_copy(update={"issuer": owner.issuer or "local"})


def _demand_no_objection(office: Office, owner: Named, person_id: UUID) -> None:
    """Whoever owns an action reads it whatever else they may see: so it is given to nobody of whom they do not want it.

    Why is not said: whoever gives actions is told of no objection.
    """
    account = Account(owner.issuer or "local", owner.account or "")
    if is_kept_from(office.connection, person_id, owner.organisation, account, at=office.at):
        raise invalid(
            "it cannot be given to them; choose another owner, at another organisation if you can", field="owner"
        )


def accept(office: Office, action_id: UUID, form: TakeOn) -> Action:
    """Take it on."""
    if form.reason is None:
        return office.advance(office.seen(Action, action_id, form.version), "accept")
    return _say(office, action_id, form.version, "accept", form.reason)


def decline(office: Office, action_id: UUID, form: Reasoned) -> Action:
    """Not take it on, and why; it goes back to the coordinator."""
    return _returned(office, _say(office, action_id, form.version, "decline", form.reason))


def hand_over(office: Office, action_id: UUID, form: HandOver) -> Action:
    """Offer it to somebody else; until they accept it is offered, and the original day stays.

    To a colleague, whose organisation was told of it; to another organisation by who may see the person, as its words
    are told anew.
    """
    return _to(office, action_id, form, "hand-over")


def reassign(office: Office, action_id: UUID, form: HandOver) -> Action:
    """Offer it to another owner, as where the first declined or left."""
    return _to(office, action_id, form, "reassign")


def _to(office: Office, action_id: UUID, form: HandOver, event: str) -> Action:
    action = office.seen(Action, action_id, form.version)
    entry = office.held(CaseloadEntry, office.held(AgendaItem, action.item_id).caseload_id)
    standing = office.as_it_stands(action).person_id
    owner = demand_owner(office, form.owner, entry)
    _demand_no_objection(office, owner, standing)
    given = _said(
        office, action, event, form.reason, {"owner": owner},
        issuer=owner.issuer, subject=owner.account, organisation=owner.organisation,
    )  # fmt: skip
    if owner.organisation != action.organisation:
        office.demand_sight(standing)
    return given


def owner_left(office: Office, action_id: UUID, form: Reasoned) -> Action:
    """Say that its owner is there no longer: it is nobody's until it is offered to somebody else."""
    action = office.seen(Action, action_id, form.version)
    left = _said(office, action, "owner-left", form.reason, {"owner": None}, issuer=None, subject=None)
    return _returned(office, left)


def re_date(office: Office, action_id: UUID, form: ReDate) -> Action:
    """Give it a new day; whether it was on time is still counted by the first."""
    action = office.seen(Action, action_id, form.version)
    _demand_day(office, form.due)
    return _said(office, action, "re-date", form.reason, {}, due=form.due)


def complete(office: Office, action_id: UUID, form: Complete) -> Action:
    """Say that it is done, by the test that was agreed."""
    action = office.seen(Action, action_id, form.version)
    return _said(office, action, "complete", form.result, {"result": form.result}, ended_at=office.at)


def give_up(office: Office, action_id: UUID, form: Reasoned) -> Action:
    """Say that it will not be done, and why."""
    return _end(office, action_id, form, "give-up")


def cancel(office: Office, action_id: UUID, form: Reasoned) -> Action:
    """Take it back, as where the plan changed."""
    return _end(office, action_id, form, "cancel")


def _end(office: Office, action_id: UUID, form: Reasoned, event: str) -> Action:
    action = office.seen(Action, action_id, form.version)
    return _said(office, action, event, form.reason, {}, ended_at=office.at)


def _say(office: Office, action_id: UUID, version: int, event: str, said: str) -> Action:
    return _said(office, office.seen(Action, action_id, version), event, said, {})


def _said(office: Office, action: Action, event: str, said: str, changes: Mapping[str, Any], **columns: Any) -> Action:
    remark = Remark(at=office.at, by=office.by, event=event, said=said)
    content = action.content.model_copy(update={**changes, "remarks": (*action.content.remarks, remark)})
    return office.advance(action, event, content=content, **columns)
