"""One step being taken: who takes it, in one transaction, with what the history and the audit trail are told of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection

from app.audit.event import Event, Kind
from app.identity.account import LocalAccount
from app.mdt import store
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.forms import Actor
from app.mdt.workflow.identifying import NOBODY, Identity
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycle import Move, NotNow, Relation, Stranger
from app.mdt.workflow.locality import Localities, LocalityDocument
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.notice import Notice, NoticeKind
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.thing import OfPersonT, Refusal, Refused, Thing, ThingT, Why
from app.person.standing_store import standing_of
from app.record.changes import Change, Topic, note_one
from app.record.inquiry import Inquiry
from app.record.merge import Residence
from app.sharing.decision import REFUSAL
from app.sharing.facts import Account, account_of
from app.sharing.written.duration import Duration
from app.sharing.written.undertaking import LONGEST_PERMISSION
from app.vocabulary.category import Category
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

CLOCK: Final = Role("clock")
"""The role in which the background process acts; no agreement knows it, so that it sees nobody."""

CHAIR: Final = Role("mdt-chair")
COORDINATOR: Final = Role("mdt-coordinator")

_TOLD: Final[Mapping[tuple[type[Thing], str], Topic]] = {
    (Action, "assign"): Topic.ACTION_ASSIGNED,
    (Action, "hand-over"): Topic.ACTION_ASSIGNED,
    (Action, "reassign"): Topic.ACTION_ASSIGNED,
    (AgendaItem, "conclude"): Topic.MDT_OUTCOME,
    (AgendaItem, "conclude-by-exception"): Topic.MDT_OUTCOME,
}
"""Of which steps partners' systems may ask to be told."""

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was found out before a step is taken, each with its own line in the trail.

    `visible` holds the headings that whoever acts may read of people, of those whom the step concerns and nobody else;
    `residence` where the person belongs, and `decile` how deprived the area is, where it is known; `accounts` those who
    are named in a form, by username; `profiles` those by which the agreement lets guests of an organisation in;
    `happened` people of whom something was recorded lately; `identity` what would tell who a text is about;
    `permission_lasts` how long a story may be told at most.
    """

    visible: Mapping[UUID, frozenset[Category]] = field(default_factory=dict)
    residence: Residence | None = None
    decile: int | None = None
    accounts: Mapping[str, LocalAccount] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    happened: frozenset[UUID] = frozenset()
    identity: Identity = NOBODY
    permission_lasts: Duration = LONGEST_PERMISSION


class Office:
    """What one step has at hand; `events` are what the audit trail is told when the step has been taken."""

    def __init__(
        self,
        connection: Connection,
        inquiry: Inquiry,
        localities: Localities,
        parties: frozenset[OdsCode],
        new_id: NewId,
        known: Known | None = None,
    ) -> None:
        self.connection, self.inquiry, self.localities = connection, inquiry, localities
        self.parties, self.new_id = parties, new_id
        self.known = known or Known()
        self.at = inquiry.at
        self.by = Actor.of(inquiry.requester)
        self.events: list[Event] = []

    @property
    def on(self) -> date:
        """The day in London."""
        return london_date(self.at)

    def locality(self, name: str) -> LocalityDocument:
        """A locality by its id; raises `Refused`."""
        found = self.localities.by_id.get(name)
        if found is None:
            raise Refused(unknown())
        return found

    def own_localities(self) -> list[str]:
        """Of whose teams whoever acts is; raises `Refused` where it is none."""
        own = sorted(name for name in self.localities.by_id if Relation.MEMBER in self.relations(None, name))
        if not own:
            raise Refused(unknown())
        return own

    def held(self, kind: type[ThingT], thing_id: UUID) -> ThingT:
        """A thing, locked until the step is taken; raises `Refused`."""
        found = store.held(self.connection, kind, thing_id)
        if found is None:
            raise Refused(unknown())
        return found

    def seen(self, kind: type[ThingT], thing_id: UUID, version: int) -> ThingT:
        """The same, where the writer saw it as it is; raises `Refused`, with both versions, where they did not.

        To whoever has no part in it, it does not exist, whatever else may be wrong with what they sent.
        """
        found = self.held(kind, thing_id)
        self.demand_part(found)
        if found.version != version:
            raise Refused(conflict(found, version))
        return found

    def standing(self, people: Collection[UUID]) -> dict[UUID, UUID]:
        """Who stands for each of these people now, after merges; those whom nobody knows are left out."""
        return standing_of(self.connection, people)

    def stands_for(self, person_id: UUID) -> UUID:
        """Who stands for a person now; whom nobody knows, themselves."""
        return self.standing({person_id}).get(person_id, person_id)

    def as_it_stands(self, thing: OfPersonT) -> OfPersonT:
        """A thing about whoever stands for its person now, after merges: to be read by, and never to be written."""
        return self.as_they_stand([thing])[0]

    def as_they_stand(self, things: Sequence[OfPersonT]) -> list[OfPersonT]:
        """The same of many; parting the records again parts them too, as nothing is written."""
        standing = self.standing({one.person_id for one in things})
        return [replace(one, person_id=standing.get(one.person_id, one.person_id)) for one in things]

    def relations(self, thing: Thing | None, locality: str) -> frozenset[Relation]:
        """What whoever acts is to a thing of a locality."""
        named = self.localities.by_id.get(locality)
        own = _own(thing, self.inquiry) if thing is not None else set()
        return frozenset(own | (team_relations(self.inquiry, named) if named else set()))

    def demand(self, locality: str, *relations: Relation) -> None:
        """Raises `Refused` for whoever is none of these to the locality."""
        if not self.relations(None, locality) & set(relations):
            raise Refused(unknown())

    def demand_sight(self, person_id: UUID) -> None:
        """Raises `Refused` where whoever acts may see nothing of a person: nobody gains sight by acting."""
        if not self.known.visible.get(person_id):
            raise Refused(unknown())

    def demand_part(self, thing: Thing) -> None:
        """Raises `Refused` for whoever has no part in a thing, so that nothing tells that it exists."""
        if not self.relations(thing, self.locality_of(thing)):
            raise Refused(unknown())

    def locality_of(self, thing: Thing) -> str:
        """The locality that a thing belongs to, its meeting's where it is part of one."""
        if isinstance(thing, AgendaItem | Invitation):
            return self.held(Meeting, thing.meeting_id).locality
        named: str = thing.locality  # type: ignore[attr-defined]  # all others have one
        return named

    def begin(self, thing: ThingT, event: str) -> ThingT:
        """Write a thing that is new."""
        store.add(self.connection, thing)
        self._remember(thing, event, None)
        return thing

    def advance(
        self, thing: ThingT, event: str, *, content: Any = None, extra: Collection[Relation] = (), **columns: Any
    ) -> ThingT:
        """Let an event happen to a thing, if its table lets whoever acts; raises `Refused`, with why not.

        `extra` are relations that whoever acts is only now coming into, such as a referrer's by referring.
        """
        relations = self.relations(thing, self.locality_of(thing)) | set(extra)
        move = thing.lifecycle.move(thing.state, event, relations)
        if not isinstance(move, Move):
            raise Refused(_refusal(move))
        content = thing.content if content is None else content
        return self.rewrite(thing, event, state=move.to, content=content, **columns)

    def rewrite(self, thing: ThingT, event: str, **columns: Any) -> ThingT:
        """Write a thing one version on with these columns changed, asking no table: what follows of itself."""
        changed = replace(thing, version=thing.version + 1, **columns)
        store.put(self.connection, changed)
        self._remember(changed, event, thing.state)
        return changed

    def tell(self, reason: str, thing: UUID | None, *, person: UUID | None = None, criteria: str = "") -> None:
        """Tell the audit trail what happened; `reason` is a code such as `referral/accept`.

        `criteria` stands for the list that the thing was read in, if in one.
        """
        self.events.append(
            Event(
                kind=Kind.MEETING,
                id=uuid5(self.inquiry.id, f"{len(self.events)}/{reason}/{thing}"),
                at=self.at,
                actor=account_of(self.inquiry.requester),
                role=self.inquiry.requester.role,
                organisation=self.inquiry.requester.organisation,
                person=person,
                purpose=self.inquiry.purpose,
                reason=reason,
                criteria=criteria,
                request=str(thing or ""),
            )
        )

    def notify(self, kind: NoticeKind, account: Account, key: str, link: str) -> None:
        """Let somebody know by mail that there is something to see; under the same key they are told once.

        Where nobody knows their address, the outbox says so.
        """
        recipient = self._address_of(account)
        store.put_notice(
            self.connection,
            Notice(
                id=self.new_id(),
                key=key,
                kind=kind,
                recipient=recipient,
                link=link,
                created_at=self.at,
                due_at=self.at,
                given_up_at=None if recipient else self.at,
                issuer=account.issuer,
                subject=account.subject,
            ),
        )

    def _address_of(self, account: Account) -> str:
        """As a locality names them, else as they were last invited; empty where nobody knows."""
        for locality in self.localities.by_id.values():
            for staff in locality.everyone:
                if staff.as_account == account and staff.email:
                    return staff.email
        return store.invited_address(self.connection, account)

    def _remember(self, thing: Thing, event: str, before: str | None) -> None:
        store.remember(self.connection, thing, event=event, before=before, at=self.at, by=self.by)
        self.tell(f"{thing.lifecycle.code}/{event}", thing.id, person=getattr(thing, "person_id", None))
        if topic := _TOLD.get((type(thing), event)):
            self._let_be_told(topic, thing)

    def _let_be_told(self, topic: Topic, thing: Any) -> None:
        """Let those who asked be told, once this step stands."""
        person = self.stands_for(thing.person_id)
        partner = thing.organisation if isinstance(thing, Action) else self.by.organisation
        note_one(self.connection, Change(topic, person, None, thing.id, OdsCode(partner)))


