"""The actions that whoever asks was given, as another system reads them: each reading is told to the trail."""

from uuid import UUID

from app.mdt import store
from app.mdt.action import Action
from app.mdt.office import Office, unknown
from app.mdt.thing import Refused
from app.sharing.facts import account_of


def given(office: Office) -> list[Action]:
    """All of them, the soonest due first. Whoever is to do something may read it, whoever it is about."""
    own = account_of(office.inquiry.requester)
    found = store.among(
        office.connection,
        Action,
        issuer=own.issuer,
        subject=own.subject,
        organisation=office.inquiry.requester.organisation,
    )
    return [_read(office, action) for action in sorted(found, key=lambda one: (one.due, str(one.id)))]


def given_one(office: Office, action_id: UUID) -> Action:
    """One of them; raises `Refused` for what is no such action, or somebody else's."""
    action = office.held(Action, action_id)
    requester = office.inquiry.requester
    if (action.account, action.organisation) != (account_of(requester), requester.organisation):
        raise Refused(unknown())
    return _read(office, action)


def _read(office: Office, action: Action) -> Action:
    office.tell("action/read", action.id, person=action.person_id)
    return action
