"""What words in free text ask for more care than the field they stand in.

A housing officer writes MARAC into the notes of a repair; the repair must then not be shown by default. Erring towards
care is meant: "refuge" also stands in fire plans.
"""

import re
from collections.abc import Mapping
from typing import Final

from app.vocabulary.label import Sensitivity

# Searched in lower case, and written so that most texts are passed over quickly: every entry's words go through here.
_ABUSE: Final = re.compile(
    r"(?:marac|idva|refuge|women[’']?s aid|domestic (?:abuse|violence)|coercive control|non-molestation"
    r"|forced marriage|honou?r[- ]based)\b"
)
_UK_CORE: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
_INWARD: Final = re.compile(r"[0-9][a-z]{2}\b")  # the second half of a postcode
_POSTCODE: Final = re.compile(r"\b[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}\b")
_AT_END: Final = re.compile(rf"({_POSTCODE.pattern})\s*$", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"£|\bgbp\b|\bpounds?\b|\bbalance\b|\d[.,]\d\d|(?<!section )(?<!form )(?<!\d)\d{3,}")
DETENTION: Final[Mapping[str, frozenset[str]]] = {
    f"{_UK_CORE}SourceOfAdmissionEngland": frozenset(("39", "49")),
    f"{_UK_CORE}DischargeDestinationEngland": frozenset(("30", "37", "38", "48", "49", "50", "84")),
    f"{_UK_CORE}DischargeMethodEngland": frozenset(("3",)),
}
"""Codes of a visit that tell of custody, courts or secure psychiatric care, by their system: few may see them."""

LEGAL_STATUSES: Final = f"{_UK_CORE}LegalStatusClassificationEngland"
SEXUAL_HEALTH: Final = (f"{_UK_CORE}PracticeSettingCodeEngland", "360")
"""Genito-urinary medicine: that somebody goes there asks for care."""

_STRICTNESS: Final = {sensitivity: rank for rank, sensitivity in enumerate(Sensitivity)}


def strictest(*sensitivities: Sensitivity) -> Sensitivity:
    """The one that asks for most care."""
    return max(sensitivities, key=_STRICTNESS.__getitem__)


def asked_by(text: str) -> Sensitivity:
    """The care that a text asks for by its words: domestic abuse and refuges, or a postcode."""
    lower = text.lower()
    if _ABUSE.search(lower):
        return Sensitivity.DOMESTIC_ABUSE
    locates = _INWARD.search(lower) and _POSTCODE.search(lower)
    return Sensitivity.LOCATING if locates else Sensitivity.NORMAL


def holds_amount(text: str) -> bool:
    """Whether a text may hold an amount of money; the numbers of sections and forms are none."""
    return bool(_AMOUNT.search(text.lower()))


def postcode_at_end(address: str) -> str:
    """The postcode with which an address in one field ends, as it is written; "" where it ends otherwise."""
    found = _AT_END.search(address)
    return found[1] if found else ""
