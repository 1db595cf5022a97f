"""What came of the discussions of a team. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from app.mdt.impact.facts import ItemFact
from app.mdt.impact.intervals import by_group, middle, share
from app.mdt.impact.kpis.measure import Measure

_WITHIN: Final = 2  # minutes of what was planned
_VIEW_FRESH: Final = timedelta(days=90)
_IMPLEMENTED_BY: Final = timedelta(days=90)


def of_discussions(discussed: Sequence[ItemFact], last: date) -> Iterable[Measure]:
    """Their time, their outcome, whose view was heard, and whether what was decided was done."""
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
