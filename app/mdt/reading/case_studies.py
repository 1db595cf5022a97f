"""Case studies as they are read: by the team that writes them, and in reports, where nobody is named.

What a person permits no more is told nowhere, from that moment on: each reading asks anew.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple, Required, cast
from uuid import UUID

from sqlalchemy import Connection

from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.reading.answers.things import Versioned
from app.mdt.steps.office import Office
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.case_study import STORY, Basis, CaseStudy, ToldStory, Use
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.headings import ACTIONS, DISCUSSION
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.lifecycles.states import ActionState, ItemState, StudyState
from app.mdt.workflow.locality import Localities
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import unknown
from app.person.standing_store import standing_of
from app.record.inquiry import Inquiry
from app.sharing.known.store import deceased_among
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode

_CLOSED = (ActionState.DONE, ActionState.NOT_DONE, ActionState.CANCELLED)


class Published(NamedTuple):
    """A story that may be told now, as whoever oversees reads of it: on whose permission, and never of whom."""

    title: str
    locality: str
    permitted_by: str
    asked_by: str
    asked_on: date
    until: date
    uses: tuple[str, ...]
    written_by: str
    approved_by: str


def published(
    connection: Connection, localities: Localities, covers: Callable[[OdsCode], bool], *, on: date
) -> list[Published]:
    """What may be told on a day of people of the teams that organisations host, by title."""
    hosted = [name for name, each in localities.by_id.items() if covers(each.host)]
    found = store.among(connection, CaseStudy, locality=hosted, state=StudyState.APPROVED)
    standing = standing_of(connection, {study.person_id for study in found})
    dead = deceased_among(connection, set(standing.values()))
    told = [_published(study, on, standing.get(study.person_id, study.person_id) in dead) for study in found]
    return sorted(one for one in told if one is not None)


def _published(study: CaseStudy, on: date, died: bool) -> Published | None:
    content, permission = study.content, study.content.permission
    uses = tuple(use for use in Use if study.may_be_told(use, on, died=died))
    if not uses or permission is None or content.story is None:
        return None
    return Published(
        title=content.story.title,
        locality=study.locality,
        permitted_by=permission.basis,
        asked_by=permission.asked_by,
        asked_on=permission.asked_on,
        until=permission.until,
        uses=uses,
        written_by=content.written_by.name,
        approved_by=content.approved_by.name if content.approved_by else "",
    )


class Happened(NamedTuple):
    """One thing that happened to somebody with the team, on a day in London."""

    on: date
    says: str


class StudyRow(Versioned):
    """A case study in a list, of nobody; `told` is whether a report may tell it, `why_not` why none may."""

    locality: str
    title: str
    permitted_until: date | None
    permitted_by: Basis | None
    asked_by: str | None
    asked_on: date | None
    told: bool
    why_not: str


class StudyTold(StudyRow, total=False):
    """One case study; whoever may read of the person has all of it, others of the team its story and nothing else."""

    story: Required[dict[str, str] | None]
    possible: Required[tuple[str, ...]]
    person_id: UUID
    caseload_id: UUID
    written_by: dict[str, Any]
    permission: dict[str, Any] | None
    recorded_by: dict[str, Any] | None
    approved_by: dict[str, Any] | None
    approved_at: str | None
    left: str | None


async def case_studies(desk: Desk, inquiry: Inquiry) -> list[StudyRow]:
    """Those of the requester's teams, by title; of whom they are is not told."""
    found = await desk.ask(inquiry, _own)
    return [_row(one, inquiry, died) for one, died in found]


async def case_study(desk: Desk, inquiry: Inquiry, study_id: UUID) -> StudyTold:
    """One of them: whole to whoever may read the person's care plans, to others of the team once it may be told."""

    def shown(office: Office) -> tuple[CaseStudy, bool, tuple[str, ...], UUID]:
        study = office.held(CaseStudy, study_id)
        office.demand(study.locality, Relation.MEMBER)
        standing = office.stands_for(study.person_id)
        possible = study.lifecycle.possible(study.state, office.relations(study, study.locality))
        if not study.waits_for(office.by):
            possible = tuple(event for event in possible if event != "approve")
        return study, bool(deceased_among(office.connection, {standing})), possible, standing

    study, died, possible, person_id = await desk.ask(inquiry, shown)
    row = _row(study, inquiry, died)
    whole = study.content.model_dump(mode="json")
    if DISCUSSION in await desk.record.glancing.may_see(replace(inquiry, purpose=STORY), person_id):
        of_whom = {"person_id": person_id, "caseload_id": study.caseload_id, "possible": possible}
        return cast(StudyTold, {**row, **whole, **of_whom})
    if not row["told"]:
        raise unknown()
    return cast(StudyTold, {**row, "story": whole["story"], "possible": ("withdraw",)})


