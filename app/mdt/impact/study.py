"""A study of those whom a team saw, from what a requester may read to evaluate it: numbers, in which nobody is named.

Whoever was accepted to a caseload is compared with others of the same requester's people at the same month: each of
them is given the index of one who was accepted, by lot that is the same each time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.mdt import store
from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.entries import LocalityOf, PersonEntries
from app.mdt.case_finding.scores import KnownScore, every_score, imported_scores
from app.mdt.case_finding.segments import segments_of
from app.mdt.desk import Desk
from app.mdt.hospital import spell, stays, visits
from app.mdt.impact.intervals import is_few
from app.mdt.impact.measures import share_row
from app.mdt.impact.reach import DecileOf, Reach
from app.mdt.impact.report import COUNTED, Kind, Report, Studied, report
from app.mdt.impact.scores import Pair
from app.mdt.impact.use import Followed, before
from app.mdt.steps.office import Office
from app.mdt.workflow.case_study import Told, told_row
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import invalid, unknown
from app.record.inquiry import Inquiry
from app.record.sifted import Considered
from app.risk.charlson import GROUPS, Weighting
from app.vocabulary.category import Category
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.token import Purpose

EVALUATION: Final = Purpose("evaluation")
HEADINGS: Final = tuple(
    map(Category, ("demographics", "ethnicity", "address", "gp-practice", "admissions", "problems", "assessments"))
)
_ADMISSIONS: Final = Category("admissions")
_YEAR: Final = timedelta(days=365)


async def study(desk: Desk, inquiry: Inquiry) -> Report:
    """Report on all whom the requester's teams accepted, until the day before; raises `Refused` to whoever may not."""
    if inquiry.purpose != EVALUATION:
        raise unknown()
    accepted, referred = await desk.ask(inquiry, lambda office: (_accepted(office), _referred(office)))
    whole = await desk.record.complete_since(_ADMISSIONS)
    if not whole:
        raise invalid("no hospital says since when its feed is whole; tell it with `pisano feed complete`")
    deciles = desk.deciles()
    until, since = london_date(inquiry.at) - timedelta(days=1), max(whole.values()) + _YEAR
    indexes = {person: on for person, on in accepted.items() if since <= on <= until}

    def made(people: Iterator[Considered]) -> Report:
        everyone: list[Studied] = []
        pairs: list[Pair] = []
        reach = Reach(inquiry.at, desk.localities.named, deciles.of)
        for each in people:
            reach.count(each, referred=each.person_id in referred)
            one = studied(each, indexes, inquiry.at, desk.localities.named, decile_of=deciles.of, seen_before=accepted)
            if one is not None:
                everyone.append(one)
                pairs += score_pairs(PersonEntries(each.entries, inquiry.at), one)
        told = report(everyone, population_of(everyone), until=until, scores=pairs)
        lost = len(indexes) - sum(one.seen for one in everyone)
        return replace(told, reach=reach.shares(), deprivation_by=deciles.edition(), lost=lost)

    told = await desk.record.sifting.survey(inquiry, HEADINGS, made)
    if told is None:
        raise unknown()
    return told


def report_row(told: Report, stories: Sequence[Told] = ()) -> dict[str, Any]:
    """A report as JSON: `{findings: [{kind, observed, effect}], scores, monthly, reach, deprivation_by, lost, caveats,
    case_studies}`. Counts of one to four people are `null`.

    Nobody is told of alone but in the stories that they permit, which name nobody.
    """
    findings = []
    for one in told.findings:
        effect, matched = asdict(one.effect), one.effect.matched
        effect["matched"] = {
            "unmatched": matched.unmatched,
            "greatest_difference_left": matched.worst,
            "balance": [asdict(balance) for balance in matched.balance],
        }
        findings.append({"kind": one.kind, "observed": asdict(one.observed), "effect": effect})
    return {
        "findings": findings,
        "scores": [asdict(one) for one in told.scores],
        "monthly": list(told.monthly),
        "reach": {name: share_row(one) for name, one in told.reach.items()},
        "deprivation_by": told.deprivation_by,
        "lost": None if is_few(told.lost) else told.lost,
        "caveats": list(told.caveats),
        "case_studies": [told_row(one) for one in stories],
    }


def _accepted(office: Office) -> dict[UUID, date]:
    """Who was accepted to the caseload of any team of the requester, and when first."""
    first: dict[UUID, date] = {}
    entries = store.among(office.connection, CaseloadEntry, locality=office.own_localities())
    standing = office.standing({entry.person_id for entry in entries})
    for entry in entries:
        person = standing.get(entry.person_id, entry.person_id)
        on = _first_on(office, entry)
        first[person] = min(on, first.get(person, on))
    return first


