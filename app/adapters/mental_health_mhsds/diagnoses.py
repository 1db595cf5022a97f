"""MHS604 and MHS605 diagnoses and MHS609 presenting complaints, in ICD-10 or SNOMED CT.

MHSDS sends codes without their terms, and none is looked up here: a title names the block of ICD-10, Chapter V, in
which a code lies, and else the code.
"""

import re
from typing import Final, NamedTuple

from app.adapters.delimited import mangled_by_spreadsheet
from app.adapters.elements import icd_10_dotted
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, read_timestamp
from app.adapters.mental_health_mhsds.rules import Row
from app.adapters.mental_health_mhsds.tables import ICD_10_BLOCKS, SNOMED_CODE
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import coding, known
from app.vocabulary.fhir_systems import ICD_10, SNOMED_CT
from app.vocabulary.statement import Finding, Statement, Subject

_PROBLEMS: Final = Category("problems")
_ICD_10_CODE: Final = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?")
_ENCOUNTER_DIAGNOSIS: Final = {
    "coding": [coding("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")]
}


class _Scheme(NamedTuple):
    """A coding system, what readers call it, and the shape of its codes."""

    system: str
    name: str
    shape: re.Pattern[str]


_SCHEMES: Final = {
    "02": _Scheme(ICD_10, "ICD-10", _ICD_10_CODE),
    "06": _Scheme(SNOMED_CT, "SNOMED CT", SNOMED_CODE),
}


class _Kind(NamedTuple):
    """What is told, in words, and the columns of its scheme and its code."""

    words: str
    scheme: str
    code: str


_PRIMARY: Final = _Kind("Primary diagnosis", "DiagSchemeInUse", "PrimDiag")
_SECONDARY: Final = _Kind("Secondary diagnosis", "DiagSchemeInUse", "SecDiag")
_COMPLAINT: Final = _Kind("Presenting complaint", "FindSchemeInUse", "PresComp")


def primary_diagnosis(row: Row, subject: Subject, extract: Extract) -> Statement | Finding:
    """MHS604: the main diagnosis of a referral."""
    return _problem(row, subject, extract, _PRIMARY, _coded_at(row))


def secondary_diagnosis(row: Row, subject: Subject, extract: Extract) -> Statement | Finding:
    """MHS605: a further diagnosis of a referral."""
    return _problem(row, subject, extract, _SECONDARY, _coded_at(row))


def presenting_complaint(row: Row, subject: Subject, extract: Extract) -> Statement | Finding:
    """MHS609: what the person came with."""
    return _problem(row, subject, extract, _COMPLAINT, row.moment("PresCompDate"))


def _coded_at(row: Row) -> Moment | None:
    return read_timestamp(row["CodedDiagTimestamp"]) if row["CodedDiagTimestamp"] else None


def _problem(row: Row, subject: Subject, extract: Extract, kind: _Kind, coded: Moment | None) -> Statement | Finding:
    understood = _code(row, kind)
    if isinstance(understood, Finding):
        return understood
    scheme, code = understood
    resource = known(
        resourceType="Condition",
        category=[_ENCOUNTER_DIAGNOSIS],
        code={"coding": [coding(scheme.system, code)], "text": row[kind.code]},
        recordedDate=coded and coded.fhir,
    )
    entry = extract.entry(
        row,
        f"Condition/{kind.code}/{row['ServiceRequestID']}/{code}",
        _PROBLEMS,
        resource,
        f"{kind.words}: {_block(code)}{scheme.name} {code}",
        concept=f"{scheme.system}|{code}",
        started=coded and coded.instant,
    )
    return Statement(subject=subject, line=row.line, entries=(entry,))


def _code(row: Row, kind: _Kind) -> tuple[_Scheme, str] | Finding:
    """The code, in the one form of its scheme; why it cannot be understood otherwise."""
    scheme = _SCHEMES.get(row[kind.scheme])
    if scheme is None:
        return row.refused("mhsds-scheme", f"{kind.scheme} is neither 02 nor 06; the code cannot be understood")
    if mangled_by_spreadsheet(row[kind.code]):
        return row.refused("mhsds-scheme", f"a spreadsheet has rounded {kind.code}; export the column as text")
    code = icd_10_dotted(row[kind.code]) if scheme.system == ICD_10 else row[kind.code].removesuffix(".0")
    if not scheme.shape.fullmatch(code):
        return row.refused(
            "mhsds-scheme", f"{kind.code} is no code of the scheme in {kind.scheme}; correct one of them"
        )
    return scheme, code


def _block(code: str) -> str:
    """The title of the block of codes in which one lies, with a comma; empty outside mental health."""
    title = next((title for last, title in ICD_10_BLOCKS if code[:3] <= last), "") if code.startswith("F") else ""
    return f"{title}, " if title else ""
