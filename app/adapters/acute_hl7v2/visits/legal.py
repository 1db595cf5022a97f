"""What only few may see: legal status (ZU5), and stays and discharges that tell of custody or secure care.

The codes of PV1-14, -36 and -37 that tell of prison, courts or secure psychiatric care are kept off the visit, which
many may see, and stand here instead.
"""

from collections.abc import Iterator
from typing import Final

from app.adapters.acute_hl7v2.message.codes import Coded, listed
from app.adapters.acute_hl7v2.message.reading import Reading
from app.adapters.acute_hl7v2.visits.visit import Visit, visit_reference
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry

_LEGAL: Final = Category("legal")
_STATUSES: Final = (2, 3)  # of ZU5, the psychiatric census
_PLACES: Final = (
    (14, "admission-source", "Admitted from"),
    (36, "discharge-method", "Discharged"),
    (37, "discharge-destination", "Discharged to"),
)


def legal_entries(reading: Reading, visit: Visit) -> Iterator[Entry]:
    """Each restricted fact that the message tells of a visit."""
    zu5 = reading.message.one("ZU5")
    for field in _STATUSES:
        if status := listed(reading, zu5, field, "legal-status"):
            yield _fact(reading, visit, f"legal-status-{field}", "Legal status", status)
    for field, code_list, words in _PLACES:
        place = listed(reading, visit.pv1, field, code_list)
        if place and place.restricted and not (reading.trigger == "A13" and field in (36, 37)):
            yield _fact(reading, visit, code_list, words, place)


def _fact(reading: Reading, visit: Visit, part: str, words: str, stated: Coded) -> Entry:
    resource = known(
        resourceType="Observation",
        status="final",
        code={"text": words},
        valueCodeableConcept=stated.concept,
        effectiveDateTime=reading.occurred and reading.occurred.fhir,
        encounter=visit_reference(reading, visit),
    )
    return reading.entry(
        f"{visit.key}/{part}",
        _LEGAL,
        resource,
        f"{words}: {stated.words}",
        sensitivity=Sensitivity.RESTRICTED,
        started=reading.occurred and reading.occurred.instant,
    )
