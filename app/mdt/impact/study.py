"""A study of those whom a team saw, from what a requester may read to evaluate it: numbers, in which nobody is named.

Whoever was accepted to a caseload is compared with others of the same requester's people at the same month (`indexes`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from app.mdt import store
from app.mdt.case_finding.criteria import CRITERIA
from app.mdt.case_finding.scores import KnownScore, every_score, imported_scores
from app.mdt.case_finding.segments import segments_of
from app.mdt.desk import Desk
from app.mdt.impact.indexes import Indexes
from app.mdt.impact.intervals import is_few
from app.mdt.impact.measures import share_row
from app.mdt.impact.reach import DecileOf, Reach
from app.mdt.impact.report import COUNTED, Kind, Report, Studied, report
from app.mdt.impact.scores import Pair
from app.mdt.one_person.entries import LocalityOf, PersonEntries
from app.mdt.one_person.hospital import spell, stays, visits
from app.mdt.one_person.use import Followed, before
from app.mdt.steps.office import Office
from app.mdt.workflow.case_study import ToldStory
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
    followed = {person: on for person, on in accepted.items() if since <= on <= until}

    def made(people: Iterator[Considered]) -> Report:
        everyone: list[Studied] = []
        pairs: list[Pair] = []
        reach = Reach(inquiry.at, desk.localities.named, deciles.of)
        indexes = Indexes(followed, accepted)
        for each in people:
            reach.count(each, referred=each.person_id in referred)
            person = PersonEntries(each.entries, inquiry.at)
            days = studied(each.person_id, person, indexes, desk.localities.named, decile_of=deciles.of)
            everyone += days
            pairs += score_pairs(person, days[0]) if days else ()
        told = report(everyone, population_of(everyone), until=until, scores=pairs)
        lost = len(followed) - sum(one.seen for one in everyone)
        return replace(told, reach=reach.shares(), deprivation_by=deciles.edition(), lost=lost)

    told = await desk.record.sifting.survey(inquiry, HEADINGS, made, first=followed.keys())
    if told is None:
        raise unknown()
    return told


def report_row(told: Report, stories: Sequence[ToldStory] = ()) -> dict[str, Any]:
    """A report as JSON: `{findings: [{kind, observed, effect}], scores, monthly, reach, deprivation_by, lost, caveats,
    case_studies}`. Counts of one to four people are `null`.

    Nobody is told of alone but in the stories that they permit, which name nobody.
    """
    findings = []
    for one in told.findings:
        effect, matched = asdict(one.effect), one.effect.matched
        effect["matched"] = {
            "with_each": {str(others): people for others, people in matched.with_each.items()},
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
        "case_studies": [asdict(one) for one in stories],
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
    person_id: UUID, person: PersonEntries, indexes: Indexes, locality_of: LocalityOf, *, decile_of: DecileOf
) -> list[Studied]:
    """One person as a study takes them, on each day on which they are looked at.

    None of whoever cannot be followed: no day, no date of birth, gone before it, or gone nobody knows when.
    """
    died = _died_on(person)
    if person.died and died is None:
        return []
    sex = next((str(each.resource["gender"]) for each in person.patients if "gender" in each.resource), "unknown")
    locality = locality_of(person.practices(), person.postcodes()) or ""

    def alike_on(day: date) -> tuple[str, str] | None:
        age = person.age_on(day)
        return None if age is None else (f"{sex}, {age // 10 * 10} to {age // 10 * 10 + 9}", locality)

    seen, told = indexes.was_accepted(person_id), []
    spells = [spell(each) for each in stays(person)]
    attendances = [london_date(each.began) for each in visits(person)]
    for index in indexes.of(person_id, alike_on):
        age, alike = person.age_on(index), alike_on(index)
        if age is None or alike is None or (died is not None and died <= index):
            continue
        if seen:
            indexes.may_serve(alike, index)
        known = person.as_at(london_midnight(index))  # what is found since may come of being seen, and compares nobody
        codes = {code for code, _ in known.diagnoses}
        scores = imported_scores(known, oldest_days=CRITERIA.oldest_score_days)
        told.append(
            Studied(
                number=person_id.int,
                followed=Followed(
                    index=index, until=died, died=died is not None, spells=spells, attendances=attendances
                ),
                seen=seen,
                alike=(f"{index:%Y-%m}", *alike),
                band=alike[0],
                age=age,
                deprivation=decile_of(person.postcodes()),
                conditions=sum(bool(group.said_by(codes, Weighting.QUAN)) for group in GROUPS),
                segments=frozenset(each.code for each in segments_of(known, {}, scores, CRITERIA.segments)),
                frail=_is_frail(scores),
            )
        )
    return told


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


def _died_on(person: PersonEntries) -> date | None:
    """The first day that any partner states; `None` where none does."""
    stated = [one.resource.get("deceasedDateTime", "")[:10] for one in person.patients]
    return min((date.fromisoformat(day) for day in stated if len(day) == 10), default=None)


def population_of(people: Sequence[Studied]) -> dict[Kind, dict[str, list[int]]]:
    """The counts of everyone in the year before their index, by band: what is expected is fitted on it.

    Whoever is looked at on several days counts once, on the first.
    """
    counts: dict[Kind, defaultdict[str, list[int]]] = {kind: defaultdict(list) for kind in Kind}
    for one in {one.number: one for one in reversed(people)}.values():
        use = before(one.followed)
        for kind, count in COUNTED.items():
            for band in one.bands:
                counts[kind][band].append(count(use))
    return {kind: dict(bands) for kind, bands in counts.items()}
