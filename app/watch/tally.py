"""What one account did in one London day, in numbers: what later days of it and of its peers are compared with. Pure.

Numbers are kept rather than read from the trail again, so that watching a day costs one day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from app.audit.event import Kind
from app.sharing.facts import Account
from app.vocabulary.london import LONDON
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.act import REFUSED, Act, people_of

OPENED_WITHIN: Final = timedelta(minutes=30)
"""How soon after a search somebody whom it showed is opened, for the search to have been for them."""
_HOUR: Final = timedelta(hours=1)


class Peers(NamedTuple):
    """Accounts of one role at one organisation do the same work."""

    role: Role
    organisation: OdsCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One account in one role on one day.

    `looks` that were answered and `refused` ones, at how many `people`; how many it `exported` at most within an hour;
    `searches` that showed somebody and `unopened` of them; `openings` in an emergency; `hours` has the bit of each
    London hour in which it did anything.
    """

    on: date
    actor: Account
    peers: Peers
    looks: int
    refused: int
    people: int
    exported: int
    searches: int
    unopened: int
    openings: int
    hours: int


def tallied(acts: Iterable[Act], *, on: date) -> list[Tally]:
    """The numbers of each account and role in a day's acts, which are in the order of time."""
    return [_tally(actor, peers, own, on) for (actor, peers), own in by_account(acts).items()]


def by_account(acts: Iterable[Act]) -> Mapping[tuple[Account, Peers], list[Act]]:
    """A day's acts by who did them, in which role."""
    grouped: dict[tuple[Account, Peers], list[Act]] = defaultdict(list)
    for act in acts:
        grouped[act.actor, Peers(act.role, act.organisation)].append(act)
    return grouped


def _tally(actor: Account, peers: Peers, acts: Sequence[Act], on: date) -> Tally:
    looks = [act for act in acts if act.is_look]
    seen = [act for act in looks if act.kind not in REFUSED]
    searches = searches_in(acts)
    return Tally(
        on=on,
        actor=actor,
        peers=peers,
        looks=len(seen),
        refused=len(looks) - len(seen),
        people=len(people_of(looks)),
        exported=len(busiest_hour(acts)),
        searches=len(searches),
        unopened=len(unopened(searches, seen)),
        openings=sum(act.kind is Kind.EMERGENCY_OPENED for act in acts),
        hours=hours_of(acts),
    )


def hours_of(acts: Iterable[Act]) -> int:
    """The bit of each London hour in which there was an act."""
    return sum({1 << act.at.astimezone(LONDON).hour for act in acts})


def span(hours: int) -> int:
    """How many hours there are from the first to the last."""
    return hours.bit_length() - (hours & -hours).bit_length() + 1 if hours else 0


def searches_in(acts: Iterable[Act]) -> list[list[Act]]:
    """The searches that showed somebody, each as one act for everyone it showed."""
    found: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        if act.kind is Kind.FIND and act.person is not None:
            found[act.request or act.event].append(act)
    return list(found.values())


def unopened(searches: Iterable[Sequence[Act]], looks: Sequence[Act]) -> list[Sequence[Act]]:
    """The searches after which nobody whom they showed was opened soon."""
    opened: dict[object, list[datetime]] = defaultdict(list)
    for look in looks:
        opened[look.person].append(look.at)
    return [
        search
        for search in searches
        if not any(
            timedelta() <= at - shown.at <= OPENED_WITHIN for shown in search for at in opened.get(shown.person, ())
        )
    ]


def busiest_hour(acts: Iterable[Act]) -> list[Act]:
    """The first copy of each person in that hour in which copies of the most people were taken."""
    copies = [act for act in acts if act.kind is Kind.EXPORT]
    first, busiest = 0, list[Act]()
    for last, copy in enumerate(copies):
        while copy.at - copies[first].at > _HOUR:
            first += 1
        if last - first >= len(busiest):
            in_it = {act.person: act for act in reversed(copies[first : last + 1])}
            busiest = max(busiest, list(in_it.values()), key=len)
    return busiest


class Habits:
    """The tallies of the weeks before a day, by account and by peers."""

    def __init__(self, tallies: Iterable[Tally], *, before: date) -> None:
        self.before = before
        self._own: dict[tuple[Account, Peers], list[Tally]] = defaultdict(list)
        self._peers: dict[Peers, list[Tally]] = defaultdict(list)
        for tally in tallies:
            if tally.on < before:
                self._own[tally.actor, tally.peers].append(tally)
                self._peers[tally.peers].append(tally)

    def own(self, actor: Account, peers: Peers) -> Sequence[Tally]:
        """The days of one account."""
        return self._own.get((actor, peers), ())

    def of_others(self, actor: Account, peers: Peers) -> list[Tally]:
        """The days of everyone else in the role and organisation."""
        return [tally for tally in self._peers.get(peers, ()) if tally.actor != actor]


def percentile(counts: Iterable[int], share: float) -> int:
    """The least of the counts that is no smaller than `share` of them; 0 of none."""
    ordered = sorted(counts)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def weeks_of(tallies: Iterable[Tally]) -> Mapping[tuple[Account, date], int]:
    """Emergency openings by account and the Monday of their week."""
    openings: dict[tuple[Account, date], int] = defaultdict(int)
    for tally in tallies:
        openings[tally.actor, monday_of(tally.on)] += tally.openings
    return openings


def monday_of(on: date) -> date:
    """The first day of an ISO week."""
    return on - timedelta(days=on.weekday())
