"""One step being taken: who takes it, in one transaction, with what the history and the audit trail are told of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection

from app.audit.event import Event, Kind
from app.audit.telling import act_of
from app.mdt import store
from app.mdt.notice_store import put_notice
from app.mdt.steps.known import Known
from app.mdt.steps.relations import own_relations, team_relations
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.forms import Actor
from app.mdt.workflow.invitation import Invitation
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.locality import Localities, LocalityDocument
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.notice import Notice, NoticeKind
from app.mdt.workflow.refusal import Refusal, Refused, Why, unknown
from app.mdt.workflow.thing import OfPersonT, Thing, ThingT
from app.person.standing_store import standing_of
from app.record.inquiry import Inquiry
from app.record.kept.changes import Change, Topic, note_one
from app.sharing.facts import Account
from app.vocabulary.lifecycle import Move, NotNow, Stranger
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode

_TOLD: Final[Mapping[tuple[type[Thing], str], Topic]] = {
    (Action, "assign"): Topic.ACTION_ASSIGNED,
    (Action, "hand-over"): Topic.ACTION_ASSIGNED,
    (Action, "reassign"): Topic.ACTION_ASSIGNED,
    (AgendaItem, "conclude"): Topic.MDT_OUTCOME,
    (AgendaItem, "conclude-by-exception"): Topic.MDT_OUTCOME,
}
"""Of which steps partners' systems may ask to be told."""

NewId = Callable[[], UUID]


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
            raise unknown()
        return found

    def own_localities(self) -> list[str]:
        """Of whose teams whoever acts is; raises `Refused` where it is none."""
        own = sorted(name for name in self.localities.by_id if Relation.MEMBER in self.relations(None, name))
        if not own:
            raise unknown()
        return own

    def held(self, kind: type[ThingT], thing_id: UUID) -> ThingT:
        """A thing, locked until the step is taken; raises `Refused`."""
        found = store.held(self.connection, kind, thing_id)
        if found is None:
            raise unknown()
        return found

    def seen(self, kind: type[ThingT], thing_id: UUID, version: int) -> ThingT:
        """The same, where the writer saw it as it is; raises `Refused`, with both versions, where they did not.

        To whoever has no part in it, it does not exist, whatever else may be wrong with what they sent.
        """
        found = self.held(kind, thing_id)
        self.demand_part(found)
        if found.version != version:
            raise _conflict(found, version)
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
        own = own_relations(self.inquiry, thing) if thing is not None else set()
        return frozenset(own | (team_relations(self.inquiry, named) if named else set()))

    def demand(self, locality: str, *relations: Relation) -> None:
        """Raises `Refused` for whoever is none of these to the locality."""
        if not self.relations(None, locality) & set(relations):
            raise unknown()

    def demand_sight(self, person_id: UUID) -> None:
        """Raises `Refused` where whoever acts may see nothing of a person: nobody gains sight by acting."""
        if not self.known.visible.get(person_id):
            raise unknown()

    def demand_part(self, thing: Thing) -> None:
        """Raises `Refused` for whoever has no part in a thing, so that nothing tells that it exists."""
        if not self.relations(thing, self.locality_of(thing)):
            raise unknown()

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
            raise _refused(move)
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
            act_of(
                self.inquiry,
                Kind.MEETING,
                person,
                id=uuid5(self.inquiry.id, f"{len(self.events)}/{reason}/{thing}"),
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
        put_notice(
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


def _conflict(thing: Thing, version: int) -> Refused:
    """Somebody else was first: what stands now, beside which version the writer saw."""
    held = {"id": thing.id, "version": thing.version, "state": thing.state}
    text = "somebody changed this since you saw it; look at what stands now, and write again if you still want to"
    return Refused(Refusal(Why.CONFLICT, text, {"held": held, "yours": {"version": version}}))


def _refused(barred: Any) -> Refused:
    if isinstance(barred, Stranger):
        return unknown()
    return Refused(Refusal(Why.NOT_NOW if isinstance(barred, NotNow) else Why.NOT_YOURS, str(barred)))
