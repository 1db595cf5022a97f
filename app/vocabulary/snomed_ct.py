"""SNOMED CT concept identifiers: whether one is written as it should be."""

from typing import Final

_TURNED: Final = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210"
_MOVED: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_SHORTEST, _LONGEST = 6, 18


def is_concept_id(code: str) -> bool:
    """Whether a code's check digit (Verhoeff's) holds, and its partition is that of concepts.

    SNOMED CT Release File Specification, section 6: 6 to 18 digits, the first no zero; the third last is 0 in the
    international edition and 1 in extensions such as the United Kingdom's, the second last 0.
    """
    if not (code.isascii() and code.isdigit() and _SHORTEST <= len(code) <= _LONGEST) or code[0] == "0":
        return False
    left = 0
    for place, digit in enumerate(reversed(code)):
        left = int(_TURNED[left * 10 + int(_MOVED[place % 8][int(digit)])])
    return left == 0 and code[-3:-1] in ("00", "10")