def team_relations(inquiry: Inquiry, locality: LocalityDocument) -> set[Relation]:
    """What a requester is to a locality: of its team by the workgroup that their account carries, in one role."""
    requester = inquiry.requester
    if requester.role == CLOCK and requester.issuer == "pisano":
        return {Relation.CLOCK}
    if locality.team not in requester.teams:
        return set()
    found = {Relation.MEMBER}
    if requester.role == CHAIR:
        found.add(Relation.CHAIR)
    if requester.role == COORDINATOR:
        found.add(Relation.COORDINATOR)
    if requester.role in locality.triage.by:
        found.add(Relation.TRIAGER)
    return found


def _own(thing: Thing, inquiry: Inquiry) -> set[Relation]:
    account, organisation = account_of(inquiry.requester), inquiry.requester.organisation
    if isinstance(thing, Referral):
        return {Relation.REFERRER} if account in thing.referrers else set()
    if isinstance(thing, Invitation):
        theirs = (account, organisation) == (thing.account, thing.organisation)
        return {Relation.INVITEE} if theirs else set()
    if isinstance(thing, Action):
        own = {Relation.OWNER} if account == thing.account and organisation == thing.organisation else set()
        return own | ({Relation.COLLEAGUE} if organisation == thing.organisation else set())
    return set()


def unknown() -> Refusal:
    """The one answer to what does not exist and to what is none of the asker's business."""
    return Refusal(Why.UNKNOWN, REFUSAL)


def conflict(thing: Thing, version: int) -> Refusal:
    """Somebody else was first: what stands now, beside which version the writer saw."""
    held = {"id": thing.id, "version": thing.version, "state": thing.state}
    return Refusal(
        Why.CONFLICT,
        "somebody changed this since you saw it; look at what stands now, and write again if you still want to",
        {"held": held, "yours": {"version": version}},
    )


def _refusal(barred: Any) -> Refusal:
    if isinstance(barred, Stranger):
        return unknown()
    return Refusal(Why.NOT_NOW if isinstance(barred, NotNow) else Why.NOT_YOURS, str(barred))
