"""Population segments: a person may be in several, and what puts them there is always told. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from app.mdt.case_finding.criteria import SegmentRules
from app.mdt.case_finding.scores import KnownScore
from app.mdt.one_person.entries import PersonEntries, Stated
from app.record.sifted import Sifted

SEGMENTS: Final = {
    "healthy-children-and-families": "Healthy children and families",
    "disabilities": "Disabilities",
    "long-term-conditions": "Long-term conditions",
    "frailty-and-dementia": "Frailty and dementia",
    "complex-lives": "Complex lives",
}
_COMPLEX: Final = frozenset(
    {"mental-health-crisis", "safeguarding", "tenancy-at-risk", "homelessness", "missed-contacts"}
)


class Segment(NamedTuple):
    """One segment that a person is in, and the entries that say so."""

    code: str
    sources: tuple[Sifted, ...]


def segments_of(
    person: PersonEntries,
    signs: Mapping[str, Sequence[Stated]],
    scores: Sequence[KnownScore],
    rules: SegmentRules,
) -> tuple[Segment, ...]:
    """Every segment that the person is in; `signs` are those that were found, by code."""
    lasting = _diagnosed(person, rules.long_term_conditions)
    disabled = (*_diagnosed(person, rules.disabilities), *_supported(person, rules.support_reasons))
    found = {
        "healthy-children-and-families": _healthy_child(person, rules, ill=bool(lasting or disabled)),
        "disabilities": disabled,
        "long-term-conditions": lasting,
        "frailty-and-dementia": (
            *_diagnosed(person, rules.dementia_and_frailty),
            *(source for score in scores if _is_frail(score, rules) for source in score.sources),
        ),
        "complex-lives": _complex(person, signs, rules),
    }
    return tuple(Segment(code, tuple(dict.fromkeys(sources))) for code, sources in found.items() if sources)


def _diagnosed(person: PersonEntries, codes: tuple[str, ...]) -> tuple[Sifted, ...]:
    return tuple(one.entry for code, one in person.diagnoses if code.startswith(codes))


def _supported(person: PersonEntries, reasons: tuple[str, ...]) -> Iterator[Sifted]:
    for one in person.under("support-reason", "Observation"):
        if one.resource.get("valueCodeableConcept", {}).get("text", "").startswith(reasons):
            yield one.entry


def _healthy_child(person: PersonEntries, rules: SegmentRules, *, ill: bool) -> tuple[Sifted, ...]:
    if ill or person.age is None or person.age >= rules.adult_from:
        return ()
    return tuple(one.entry for one in person.patients)


def _is_frail(score: KnownScore, rules: SegmentRules) -> bool:
    least = rules.frailty.get(score.algorithm or "")
    return least is not None and score.value is not None and score.value >= least


def _complex(person: PersonEntries, signs: Mapping[str, Sequence[Stated]], rules: SegmentRules) -> tuple[Sifted, ...]:
    kinds = [tuple(one.entry for one in shown) for code, shown in signs.items() if code in _COMPLEX]
    if substances := _diagnosed(person, rules.substances):
        kinds.append(substances)
    return tuple(entry for kind in kinds for entry in kind) if len(kinds) >= rules.complex_from else ()
