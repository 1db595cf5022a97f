"""A person's scores: those that partners sent, and those that can be computed of what may be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from app.mdt.one_person.entries import PersonEntries, Stated
from app.mdt.one_person.hospital import Encounter, is_emergency, stays, visits
from app.record.sifted import Sifted
from app.risk.algorithm import ALGORITHMS
from app.risk.charlson import Weighting, charlson
from app.risk.electronic_frailty import band as index_band
from app.risk.hospital_frailty import Stay, hospital_frailty
from app.risk.imported import (
    ALGORITHM_SYSTEM,
    INDEX_OF_DEFICITS,
    INPUT_EXTENSION,
    MISSING_EXTENSION,
    SCORE_EXTENSION,
    VERSION_EXTENSION,
)
from app.risk.lace import comorbidity, lace
from app.risk.lace_conditions import conditions_of
from app.risk.score import Input, Result, Score
from app.sharing.decision import Decision
from app.vocabulary.label import Label
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode

_SPEAKS_FOR: Final = timedelta(days=30)  # of LACE: of the thirty days after a discharge
_SIX_MONTHS: Final = relativedelta(months=6)
_LED_TO_IT: Final = timedelta(days=1)  # before an admission: a visit no longer ago is how it came about

CompleteSince = Mapping[OdsCode, date]
"""Since when each hospital's feed tells of every admission, as the partner declared it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownScore:
    """A score of one person, or why there is none; `algorithm` is `None` for one that is only shown.

    `value` is a number where the algorithm is known, `said` how it is written; `computed` tells ours from a partner's,
    and `used` what counted in it.
    """

    algorithm: str | None
    title: str
    said: str
    value: Decimal | None
    version: str | None
    on: date
    band: str | None = None
    limits: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    over_time: str | None = None
    used: tuple[Input, ...] = ()
    computed: bool
    sources: tuple[Sifted, ...]


def imported_scores(person: PersonEntries, *, oldest_days: int) -> list[KnownScore]:
    """The newest of each algorithm that partners sent, if it is not too old."""
    since = person.at - timedelta(days=oldest_days)
    newest: dict[str, Stated] = {}
    for one in _scored(person):
        began = one.entry.started
        if began is not None and since <= began <= person.at:
            name = _algorithm(one.resource) or _concept(one.resource).get("text", "")
            held = newest.get(name)
            if held is None or held.entry.started is None or held.entry.started < began:
                newest[name] = one
    return [_imported(one) for one in newest.values()]


def every_score(person: PersonEntries) -> list[KnownScore]:
    """All that partners sent, of whatever date."""
    return [_imported(one) for one in _scored(person) if one.entry.started is not None]


def comorbidity_scores(person: PersonEntries) -> list[KnownScore]:
    """Charlson by each of its weightings, where a diagnosis may be read; shown beside reasons, and never one."""
    if not person.diagnoses:
        return []
    codes = [code for code, _ in person.diagnoses]
    said_by = tuple(dict.fromkeys(one.entry for _, one in person.diagnoses))
    on = london_date(person.at)
    return [_computed(charlson(codes, weighting=weighting, on=on), said_by) for weighting in Weighting]


def _scored(person: PersonEntries) -> Iterator[Stated]:
    """What partners send as a score: whatever a RiskAssessment says, and Observations of a score that is known here."""
    yield from person.under("assessments", "RiskAssessment")
    yield from (one for one in person.under("assessments", "Observation") if _algorithm(one.resource))


def _concept(told: dict[str, Any]) -> dict[str, Any]:
    """By what a score was made: the method of a RiskAssessment, and what an Observation is of."""
    concept: dict[str, Any] = told.get("code" if told["resourceType"] == "Observation" else "method", {})
    return concept


def _algorithm(told: dict[str, Any]) -> str | None:
    for coding in _concept(told).get("coding", ()):
        if coding.get("system") == ALGORITHM_SYSTEM and coding.get("code") in ALGORITHMS:
            return str(coding["code"])
    return None


def _imported(one: Stated) -> KnownScore:
    told = one.resource
    code = _algorithm(told)
    extensions = {extension["url"]: extension for extension in told.get("extension", ())}
    counted_in = tuple(Input(name=name, points=Decimal(1)) for name in _strings(told, INPUT_EXTENSION))
    missing = tuple(_strings(told, MISSING_EXTENSION))
    value = _value(told, extensions)
    began = one.entry.started
    assert began is not None  # noqa: S101  # as it was chosen by it
    return KnownScore(
        algorithm=code,
        title=ALGORITHMS[code].title if code else _concept(told).get("text", ""),
        said=_said(told, value),
        value=Decimal(str(value)) if code and value is not None else None,
        version=extensions.get(VERSION_EXTENSION, {}).get("valueString"),
        on=london_date(began),
        band=index_band(len(counted_in)) if code == INDEX_OF_DEFICITS.code and (counted_in or missing) else None,
        limits=tuple(note["text"] for note in told.get("note", ())),
        missing=missing,
        over_time=ALGORITHMS[code].over_time if code else None,
        used=counted_in,
        computed=bool(counted_in or missing),
        sources=(one.entry,),
    )


def _value(told: dict[str, Any], extensions: Mapping[str, Any]) -> Any:
    if told["resourceType"] == "Observation":
        return told.get("valueInteger", told.get("valueQuantity", {}).get("value"))
    return extensions.get(SCORE_EXTENSION, {}).get("valueDecimal")


