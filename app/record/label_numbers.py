"""Labels as the rows of the record carry them: one number each, from which nobody needs a table to read it.

The number of a label is its controller's times `KINDS`, and its kind: category and sensitivity. Pure.
"""

from functools import cache
from typing import Final

from app.vocabulary.category import HEADINGS
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

KINDS: Final = 1 << 9
"""How many kinds a controller can have: 64 categories of 8 sensitivities."""

_SENSITIVITIES: Final = {
    Sensitivity.NORMAL: 0,
    Sensitivity.LOCATING: 1,
    Sensitivity.RESTRICTED: 2,
    Sensitivity.SEXUAL_HEALTH: 3,
    Sensitivity.DOMESTIC_ABUSE: 4,
    Sensitivity.SEALED: 5,
    Sensitivity.BARRED: 6,
}
_DIGITS: Final = {digit: place for place, digit in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)}


@cache
def label_number(label: Label) -> int:
    """The number of a label: the same in every place, and no other label's."""
    kind = HEADINGS[label.category].number << 3 | _SENSITIVITIES[label.sensitivity]
    return controller_number(label.controller) * KINDS + kind


@cache
def controller_number(code: OdsCode) -> int:
    """The code read as a number of digits from 1 to 36, so that no two are equal; ten of them stay below 2^52."""
    number = 0
    for character in code:
        number = number * len(_DIGITS) + _DIGITS[character]
    return number
