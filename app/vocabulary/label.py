"""What an agreement speaks about, and what the record is filtered by."""

from enum import StrEnum
from typing import NamedTuple

from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode


class Sensitivity(StrEnum):
    """Why an entry asks for more care than its category alone; one entry has one, the strictest that applies.

    The order is from least to most strict: text derived from several entries takes the last that they hold.
    """

    NORMAL = "normal"
    LOCATING = "locating"  # tells where the person lives, stays or can be reached
    RESTRICTED = "restricted"  # Mental Health Act status, or anything whose own label could not be read
    SEXUAL_HEALTH = "sexual-health"
    DOMESTIC_ABUSE = "domestic-abuse"  # MARAC, refuges
    SEALED = "sealed"
    BARRED = "barred"  # by statute: HFE Act 1990 s33A, Gender Recognition Act 2004 s22

    __hash__ = str.__hash__  # labels are looked up by the dozen in each view, and Enum hashes in Python


class Label(NamedTuple):
    """Who controls an entry, under which heading it stands, and how sensitive it is."""

    controller: OdsCode
    category: Category
    sensitivity: Sensitivity

    def __str__(self) -> str:
        return f"{self.controller}/{self.category}/{self.sensitivity}"

    @classmethod
    def parse(cls, text: str) -> "Label":
        """Read what `str` wrote; raises `ValueError` for anything else."""
        if text.count("/") != 2:
            raise ValueError("a label is written CONTROLLER/CATEGORY/SENSITIVITY, such as RL4/problems/normal")
        controller, category, sensitivity = text.split("/")
        return cls(OdsCode(controller), Category(category), Sensitivity(sensitivity))
