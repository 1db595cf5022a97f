"""What a Caldicott Guardian reads of one partner's week in five minutes. Pure.

Of the partner's own staff everything is counted as it is. Of all others together only what cannot point at one of them:
a count of one to four is not told, and nothing at all where fewer than three other partners were at work.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from app.governance.alerts.store import Alert
from app.governance.alerts.triage import OPEN, State
from app.vocabulary.ods_code import OdsCode
from app.watch.sign import Rank, Sign, explained_title, rank_of
from app.watch.tally import Tally
from app.watch.week import Week

FEWEST_TOLD: Final = 5
FEWEST_PARTNERS: Final = 3
BEFORE: Final = 4  # weeks with which this one is compared

_BY_HAND: Final[Mapping[str, str]] = {
    "opening": "Emergency access, or a reason given",
    "claim": "A relationship stated by oneself",
}


class Use(NamedTuple):
    """How a partner's staff used the record in a week; `earlier` is the mean of the four weeks before."""

    accounts: int
    looks: int
    refused: int
    openings: int
    searches: int


class Line(NamedTuple):
    """The alerts of one kind raised in the week, by where they stand now; `at_once` could not wait for the report."""

    kind: str
    title: str
    raised: int
    at_once: int
    open: int
    justified: int
    false_alarm: int
    misuse: int
    passed_on: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One partner's week; `at` is when it was written, in UTC. `None` stands for a number that is not told."""

    partner: OdsCode
    name: str
    week: Week
    at: datetime
    use: Use
    earlier: Use | None
    by_role: Mapping[str, int]
    alerts: tuple[Line, ...]
    overdue: int
    oldest_overdue: datetime | None
    elsewhere: Mapping[str, int | None]

    @property
    def raised(self) -> int:
        """How many alerts were raised in the week."""
        return sum(line.raised for line in self.alerts)

    @property
    def misuse(self) -> int:
        """How many of them are known to be misuse."""
        return sum(line.misuse for line in self.alerts)


def report_of(
    partner: OdsCode, name: str, week: Week, tallies: Collection[Tally], alerts: Collection[Alert], *, at: datetime
) -> Report:
    """The report of a week from the numbers of it and of the four before, and from every alert up to its end."""
    own = [tally for tally in tallies if tally.peers.organisation == partner]
    of_week = [tally for tally in own if week.monday <= tally.on < week.end]
    theirs = [alert for alert in alerts if alert.organisation == partner]
    overdue = [alert for alert in theirs if alert.state in OPEN and alert.review_due <= at]
    return Report(
        partner=partner,
        name=name,
        week=week,
        at=at,
        use=_use(of_week),
        earlier=_mean([tally for tally in own if tally.on < week.monday]),
        by_role=_by_role(of_week),
        alerts=_lines(alert for alert in theirs if week.covers(alert.raised)),
        overdue=len(overdue),
        oldest_overdue=min((alert.review_due for alert in overdue), default=None),
        elsewhere=_elsewhere(partner, week, tallies, alerts),
    )


def untold(count: int) -> int | None:
    """A count that goes beyond its own organisation: one to four are not told."""
    return None if 0 < count < FEWEST_TOLD else count


def _use(tallies: Collection[Tally]) -> Use:
    return Use(
        accounts=len({tally.actor for tally in tallies}),
        looks=sum(tally.looks for tally in tallies),
        refused=sum(tally.refused for tally in tallies),
        openings=sum(tally.openings for tally in tallies),
        searches=sum(tally.searches for tally in tallies),
    )


def _mean(tallies: Collection[Tally]) -> Use | None:
    """Over those weeks before that had any work in them."""
    of_week: dict[Week, list[Tally]] = {}
    for tally in tallies:
        of_week.setdefault(Week.of(tally.on), []).append(tally)
    weeks = [_use(found) for found in of_week.values()]
    return Use(*(round(sum(counts) / len(weeks)) for counts in zip(*weeks, strict=True))) if weeks else None


def _by_role(tallies: Iterable[Tally]) -> dict[str, int]:
    looks = Counter[str]()
    for tally in tallies:
        looks[str(tally.peers.role)] += tally.looks
    return dict(looks.most_common())


def _lines(alerts: Iterable[Alert]) -> tuple[Line, ...]:
    states: dict[str, Counter[str]] = {}
    at_once = Counter[str]()
    for alert in alerts:
        states.setdefault(alert.kind, Counter())[alert.state] += 1
        at_once[alert.kind] += rank_of(alert.evidence) is Rank.TODAY
    return tuple(
        Line(
            kind=kind,
            title=_BY_HAND.get(kind) or explained_title(Sign(kind)),
            raised=counts.total(),
            at_once=at_once[kind],
            open=sum(counts[state] for state in OPEN),
            justified=counts[State.JUSTIFIED],
            false_alarm=counts[State.FALSE_ALARM],
            misuse=counts[State.MISUSE],
            passed_on=counts[State.PASSED_ON],
        )
        for kind, counts in sorted(states.items(), key=lambda each: (-at_once[each[0]], -each[1].total(), each[0]))
    )


def _elsewhere(
    partner: OdsCode, week: Week, tallies: Iterable[Tally], alerts: Iterable[Alert]
) -> Mapping[str, int | None]:
    """All other partners together."""
    others = [t for t in tallies if t.peers.organisation != partner and week.monday <= t.on < week.end]
    told = [alert for alert in alerts if alert.organisation != partner and week.covers(alert.raised)]
    counts = {"partners": len({tally.peers.organisation for tally in others})}
    if counts["partners"] < FEWEST_PARTNERS:
        return {}
    counts |= _use(others)._asdict()
    counts |= {"alerts": len(told), "misuse": sum(alert.state == State.MISUSE for alert in told)}
    return {name: count if name == "partners" else untold(count) for name, count in counts.items()}
