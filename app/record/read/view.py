"""One person's record as one decision permits it.

`requester → decide → one query for the permitted labels → assemble → disclosure committed → answer`. What is answered
was committed to the trail before; a refusal is a value, and is committed too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from app.record.freshness import Feed
from app.record.merge import Line, grouped, happening_now, speak_for_themselves
from app.sharing.decision import Decision, Granted, Notices
from app.sharing.lattice import Lattice
from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.fhir_systems import NHS_NUMBER
from app.vocabulary.ods_code import OdsCode

_ORDER: Final = {category: place for place, category in enumerate(CATEGORIES)}
_DEMOGRAPHICS: Final = Category("demographics")
_BEGINS: Final = {False: b'{"disagree":false,"statements":[', True: b'{"disagree":true,"statements":['}
_ENDS: Final = b"]}"
_AND_ALONE: Final = b"%b,%b" % (_ENDS, _BEGINS[False])
"""Between two statements of which each is a group by itself."""
_CLOSING: Final = b"]}"
"""After the entries of a heading."""


class PartnerFeed(NamedTuple):
    """What a viewer is told of one feed's freshness; hashable, so that what depends on it alone is written once."""

    partner: OdsCode
    adapter: str
    covers: frozenset[Category]
    last_message_at: datetime | None
    late_since: datetime | None


@dataclass(frozen=True, slots=True, eq=False)
class _Heading:
    """A heading that the decision opens: its JSON as it begins, whose entries may stand there, the feeds.

    It equals itself alone, so that what is kept by heading need not compare all that it holds.
    """

    category: Category
    begins: bytes
    partners: tuple[OdsCode, ...]
    feeds: tuple[PartnerFeed, ...]


class _Frame(NamedTuple):
    """What of a view depends on the decision and the feeds alone, never on what is recorded of the person.

    Each heading stands beside what it is written as where nothing is under it, as is so of most for most people.
    """

    headings: tuple[tuple[_Heading, bytes], ...]
    sources: bytes


