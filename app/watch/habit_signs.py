"""Signs that lie in how much, when and in which order somebody looks, beside their peers and their own weeks. Pure.

Each needs both a count that no ordinary day has and one well beyond what peers do, so that neither a quiet role nor a
busy one is told of for its own sake. Systems are compared with what they did themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.audit.event import Kind
from app.sharing.facts import Account
from app.vocabulary.london import LONDON
from app.watch.act import REFUSED, SYSTEM, Act, people_of
from app.watch.known import Known
from app.watch.people_signs import looks_in, standing
from app.watch.sign import MOST_EVENTS, Finding, Sign
from app.watch.tally import (
    Habits,
    Peers,
    Tally,
    busiest_hour,
    by_account,
    hours_of,
    monday_of,
    percentile,
    searches_in,
    span,
    unopened,
    weeks_of,
)

WEEKS: Final = timedelta(weeks=8)
"""How far back habits are taken from."""

FEWEST_PEOPLE: Final = 15  # a day that no role need explain
FEWEST_SEARCHES: Final = 8
FEWEST_EXPORTS: Final = 10
FEWEST_OPENINGS: Final = 3  # in a week
FEWEST_IN_ORDER: Final = 6  # one chance in thousands, were they met by chance among a place's people
FEWEST_STRANGERS: Final = 10  # one person in ten, in whom an organisation's own clinic has more than mistakes
FEWEST_IN_A_SHIFT: Final = 6  # people: half as many at least, to be a day's work
NEXT_TO: Final = 3  # places in the order of everyone
BETWEEN: Final = 2  # other people met meanwhile
GRACE: Final = timedelta(hours=2)  # before and after a shift: work overruns
_ENOUGH_DAYS: Final = 20  # of somebody's own, to know their hours
_NEAR: Final = 7  # days around in which a rota must name an account, to be a rota of theirs


@dataclass(frozen=True, slots=True)
class Own:
    """What one account did in one role on one day, and what it is seen against."""

    actor: Account
    peers: Peers
    acts: Sequence[Act]
    on: date
    known: Known
    habits: Habits

    def finding(self, sign: Sign, acts: Sequence[Act], *, lessened: str = "", **figures: int | str) -> Finding:
        """That these acts are odd, and what would explain them in part."""
        events = tuple(act.event for act in acts[:MOST_EVENTS])
        organisation = self.peers.organisation
        return Finding(
            sign=sign,
            actor=self.actor,
            organisation=organisation,
            on=self.on,
            events=events,
            figures=figures,
            lessened=lessened,
        )

    def strangers(self, looks: Sequence[Act]) -> int:
        """How many of the people looked at the organisation has nothing to do with."""
        return sum(not standing(of_one, self.known) for of_one in looks_in(looks))

    def beyond(self, count: Callable[[Tally], int]) -> int:
        """What 99 of a hundred days of others in the role have at most; of its own, where nobody else has it."""
        others = self.habits.of_others(self.actor, self.peers)
        return percentile(map(count, others or self.habits.own(self.actor, self.peers)), 0.99)


def volume(own: Own) -> Iterator[Finding]:
    """Half as many people again as peers look at, and as they themselves do."""
    looks = [act for act in own.acts if act.is_look]
    people = len({act.person for act in looks})
    if own.peers.role == SYSTEM or people < FEWEST_PEOPLE:
        return
    peers = own.beyond(lambda tally: tally.people)
    usual = percentile((tally.people for tally in own.habits.own(own.actor, own.peers)), 0.95)
    if 2 * people > 3 * max(peers, usual):
        lessened = "its-own-people" if FEWEST_STRANGERS * own.strangers(looks) < people else ""
        yield own.finding(Sign.VOLUME, looks, lessened=lessened, people=people, peers=peers, own=usual)


def out_of_shift(own: Own) -> Iterator[Finding]:
    """Looks outside the rota where one names the account around that day, else outside its usual hours."""
    if own.peers.role == SYSTEM:
        return
    looks = [act for act in own.acts if act.is_look]
    outside, basis = _outside_rota(own, looks) or _outside_habit(own, looks) or ([], "")
    if outside:
        lessened = "" if own.strangers(outside) else "swapped" if _is_swapped(own, looks) else "cared-for"
        first, last = (f"{act.at.astimezone(LONDON):%H:%M}" for act in (outside[0], outside[-1]))
        figures: dict[str, int | str] = {"looks": len(outside), "first": first, "last": last, "basis": basis}
        yield own.finding(Sign.OUT_OF_SHIFT, outside, lessened=lessened, **figures)


def _is_swapped(own: Own, looks: Sequence[Act]) -> bool:
    """Whether the day was another shift than the rota knows: half of what it does in a day at least, in no more hours
    than its days take, each of which is worked on one day in twenty of its peers.
    """
    days, others = own.habits.own(own.actor, own.peers), own.habits.of_others(own.actor, own.peers)
    hours = hours_of(looks)
    return (
        2 * len(people_of(looks)) >= max(FEWEST_IN_A_SHIFT, percentile((tally.people for tally in days), 0.5))
        and span(hours) <= percentile((span(tally.hours) for tally in days), 0.95)
        and all(
            20 * sum(tally.hours >> hour & 1 for tally in others) >= len(others) > 0
            for hour in range(24)
            if hours >> hour & 1
        )
    )


def _outside_rota(own: Own, looks: Sequence[Act]) -> tuple[list[Act], str] | None:
    duties = own.known.duties.get(own.actor, ())
    if not any(abs((duty.starts.date() - own.on).days) <= _NEAR for duty in duties):
        return None
    outside = [act for act in looks if not any(duty.starts - GRACE <= act.at < duty.ends + GRACE for duty in duties)]
    return outside, "the shifts that the rota gives it"


def _outside_habit(own: Own, looks: Sequence[Act]) -> tuple[list[Act], str] | None:
    """An hour is usual in which, or beside which, an account worked on one day in twenty, and on two at least."""
    days = own.habits.own(own.actor, own.peers)
    if len(days) < _ENOUGH_DAYS:
        return None
    worked = [sum(tally.hours >> hour & 1 for tally in days) for hour in range(24)]
    enough = max(2, len(days) // 20)
    usual = {hour for hour in range(24) if any(worked[(hour + beside) % 24] >= enough for beside in (-1, 0, 1))}
    return [act for act in looks if act.at.astimezone(LONDON).hour not in usual], "the hours at which it usually works"


def emergency_rate(own: Own) -> Iterator[Finding]:
    """Told on the day of a week on which its openings first exceed every ordinary week: each counts once."""
    opened = [act for act in own.acts if act.kind is Kind.EMERGENCY_OPENED]
    if not opened:
        return
    monday = monday_of(own.on)
    before = sum(tally.openings for tally in own.habits.own(own.actor, own.peers) if tally.on >= monday)
    if (openings := before + len(opened)) < FEWEST_OPENINGS:
        return
    others = (tally for tally in own.habits.of_others(own.actor, own.peers) if tally.on < monday)
    peers = percentile(weeks_of(others).values(), 0.99)
    if before < max(FEWEST_OPENINGS, peers + 1) <= openings:
        yield own.finding(Sign.EMERGENCY_RATE, opened, openings=openings, peers=peers)


def in_order(own: Own) -> Iterator[Finding]:
    """The longest run of people who follow each other in the order of everyone's numbers, or of their names."""
    looks = list({act.person: act for act in reversed(own.acts) if act.is_look}.values())[::-1]
    if own.peers.role == SYSTEM or len(looks) < FEWEST_IN_ORDER:
        return
    for order, name in (("number", "the NHS numbers"), ("name", "the names")):
        placed = [
            (getattr(place, order), act)
            for act in looks
            if act.person is not None and (place := own.known.places.get(act.person))
        ]
        run = max((_longest_run([(way * place, act) for place, act in placed]) for way in (1, -1)), key=len)
        if len(run) >= FEWEST_IN_ORDER:
            yield own.finding(Sign.IN_ORDER, run, people=len(run), order=name)
            return


