"""Flags of a person: what changes what may be shown of every partner's entries, and who may raise them."""

from enum import StrEnum
from typing import Final


class FlagKind(StrEnum):
    """Facts about a person that decide, for every partner's entries alike."""

    LOCATION_RESTRICTED = "location-restricted"  # PDS `R`, HL7 ZU8-4 = 1 or 2, Mosaic RESTRICTED
    DISSENT = "dissent"  # HL7 ZU8-2 = 2: the person objects to sharing from this partner
    DECEASED = "deceased"
    SEALED = "sealed"  # by staff, as is the next
    STAFF_OR_VIP = "staff-or-vip"
    CHILD = "child"  # from the birth dates that feeds state: since they were born, until they are 18


TOLD_BY_FEEDS: Final = frozenset({FlagKind.LOCATION_RESTRICTED, FlagKind.DISSENT, FlagKind.DECEASED})
"""What partners say outright; no message raises or lowers any other."""
