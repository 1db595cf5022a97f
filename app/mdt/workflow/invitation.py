"""Invitations: the core team and its deputies to the whole meeting, guests to named people's items."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from app.mdt.workflow.caseload import Named
from app.mdt.workflow.forms import Change, Form, Line, Words
from app.mdt.workflow.lifecycles.states import InvitationState
from app.mdt.workflow.lifecycles.tables import INVITATION
from app.mdt.workflow.thing import Thing
from app.sharing.facts import Account
from app.sharing.written.words import Ods, Word
from app.vocabulary.lifecycle import Lifecycle


class Kind(StrEnum):
    """As what somebody is invited."""

    CORE = "core"
    DEPUTY = "deputy"
    GUEST = "guest"


class InviteGuest(Form):
    """A guest by account, for items of one meeting, under one of the agreement's guest profiles."""

    meeting_id: UUID
    items: Annotated[tuple[UUID, ...], Field(min_length=1)]
    issuer: Line = "local"
    account: Line
    name: Line
    organisation: Ods
    profile: Word
    email: Line | None = None
    reason: Words


class Answer(Change):
    """Whether somebody comes; who declines may say who comes instead."""

    remark: Words | None = None


class Revoke(Change):
    """Why an invitation is taken back."""

    reason: Words


class InvitationContent(BaseModel):
    """Who is invited, and what was said about it."""

    invitee: Named
    email: str | None = None
    seat: str | None = None
    reason: str = ""
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Thing):
    """One person's invitation to one meeting; a guest's is for the items that are kept beside it."""

    lifecycle: ClassVar[Lifecycle[InvitationState]] = INVITATION
    content_type: ClassVar[type[BaseModel]] = InvitationContent

    state: InvitationState
    meeting_id: UUID
    kind: str
    profile: str | None
    issuer: str
    subject: str
    organisation: str
    ended_at: datetime | None = None
    content: InvitationContent

    @property
    def account(self) -> Account:
        """Whom it invites, and nobody to whom it is passed on."""
        return Account(self.issuer, self.subject)