def _longest_run(placed: Sequence[tuple[int, Act]]) -> list[Act]:
    """Upwards, each next to one before it, with other people in between at times."""
    runs: list[list[Act]] = []
    for at, (place, act) in enumerate(placed):
        nearby = range(max(0, at - BETWEEN - 1), at)
        before = max((runs[near] for near in nearby if 0 < place - placed[near][0] <= NEXT_TO), key=len, default=[])
        runs.append([*before, act])
    return max(runs, key=len, default=[])


def searching(own: Own) -> Iterator[Finding]:
    """Searches after which nobody whom they showed was opened, more than peers have of them, and most of all."""
    searches = searches_in(own.acts)
    without = unopened(searches, [act for act in own.acts if act.is_look and act.kind not in REFUSED])
    if len(without) < FEWEST_SEARCHES or 2 * len(without) <= len(searches):
        return
    peers = own.beyond(lambda tally: tally.unopened)
    if len(without) > peers:
        acts = [search[0] for search in without]
        yield own.finding(Sign.SEARCHING, acts, searches=len(searches), unopened=len(without), peers=peers)


def exports(own: Own) -> Iterator[Finding]:
    """Copies of many people within an hour, twice as many as peers' busiest hours have."""
    copies = busiest_hour(own.acts)
    if len(copies) >= FEWEST_EXPORTS and len(copies) > 2 * (peers := own.beyond(lambda tally: tally.exported)):
        yield own.finding(Sign.EXPORTS, copies, people=len(copies), peers=peers)


OF_HABITS: Final[Mapping[Sign, Callable[[Own], Iterator[Finding]]]] = {
    Sign.VOLUME: volume,
    Sign.OUT_OF_SHIFT: out_of_shift,
    Sign.EMERGENCY_RATE: emergency_rate,
    Sign.IN_ORDER: in_order,
    Sign.SEARCHING: searching,
    Sign.EXPORTS: exports,
}


def found_in_habits(acts: Iterable[Act], known: Known, habits: Habits, *, on: date) -> Iterator[Finding]:
    """What is odd in how each account used a day; `acts` are in the order of time."""
    for (actor, peers), own in by_account(acts).items():
        seen = Own(actor, peers, own, on, known, habits)
        for sign_of in OF_HABITS.values():
            yield from sign_of(seen)