def partner_feeds(feeds: Iterable[Feed], at: datetime) -> tuple[PartnerFeed, ...]:
    """How each feed stands at an instant."""
    return tuple(
        PartnerFeed(feed.partner, feed.adapter, feed.covers, feed.last_message_at, feed.late_since(at))
        for feed in feeds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """What a requester is shown: the permitted lines, the newest first, and how fresh their sources are."""

    person_id: UUID
    decision: Decision
    lines: Sequence[Line]
    feeds: tuple[PartnerFeed, ...]
    at: datetime

    def json(self) -> bytes:
        """The view for pages.

        `{id, at, identity, notices, sources: [{partner, feed, last_message_at, late_since}], headings: [{category,
        heading, silent: {nothing_recorded: [partner], no_feed: [partner], feed_late: {partner: since}}, entries:
        [{disagree, statements: [line]}]}], now: [id], timeline: [id]}`. A heading's `silent` tells of each partner
        without an entry there why it has none. `started`, `ended` and `recorded` of a line are instants in UTC, or
        London dates where no more than the day is known. Lines of one `entries` element state the same thing; `now`
        and `timeline` name lines by id, the newest first.
        """
        lines, under = self.lines, _by_heading(self.lines)
        frame = _frame(self.decision.lattice, self.decision.granted, self.feeds)
        return b"".join(
            (
                b'{"id":"',
                str(self.person_id).encode(),
                b'","at":',
                orjson.dumps(self.at),
                b',"identity":',
                orjson.dumps(identity(under.get(_DEMOGRAPHICS, ()))),
                b',"notices":',
                _notices(self.decision.notices),
                b',"sources":',
                frame.sources,
                b',"headings":[',
                *_headings(frame, under),
                b'],"now":',
                orjson.dumps([str(line.number) for line in lines if happening_now(line, self.at)]),
                b',"timeline":',
                orjson.dumps([str(line.number) for line in lines if line.started is not None]),
                b"}",
            )
        )


def identity(demographics: Iterable[Line]) -> object | None:
    """Who the person is, as a banner shows it: the newest account with a name and an NHS number, else one.

    Accounts are never mixed: what stands together was stated together.
    """
    current = [orjson.loads(line.summary) for line in demographics if line.standing == "current"]
    accounts = [summary["identity"] for summary in current if "identity" in summary]
    return max(accounts, key=lambda account: ("name" in account, _has_nhs_number(account)), default=None)


def _has_nhs_number(account: dict[str, Any]) -> bool:
    return any(held.get("system") == NHS_NUMBER for held in account.get("identifier", []))


def _by_heading(lines: Iterable[Line]) -> dict[Category, list[Line]]:
    under: dict[Category, list[Line]] = {}
    for line in lines:
        under.setdefault(line.label.category, []).append(line)
    return under


def _headings(frame: _Frame, under: Mapping[Category, Sequence[Line]]) -> Iterator[bytes]:
    """All headings in parts, which are joined once: a record is copied no more often than it must."""
    for heading, empty in frame.headings:
        lines = under.get(heading.category)
        if lines is None:
            yield empty
            continue
        partners = frozenset([line.label.controller for line in lines])
        yield _opening(heading, partners)
        yield from _alone(lines) if speak_for_themselves(lines, partners) else _together(lines)
        yield _CLOSING


def _alone(lines: Sequence[Line]) -> tuple[bytes, ...]:
    return _BEGINS[False], _AND_ALONE.join([line.summary for line in lines]), _ENDS


def _together(lines: Sequence[Line]) -> tuple[bytes, ...]:
    groups = [
        b"%b%b%b" % (_BEGINS[group.disagree], b",".join([line.summary for line in group.lines]), _ENDS)
        for group in grouped(lines)
    ]
    return (b",".join(groups),)


@lru_cache(maxsize=512)
def _frame(lattice: Lattice, granted: tuple[Granted, ...], feeds: tuple[PartnerFeed, ...]) -> _Frame:
    partners: dict[Category, set[OdsCode]] = {}
    for label in Decision(lattice=lattice, agreements=(), granted=granted).permitted:
        partners.setdefault(label.category, set()).add(label.controller)
    headings = [
        _opened(place, category, partners[category], feeds)
        for place, category in enumerate(sorted(partners, key=_ORDER.__getitem__))
    ]
    return _Frame(
        tuple((heading, _opening(heading, frozenset()) + _CLOSING) for heading in headings),
        _sources(feeds, frozenset().union(*partners.values())),
    )


def _opened(place: int, category: Category, partners: set[OdsCode], feeds: tuple[PartnerFeed, ...]) -> _Heading:
    names = b'{"category":%b,"heading":%b,"silent":' % (orjson.dumps(str(category)), orjson.dumps(category.heading))
    begins = b"," + names if place else names
    return _Heading(category, begins, tuple(sorted(partners)), feeds)


@lru_cache(maxsize=8192)
def _opening(heading: _Heading, speaking: frozenset[OdsCode]) -> bytes:
    """The heading up to its entries, with why each partner is silent that has none there."""
    nothing: list[OdsCode] = []
    no_feed: list[OdsCode] = []
    late: dict[str, datetime] = {}
    for partner in heading.partners:
        if partner in speaking:
            continue
        covering = [feed for feed in heading.feeds if feed.partner == partner and heading.category in feed.covers]
        since = [feed.late_since for feed in covering if feed.late_since is not None]
        if since:
            late[str(partner)] = min(since)
        else:
            (nothing if covering else no_feed).append(partner)
    told = {"nothing_recorded": nothing, "no_feed": no_feed, "feed_late": late}
    silent = {state: partners for state, partners in told.items() if partners}
    return b'%b%b,"entries":[' % (heading.begins, orjson.dumps(silent))


def _sources(feeds: tuple[PartnerFeed, ...], shown: frozenset[OdsCode]) -> bytes:
    return orjson.dumps(
        [
            {
                "partner": feed.partner,
                "feed": feed.adapter,
                "last_message_at": feed.last_message_at,
                "late_since": feed.late_since,
            }
            for feed in feeds
            if feed.partner in shown
        ]
    )


@lru_cache(maxsize=512)
def _notices(notices: Notices) -> bytes:
    return orjson.dumps(notices)
