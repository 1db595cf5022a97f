"""Allergies (AL1), diagnoses (DG1) and procedures (PR1) that ride along with a visit or a person."""

from collections.abc import Iterator
from typing import Final

from app.adapters.acute_hl7v2.message.codes import Coded, comparable, stated
from app.adapters.acute_hl7v2.message.identifiers import Identity, digest, professional
from app.adapters.acute_hl7v2.message.reading import Reading, below, key
from app.adapters.acute_hl7v2.message.segments import Segment
from app.adapters.acute_hl7v2.visits.visit import Visit, visit_reference
from app.adapters.elements import joined
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, known
from app.vocabulary.fhir_systems import TERMINOLOGY
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, Resource, Standing

_ALLERGIES: Final = Category("allergies")
_PROBLEMS: Final = Category("problems")
_PROCEDURES: Final = Category("procedures")
_ALLERGEN_CATEGORIES: Final = {  # HL7 table 0127
    "DA": "medication", "FA": "food",
    "EA": "environment", "AA": "environment", "PA": "environment", "LA": "environment",
}  # fmt: skip
_SEVERITIES: Final = {"SV": "severe", "MO": "moderate", "MI": "mild"}  # HL7 table 0128
_CERTAINTIES: Final = {"F": "confirmed", "W": "provisional", "A": "provisional"}  # HL7 table 0052


def allergies(reading: Reading, identity: Identity) -> Iterator[Entry]:
    """Each allergy of the person."""
    for al1 in reading.message.every("AL1"):
        if allergen := stated(reading, al1, 3):
            yield _allergy(reading, identity, al1, allergen)
        elif not al1.silent(4, 5, 6):
            reading.refuse("AL1-3", "an allergy does not say to what; send AL1-3")


def diagnoses_and_procedures(reading: Reading, identity: Identity, visit: Visit | None) -> Iterator[Entry]:
    """Each diagnosis and procedure of the visit, else of the person."""
    for dg1 in reading.message.every("DG1"):
        if diagnosis := stated(reading, dg1, 3) or _described(dg1):
            yield _diagnosis(reading, identity, visit, dg1, diagnosis)
        elif not dg1.silent(5, 6, 16):
            reading.refuse("DG1-3", "a diagnosis does not say of what; send DG1-3")
    for pr1 in reading.message.every("PR1"):
        if procedure := stated(reading, pr1, 3):
            yield _procedure(reading, identity, visit, pr1, procedure)
        elif not pr1.silent(4, 5, 11):
            reading.refuse("PR1-3", "a procedure does not say which; send PR1-3")


def _described(dg1: Segment) -> Coded | None:
    """A diagnosis in words alone, where older senders put it (DG1-4)."""
    words = dg1.text(4)
    return Coded({"text": words}, "", words) if words else None


def _name(coded: Coded) -> str:
    return coded.code or digest(coded.words.casefold())


def _allergy(reading: Reading, identity: Identity, al1: Segment, allergen: Coded) -> Entry:
    category = _ALLERGEN_CATEGORIES.get(al1.code(2).upper())
    identified = reading.moment(al1, 6)
    reactions, note = _reactions(reading, al1)
    resource = known(
        resourceType="AllergyIntolerance",
        clinicalStatus=codeable_concept(f"{TERMINOLOGY}/allergyintolerance-clinical", "active"),
        category=[category] if category else None,
        code=allergen.concept,
        recordedDate=identified and identified.fhir,
        reaction=reactions,
        note=[{"text": note}] if note else None,
    )
    return reading.entry(
        key("AllergyIntolerance", identity.token, _name(allergen)),
        _ALLERGIES,
        resource,
        allergen.words,
        detail=joined((*(one["manifestation"][0]["text"] for one in reactions), note)),
        concept=comparable(allergen),
        started=identified and identified.instant,
    )


def _reactions(reading: Reading, al1: Segment) -> tuple[list[Resource], str]:
    """FHIR reactions, and what cannot stand in one: FHIR grades a reaction, so that a grade alone becomes a note."""
    code, words = al1.code(4).upper(), al1.text(4, 2)
    severity = _SEVERITIES.get(code)
    if code and code != "U" and not severity:
        reading.warn("AL1-4", "the severity is none of SV, MO, MI and U; it is kept in words")
    manifestations = [text for one in al1.repetitions(5) if (text := joined(one[:2], " "))]
    if manifestations and severity:
        return [known(manifestation=[{"text": text}], severity=severity) for text in manifestations], ""
    grade = words or severity or (code if code != "U" else "")
    return [{"manifestation": [{"text": text}]} for text in manifestations], f"severity {grade}" if grade else ""


def _diagnosis(reading: Reading, identity: Identity, visit: Visit | None, dg1: Segment, diagnosis: Coded) -> Entry:
    diagnosed = reading.moment(dg1, 5)
    certainty = _CERTAINTIES.get(dg1.code(6).upper())
    resource = known(
        resourceType="Condition",
        category=[codeable_concept(f"{TERMINOLOGY}/condition-category", "encounter-diagnosis")],
        verificationStatus=codeable_concept(f"{TERMINOLOGY}/condition-ver-status", certainty) if certainty else None,
        code=diagnosis.concept,
        encounter=visit_reference(reading, visit) if visit else None,
        recordedDate=diagnosed and diagnosed.fhir,
        asserter=_by(reading, dg1, 16),
    )
    return reading.entry(
        below(visit.key, "diagnosis", _name(diagnosis))
        if visit
        else key("Condition", identity.token, _name(diagnosis)),
        _PROBLEMS,
        resource,
        diagnosis.words,
        detail=certainty or "",
        concept=comparable(diagnosis),
        sensitivity=Sensitivity.RESTRICTED if dg1.code(18).upper() == "Y" else Sensitivity.NORMAL,  # confidential
        started=diagnosed and diagnosed.instant,
    )


def _procedure(reading: Reading, identity: Identity, visit: Visit | None, pr1: Segment, procedure: Coded) -> Entry:
    """A procedure, done when its time is not after the message's own, else still to come."""
    done = reading.moment(pr1, 5)
    to_come = bool(done and reading.recorded and done.instant > reading.recorded.instant)
    name = (_name(procedure), pr1.code(5))
    surgeon = _by(reading, pr1, 11) or _by(reading, pr1, 12)
    resource = known(
        resourceType="Procedure",
        status="preparation" if to_come else "completed",
        code=procedure.concept,
        encounter=visit_reference(reading, visit) if visit else None,
        performedDateTime=done and done.fhir,
        performer=[{"actor": surgeon}] if surgeon else None,
    )
    return reading.entry(
        below(visit.key, "procedure", *name) if visit else key("Procedure", identity.token, *name),
        _PROCEDURES,
        resource,
        procedure.words,
        started=done and done.instant,
        ended=done and done.instant,
        standing=Standing.PLANNED if to_come else Standing.CURRENT,
    )


def _by(reading: Reading, segment: Segment, field: int) -> Resource | None:
    components = segment.components(field)
    return professional(reading, components) if components else None
