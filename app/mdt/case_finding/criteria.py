"""What case finding goes by; `criteria.toml` beside this file holds it as data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Final

from app.risk.icd_10 import prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """How much of a need lists someone."""

    crisis_days: int
    caring_hours: int
    missed: int
    missed_days: int
    waiting_hours: int
    losing_a_home: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRules:
    """What puts someone in a segment; codes are prefixes of ICD-10, scores the least that counts."""

    adult_from: int
    long_term_conditions: tuple[str, ...]
    disabilities: tuple[str, ...]
    support_reasons: tuple[str, ...]
    dementia_and_frailty: tuple[str, ...]
    substances: tuple[str, ...]
    complex_from: int
    frailty: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """All of it; `scores` are the least values that are a reason by themselves, by algorithm."""

    scores: Mapping[str, Decimal]
    oldest_score_days: int
    signs: Signs
    segments: SegmentRules


def _read() -> Criteria:
    told = tomllib.loads(resources.files(__package__).joinpath("criteria.toml").read_text(encoding="utf-8"))
    oldest = told["scores"].pop("days")["oldest"]
    segments = told["segments"]
    codes = {
        name: tuple(prefixes(segments[name]))
        for name in ("long_term_conditions", "disabilities", "dementia_and_frailty", "substances")
    }
    return Criteria(
        scores={code: Decimal(row["from"]) for code, row in told["scores"].items()},
        oldest_score_days=oldest,
        signs=Signs(**{**told["signs"], "losing_a_home": tuple(told["signs"]["losing_a_home"])}),
        segments=SegmentRules(
            adult_from=segments["adult_from"],
            support_reasons=tuple(segments["support_reasons"]),
            complex_from=segments["complex_from"],
            frailty={code: Decimal(least) for code, least in told["frailty"].items()},
            **codes,
        ),
    )


CRITERIA: Final = _read()
