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
from app.mdt.impact.intervals import Middle, Share, by_group, middle, share

WorkingDays = Callable[[date, date], int]
"""How many working days lie between two days."""

_PRESENT: Final = 0.8  # of a meeting's items, for a core role to count as filled
_QUORATE: Final = 0.9  # of a meeting's items
_WITHIN: Final = 2  # minutes of what was planned
_VIEW_FRESH: Final = timedelta(days=90)
_IMPLEMENTED_BY: Final = timedelta(days=90)
_CAME_BACK_WITHIN: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: a share, or the middle of what was measured, or counts, as its definition says.

    `untold` says why there is none of them, where what it needs is in no feed.
    """

    code: str
    title: str
    definition: str
    share: Share | None = None
    middle: Middle | None = None
    counts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Share] = field(default_factory=dict)
    middles: dict[str, Middle] = field(default_factory=dict)
    untold: str = ""


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
        *_UNTOLD,
    ]


def _of_meetings(meetings: Sequence[MeetingFact]) -> Iterable[Measure]:
    held = [one for one in meetings if one.held]
    seats = [_was_filled(one, seat) for one in held for seat in one.seats]
    yield Measure(
        code="core-attendance",
        title="Core attendance",
        definition=(
            "How many of the team's seats were filled. A seat counts where its holder or a deputy was there for four in"
            " five of the people discussed, or at the start where nobody was to be discussed. Cancelled meetings do"
            " not count. It says who came, not what they brought."
        ),
        share=share(seats),
    )
    yield Measure(
        code="quorate",
        title="Quorate meetings",
        definition=(
            "How many meetings had enough of the right people, at the start and for nine in ten of those discussed."
            " Cancelled meetings do not count: their number stands beside."
        ),
        share=share([_was_quorate(one) for one in held]),
        counts={"cancelled": len(meetings) - len(held)},
    )


def _was_filled(meeting: MeetingFact, seat: str) -> bool:
    """For most of the people discussed; of a meeting at which nobody was to be discussed, when it began."""
    if not meeting.items:
        return seat in meeting.at_start
    return meeting.seats[seat] >= _PRESENT * meeting.items


def _was_quorate(meeting: MeetingFact) -> bool | None:
    if meeting.quorate_at_start is None:
        return None
    return meeting.quorate_at_start and meeting.items_quorate >= _QUORATE * meeting.items


def _of_listing(items: Sequence[ItemFact]) -> Iterable[Measure]:
    yield Measure(
        code="pack-complete",
        title="Pack complete",
        definition=(
            "For how many people on agendas nothing was missing at the lock: the question, what matters to them, that"
            " they were told, and who leads. It does not say that the pack was read."
        ),
        share=share([one.pack_complete for one in items]),
    )
    yield Measure(
        code="late-additions",
        title="Late additions",
        definition=(
            "How many people on agendas were added after the lock, too late for their pack to be prepared. The urgent"
            " ones, who had to be, stand beside."
        ),
        share=share([one.late for one in items]),
        counts={"urgent": sum(one.late and one.urgent for one in items)},
    )
    moved = [one for one in items if not one.discussed and one.carried_over is not None]
    yield Measure(
        code="carry-over",
        title="Carried over",
        definition=(
            "How many people on agendas were not reached and wait for another meeting, and why. “Again” are those who"
            " had been moved before: they have waited longest."
        ),
        share=share([not one.discussed and one.carried_over is not None for one in items]),
        counts={
            **Counter(one.carried_over or "" for one in moved),
            "again": sum(one.carried_over_before > 0 for one in moved),
        },
    )


def _of_discussions(discussed: Sequence[ItemFact], last: date) -> Iterable[Measure]:
    yield _discussion_time(discussed)
    yield Measure(
        code="clear-outcome",
        title="Clear outcome",
        definition=(
            "How many discussions ended in a decision, with an action that somebody owns by a date, or with why nobody"
            " need do anything. It does not say that the decision was right, or carried out."
        ),
        share=share([_is_clear(one) for one in discussed]),
    )
    yield Measure(
        code="persons-view",
        title="The person's view",
        definition=(
            "For how many people discussed it was told what they themselves say, in whose words, from the 90 days"
            " before. An older view, or one of which nobody says whose it is, does not count."
        ),
        share=share([_is_heard(one) for one in discussed]),
    )
    yield _decision_implemented(discussed, last)


def _discussion_time(discussed: Sequence[ItemFact]) -> Measure:
    timed = [one for one in discussed if one.minutes is not None]
    return Measure(
        code="discussion-time",
        title="Discussion time as planned",
        definition=(
            "How many people had the time that was planned for them, give or take two minutes; below, how many minutes"
            " they had. Where those at the end of the agenda have fewer, agendas are too long."
        ),
        share=share(
            [None if one.minutes is None else abs(one.minutes - one.planned_minutes) <= _WITHIN for one in discussed]
        ),
        middle=middle([one.minutes or 0.0 for one in timed]),
        middles={
            name: middle([one.minutes or 0.0 for one in timed if _third(one) == third])
            for third, name in enumerate(("first third", "second third", "last third"))
        },
    )


def _decision_implemented(discussed: Sequence[ItemFact], last: date) -> Measure:
    decided = [one for one in discussed if one.decision and one.on + _IMPLEMENTED_BY <= last]
    return Measure(
        code="decision-implemented",
        title="Decision implemented",
        definition=(
            "How many decisions were carried out: every action done within 90 days. Only decisions from 90 days ago and"
            " before count, and no cancelled actions. By how deprived the area is, fifth 1 the most in England:"
            " decisions for those who have least should be carried out as often."
        ),
        share=share([_was_implemented(one) for one in decided]),
        counts=dict(Counter(why for one in decided if (why := _why_not(one)))),
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


def _why_not(item: ItemFact) -> str | None:
    late = item.implemented_on is not None and not _was_implemented(item)
    return "done-late" if late else item.not_implemented


def _quintile(item: ItemFact) -> str:
    return f"fifth {item.deprivation}" if item.deprivation else "deprivation not known"


def _of_actions(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    due = [one for one in facts.actions if first <= one.original_due <= last]
    counted = [one for one in due if not one.cancelled]
    yield Measure(
        code="actions-on-time",
        title="Actions on time",
        definition=(
            "How many actions were done by the date first agreed. Giving one a later date does not make it on time."
            " Cancelled ones do not count: their number stands beside."
        ),
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
        definition="For how many days the actions have been late that are still open on the last day.",
        middle=middle(overdue),
    )


_NOT_YET: Final = ("not yet triaged", "not yet discussed", "plan not yet shared", "person not yet told")


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
        definition=(
            "How many working days people waited at each step. Who still waits is in none of these times, but counted"
            " below: look at them first, as they may be those who wait longest."
        ),
        counts={
            not_yet: sum(to is None for _, to in pairs) for not_yet, pairs in zip(_NOT_YET, steps.values(), strict=True)
        },
        middles={
            name: middle([working_days(since, to) for since, to in pairs if since and to])
            for name, pairs in steps.items()
        },
    )


def _of_caseload(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    left = [one for one in facts.caseload if one.left is not None and first <= one.left <= last]
    watched = [one for one in left if one.left is not None and one.left + _CAME_BACK_WITHIN <= last]
    yield Measure(
        code="caseload-flow",
        title="Caseload",
        definition=(
            "Who came onto the caseload, was reviewed, and was stepped down; below, for how many days those had stayed."
            " The share is who came back within 180 days of stepping down, of those who have had 180 days to. Many may"
            " mean that people leave too early, none that they stay too long."
        ),
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


_UNTOLD: Final = (
    Measure(
        code="care-home",
        title="Care home",
        definition=(
            "Of those who move to a care home, or come back to it from hospital, those who were assessed and had a plan"
            " within seven working days."
        ),
        untold=(
            "Cannot be told from the feeds. The council tells of the places that it pays for and when paying for them"
            " began, not of who moved in or came back; no feed tells of the home's own assessment."
        ),
    ),
    Measure(
        code="reach",
        title="Reach",
        definition="Referrals for each 1,000 people, by who they are: deprivation, ethnicity, age, segment, locality.",
        untold=(
            "A team's own papers do not tell who is not referred. It stands with people's use of hospital, for whoever"
            " may evaluate."
        ),
    ),
    Measure(
        code="experience",
        title="Experience",
        definition="What people, carers and staff say of it, asked in a few questions that they helped to write.",
        untold="No feed carries such answers. The case studies illustrate, and prove nothing.",
    ),
)
"""Measures that a team is owed and nothing here can compute: said, rather than left out."""
