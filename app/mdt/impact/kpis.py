"""The measures of a team, each by its one definition, over a period of London days [first, last]. Pure.

Denominators are explicit; unknown counts as not achieved, and is told beside. Nothing here says that the team did
anyone good: `impact.effect` is for that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from app.mdt.impact.facts import ItemFact, MeetingFact, TeamFacts
from app.mdt.impact.intervals import SMALL, Middle, Share, by_group, middle, share

WorkingDays = Callable[[date, date], int]
"""How many working days lie between two days."""

_PRESENT: Final = 0.8  # of a meeting's items, for a core role to count as filled
_QUORATE: Final = 0.9  # of a meeting's items
_WITHIN: Final = 2  # minutes of what was planned
_VIEW_FRESH: Final = timedelta(days=90)
_IMPLEMENTED_BY: Final = timedelta(days=90)
_CAME_BACK_WITHIN: Final = timedelta(days=180)
_CARE_HOME_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: a share, or the middle of what was measured, or counts, as its definition says."""

    code: str
    title: str
    definition: str
    share: Share | None = None
    middle: Middle | None = None
    counts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Share] = field(default_factory=dict)
    middles: dict[str, Middle] = field(default_factory=dict)


def measures(facts: TeamFacts, *, first: date, last: date, working_days: WorkingDays) -> list[Measure]:
    """Every measure of a period; overdue actions are as at its last day."""
    meetings = [one for one in facts.meetings if first <= one.on <= last]
    items = [one for one in facts.items if first <= one.on <= last]
    discussed = [one for one in items if one.discussed]
    return [
        *_of_meetings(meetings),
        *_of_listing(items),
        *_of_discussions(discussed, last),
        *_of_actions(facts, first, last),
        *_of_pathways(facts, first, last, working_days),
        *_of_caseload(facts, first, last),
        _reach(facts, first, last),
    ]


def _of_meetings(meetings: Sequence[MeetingFact]) -> Iterable[Measure]:
    held = [one for one in meetings if one.held]
    seats = [one.items > 0 and filled >= _PRESENT * one.items for one in held for filled in one.seats.values()]
    yield Measure(
        code="core-attendance",
        title="Core attendance",
        definition="core roles filled, deputies too, for 80% of the meeting's items / roles expected, held meetings",
        share=share(seats),
    )
    yield Measure(
        code="quorate",
        title="Quorate meetings",
        definition="quorate at the start and for 90% of items / meetings held; cancelled beside",
        share=share([_was_quorate(one) for one in held]),
        counts={"cancelled": len(meetings) - len(held)},
    )


def _was_quorate(meeting: MeetingFact) -> bool | None:
    if meeting.quorate_at_start is None:
        return None
    return meeting.quorate_at_start and meeting.items_quorate >= _QUORATE * meeting.items


def _of_listing(items: Sequence[ItemFact]) -> Iterable[Measure]:
    yield Measure(
        code="pack-complete",
        title="Pack complete",
        definition="required fields present at lock / listed",
        share=share([one.pack_complete for one in items]),
    )
    yield Measure(
        code="late-additions",
        title="Late additions",
        definition="added after lock / listed; urgent beside",
        share=share([one.late for one in items]),
        counts={"urgent": sum(one.late and one.urgent for one in items)},
    )
    moved = [one for one in items if not one.discussed and one.carried_over is not None]
    yield Measure(
        code="carry-over",
        title="Carried over",
        definition="listed, not discussed and moved / listed; by reason; again = for the second meeting or more",
        share=share([not one.discussed and one.carried_over is not None for one in items]),
        counts={
            **Counter(one.carried_over or "" for one in moved),
            "again": sum(one.carried_over_before > 0 for one in moved),
        },
    )


def _of_discussions(discussed: Sequence[ItemFact], last: date) -> Iterable[Measure]:
    timed = [one for one in discussed if one.minutes is not None]
    yield Measure(
        code="discussion-time",
        title="Discussion time as planned",
        definition="minutes from start to stop; share within 2 minutes of the plan / discussed; by third of the agenda",
        share=share(
            [None if one.minutes is None else abs(one.minutes - one.planned_minutes) <= _WITHIN for one in discussed]
        ),
        middle=middle([one.minutes or 0.0 for one in timed]),
        middles={
            name: middle([one.minutes or 0.0 for one in timed if _third(one) == third])
            for third, name in enumerate(("first third", "second third", "last third"))
        },
    )
    yield Measure(
        code="clear-outcome",
        title="Clear outcome",
        definition="a decision, and an owned and dated action or why there is none / discussed",
        share=share([_is_clear(one) for one in discussed]),
    )
    yield Measure(
        code="persons-view",
        title="The person's view",
        definition="view recorded, whose words stated, at most 90 days old / discussed",
        share=share([_is_heard(one) for one in discussed]),
    )
    decided = [one for one in discussed if one.decision and one.on + _IMPLEMENTED_BY <= last]
    yield Measure(
        code="decision-implemented",
        title="Decision implemented",
        definition="implemented by day 90 / decisions of 90 days ago or more; why not; by deprivation, 1 the most",
        share=share([_was_implemented(one) for one in decided]),
        counts=dict(Counter(one.not_implemented for one in decided if one.not_implemented)),
        groups=by_group([(_quintile(one), _was_implemented(one)) for one in decided]),
    )