async def path(desk: Desk, inquiry: Inquiry, caseload_id: UUID) -> list[Happened]:
    """What the team did with somebody and what came of it, the first first: what a story is written from."""

    def walked(office: Office) -> tuple[CaseloadEntry, list[Referral], list[AgendaItem], list[Action]]:
        entry = office.as_it_stands(office.held(CaseloadEntry, caseload_id))
        office.demand(entry.locality, Relation.MEMBER)
        items = store.among(office.connection, AgendaItem, caseload_id=entry.id, state=ItemState.DISCUSSED)
        actions = store.among(office.connection, Action, item_id=[item.id for item in items])
        return entry, store.among(office.connection, Referral, id=set(entry.content.referrals)), items, actions

    entry, referrals, items, actions = await desk.ask(inquiry, walked)
    seen = await desk.record.glancing.may_see(replace(inquiry, purpose=STORY), entry.person_id)
    if DISCUSSION not in seen:
        raise unknown()
    return sorted(_walked(entry, referrals, items, actions if ACTIONS in seen else ()))


async def told(desk: Desk, inquiry: Inquiry, use: Use = Use.IMPACT_REPORT) -> list[ToldStory]:
    """What may be told now, for one use, of the requester's teams; each that is told is told to the trail too."""

    def chosen(office: Office) -> list[ToldStory]:
        return [
            _told(office, study)
            for study, died in _own(office)
            if study.may_be_told(use, office.on, died=died) and study.content.story is not None
        ]

    return await desk.ask(inquiry, chosen)


def _told(office: Office, study: CaseStudy) -> ToldStory:
    story, permission = study.content.story, study.content.permission
    assert story is not None  # noqa: S101  # as it may be told
    assert permission is not None  # noqa: S101
    office.tell("case-study/tell", study.id, person=study.person_id)
    return ToldStory(
        locality=study.locality,
        title=story.title,
        before=story.before,
        done=story.done,
        became=story.became,
        own_words=story.own_words or "",
        learned=story.learned or "",
        permitted_by=permission.basis,
        permitted_until=permission.until,
    )


def _own(office: Office) -> list[tuple[CaseStudy, bool]]:
    """Those of the teams of whoever asks, each with whether the person died; raises `Refused`."""
    found = store.among(office.connection, CaseStudy, locality=office.own_localities())
    standing = office.standing({one.person_id for one in found})
    dead = deceased_among(office.connection, set(standing.values()))
    ordered = sorted(found, key=lambda one: (one.content.story.title if one.content.story else "", str(one.id)))
    return [(one, standing.get(one.person_id, one.person_id) in dead) for one in ordered]


def _row(study: CaseStudy, inquiry: Inquiry, died: bool) -> StudyRow:
    content, on = study.content, london_date(inquiry.at)
    permission = content.permission
    return {
        "id": study.id,
        "locality": study.locality,
        "state": study.state,
        "version": study.version,
        "title": content.story.title if content.story else "",
        "permitted_until": study.permitted_until,
        "permitted_by": permission.basis if permission else None,
        "asked_by": permission.asked_by if permission else None,
        "asked_on": permission.asked_on if permission else None,
        "told": study.may_be_told(Use.IMPACT_REPORT, on, died=died),
        "why_not": _why_not(study, on, died),
    }


def _why_not(study: CaseStudy, on: date, died: bool) -> str:
    """Why no report tells it; empty where one does."""
    if study.may_be_told(Use.IMPACT_REPORT, on, died=died):
        return ""
    permission = study.content.permission
    if study.state == StudyState.WITHDRAWN:
        return str(study.content.left)
    if permission is None:
        return "nobody was asked yet"
    if permission.until < on:
        return "the permission has ended"
    if Use.IMPACT_REPORT not in permission.uses:
        return "it is permitted for other uses alone"
    return (
        "the person has died; ask their representative"
        if study.state == StudyState.APPROVED
        else "it waits for approval"
    )


def _walked(
    entry: CaseloadEntry, referrals: Iterable[Referral], items: Iterable[AgendaItem], actions: Iterable[Action]
) -> Iterator[Happened]:
    for referral in referrals:
        made = len(referral.content.made)
        yield Happened(
            london_date(referral.received_at), f"referred, by {made} {'partner' if made == 1 else 'partners'}"
        )
    yield Happened(entry.since, "accepted to the caseload")
    for item in items:
        if item.ended_at is not None:
            said = f": {item.content.summary}" if item.content.summary else ""
            yield Happened(london_date(item.ended_at), f"discussed, {item.content.outcome}{said}")
    for action in actions:
        if action.state in _CLOSED and action.ended_at is not None:
            result = f": {action.content.result}" if action.content.result else ""
            yield Happened(london_date(action.ended_at), f"{action.content.what}, {action.state}{result}")
    for stepped in entry.content.stepped_down:
        yield Happened(stepped.on, f"stepped down: {stepped.reason}")
