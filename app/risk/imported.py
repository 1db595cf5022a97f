"""Scores that somebody else computed or judged: taken as they are said, with what limits them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.risk.algorithm import Algorithm, algorithm

ALGORITHM_SYSTEM: Final = "https://pisano.example/fhir/CodeSystem/risk-algorithm"
"""Of the codes of `algorithms.toml`, where a FHIR RiskAssessment names its method."""

SCORE_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score"
VERSION_EXTENSION: Final = "https://pisano.example/fhir/StructureDefinition/risk-score-version"
"""RiskAssessment has a place for a probability, and none for a score or for its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedScore:
    """A score as its source states it.

    `algorithm` is `None` for one that is not known here: its value is kept as it was said, and never interpreted.
    """

    said_algorithm: str
    said_value: str
    version: str | None
    on: date
    algorithm: Algorithm | None
    value: Decimal | None
    limits: tuple[str, ...]


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


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