def _third(item: ItemFact) -> int:
    return min(2, (item.position - 1) * 3 // max(1, item.listed))


def _is_clear(item: ItemFact) -> bool | None:
    if item.decision is None:
        return None
    return item.decision and (item.owned_dated_actions > 0 or item.no_action_reason)


def _is_heard(item: ItemFact) -> bool:
    return item.view_on is not None and item.view_source and item.on - _VIEW_FRESH <= item.view_on <= item.on


def _was_implemented(item: ItemFact) -> bool | None:
    if item.implemented_on is not None:
        return item.implemented_on <= item.on + _IMPLEMENTED_BY
    return False if item.not_implemented else None


def _quintile(item: ItemFact) -> str:
    return str(item.deprivation) if item.deprivation else "not known"


def _of_actions(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    due = [one for one in facts.actions if first <= one.original_due <= last]
    counted = [one for one in due if not one.cancelled]
    yield Measure(
        code="actions-on-time",
        title="Actions on time",
        definition="completed by the original due date / actions due in the period, but those cancelled with a reason",
        share=share([one.completed_on is not None and one.completed_on <= one.original_due for one in counted]),
        counts={"cancelled": len(due) - len(counted)},
    )
    overdue = [
        (last - one.original_due).days
        for one in facts.actions
        if not one.cancelled and one.original_due < last and (one.completed_on is None or one.completed_on > last)
    ]
    yield Measure(
        code="overdue",
        title="Overdue actions",
        definition="open past the original due date on the last day: days overdue",
        middle=middle(overdue),
    )


def _of_pathways(facts: TeamFacts, first: date, last: date, working_days: WorkingDays) -> Iterable[Measure]:
    received = [one for one in facts.pathways if first <= one.received <= last]
    steps: dict[str, list[tuple[date | None, date | None]]] = {
        "referral to triage": [(one.received, one.triaged) for one in received],
        "referral to discussion": [(one.received, one.discussed) for one in received],
        "discussion to plan shared": [(one.discussed, one.plan_shared) for one in received],
        "discussion to person told": [(one.discussed, one.person_told) for one in received],
    }
    yield Measure(
        code="timeliness",
        title="Timeliness",
        definition="working days of each step of referrals received in the period, of those that took it",
        counts={f"{name}: not yet": sum(to is None for _, to in pairs) for name, pairs in steps.items()},
        middles={
            name: middle([working_days(since, to) for since, to in pairs if since and to])
            for name, pairs in steps.items()
        },
    )
    admitted = [one for one in facts.care_homes if first <= one.admitted <= last]
    yield Measure(
        code="care-home",
        title="Care home",
        definition="assessment and plan within 7 working days of (re)admission / admissions to care homes",
        share=share(
            [
                one.assessed is not None
                and one.planned is not None
                and working_days(one.admitted, max(one.assessed, one.planned)) <= _CARE_HOME_DAYS
                for one in admitted
            ]
        ),
    )


def _of_caseload(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    left = [one for one in facts.caseload if one.left is not None and first <= one.left <= last]
    watched = [one for one in left if one.left is not None and one.left + _CAME_BACK_WITHIN <= last]
    yield Measure(
        code="caseload-flow",
        title="Caseload",
        definition="new, reviews, step-downs; days stayed; back within 180 days / step-downs of 180 days ago or more",
        share=share(
            [
                one.came_back is not None and one.left is not None and one.came_back <= one.left + _CAME_BACK_WITHIN
                for one in watched
            ]
        ),
        middle=middle([(one.left - one.since).days for one in left if one.left is not None]),
        counts={
            "new": sum(first <= one.since <= last for one in facts.caseload),
            "reviews": sum(first <= on <= last for one in facts.caseload for on in one.reviews),
            "step-downs": len(left),
        },
    )


def _reach(facts: TeamFacts, first: date, last: date) -> Measure:
    """Each group's referrals as a share of its people; per 1,000 is a thousand times the value."""
    referred: Counter[tuple[str, str]] = Counter()
    for one in facts.pathways:
        if first <= one.received <= last:
            referred.update((name, value) for name, values in one.groups.items() for value in set(values))
            referred["locality", one.locality] += 1
    groups = {
        f"{name}: {value}": referred_of(referred[name, value], people)
        for name, values in facts.population.items()
        for value, people in values.items()
    }
    return Measure(
        code="reach",
        title="Reach",
        definition="referrals / people, by who they are; below five is not told",
        groups=groups,
    )


def referred_of(referrals: int, people: int) -> Share:
    """Referrals as a share of people, but for a few, who could be known by it."""
    told = not 0 < referrals < SMALL
    return Share(achieved=min(referrals, people), of=people) if told else Share(achieved=0, of=0, told=False)
