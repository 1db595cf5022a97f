"""The UK's own segments about the person and the visit: ZU1 and ZU8 (HL7 UK A.3, appendix A).

The referral of ZU1, the appointments of ZU3 and ZU4 and the legal status of ZU5 are read in modules of their own.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from app.adapters.acute_hl7v2.message.identifiers import Identity
from app.adapters.acute_hl7v2.message.reading import Reading, key
from app.adapters.acute_hl7v2.message.segments import DELETE
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.visits.visit import ADMISSIONS, Visit, visit_reference
from app.adapters.elements import joined, spoken_date
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import codeable_concept, known
from app.vocabulary.fhir_systems import ACT_CODE, LOINC, TERMINOLOGY
from app.vocabulary.flag import FlagKind
from app.vocabulary.statement import Entry, PersonFlag, Resource, Standing, Tracing

_SHARING: Final = Category("sharing-preferences")


class _Milestone(NamedTuple):
    """A field of ZU1 that dates one step of a stay."""

    field: int
    part: str
    words: str


MILESTONES: Final = (
    _Milestone(1, "decision-to-admit", "Decision to admit"),
    _Milestone(22, "medically-fit-for-discharge", "Medically fit for discharge"),
    _Milestone(24, "ready-for-discharge", "Ready for discharge"),
)


class _Preference(NamedTuple):
    """What ZU8-2 says of sharing, in FHIR and in words."""

    rule: str
    provision: str
    words: str


_PREFERENCES: Final = {
    "1": _Preference("OPTIN", "permit", "Agrees to sharing from the hospital"),
    "2": _Preference("OPTOUT", "deny", "Objects to sharing from the hospital"),
    DELETE: _Preference("IMPLIED", "permit", "Consent to sharing from the hospital is implied"),
}


def tracing(reading: Reading) -> Tracing:
    """How sure the sender is of the NHS number (ZU1-27)."""
    code = reading.message.one("ZU1").code(27)
    try:
        return Tracing(code.zfill(2) if code else "")
    except ValueError:
        reading.warn("ZU1-27", "the tracing status is none of 01 to 08; the NHS number is taken as not traced")
        return Tracing.UNSTATED


def milestones(reading: Reading, visit: Visit) -> Iterator[Entry]:
    """The steps of a stay that a discharge meeting asks for, each of its own moment; a deleted one never was."""
    zu1 = reading.message.one("ZU1")
    for step in MILESTONES:
        at = reading.moment(zu1, step.field)
        if at or zu1.raw(step.field) == DELETE:
            yield _milestone(reading, visit, step, at)


def milestones_told(reading: Reading) -> str:
    """The same steps in words, but for the decision to admit, which an admission makes plain."""
    zu1 = reading.message.one("ZU1")
    told = ((step.words, reading.moment(zu1, step.field)) for step in MILESTONES[1:])
    return joined((f"{words} since {spoken_date(at.on)}" for words, at in told if at), "; ")


def sharing_flags(reading: Reading) -> Iterator[PersonFlag]:
    """Dissent from sharing (ZU8-2) and hidden location (ZU8-4), where the message says.

    `""` for consent means that consent is implied. A consent that is not known (3) says nothing, so that a dissent
    stays; a location marker that is not understood hides.
    """
    zu8 = reading.message.one("ZU8")
    if preference := _PREFERENCES.get(zu8.raw(2).strip()):
        yield PersonFlag(kind=FlagKind.DISSENT, raised=preference.provision == "deny")
    if not zu8.silent(4):
        yield PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=_hides(reading, zu8.code(4)))


def consent(reading: Reading, identity: Identity) -> Entry | None:
    """What the person said of sharing their record (ZU8-2)."""
    told = reading.message.one("ZU8").raw(2).strip()
    preference = _PREFERENCES.get(told)
    if preference is None:
        if told not in ("", "3"):
            reading.warn("ZU8-2", "the consent is none of 1, 2 and 3; what was known stays")
        return None
    resource = known(
        resourceType="Consent",
        status="active",
        scope=codeable_concept(f"{TERMINOLOGY}/consentscope", "patient-privacy"),
        category=[codeable_concept(LOINC, "59284-0")],
        policyRule=codeable_concept(ACT_CODE, preference.rule),
        provision={"type": preference.provision},
        dateTime=reading.recorded and reading.recorded.fhir,
    )
    return reading.entry(key("Consent", identity.token), _SHARING, resource, preference.words)


def _hides(reading: Reading, code: str) -> bool:
    if code in ("0", "1", "2", ""):
        return code in ("1", "2")
    reading.warn("ZU8-4", "the location marker is none of 0, 1 and 2; the location is hidden")
    return True


def _milestone(reading: Reading, visit: Visit, step: _Milestone, at: Moment | None) -> Entry:
    resource: Resource = known(
        resourceType="Observation",
        status="final" if at else "entered-in-error",
        code={"text": step.words},
        effectiveDateTime=at and at.fhir,
        encounter=visit_reference(reading, visit),
    )
    return reading.entry(
        f"{visit.key}/{step.part}",
        ADMISSIONS,
        resource,
        step.words,
        detail=spoken_date(at.on) if at else "",
        started=at and at.instant,
        ended=at and at.instant,
        standing=Standing.CURRENT if at else Standing.ENTERED_IN_ERROR,
    )
