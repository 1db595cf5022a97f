"""The rows that a team's measures are computed of, from what its year left behind.

What nobody recorded is not known, and stays so: how deprived the area of a postcode is that no edition has, or whether
the pack of a meeting was complete that was locked before anybody looked. Meetings to come are no part of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.mdt import store
from app.mdt.impact.facts import ActionFact, CaseloadFact, ItemFact, MeetingFact, PathwayFact, TeamFacts
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import AgendaItem, Cause
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.states import ActionState, CaseloadState, ItemState, MeetingState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.meeting import Meeting, quorate
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.rules.room import Stay, present_for, seats_at
from app.vocabulary.london import london_date

_HELD: Final = frozenset({MeetingState.CLOSED, MeetingState.SIGNED})
_MINUTE: Final = 60


def team_facts(connection: Connection, locality: LocalityDocument, *, first: date, last: date) -> TeamFacts:
    """Everything of one locality's team that the measures of a period ask for."""
    meetings = [
        one
        for one in store.meetings_between(connection, locality.locality, first, last)
        if one.state in _HELD or one.state == MeetingState.CANCELLED
    ]
    items = (
        _by_meeting(store.among(connection, AgendaItem, meeting_id=[one.id for one in meetings])) if meetings else {}
    )
    actions = store.among(connection, Action, locality=locality.locality)
    caseload = store.among(connection, CaseloadEntry, locality=locality.locality)
    referrals = store.among(connection, Referral, locality=locality.locality)
    discussed = _discussed_on(meetings, items)
    return TeamFacts(
        meetings=[_meeting(connection, one, items.get(one.id, []), locality) for one in meetings],
        items=list(_items(meetings, items, actions, _quintiles(caseload, referrals))),
        actions=[_action(one) for one in actions],
        pathways=[_pathway(one, caseload, discussed, items) for one in referrals],
        caseload=list(_caseload(connection, caseload, discussed)),
    )


def _by_meeting(items: Sequence[AgendaItem]) -> dict[UUID, list[AgendaItem]]:
    by_meeting: defaultdict[UUID, list[AgendaItem]] = defaultdict(list)
    for item in items:
        if item.state != ItemState.WITHDRAWN:
            by_meeting[item.meeting_id].append(item)
    return by_meeting


