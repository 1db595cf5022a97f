"""Case finding: who might be helped, and always why. A purpose of its own, which names no one to whoever lacks it.

Everyone among whom the requester may look is decided by themselves; what is read of them is what the agreement leaves
to the requester for this purpose; whoever is named is told to the trail before (`SharedRecord.sift`).
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.scores import (
    CompleteSince,
    KnownScore,
    comorbidity_scores,
    hospital_frailty_score,
    imported_scores,
    lace_score,
)
from app.mdt.case_finding.segments import Segment, segments_of
from app.mdt.case_finding.signs import SIGNS
from app.mdt.one_person.entries import LocalityOf, PersonEntries, Stated
from app.record.inquiry import Inquiry
from app.record.read.access import SharedRecord
from app.record.sifted import Considered, Sifted
from app.risk.algorithm import ALGORITHMS
from app.vocabulary.category import Category
from app.vocabulary.token import Purpose

CASE_FINDING: Final = Purpose("case-finding")
HEADINGS: Final = frozenset(
    Category(code)
    for code in (
        "demographics", "address", "gp-practice", "problems", "admissions", "appointments", "assessments",
        "referrals", "safeguarding", "social-context", "support-reason", "tenancy-risk", "homelessness",
    )
)  # fmt: skip
"""Under which case finding reads: whatever the agreement leaves of them to the requester."""

MOST_NAMED: Final = 100
"""In one answer: a list is read, and each name on it is a disclosure."""

_ADMISSIONS: Final = Category("admissions")
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


class Reason(NamedTuple):
    """Why someone is listed: a sign or a score, since when, and the entries that say so."""

    code: str
    title: str
    since: datetime | None
    sources: tuple[Sifted, ...]


@dataclass(frozen=True)
class Case:
    """Someone who is listed: who they are, and what their reasons, scores and segments rest on."""

    considered: Considered
    reasons: tuple[Reason, ...]
    scores: tuple[KnownScore, ...]
    segments: tuple[Segment, ...]
    locality: str | None
    identity: tuple[Sifted, ...]

    @cached_property
    def shown(self) -> tuple[Sifted, ...]:
        """Every entry of which naming them discloses anything, each once."""
        return tuple(
            dict.fromkeys(
                chain(
                    self.identity,
                    *(reason.sources for reason in self.reasons),
                    *(score.sources for score in self.scores),
                    *(segment.sources for segment in self.segments),
                )
            )
        )

    @property
    def rank(self) -> tuple[int, datetime]:
        """The more kinds of reason the higher, then the newer; no score outranks a need."""
        return len(self.reasons), max(reason.since or _LONG_AGO for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which list: of a locality, a segment, a reason, or all; and how many names at most."""

    locality: str | None = None
    segment: str | None = None
    reason: str | None = None
    most: int = 50

    def wants(self, case: Case) -> bool:
        """Whether a case is on it."""
        return (
            (self.locality is None or case.locality == self.locality)
            and (self.segment is None or any(segment.code == self.segment for segment in case.segments))
            and (self.reason is None or any(reason.code == self.reason for reason in case.reasons))
        )


@dataclass(slots=True)
class Tally:
    """How many there are, named or not: of people among whom the requester may look."""

    considered: int = 0
    listed: int = 0
    by_locality: Counter[str] = field(default_factory=Counter)  # "" where it cannot be told
    by_reason: Counter[str] = field(default_factory=Counter)
    by_segment: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """Whoever was found, the most reasons first, under what is said above every record."""

    banner: str
    cases: Sequence[Case]
    tally: Tally


async def find_cases(
    record: SharedRecord, inquiry: Inquiry, asked: Asked, *, locality_of: LocalityOf
) -> CaseList | None:
    """The list that is asked for; `None` where the purpose is another, or nobody may be looked at for it."""
    if inquiry.purpose != CASE_FINDING:
        return None
    complete_since = await record.complete_since(_ADMISSIONS)
    tally = Tally()

    def choose(people: Iterator[Considered]) -> Sequence[Case]:
        found = _found(people, asked, tally, inquiry.at, locality_of, complete_since)
        return heapq.nlargest(min(asked.most, MOST_NAMED), found, key=lambda case: case.rank)

    criteria = {"locality": asked.locality or "", "segment": asked.segment or "", "reason": asked.reason or ""}
    cases = await record.sifting.sift(inquiry, HEADINGS, choose, criteria=criteria)
    return None if cases is None else CaseList(banner=record.notices(inquiry).banner, cases=cases, tally=tally)


def _found(
    people: Iterator[Considered],
    asked: Asked,
    tally: Tally,
    at: datetime,
    locality_of: LocalityOf,
    complete_since: CompleteSince,
) -> Iterator[Case]:
    for one in people:
        tally.considered += 1
        case = case_of(one, at=at, locality_of=locality_of, complete_since=complete_since)
        if case is not None and asked.wants(case):
            tally.listed += 1
            tally.by_locality[case.locality or ""] += 1
            tally.by_reason.update(reason.code for reason in case.reasons)
            tally.by_segment.update(segment.code for segment in case.segments)
            yield case


def case_of(one: Considered, *, at: datetime, locality_of: LocalityOf, complete_since: CompleteSince) -> Case | None:
    """Why this person might be helped, as at an instant in UTC; `None` where nothing says so, or where they died."""
    person = PersonEntries(one.entries, at)
    signs = {sign.code: shown for sign in SIGNS if (shown := sign.shown_by(person, CRITERIA.signs))}
    scores = imported_scores(person, oldest_days=CRITERIA.oldest_score_days)
    scores += hospital_frailty_score(person, one.decision, complete_since)
    scores += lace_score(person, one.decision, complete_since)
    reasons = (*_needs(signs), *_scored(scores, person.age))
    if not reasons or person.died:
        return None
    scores += comorbidity_scores(person)
    return Case(
        considered=one,
        reasons=reasons,
        scores=tuple(scores),
        segments=segments_of(person, signs, scores, CRITERIA.segments),
        locality=locality_of(person.practices(), person.postcodes()),
        identity=tuple(one.entry for one in person.patients),
    )


def _needs(signs: dict[str, Sequence[Stated]]) -> Iterator[Reason]:
    for sign in SIGNS:
        if shown := signs.get(sign.code):
            newest = max((one.entry.started for one in shown if one.entry.started), default=None)
            yield Reason(sign.code, sign.title, newest, tuple(one.entry for one in shown))


def _scored(scores: Sequence[KnownScore], age: int | None) -> Iterator[Reason]:
    for score in scores:
        least = CRITERIA.scores.get(score.algorithm or "")
        if least is not None and score.value is not None and score.value >= least:
            newest = max((source.started for source in score.sources if source.started), default=None)
            outside = ALGORITHMS[score.algorithm or ""].outside_validation(age)
            title = f"{score.title} {score.said}" + (f", {outside}" if outside else "")
            yield Reason(score.algorithm or "", title, newest, score.sources)
