"""MHS005: what is indicated about a person, each under its own heading.

Most are answered with no. That is kept as what holds no longer, so that it takes the place of an earlier yes.
`OffenceHistory` is not imported.
"""

from dataclasses import dataclass
from typing import Final

from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import TABLES, CodeSet
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Standing, Statement, Subject

_TABLE: Final = TABLES["MHS005PatInd"]
_CODES: Final = {column.name: column.codes for column in _TABLE.columns if column.codes}


@dataclass(frozen=True, slots=True)
class _Indicator:
    """One column, and how it is told. An advocate under the Mental Health Act tells that someone is detained."""

    column: str
    category: Category
    words: str
    sensitivity: Sensitivity = Sensitivity.NORMAL

    @property
    def codes(self) -> CodeSet:
        return _CODES[self.column]


_REQUIREMENTS: Final = Category("requirements")
_SOCIAL_CONTEXT: Final = Category("social-context")
_CHILD_PROTECTION: Final = Category("child-protection")
_LEGAL: Final = Category("legal")
_PROBLEMS: Final = Category("problems")
_INDICATORS: Final = (
    _Indicator("ConstSuperReqDueToDis", _REQUIREMENTS, "Needs constant supervision and care because of a disability"),
    _Indicator("ReasonableAdjustmentInd", _REQUIREMENTS, "Needs reasonable adjustments"),
    _Indicator("ParentalResp", _SOCIAL_CONTEXT, "Has parental responsibilities"),
    _Indicator("YoungCarer", _SOCIAL_CONTEXT, "Young carer"),
    _Indicator("LACStatus", _CHILD_PROTECTION, "Looked-after child", Sensitivity.RESTRICTED),
    _Indicator("CPP", _CHILD_PROTECTION, "Child protection plan", Sensitivity.RESTRICTED),
    _Indicator("IMCARequired", _LEGAL, "Needs an independent mental capacity advocate"),
    _Indicator("IMCAAssigned", _LEGAL, "Has an independent mental capacity advocate"),
    _Indicator("IMHARequired", _LEGAL, "Needs an independent mental health advocate", Sensitivity.RESTRICTED),
    _Indicator("IMHAAssigned", _LEGAL, "Has an independent mental health advocate", Sensitivity.RESTRICTED),
    _Indicator("LDStatus", _PROBLEMS, "Learning disability"),
    _Indicator("AutismStatus", _PROBLEMS, "Autism"),
)


def indicators(row: Row, subject: Subject, extract: Extract) -> Statement:
    """MHS005: one entry for each question that is answered."""
    answered = [each for each in _INDICATORS if row[each.column] and row[each.column] not in each.codes.unstated]
    entries = tuple(_entry(each, row, extract) for each in answered)
    return Statement(subject=subject, line=row.line, entries=entries)


def _entry(indicator: _Indicator, row: Row, extract: Extract) -> Entry:
    code = row[indicator.column]
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": indicator.words},
        "valueCodeableConcept": indicator.codes.concept(code),
    }
    return extract.entry(
        row,
        f"Observation/{indicator.column}/{row['LocalPatientID']}",
        indicator.category,
        resource,
        f"{indicator.words}: {indicator.codes.label(code)}",
        sensitivity=indicator.sensitivity,
        standing=Standing.ENDED if code in indicator.codes.negative else Standing.CURRENT,
    )
