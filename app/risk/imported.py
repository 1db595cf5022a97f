"""Scores that somebody else computed or judged, taken as they are said; and one counted of what somebody else found."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.risk.algorithm import ALGORITHMS, Algorithm, algorithm
from app.risk.electronic_frailty import electronic_frailty
from app.risk.score import NotComputed

ALGORITHM_SYSTEM: Final = "https://pisano.example/fhir/CodeSystem/risk-algorithm"
"""Of the codes of `algorithms.toml`: what a FHIR Observation is of, and by which method a RiskAssessment was made."""

SCORE_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score"
VERSION_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score-version"
INPUT_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score-input"
MISSING_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score-missing"
"""FHIR has no place for a score's version, what counted or what was missing; RiskAssessment none for the score."""

INDEX_OF_DEFICITS: Final = ALGORITHMS["electronic-frailty"]
_AS_PRINTED: Final = Decimal("0.006")  # sources print an index with two decimals or three


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedScore:
    """A score as its source states it.

    `algorithm` is `None` for one that is not known here: its value is kept as it was said, and never interpreted.
    `inputs` are what counted in one that was counted here, of what the source found, and `missing` what it did not look
    for.
    """

    said_algorithm: str
    said_value: str
    version: str | None
    on: date
    algorithm: Algorithm | None
    value: Decimal | None
    limits: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def imported(*, name: str, value: str, version: str | None, on: date, age: int | None) -> ImportedScore:
    """Read a score that a source states; raises `ValueError` for a value that a known algorithm cannot give.

    Clinical Frailty Scale and frailty indices under 65 are kept and marked: somebody judged, and must be asked.
    """
    known = algorithm(name)
    number = _number(value) if known else None
    if known and (number is None or not known.possible(number)):
        raise ValueError(
            f"the value is none that the {known.title} can have; it lies from {known.least} to {known.most}"
        )
    outside = known.outside_validation(age) if known else "not a score that is known here: shown as it was said"
    unversioned = None if version else "its version is not stated"
    limits = tuple(limit for limit in (outside, unversioned) if limit)
    return ImportedScore(
        said_algorithm=name,
        said_value=value,
        version=version,
        on=on,
        algorithm=known,
        value=number,
        limits=limits,
    )


def counted(
    *, name: str, value: str, deficits: Collection[str], not_known: Collection[str], on: date, age: int | None
) -> ImportedScore:
    """The electronic frailty index of deficits that a source found; raises `ValueError` where there can be none.

    Nor is there one where the source says another value than its own deficits give.
    """
    if algorithm(name) != INDEX_OF_DEFICITS:
        raise ValueError(f"deficits are those of the {INDEX_OF_DEFICITS.title} alone")
    result = electronic_frailty(deficits, on=on, age=age, not_known=not_known)
    if isinstance(result, NotComputed):
        raise ValueError("; ".join(result.reasons))
    said = _number(value) if value else result.value
    if said is None or abs(said - result.value) > _AS_PRINTED:
        raise ValueError(f"the deficits give {result.value}, and the value is another")
    return ImportedScore(
        said_algorithm=name,
        said_value=str(result.value),
        version=result.basis.version,
        on=on,
        algorithm=INDEX_OF_DEFICITS,
        value=result.value,
        limits=result.limits,
        inputs=tuple(each.name for each in result.used),
        missing=result.missing,
    )


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
