"""Chasing: reminding the owners of many open actions at once, each of them once a day however often it is asked."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.forms import Form
from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.notice import NoticeKind
from app.mdt.workflow.refusal import unknown

_MAY: Final = frozenset({Relation.COLLEAGUE, *ARRANGERS})


class Chase(Form):
    """Of which actions the owners are reminded."""

    actions: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]


def chase(office: Office, form: Chase) -> list[Action]:
    """Remind the owners of these actions; those that are ended, or nobody's, are left out.

    It changes no action, so that whoever is writing about one at the moment loses nothing by it.
    """
    held = [office.held(Action, action_id) for action_id in sorted(set(form.actions))]
    if any(not office.relations(action, action.locality) & _MAY for action in held):
        raise unknown()
    return [_reminded(office, action) for action in held if action.ended_at is None and action.account is not None]


def _reminded(office: Office, action: Action) -> Action:
    assert action.account is not None  # noqa: S101  # as those without an owner are left out
    office.notify(
        NoticeKind.ACTION_CHASED, action.account, f"action/{action.id}/chased/{office.on}", f"/actions/{action.id}"
    )
    office.tell("action/chase", action.id, person=action.person_id)
    return action
