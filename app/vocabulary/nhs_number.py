"""The NHS number: the one identifier that partners share (NHS Data Dictionary: NHS NUMBER)."""

import re
from dataclasses import dataclass
from operator import mul

_SEPARATORS = re.compile(r"[\s\u00a0-]+")
_WEIGHTS = range(10, 1, -1)


@dataclass(frozen=True, slots=True)
class NHSNumber:
    """Ten digits, the last a modulus-11 check.

    Repeated digits (0000000000 to 9999999999) pass the check yet are never issued, so they are refused.
    Raises `ValueError`, whose message holds no digit of the number.
    """

    digits: str

    def __post_init__(self) -> None:
        if not (len(self.digits) == 10 and self.digits.isascii() and self.digits.isdigit()):
            raise ValueError("an NHS number has ten digits; check that none is missing")
        if len(set(self.digits)) == 1:
            raise ValueError("an NHS number is never one digit repeated; ask for the real number")
        total = sum(map(mul, _WEIGHTS, map(int, self.digits)))
        if -total % 11 != int(self.digits[-1]):  # a remainder of 10 matches no digit
            raise ValueError("the NHS number fails its check digit; check it for a slip")

    @classmethod
    def parse(cls, text: str) -> "NHSNumber":
        """Read a number as people and systems write it: spaced or hyphenated, and every digit there."""
        return cls(_SEPARATORS.sub("", text))

    @classmethod
    def of_feed(cls, text: str) -> "NHSNumber":
        """Read a number as feeds send it: where it was kept as a number, up to two leading zeros are lost.

        Whoever types one digit too few meant another number, which a zero before it might make somebody else's.
        """
        digits = _SEPARATORS.sub("", text)
        return cls(digits.zfill(10) if len(digits) in (8, 9) else digits)

    @classmethod
    def in_feed(cls, text: str) -> "NHSNumber | None":
        """The same, where nobody is told what is wrong with it; `None` for what is no NHS number."""
        try:
            return cls.of_feed(text)
        except ValueError:
            return None

    @property
    def spaced(self) -> str:
        """As people read it aloud: 999 123 4567."""
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"

    def __str__(self) -> str:
        return "•••"  # a log line or an exception must not disclose it

    def __repr__(self) -> str:
        return "NHSNumber(•••)"
