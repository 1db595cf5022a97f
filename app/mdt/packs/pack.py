"""The pack: a page for each person on the agenda and the detail behind it, under its reader's own decision.

What the record held when the agenda was locked is the pack; what came or changed after is its addendum. Both are
decided anew each time that it is opened, so that what was forbidden since is in neither.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from app.audit.event import Kind
from app.mdt import store
from app.mdt.case_finding.scores import CompleteSince, KnownScore, lace_score
from app.mdt.desk import Desk
from app.mdt.one_person.entries import PersonEntries
from app.mdt.one_person.hospital import year_of_use
from app.mdt.packs.contents import HeldByTeam, Pack, PackPage
from app.mdt.packs.words import (
    action_said,
    at_a_glance,
    concluded,
    each_once,
    gaps,
    informed,
    line_said,
    looked_at_again,
    newest_scores,
    score_said,
    source_said,
)
from app.mdt.reading.taking_part import own_items
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, DISCUSSION, QUESTION
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import ItemState
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import unknown
from app.mdt.workflow.rules.completeness import latest
from app.record.inquiry import Inquiry
from app.record.merge import Line
from app.record.read.foremost import person_name
from app.record.read.presenting import Frozen
from app.sharing.names import Names, names_of
from app.vocabulary.category import Category
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.token import EXPORT, READ

_YEAR: Final = timedelta(days=365)

_WHOLE: Final = frozenset(map(Category, ("admissions", "problems", "demographics")))
"""What the use of hospital and LACE are told of."""

_ADMISSIONS: Final = Category("admissions")

_REQUIRED: Final = ("question", "what_matters", "informed", "lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """One item with what the team holds around it."""

    item: AgendaItem
    person_id: UUID
    due: datetime
    entry: CaseloadEntry
    referrals: Sequence[Referral]
    before: AgendaItem | None
    actions: Sequence[Action]
    agreed: Sequence[Action]


class _Reading(NamedTuple):
    """What all pages of a pack are written with: what partners are called, whose feeds are whole, and as at when."""

    names: Names
    complete_since: CompleteSince
    at: datetime


async def pack(
    desk: Desk, inquiry: Inquiry, meeting_id: UUID, *, on_paper: bool = False, only: UUID | None = None
) -> Pack:
    """The pack of a meeting for whoever asks: of a guest's only whom they came for, while they may see them; `on_paper`
    only those of whom the agreements let them keep a copy.

    `only` is the one item of which a page is asked for.
    """
    meeting, title, listed = await desk.ask(inquiry, lambda office: _gathered(office, meeting_id, only))
    frozen_at = meeting.locked_at or inquiry.at
    kind, action = (Kind.EXPORT, EXPORT) if on_paper else (Kind.VIEW, READ)
    reading = _Reading(names_of(desk.record.agreements), await desk.record.complete_since(_ADMISSIONS), frozen_at)
    records = await asyncio.gather(
        *[
            desk.record.presenting.as_it_was(inquiry, one.person_id, frozen_at, kind=kind, action=action, whole=_WHOLE)
            for one in listed
        ]
    )
    pages = [_page(one, frozen, reading) for one, frozen in zip(listed, records, strict=True) if frozen is not None]
    if on_paper and listed and not pages:
        raise unknown()
    return Pack(
        meeting_id=meeting.id,
        title=title,
        starts_at=meeting.starts_at,
        reader=inquiry.requester.name,
        role=reading.names.role(inquiry.requester.role),
        organisation=reading.names.partner(inquiry.requester.organisation),
        at=inquiry.at,
        frozen_at=frozen_at,
        is_locked=meeting.locked_at is not None,
        pages=tuple(pages),
        names=reading.names,
    )


class Computed(NamedTuple):
    """The scores of a page, and when anything that they may rest on changed last."""

    scores: list[KnownScore]
    changed_at: datetime | None


async def computed(desk: Desk, inquiry: Inquiry, person_id: UUID, at: datetime) -> Computed:
    """What a pack that is frozen at an instant computes of somebody, of what the requester may read of them."""
    frozen = await desk.record.presenting.as_it_was(inquiry, person_id, at, whole=_WHOLE)
    reading = _Reading(names_of(desk.record.agreements), await desk.record.complete_since(_ADMISSIONS), at)
    return Computed([], None) if frozen is None else Computed(_lace_of(frozen, reading), frozen.changed)


def _gathered(office: Office, meeting_id: UUID, only: UUID | None) -> tuple[Meeting, str, list[_Listed]]:
    meeting, items, due = own_items(office, meeting_id)
    items = [
        item
        for item in items
        if item.state not in (ItemState.WITHDRAWN, ItemState.CARRIED_OVER) and only in (None, item.id)
    ]
    is_member = Relation.MEMBER in office.relations(None, meeting.locality)
    listed = [_around(office, item, due[item.id]) for item in items]
    title = office.locality(meeting.locality).title if is_member else ""
    return meeting, title, listed


def _around(office: Office, item: AgendaItem, due: datetime) -> _Listed:
    entry = office.held(CaseloadEntry, item.caseload_id)
    discussed = store.among(office.connection, AgendaItem, caseload_id=entry.id, state=ItemState.DISCUSSED)
    before = max((one for one in discussed if one.id != item.id), key=lambda one: str(one.ended_at), default=None)
    return _Listed(
        item=item,
        person_id=item.person_id,
        due=due,
        entry=entry,
        referrals=store.among(office.connection, Referral, id=set(entry.content.referrals)),
        before=before,
        actions=store.among(office.connection, Action, item_id=before.id) if before else (),
        agreed=store.among(office.connection, Action, item_id=item.id) if item.ended_at else (),
    )


def _page(one: _Listed, frozen: Frozen, reading: _Reading) -> PackPage:
    view = orjson.loads(frozen.view.json())
    headings = frozen.view.decision.lattice.categories_in(frozen.view.decision.mask)
    told = _told(one, headings, reading.names)
    identity = view["identity"] or {}
    missing = tuple(name.replace("_", " ") for name in _REQUIRED if not getattr(told, name))
    since, on = one.entry.content.last_discussed, london_date(reading.at)
    return PackPage(
        person_id=one.person_id,
        item_id=one.item.id,
        name=person_name(identity),
        born=identity.get("birthDate", ""),
        told=told,
        glance=at_a_glance(frozen.view.lines, reading.names, on=on),
        scores=(*newest_scores(frozen.view.lines, reading.names, on=on), *_lace(frozen, reading)),
        hospital=_hospital(frozen, reading) if _ADMISSIONS in headings else (),
        changed=tuple(
            line_said(line, reading.names, on=on)
            for line in each_once([one for one in frozen.view.lines if since and _happened_since(one, since)])
        ),
        gaps=gaps(view, reading.names),
        missing=missing if QUESTION in headings and DISCUSSION in headings else (),
        sources=tuple(source_said(source, reading.names) for source in view["sources"]),
        added=tuple(line_said(line, reading.names, on=on) for line in each_once(frozen.added)),
        changed_at=frozen.changed,
        view=view,
    )


def _hospital(frozen: Frozen, reading: _Reading) -> tuple[str, ...]:
    """What they used of hospital in a year, as far as the reader may read it, and whether more may be unknown."""
    since = max(reading.complete_since.values(), default=None)
    is_whole = since is not None and since <= london_date(reading.at) - _YEAR
    unsure = () if is_whole else ("There may be more: no hospital says that its feed is whole for all of this year",)
    return (*year_of_use(PersonEntries(frozen.whole, reading.at)), *unsure)


def _lace(frozen: Frozen, reading: _Reading) -> tuple[str, ...]:
    """LACE of a discharge in the last thirty days, with what it rests on; or why there is none."""
    return tuple(score_said(one) for one in _lace_of(frozen, reading))


def _lace_of(frozen: Frozen, reading: _Reading) -> list[KnownScore]:
    return lace_score(PersonEntries(frozen.whole, reading.at), frozen.view.decision, reading.complete_since)


def _told(one: _Listed, headings: frozenset[Category], names: Names) -> HeldByTeam:
    """The question to whoever may read referrals, what was written of the person to whoever may read care plans."""
    entry, last = one.entry.content, one.before
    form, reads = latest(one.referrals).form, DISCUSSION in headings
    sbar = (
        ("Situation", form.situation), ("Background", form.background), ("Assessment", form.assessment),
        ("Recommendation", form.recommendation),
    )  # fmt: skip
    return HeldByTeam(
        position=one.item.position,
        due=one.due,
        minutes=one.item.content.minutes,
        cause=one.item.content.cause,
        presenter=one.item.content.presenter.name if one.item.content.presenter else "",
        lead=entry.lead.name if entry.lead else "",
        coordinator=entry.coordinator.name if entry.coordinator else "",
        since=one.entry.since,
        question=one.item.content.question if QUESTION in headings else "",
        referral=sbar if reads else (),
        informed=informed(form.informed, form.agreement.stance) if reads else "",
        what_matters=form.what_matters if reads else "",
        last_discussed=entry.last_discussed,
        last_time=concluded(last.content) if last and reads else "",
        actions=tuple(action_said(action, names) for action in one.actions) if ACTIONS in headings else (),
        decided=tuple(_decided(one, names, headings)) if one.item.content.outcome else (),
    )


def _decided(one: _Listed, names: Names, headings: frozenset[Category]) -> Iterator[str]:
    """This time, as `_told` tells of the last."""
    content = one.item.content
    if DISCUSSION in headings:
        yield from filter(None, (concluded(content), looked_at_again(content)))
    if ACTIONS in headings:
        yield from (action_said(action, names) for action in one.agreed)


def _happened_since(line: Line, since: date) -> bool:
    instant = london_midnight(since)
    return any(at is not None and at >= instant for at in (line.started, line.ended))