def _said(told: dict[str, Any], value: Any) -> str:
    if told["resourceType"] == "Observation":
        return str(value) if value is not None else ""
    said: str = told.get("prediction", [{}])[0].get("qualitativeRisk", {}).get("text", "")
    return said


def _strings(told: dict[str, Any], url: str) -> Iterator[str]:
    return (each["valueString"] for each in told.get("extension", ()) if each["url"] == url)


def _computed(result: Result, sources: tuple[Sifted, ...]) -> KnownScore:
    basis = result.basis
    algorithm = ALGORITHMS[basis.algorithm]
    computed = isinstance(result, Score)
    return KnownScore(
        algorithm=basis.algorithm,
        title=algorithm.title,
        said=str(result.value) if isinstance(result, Score) else f"not computed: {'; '.join(result.reasons)}",
        value=result.value if isinstance(result, Score) else None,
        version=basis.version,
        on=basis.as_at,
        band=result.band if isinstance(result, Score) else None,
        limits=result.limits if isinstance(result, Score) else (),
        missing=result.missing,
        over_time=algorithm.over_time,
        used=result.used if isinstance(result, Score) else (),
        computed=True,
        sources=sources if computed else (),
    )


def hospital_frailty_score(
    person: PersonEntries, decision: Decision, complete_since: CompleteSince
) -> list[KnownScore]:
    """Hospital frailty, or why there is none, where somebody was in hospital and it may be read."""
    known = [one for one in stays(person) if one.resource.get("identifier")]
    if not known:
        return []
    coded = list(_coded(person, known))
    result = hospital_frailty(
        [stay for stay, _ in coded],
        on=london_date(person.at),
        age=person.age,
        known_since=_known_since(known, decision, complete_since),
    )
    return [_computed(result, tuple(dict.fromkeys(entry for _, entries in coded for entry in entries)))]


def lace_score(person: PersonEntries, decision: Decision, complete_since: CompleteSince) -> list[KnownScore]:
    """LACE of the last stay, in the thirty days after its discharge of which it speaks; else none.

    Its conditions are those that anybody coded, whenever; visits count where the hospitals' feeds are whole for them.
    """
    left = [one for one in stays(person) if one.ended is not None and one.ended <= person.at]
    last = max(left, key=lambda one: (one.ended, one.entry.number), default=None)
    if last is None or last.ended is None or last.ended < person.at - _SPEAKS_FOR:
        return []
    began, ended = london_date(last.began), london_date(last.ended)
    codes = [code for code, _ in person.diagnoses]
    conditions, said = conditions_of(codes)
    known = _known_since([last], decision, complete_since)
    counted = _visits_before(person, last)
    result = lace(
        days_in_hospital=(ended - began).days,
        acute=is_emergency(last.resource),
        comorbidity=comorbidity(conditions) if codes else None,
        emergency_visits=len(counted) if known is not None and known <= began - _SIX_MONTHS else None,
        on=ended,
        age=person.age,
    )
    if isinstance(result, Score):
        result = replace(result, limits=(*result.limits, *said))
    because = (last.entry, *(one.entry for one in counted), *(one.entry for _, one in person.diagnoses))
    return [_computed(result, tuple(dict.fromkeys(because)))]


def _visits_before(person: PersonEntries, stay: Encounter) -> list[Encounter]:
    """Visits in the six months before a stay, but for the one that led to it."""
    found = [one for one in visits(person) if stay.began - _SIX_MONTHS <= one.began <= stay.began]
    found.sort(key=lambda one: (one.began, one.entry.number))
    led = found and stay.began - found[-1].began <= _LED_TO_IT
    return found[:-1] if led and is_emergency(stay.resource) is not False else found


def _coded(person: PersonEntries, known: Sequence[Encounter]) -> Iterator[tuple[Stay, list[Sifted]]]:
    """Each stay with the diagnoses that were coded of it, and the entries that tell them."""
    of_visit: dict[str, list[tuple[str, Sifted]]] = {}
    for code, one in person.diagnoses:
        if visit := one.resource.get("encounter", {}).get("identifier", {}).get("value"):
            of_visit.setdefault(visit, []).append((code, one.entry))
    for stay in known:
        told = [pair for each in stay.resource["identifier"] for pair in of_visit.get(each.get("value", ""), ())]
        value = Stay(
            admitted=london_date(stay.began),
            emergency=is_emergency(stay.resource),
            diagnoses=tuple(code for code, _ in told),
        )
        yield value, [stay.entry, *(entry for _, entry in told)]


def _known_since(known: Sequence[Encounter], decision: Decision, complete_since: CompleteSince) -> date | None:
    """From when on every stay is known to the requester: by the feeds of all their hospitals, and by the agreement."""
    hospitals = {one.entry.label.controller for one in known}
    if not hospitals <= complete_since.keys():
        return None
    permitted = decision.permitted
    oldest = [
        permission.not_before
        for one in known
        for category in ("admissions", "problems")
        if (permission := permitted.get(_beside(one.entry.label, category))) and permission.not_before
    ]
    return max([*oldest, *(since for hospital, since in complete_since.items() if hospital in hospitals)])


def _beside(label: Label, category: str) -> Label:
    return Label(label.controller, type(label.category)(category), label.sensitivity)
