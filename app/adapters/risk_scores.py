"""Risk scores that others computed or judged: population health tools, GP systems, frailty teams.

The file: CSV, UTF-8 unless the sender declares cp1252, one row a person and score, dates 2025-04-01 or 01/04/2025,
columns in any order. `Sender.columns` gives the partner's heading for each field of `FIELDS`; one that is not mapped is
looked for under the name it has there.

A GP system that sends no electronic frailty index but the deficits that it found gives them in `deficits`, and those of
the 36 that it did not look for in `deficits_not_known`, by their names and parted by semicolons: the index is counted.

A score of a known algorithm (`app/risk/algorithms.toml`) whose value cannot be one is refused. One of an algorithm
that is not known here is kept as it is said, with a warning, and never interpreted. Each score is an entry of its own
date: a later one stands beside it and does not replace it. One that says how somebody is, as the electronic frailty
index and the Clinical Frailty Scale do, is an Observation; any other is a RiskAssessment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from dateutil.relativedelta import relativedelta

from app.adapters.delimited import (
    Row,
    date_or_none,
    is_date,
    mapped_columns,
    rows,
    sound_date,
    spelling,
)
from app.adapters.elements import joined
from app.adapters.person_columns import LOST, PERSON_FIELDS, PersonColumns, is_lost, named, parted
from app.adapters.row_rules import Rule, breaches
from app.risk.algorithm import Algorithm
from app.risk.imported import (
    ALGORITHM_SYSTEM,
    INPUT_EXTENSION,
    MISSING_EXTENSION,
    SCORE_EXTENSION,
    VERSION_EXTENSION,
    ImportedScore,
    counted,
    imported,
)
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, coding, known
from app.vocabulary.fhir_systems import OBSERVATION_CATEGORY, UCUM
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import (
    Entry,
    Finding,
    Resource,
    Sender,
    Severity,
    Statement,
    Utterance,
)

FIELDS: Final = PERSON_FIELDS | {
    "algorithm": "Algorithm",
    "version": "Version",
    "score": "Score",
    "scored_on": "Date scored",
    "assessor": "Assessor",
    "assessor_role": "Assessor role",
    "deficits": "Deficits",
    "deficits_not_known": "Deficits not looked for",
}
"""Our field names in the order of `ScoreRow`, and the heading that each goes by where the sender maps none."""

_REQUIRED: Final = frozenset(("person_reference", "birth_date", "algorithm", "score", "scored_on"))
_ASSESSMENTS: Final = Category("assessments")


class ScoreRow(NamedTuple):
    """One row, its fields as written; "" where empty or where the partner has no such column."""

    line: int
    person: PersonColumns
    algorithm: str
    version: str
    score: str
    scored_on: str
    assessor: str
    assessor_role: str
    deficits: str
    deficits_not_known: str

    @property
    def tells_deficits(self) -> bool:
        """Whether the index is to be counted of what the source found, if that is none."""
        return bool(self.deficits or self.deficits_not_known)


_RULES: Final = (
    Rule[ScoreRow](
        "risk-scores-person-reference",
        Severity.REFUSED,
        lambda row: is_lost(row.person.reference),
        LOST,
    ),
    Rule[ScoreRow](
        "risk-scores-algorithm",
        Severity.REFUSED,
        lambda row: not spelling(row.algorithm),
        "`algorithm` is empty; a number without the name of its score says nothing",
    ),
    Rule[ScoreRow](
        "risk-scores-score",
        Severity.REFUSED,
        lambda row: is_lost(row.score) and not (row.tells_deficits and not row.score),
        "`score` is empty or was rounded by a spreadsheet; export the column as text",
    ),
    Rule[ScoreRow](
        "risk-scores-scored-on",
        Severity.REFUSED,
        lambda row: not is_date(row.scored_on),
        "`scored_on` is no date; write 2025-04-01 or 01/04/2025",
    ),
)


@dataclass(frozen=True, slots=True)
class RiskScores:
    """The adapter."""

    name: str = "risk-scores-csv"
    covers: frozenset[Category] = frozenset({_ASSESSMENTS})
    fields: frozenset[str] = frozenset(FIELDS)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """See `registry.Adapter`; raises `UnreadableMessage` as `app.adapters.delimited.rows` does."""
        columns = mapped_columns(FIELDS, sender, required=_REQUIRED)
        for found in rows(message, columns, encoding=sender.encoding):
            if isinstance(found, Finding):
                yield found
            else:
                yield from _scored(_row(found))


ADAPTER: Final = RiskScores()


def _row(found: Row) -> ScoreRow:
    person, said = parted(found)
    return ScoreRow(found.line, person, *said)


def _scored(row: ScoreRow) -> Iterator[Utterance]:
    if refused := breaches(_RULES, row):
        yield from refused
        return
    try:
        score = _score(row)
    except ValueError as error:
        yield _finding("value", Severity.REFUSED, row, f"{error}; check the column and the algorithm's name")
        return
    yield from _warnings(row, score)
    subject, findings = named(row.person, row.line)
    yield from findings
    yield Statement(subject=subject, line=row.line, entries=(_entry(row, score),))


def _score(row: ScoreRow) -> ImportedScore:
    on = sound_date(row.scored_on)
    if row.tells_deficits:
        found, dark = (_parted(told) for told in (row.deficits, row.deficits_not_known))
        return counted(name=row.algorithm, value=row.score, deficits=found, not_known=dark, on=on, age=_age(row))
    return imported(name=row.algorithm, value=row.score, version=row.version or None, on=on, age=_age(row))


def _parted(told: str) -> list[str]:
    return [name for each in told.split(";") if (name := " ".join(each.split()))]


def _warnings(row: ScoreRow, score: ImportedScore) -> Iterator[Finding]:
    for limit in score.limits:
        yield _finding("limits", Severity.WARNING, row, f"{limit}; the score is kept, and shown with this")


def _finding(rule: str, severity: Severity, row: ScoreRow, text: str) -> Finding:
    return Finding(rule=f"risk-scores-{rule}", severity=severity, line=row.line, text=text)


def _age(row: ScoreRow) -> int | None:
    born = date_or_none(row.person.birth_date)
    return relativedelta(sound_date(row.scored_on), born).years if born else None


def _entry(row: ScoreRow, score: ImportedScore) -> Entry:
    title = score.algorithm.title if score.algorithm else score.said_algorithm
    at = london_midnight(score.on)
    version = f"version {score.version}" if score.version else None
    assessor = joined((row.assessor, row.assessor_role))
    return Entry(
        key=f"RiskAssessment/{row.person.reference}/{spelling(row.algorithm)}/{spelling(row.version)}/{score.on}",
        category=_ASSESSMENTS,
        resource=_resource(score, title, assessor),
        title=f"{title} {score.said_value}",
        detail=joined((version, assessor and f"by {assessor}", *score.limits), "; "),
        line=row.line,
        started=at,
        ended=at,
    )


def _resource(score: ImportedScore, title: str, assessor: str) -> Resource:
    by = {"display": assessor} if assessor else None
    notes = [{"text": limit} for limit in score.limits]
    if score.algorithm is None:
        return _risk_assessment(score, {"text": score.said_algorithm}, by, notes)
    concept = codeable_concept(ALGORITHM_SYSTEM, score.algorithm.code, title, text=score.said_algorithm)
    if score.algorithm.observed:
        return _observation(score, score.algorithm, concept, by, notes)
    return _risk_assessment(score, concept, by, notes)


def _observation(
    score: ImportedScore, algorithm: Algorithm, code: Resource, by: Resource | None, notes: list[Resource]
) -> Resource:
    """What somebody's score is, by our own code: none of a national system is confirmed for either."""
    assert score.value is not None  # noqa: S101  # as the algorithm is known
    if algorithm.whole:
        value: Resource = {"valueInteger": int(score.value)}
    else:
        value = {"valueQuantity": {"value": float(score.value), "unit": "1", "system": UCUM, "code": "1"}}
    return known(
        resourceType="Observation",
        status="final",
        category=[{"coding": [coding(OBSERVATION_CATEGORY, "survey")]}],
        code=code,
        effectiveDateTime=score.on.isoformat(),
        performer=[by] if by else None,
        note=notes,
        extension=_beside_the_value(score),
        **value,
    )


def _risk_assessment(score: ImportedScore, method: Resource, by: Resource | None, notes: list[Resource]) -> Resource:
    value = [{"url": SCORE_EXTENSION, "valueDecimal": float(score.value)}] if score.value is not None else []
    return known(
        resourceType="RiskAssessment",
        status="final",
        method=method,
        occurrenceDateTime=score.on.isoformat(),
        performer=by,
        prediction=[{"qualitativeRisk": {"text": score.said_value}}],
        note=notes,
        extension=[*value, *_beside_the_value(score)],
    )


def _beside_the_value(score: ImportedScore) -> list[Resource]:
    version = [{"url": VERSION_EXTENSION, "valueString": score.version}] if score.version else []
    counted_in = [{"url": INPUT_EXTENSION, "valueString": name} for name in score.inputs]
    missing = [{"url": MISSING_EXTENSION, "valueString": name} for name in score.missing]
    return [*version, *counted_in, *missing]
