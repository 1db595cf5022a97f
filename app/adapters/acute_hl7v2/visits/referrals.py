"""The referral that led to a visit (ZU1-13 to -17): FHIR ServiceRequest, and the relationship that it makes."""

from typing import Final

from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.message.timestamps import Moment
from app.adapters.acute_hl7v2.visits.courses import IN_ERROR
from app.adapters.acute_hl7v2.visits.visit import Visit, presumed, relationship, visit_reference
from app.adapters.elements import joined
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import extension, known
from app.vocabulary.statement import Entry, Relationship, Standing

_REFERRALS: Final = Category("referrals")
_UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
_DISCHARGED_FROM_CARE: Final = "1"


def referral(reading: Reading, visit: Visit) -> tuple[Entry, Relationship | None] | None:
    """The referral and its relationship; `None` where the message tells of no referral."""
    zu1 = reading.message.one("ZU1")
    if zu1.silent(13, 14, 15, 16, 17):
        return None
    began, over = reading.moment(zu1, 15) or reading.moment(zu1, 16), _over(reading, visit)
    entry = _entry(reading, visit, began, over)
    return entry, relationship(reading, visit._replace(ended=over), "referral", began=began)


def _over(reading: Reading, visit: Visit) -> Moment | None:
    """When the referral ended: an out-patient's outlasts the attendance, but for discharge from care (ZU3-4)."""
    if not visit.is_outpatient:
        return visit.ended
    return visit.started if reading.message.one("ZU3").code(4) == _DISCHARGED_FROM_CARE else None


def _state(visit: Visit, over: Moment | None) -> tuple[str, Standing]:
    if visit.course is IN_ERROR:
        return "entered-in-error", Standing.ENTERED_IN_ERROR
    return ("completed", Standing.ENDED) if over else ("active", Standing.CURRENT)


def _entry(reading: Reading, visit: Visit, began: Moment | None, over: Moment | None) -> Entry:
    zu1 = reading.message.one("ZU1")
    source, kind, method = (zu1.text(field, 2) or zu1.text(field) for field in (13, 14, 17))
    written = reading.moment(zu1, 16) or began
    status, standing = _state(visit, over)
    resource = known(
        resourceType="ServiceRequest",
        status=status,
        intent="order",
        category=[{"text": kind}] if kind else None,
        code=visit.specialty and visit.specialty.concept,
        authoredOn=written and written.fhir,
        encounter=visit_reference(reading, visit),
        extension=[
            extension(f"{_UK_CORE}{name}", {"text": words})
            for name, words in (("SourceOfServiceRequest", source), ("ServiceRequestMethod", method))
            if words
        ],
    )
    return reading.entry(
        f"{visit.key}/referral",
        _REFERRALS,
        resource,
        joined(("Referred to hospital", visit.specialty and visit.specialty.words), ": "),
        detail=joined((source and f"source {source}", kind and f"type {kind}", method and f"method {method}")),
        presumes=presumed(reading, visit, began),
        standing=standing,
        started=began and began.instant,
        ended=over and over.instant,
    )
