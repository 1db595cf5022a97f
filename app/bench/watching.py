"""Recall and precision of the watch, on a made-up year in which it is known who snooped."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.bench.watch_honest import day_of
from app.bench.watch_snoopers import SNOOPERS
from app.bench.watch_year import Snooping, Year
from app.watch.act import Act
from app.watch.habit_signs import WEEKS, found_in_habits
from app.watch.people_signs import FORTNIGHT, found_about_people, found_without_relationship
from app.watch.sign import Finding, Matter, Rank, Sign, not_told_lately, weighed
from app.watch.tally import Habits, Tally, tallied


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of the snoopings of one sign, and of its alerts; `today` counts those to look at at once alone."""

    sign: Sign
    snooped: int
    told_by_it: int
    told_by_any: int
    told_today: int
    alerts: int
    right: int
    today: int
    right_today: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A whole year: the signs apart, and how many acts and accounts it had."""

    signs: tuple[Measured, ...]
    acts: int
    staff: int
    days: int

    @property
    def recall(self) -> float:
        """Of all snoopings, the share that some alert told of."""
        return sum(each.told_by_any for each in self.signs) / sum(each.snooped for each in self.signs)

    @property
    def precision(self) -> float:
        """Of all alerts, the share that told of snooping."""
        return sum(each.right for each in self.signs) / max(1, sum(each.alerts for each in self.signs))

    @property
    def recall_today(self) -> float:
        """The same by alerts to look at at once alone."""
        return sum(each.told_today for each in self.signs) / sum(each.snooped for each in self.signs)

    @property
    def precision_today(self) -> float:
        """The same of alerts to look at at once."""
        return sum(each.right_today for each in self.signs) / max(1, sum(each.today for each in self.signs))

    @property
    def precision_weekly(self) -> float:
        """The same of those that wait for the weekly report."""
        alerts = sum(each.alerts - each.today for each in self.signs)
        return sum(each.right - each.right_today for each in self.signs) / max(1, alerts)

    @property
    def today_a_week(self) -> float:
        """Alerts to look at at once, in a week for each hundred of staff."""
        return sum(each.today for each in self.signs) * 7 / self.days * 100 / self.staff

    @property
    def a_week(self) -> float:
        """Alerts in a week for each hundred of staff."""
        return sum(each.alerts for each in self.signs) * 7 / self.days * 100 / self.staff


def watch_year(year: Year) -> Watched:
    """Watch a year day by day, as the worker does."""
    tallies, acts_of, told = list[Tally](), 0, dict[Matter, date]()
    found, snooped, waiting = list[Finding](), list[Snooping](), deque[tuple[date, list[Act]]]()

    def tell(new: Iterable[Finding]) -> None:
        for finding in weighed(not_told_lately(new, told), told):
            told[finding.matter] = finding.on
            found.append(finding)

    for on, acts, snooping in year.acts(day_of, SNOOPERS):
        known, acts_of = year.known(on), acts_of + len(acts)
        tallies = [tally for tally in tallies if tally.on >= on - WEEKS]
        tell(found_about_people(acts, known, on=on))
        tell(found_in_habits(acts, known, Habits(tallies, before=on), on=on))
        tallies += tallied(acts, on=on)
        snooped += snooping
        waiting.append((on, [act for act in acts if act.is_look]))
        if on - waiting[0][0] > FORTNIGHT:
            then, looks = waiting.popleft()
            tell(found_without_relationship(looks, known, on=then))
    for then, looks in waiting:
        tell(found_without_relationship(looks, year.known(then), on=then))
    return Watched(tuple(measured(found, snooped)), acts_of, len(year.staff), len(year.days))


def measured(found: Iterable[Finding], snooped: Iterable[Snooping]) -> list[Measured]:
    """An alert is right where its account snooped that day, at the same person where both name one."""
    told: dict[tuple[object, date], list[Finding]] = defaultdict(list)
    done: dict[tuple[object, date], list[Snooping]] = defaultdict(list)
    found, snooped = list(found), list(snooped)
    for finding in found:
        told[finding.actor, finding.on].append(finding)
    for one in snooped:
        done[one.actor, one.on].append(one)
    rows = []
    for sign in Sign:
        of_sign = [one for one in snooped if one.sign is sign]
        about = [[each for each in told[one.actor, one.on] if _is_of(each, one)] for one in of_sign]
        alerts = [finding for finding in found if finding.sign is sign]
        right = [each for each in alerts if any(_is_of(each, one) for one in done[each.actor, each.on])]
        by_it = sum(any(each.sign is sign for each in found_of) for found_of in about)
        at_once = sum(any(each.rank is Rank.TODAY for each in found_of) for found_of in about)
        today = [[each for each in some if each.rank is Rank.TODAY] for some in (alerts, right)]
        counts = (len(of_sign), by_it, sum(map(bool, about)), at_once, len(alerts), len(right), *map(len, today))
        rows.append(Measured(sign, *counts))
    return rows


def _is_of(finding: Finding, snooping: Snooping) -> bool:
    return finding.person is None or snooping.person is None or finding.person == snooping.person