def _first_on(office: Office, entry: CaseloadEntry) -> date:
    """When an entry began, though its person left and came back."""
    if not entry.content.stepped_down:
        return entry.since
    began = [london_date(row.at) for row in store.history_of(office.connection, entry.id) if row.before is None]
    return min([*began, entry.since])


def _referred(office: Office) -> set[UUID]:
    """Who was referred to any team of the requester in the year before."""
    found = store.among(office.connection, Referral, locality=office.own_localities())
    lately = {one.person_id for one in found if office.at - _YEAR <= one.received_at <= office.at}
    return set(office.standing(lately).values())


def studied(
    one: Considered,
    indexes: Mapping[UUID, date],
    at: datetime,
    locality_of: LocalityOf,
    *,
    decile_of: DecileOf,
    seen_before: Mapping[UUID, date],
) -> Studied | None:
    """One person as a study takes them, as at an instant in UTC; `indexes` are when the team accepted people.

    `None` for whoever cannot be followed: no index, no date of birth, gone before it, or gone nobody knows when."""
    index = indexes.get(one.person_id) or (None if one.person_id in seen_before else _drawn(one.person_id, indexes))
    person = PersonEntries(one.entries, at)
    died = _died_on(person)
    if index is None or (person.died and died is None) or (died is not None and died <= index):
        return None
    age = PersonEntries(one.entries, london_midnight(index)).age
    if age is None:
        return None
    sex = next((str(each.resource["gender"]) for each in person.patients if "gender" in each.resource), "unknown")
    band = f"{sex}, {age // 10 * 10} to {age // 10 * 10 + 9}"
    locality = locality_of(person.practices(), person.postcodes()) or ""
    known = _known_by(one, index)
    codes = {code for code, _ in known.diagnoses}
    scores = imported_scores(known, oldest_days=CRITERIA.oldest_score_days)
    return Studied(
        followed=Followed(
            index=index,
            until=died,
            died=died is not None,
            spells=[spell(each) for each in stays(person)],
            attendances=[london_date(each.entry.started) for each in visits(person) if each.entry.started],
        ),
        seen=one.person_id in indexes,
        alike=(f"{index:%Y-%m}", band, locality),
        band=band,
        age=age,
        deprivation=decile_of(person.postcodes()),
        conditions=sum(bool(group.said_by(codes, Weighting.QUAN)) for group in GROUPS),
        segments=frozenset(each.code for each in segments_of(known, {}, scores, CRITERIA.segments)),
        frail=_is_frail(scores),
    )


def _known_by(one: Considered, index: date) -> PersonEntries:
    """What began before somebody's index: what is found since may come of being seen, and compares nobody."""
    at = london_midnight(index)
    return PersonEntries([each for each in one.entries if each.started is None or each.started < at], at)


def _is_frail(scores: Sequence[KnownScore]) -> bool | None:
    """Whether any score of frailty tells of a moderate one or worse; `None` where there is no such score."""
    least = CRITERIA.segments.frailty
    told = [
        one.value >= least[one.algorithm]
        for one in scores
        if one.algorithm is not None and one.algorithm in least and one.value is not None
    ]
    return any(told) if told else None


def score_pairs(person: PersonEntries, one: Studied) -> Iterator[Pair]:
    """Of each version of each known algorithm, the last score in the year before the index and the first after it."""
    index = one.followed.index
    told = [score for score in every_score(person) if score.algorithm and score.version and score.value is not None]
    for kind in sorted({(score.algorithm or "", score.version or "") for score in told}):
        mine = [score for score in told if (score.algorithm, score.version) == kind]
        then = [score for score in mine if index - _YEAR <= score.on < index]
        later = [score for score in mine if index < score.on <= index + _YEAR]
        if then and later:
            last, first = max(then, key=lambda score: score.on), min(later, key=lambda score: score.on)
            yield Pair(*kind, float(last.value or 0), float(first.value or 0), one.seen)


def _drawn(person: UUID, indexes: Mapping[UUID, date]) -> date | None:
    days = sorted(indexes.values())
    return days[person.int % len(days)] if days else None


def _died_on(person: PersonEntries) -> date | None:
    """The first day that any partner states; `None` where none does."""
    stated = [one.resource.get("deceasedDateTime", "")[:10] for one in person.patients]
    return min((date.fromisoformat(day) for day in stated if len(day) == 10), default=None)


def population_of(people: Sequence[Studied]) -> dict[Kind, dict[str, list[int]]]:
    """The counts of everyone in the year before their index, by band: what is expected is fitted on it."""
    counts: dict[Kind, defaultdict[str, list[int]]] = {kind: defaultdict(list) for kind in Kind}
    for one in people:
        use = before(one.followed)
        for kind, count in COUNTED.items():
            for band in one.bands:
                counts[kind][band].append(count(use))
    return {kind: dict(bands) for kind, bands in counts.items()}
