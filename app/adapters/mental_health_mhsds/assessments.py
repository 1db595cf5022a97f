"""MHS606 and MHS607: the scores of assessments, of a referral or of an activity at a care contact.

An activity names its contact (MHS202), and the contact its referral: which activities have a score is read first, so
that only their contacts need be remembered.
"""

import re
from collections.abc import Iterator
from typing import Final

from app.adapters.delimited import mangled_by_spreadsheet
from app.adapters.mental_health_mhsds.archive import Archive
from app.adapters.mental_health_mhsds.extract import Extract
from app.adapters.mental_health_mhsds.moments import Moment, read_timestamp
from app.adapters.mental_health_mhsds.rules import Row, check
from app.adapters.mental_health_mhsds.tables import ASSESSMENT_TOOLS, SNOMED_CODE, TABLES, AssessmentTool
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept
from app.vocabulary.fhir_systems import OBSERVATION_CATEGORY, SNOMED_CT
from app.vocabulary.statement import Finding, Resource, Statement, Subject, Utterance, refuses

_ASSESSMENTS: Final = Category("assessments")
_NUMBER: Final = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,3})?")
_SURVEY: Final = codeable_concept(OBSERVATION_CATEGORY, "survey")


def await_contacts(archive: Archive, extract: Extract) -> Iterator[Finding]:
    """Learn which contacts have an activity with a score, from MHS607 and MHS202."""
    scored = _scored_activities(archive, extract)
    activities = TABLES["MHS202CareActivity"]
    for found in archive.rows(activities, extract.encoding) if scored else ():
        if isinstance(found, Finding):
            yield found
            continue
        row, findings = check(activities, found, extract.version)
        yield from findings
        if row["CareActID"] in scored and not refuses(findings):
            extract.keep_one_more()
            extract.contact_of_activity[row["CareActID"]] = row["CareContactID"]
            extract.contacts[row["CareContactID"]] = None


def _scored_activities(archive: Archive, extract: Extract) -> set[str]:
    table = TABLES["MHS607CodedScoreAssessmentAct"]
    activity = table.names.index("CareActID")
    scored: set[str] = set()
    for found in archive.rows(table, extract.encoding):
        if not isinstance(found, Finding) and len(found.values[activity]) <= table.columns[activity].longest:
            extract.keep_one_more()
            scored.add(found.values[activity])
    return scored


def referral_score(row: Row, extract: Extract) -> Iterator[Utterance]:
    """MHS606: a score given in the course of a referral."""
    subject = extract.subject_of(row)
    if isinstance(subject, Finding):
        yield subject
    else:
        taken = read_timestamp(row["AssToolCompTimestamp"])
        yield from _score(row, subject, extract, row["ServiceRequestID"], taken)


def activity_score(row: Row, extract: Extract) -> Iterator[Utterance]:
    """MHS607: a score given at a care contact, and dated by it."""
    contact = extract.contacts.get(extract.contact_of_activity.get(row["CareActID"], ""))
    if contact is None:
        text = "CareActID names no row of MHS202CareActivity whose care contact could be used"
        yield row.refused("mhsds-reference", text)
        return
    yield from _score(row, contact.subject, extract, row["CareActID"], contact.start)


def _score(row: Row, subject: Subject, extract: Extract, of: str, taken: Moment) -> Iterator[Utterance]:
    code, score = row["CodedAssToolType"].removesuffix(".0"), row["PersScore"]
    if mangled_by_spreadsheet(code) or not SNOMED_CODE.fullmatch(code):
        yield row.refused("mhsds-scheme", "CodedAssToolType is no SNOMED CT code; export the column as text")
        return
    tool = ASSESSMENT_TOOLS.get(code)
    if tool and _NUMBER.fullmatch(score) and not tool.lowest <= float(score) <= tool.highest:
        text = f"PersScore lies outside {tool.lowest} to {tool.highest}, the range of that assessment"
        yield row.warning("mhsds-score", text)
    term = tool.term if tool else f"SNOMED CT {code}"
    entry = extract.entry(
        row,
        f"Observation/{of}/{code}/{taken.fhir}",
        _ASSESSMENTS,
        _observation(code, tool, score, taken),
        f"{term}: {score}",
        started=taken.instant,
        ended=taken.instant,
    )
    yield Statement(subject=subject, line=row.line, entries=(entry,))


def _observation(code: str, tool: AssessmentTool | None, score: str, taken: Moment) -> Resource:
    resource: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [_SURVEY],
        "code": codeable_concept(SNOMED_CT, code, tool.term if tool else "", text=tool.term if tool else code),
        "effectiveDateTime": taken.fhir,
    }
    if _NUMBER.fullmatch(score):
        resource["valueQuantity"] = {"value": float(score) if "." in score else int(score)}
    else:
        resource["valueString"] = score
    if tool:
        resource["referenceRange"] = [{"low": {"value": tool.lowest}, "high": {"value": tool.highest}}]
    return resource
