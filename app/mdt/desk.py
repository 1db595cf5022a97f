"""Where steps are taken and things are asked for: what the agreement says is found out first, then one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.audit.chain import ChainKey
from app.database.transactions import in_transaction
from app.deprivation.deciles import Deciles
from app.governance.handling import documents_in_force
from app.identity.account import LocalAccount
from app.mdt import store
from app.mdt.steps.known import Known
from app.mdt.steps.office import NewId, Office
from app.mdt.steps.table import CameT, Step
from app.mdt.steps.taking import Teams, taken
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.forms import filled_in
from app.mdt.workflow.invitation import InviteGuest
from app.mdt.workflow.lifecycles.states import CaseloadState
from app.mdt.workflow.locality import Localities
from app.mdt.workflow.refusal import Refusal, Refused, Why
from app.mdt.workflow.rules.identifying import NOBODY, Identity, identity_of
from app.record.inquiry import Inquiry
from app.record.merge import Residence
from app.record.read.access import SharedRecord
from app.sharing.rooms import guest_lead, guest_profiles
from app.sharing.written.duration import Duration
from app.sharing.written.undertaking import LONGEST_PERMISSION
from app.vocabulary.category import Category
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.token import READ, Purpose

MDT: Final = Purpose("mdt")
"""What the agreement calls the purpose of the multidisciplinary team."""

_HAPPENINGS: Final = frozenset(
    Category(code) for code in ("admissions", "encounters", "safeguarding", "risks", "homelessness", "tenancy-risk")
)
"""Headings under which something new brings a person back onto an agenda."""

_ATTEMPTS: Final = 5
_DEADLOCK: Final = "40P01"

T = TypeVar("T")


class Desk:
    """The teams of a place, as whoever asks may act in them and see of them."""

    def __init__(
        self,
        engine: Engine,
        record: SharedRecord,
        *,
        localities: Localities,
        key: ChainKey,
        account: Callable[[str], Awaitable[LocalAccount | None]],
        new_id: NewId,
    ) -> None:
        self._engine, self.record, self.localities = engine, record, localities
        self._account = account
        parties = frozenset(record.agreements.lattice.controllers)
        self.teams = Teams(localities=localities, parties=parties, key=key, new_id=new_id)

    async def take(self, step: Step[CameT], inquiry: Inquiry, thing_id: UUID | None, said: Any) -> CameT | Refusal:
        """Take a step with a form as it was sent: what came of it, or why nothing did."""
        form = filled_in(step.form, said)
        if isinstance(form, list):
            problems = [problem._asdict() for problem in form]
            text = "; ".join(f"{problem.field}: {problem.problem}" for problem in form)
            return Refusal(Why.INVALID, text, {"problems": problems})
        arguments = (form,) if step.makes else (thing_id, form)
        try:
            known = await self._found_out(step, inquiry, thing_id, form)
            return await self.ask(inquiry, lambda office: step.act(office, *arguments), known=known)
        except Refused as refused:
            return refused.refusal

    async def ask(self, inquiry: Inquiry, act: Callable[[Office], T], *, known: Known | None = None) -> T:
        """Do something in one transaction with what the trail is told of it.

        Raises `Refused` once the trail was told of that; nothing else stands of what is refused. Where two that
        change the same things in another order wait for each other, one of them begins again.
        """
        for attempt in count(1):
            try:
                told = await in_transaction(
                    self._engine, lambda connection: taken(connection, self.teams, inquiry, act, known)
                )
            except DBAPIError as failure:
                if attempt == _ATTEMPTS or getattr(failure.orig, "sqlstate", None) != _DEADLOCK:
                    raise
            else:
                if isinstance(told, Refusal):
                    raise Refused(told)
                return told
        raise AssertionError("an attempt returns or raises")

    async def _found_out(self, step: Step[Any], inquiry: Inquiry, thing_id: UUID | None, form: Any) -> Known:
        people = await self.ask(inquiry, lambda office: set(step.looks_at(office, thing_id, form)))
        asked = replace(inquiry, purpose=step.purpose or inquiry.purpose)
        visible = await self.record.glancing.sights(asked, people)
        residence = await self._residence(inquiry, people) if step.finds_residence else None
        accounts = {name: await self._account(name) for name in step.names(form)}
        return Known(
            visible=visible,
            residence=residence,
            decile=await asyncio.to_thread(self.deciles().of, residence.postcodes) if residence else None,
            accounts={name: account for name, account in accounts.items() if account is not None},
            profiles=self._profiles(inquiry, form) if isinstance(form, InviteGuest) else frozenset(),
            happened=await self.happened(inquiry, visible) if step.finds_happenings else frozenset(),
            identity=await self._identity(asked, people) if step.finds_identity else NOBODY,
            permission_lasts=self.permission_lasts(inquiry.at),
        )

    def permission_lasts(self, at: datetime) -> Duration:
        """How long somebody's permission to tell their story lasts at most: the shortest of the agreements in force."""
        said = [
            each.case_studies.permission_lasts
            for each in documents_in_force(self.record.agreements, at)
            if each.case_studies and each.case_studies.permission_lasts
        ]
        return max(said or [LONGEST_PERMISSION], key=lambda lasts: lasts.before(london_date(at)))

    async def _residence(self, inquiry: Inquiry, people: Collection[UUID]) -> Residence | None:
        """Where the one person belongs whom a step is about; `None` of whom nobody knows."""
        for person_id in people:
            return await self.record.glancing.residence(inquiry, person_id)
        return None

    async def _identity(self, inquiry: Inquiry, people: Iterable[UUID]) -> Identity:
        """What whoever acts may read of who these people are."""
        asked = replace(inquiry, id=self.teams.new_id())  # so that the trail is told of this too
        accounts = [await self.record.accounts(asked, person_id) for person_id in people]
        return identity_of(chain.from_iterable(accounts))

    async def account(self, username: str) -> LocalAccount | None:
        """Whoever signs in here under a name."""
        return await self._account(username)

    def deciles(self) -> Deciles:
        """How deprived the area of a postcode is, by the edition that counts now; to be asked in a thread."""
        return Deciles(self._engine)

    def guest_profiles(self, inquiry: Inquiry) -> dict[str, list[str]]:
        """By which profiles the agreement lets guests of each organisation in, where it lets any."""
        agreements = self.record.agreements
        law = agreements.in_force(inquiry.at)
        found = {
            str(code): sorted(guest_profiles(law, code, purpose=MDT, action=READ))
            for code in agreements.lattice.controllers
        }
        return {code: profiles for code, profiles in found.items() if profiles}

    def guest_lead(self, inquiry: Inquiry) -> timedelta | None:
        """How long before a meeting whoever asks sees those for whom they come as a guest, by the agreement."""
        law = self.record.agreements.in_force(inquiry.at)
        return guest_lead(law, inquiry.requester.organisation, purpose=MDT, action=READ)

    def _profiles(self, inquiry: Inquiry, form: InviteGuest) -> frozenset[str]:
        return guest_profiles(self.record.agreements.in_force(inquiry.at), form.organisation, purpose=MDT, action=READ)

    async def happened(self, inquiry: Inquiry, visible: Mapping[UUID, frozenset[Category]]) -> frozenset[UUID]:
        """Of these people, those of whom something was recorded since the team last discussed them."""
        last = await self.ask(inquiry, lambda office: _last_discussed(office, set(visible)))
        return frozenset(
            [
                person_id
                for person_id, on in last.items()
                if visible[person_id] & _HAPPENINGS
                and await self.record.glancing.events_since(inquiry, person_id, _HAPPENINGS, london_midnight(on))
            ]
        )


def _last_discussed(office: Office, people: set[UUID]) -> dict[UUID, Any]:
    entries = office.as_they_stand(store.among(office.connection, CaseloadEntry, state=CaseloadState.ACTIVE))
    last = {entry.person_id: entry.content.last_discussed for entry in entries if entry.person_id in people}
    return {person_id: on for person_id, on in last.items() if on}
