"""Which passwords are allowed: long ones that nobody would try first. No rule asks for kinds of characters.

After the National Cyber Security Centre's password policy: length, a deny list, and nothing that makes people write
them down.
"""

import tomllib
import unicodedata
from collections.abc import Iterable
from importlib import resources
from itertools import pairwise
from typing import Final

FEWEST_CHARACTERS: Final = 12
MOST_CHARACTERS: Final = 128
_FEWEST_DIFFERENT: Final = 5
_FEWEST_OF_ONES_OWN: Final = 5
"""Letters that must be left once all words that everybody tries are taken away."""

_DENIED: Final = tomllib.loads(resources.files(__package__).joinpath("denied.toml").read_text(encoding="utf-8"))
_MEANT: Final = str.maketrans("013457@$!|", "oleastasil")  # what a digit or sign commonly stands for


def normalised(password: str) -> str:
    """The password as it is hashed, the same whatever keyboard it was typed on (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", password)


def objection(password: str, *, personal: Iterable[str] = ()) -> str | None:
    """Why a password is not allowed, or `None`; `personal` are words that are known of its owner."""
    plain = normalised(password)
    if len(plain) < FEWEST_CHARACTERS:
        return f"it has fewer than {FEWEST_CHARACTERS} characters; three random words make a good one"
    if len(plain) > MOST_CHARACTERS:
        return f"it has more than {MOST_CHARACTERS} characters"
    if len(set(plain)) < _FEWEST_DIFFERENT or _mostly_a_run(plain):
        return "it repeats or counts; three random words make a better one"
    if len(_of_ones_own(plain, personal)) < _FEWEST_OF_ONES_OWN:
        return "it is among those that are tried first; three random words make a better one"
    return None


def _mostly_a_run(plain: str) -> bool:
    """Whether most characters follow the one before, as in `abcdefgh1234` or `qwertyuiop`."""
    steps = [ord(second) - ord(first) for first, second in pairwise(plain.lower())]
    return sum(step in (-1, 0, 1) for step in steps) * 2 > len(steps)


def _of_ones_own(plain: str, personal: Iterable[str]) -> str:
    """The letters that are left of it without what is denied and what is known of its owner, longest words first."""
    left = plain.lower()
    denied = {*_DENIED["words"], *(word.lower() for word in personal if len(word) > 2)}
    for text in (left, left.translate(_MEANT)):
        for word in sorted(denied, key=len, reverse=True):
            text = text.replace(word, " ")
        left = min(left, "".join(each for each in text if each.isalpha()), key=len)
    return left