def _quintiles(caseload: Sequence[CaseloadEntry], referrals: Sequence[Referral]) -> dict[UUID, int]:
    """How deprived the area is of whoever an entry of the caseload is about, by their latest referral that tells."""
    deciles = {one.id: one.content.decile for one in referrals}
    told = {entry.id: [decile for id in entry.content.referrals if (decile := deciles.get(id))] for entry in caseload}
    return {entry: (found[-1] + 1) // 2 for entry, found in told.items() if found}


def _discussed_on(meetings: Sequence[Meeting], items: Mapping[UUID, Sequence[AgendaItem]]) -> dict[UUID, list[date]]:
    """On which days each entry of the caseload was discussed, the first first."""
    days: defaultdict[UUID, list[date]] = defaultdict(list)
    for meeting in sorted(meetings, key=lambda one: one.starts_at):
        for item in items.get(meeting.id, ()):
            if item.state == ItemState.DISCUSSED:
                days[item.caseload_id].append(london_date(meeting.starts_at))
    return days


def _meeting(
    connection: Connection, meeting: Meeting, items: Sequence[AgendaItem], locality: LocalityDocument
) -> MeetingFact:
    on = london_date(meeting.starts_at)
    if meeting.state == MeetingState.CANCELLED:
        return MeetingFact(locality=meeting.locality, on=on, held=False)
    room = store.room_of(connection, meeting.id)
    there = [_seats_of(item, room) for item in items if item.state == ItemState.DISCUSSED and item.content.stints]
    started = meeting.content.started_at
    return MeetingFact(
        locality=meeting.locality,
        on=on,
        held=True,
        items=len(there),
        seats={role.id: sum(role.id in seats for seats in there) for role in locality.core},
        at_start=seats_at(room, started) if started else frozenset(),
        quorate_at_start=quorate(locality, seats_at(room, started)) if started else None,
        items_quorate=sum(quorate(locality, seats) for seats in there),
    )


def _seats_of(item: AgendaItem, room: Sequence[Stay]) -> set[str]:
    """The seats that somebody filled during any while of a discussion."""
    return {stay.seat for stay in present_for(item, room) if stay.seat is not None}


def _items(
    meetings: Sequence[Meeting],
    items: Mapping[UUID, Sequence[AgendaItem]],
    actions: Sequence[Action],
    quintiles: Mapping[UUID, int],
) -> Iterator[ItemFact]:
    of_item: defaultdict[UUID, list[Action]] = defaultdict(list)
    for action in actions:
        of_item[action.item_id].append(action)
    for meeting in meetings:
        if meeting.state != MeetingState.CANCELLED:
            listed = items.get(meeting.id, ())
            for item in listed:
                yield replace(
                    _item(meeting, item, len(listed), of_item[item.id]), deprivation=quintiles.get(item.caseload_id)
                )


def _item(meeting: Meeting, item: AgendaItem, listed: int, actions: Sequence[Action]) -> ItemFact:
    content, on = item.content, london_date(meeting.starts_at)
    decided = content.outcome is not None
    done, why_not = _implemented(actions) if decided and not content.no_action_reason else (on, None)
    return ItemFact(
        locality=meeting.locality,
        on=on,
        position=item.position,
        listed=listed,
        discussed=item.state == ItemState.DISCUSSED,
        planned_minutes=float(content.minutes),
        minutes=item.discussed_for.total_seconds() / _MINUTE if content.stints else None,
        pack_complete=None if (complete := meeting.content.complete_packs) is None else item.id in complete,
        late=content.late is not None,
        urgent=content.cause is Cause.URGENT_REFERRAL,
        carried_over=content.reason.value if content.reason and item.state == ItemState.CARRIED_OVER else None,
        carried_over_before=content.carried,
        decision=decided,
        owned_dated_actions=sum(action.content.owner is not None for action in actions),
        no_action_reason=content.no_action_reason is not None,
        view_on=content.view.on if content.view else None,
        view_source=bool(content.view and content.view.whose),
        implemented_on=done if decided else None,
        not_implemented=why_not if decided else None,
    )


def _implemented(actions: Sequence[Action]) -> tuple[date | None, str | None]:
    """When all that was to be done was, or why not; neither where nobody can know, as nothing was left to do."""
    counted = [action for action in actions if action.state != ActionState.CANCELLED]
    if any(action.state == ActionState.NOT_DONE for action in counted):
        return None, "not-done"
    ended = [action.ended_at for action in counted if action.state == ActionState.DONE and action.ended_at]
    if not counted:
        return None, None
    if len(ended) < len(counted):
        return None, "still-open"
    return max(london_date(at) for at in ended), None


def _action(action: Action) -> ActionFact:
    done = action.state == ActionState.DONE and action.ended_at is not None
    return ActionFact(
        original_due=action.original_due,
        completed_on=london_date(action.ended_at) if done and action.ended_at else None,
        cancelled=action.state == ActionState.CANCELLED,
    )


def _pathway(
    referral: Referral,
    caseload: Sequence[CaseloadEntry],
    discussed: Mapping[UUID, Sequence[date]],
    items: Mapping[UUID, Sequence[AgendaItem]],
) -> PathwayFact:
    received = london_date(referral.received_at)
    theirs = {entry.id for entry in caseload if referral.id in entry.content.referrals}
    followed = [
        item.content
        for each in items.values()
        for item in each
        if item.caseload_id in theirs and item.ended_at and london_date(item.ended_at) >= received
    ]
    days = [
        on
        for entry in caseload
        if referral.id in entry.content.referrals
        for on in discussed.get(entry.id, ())
        if on >= received
    ]
    return PathwayFact(
        locality=referral.locality,
        received=received,
        triaged=referral.content.decided_on,
        discussed=min(days, default=None),
        plan_shared=min((one.plan_shared_on for one in followed if one.plan_shared_on), default=None),
        person_told=min((one.told_on for one in followed if one.told_on), default=None),
    )


def _caseload(
    connection: Connection, caseload: Sequence[CaseloadEntry], discussed: Mapping[UUID, Sequence[date]]
) -> Iterator[CaseloadFact]:
    """Each stay: an entry that was stepped down and came back is two. Reviews are all discussions but the first."""
    for entry in caseload:
        if entry.state == CaseloadState.JOINED:
            continue
        stays = _stays(connection, entry)
        for (since, left), following in zip_longest(stays, stays[1:]):
            reviews = [on for on in discussed.get(entry.id, ())[1:] if since <= on and (left is None or on <= left)]
            yield CaseloadFact(
                locality=entry.locality,
                since=since,
                left=left,
                reviews=tuple(reviews),
                came_back=following[0] if following else None,
            )


def _stays(connection: Connection, entry: CaseloadEntry) -> list[tuple[date, date | None]]:
    left = [stepped.on for stepped in entry.content.stepped_down]
    if not left:
        return [(entry.since, None)]
    history = store.history_of(connection, entry.id)
    came = [london_date(row.at) for row in history if row.before is None or row.event == "re-enter"]
    return list(zip_longest(came[: len(left) + 1], left))
