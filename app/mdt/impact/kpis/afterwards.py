"""What follows the meetings: actions, people's way from referral to plan, and the caseload. Pure."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final

from app.mdt.impact.facts import TeamFacts
from app.mdt.impact.intervals import middle, share
from app.mdt.impact.kpis.measure import Measure

WorkingDays = Callable[[date, date], int]
"""How many working days lie between two days."""

_NOT_YET: Final = ("not yet triaged", "not yet discussed", "plan not yet shared", "person not yet told")
_CAME_BACK_WITHIN: Final = timedelta(days=180)


def of_actions(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    """Whether they were done, and when."""
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


def of_pathways(facts: TeamFacts, first: date, last: date, working_days: WorkingDays) -> Iterable[Measure]:
    """How long people waited at each step."""
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


def of_caseload(facts: TeamFacts, first: date, last: date) -> Iterable[Measure]:
    """Who came, stayed, left and came back."""
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
