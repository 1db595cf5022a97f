"""Names as they are compared: folded for matching, by sound for searching. Pure."""

import re
from typing import Final
from unicodedata import normalize

# letters of Latin alphabets that Unicode does not take apart
_UNDECOMPOSED: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
_BETWEEN_WORDS: Final = re.compile(r"[\s-]+")

NOT_A_NAME: Final = frozenset({"unknown", "notknown", "unnamed", "unidentified", "anonymous", "baby", "infant", "twin"})
"""What systems write, folded, where they know no name: an unconscious patient, a baby not yet named."""


def fold(name: str) -> str:
    """A name without case, accents, punctuation or spaces: `O'Neil`, `ONEIL` and `O Neil` are one."""
    if not name.isascii():
        name = normalize("NFKD", name).casefold().translate(_UNDECOMPOSED)
    return name.lower() if name.isalpha() else "".join(filter(str.isalnum, name)).lower()


def fold_words(names: str) -> str:
    """Each given name folded, with one space between: `Anne-Marie J.` becomes `anne marie j`."""
    return " ".join(filter(None, map(fold, _BETWEEN_WORDS.split(names))))


def given_names_agree(one: str, other: str) -> bool:
    """Whether two folded sets of given names may be one person's: no name contradicts, as far as both go.

    An initial stands for any name that begins with it. Nicknames do not agree: a person decides about those.
    """
    ours, theirs = one.split(), other.split()
    return "".join(ours) == "".join(theirs) or all(map(_agree, ours, theirs))


def _agree(one: str, other: str) -> bool:
    return one == other or (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other))


_SPOKEN_ALIKE: Final = (
    (re.compile(r"^(?:kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^wh"), "w"),
    (re.compile(r"^x"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"(?<!n)gh"), "h"),
    (re.compile(r"mps"), "ms"),
    (re.compile(r"(?<=.)[hw]"), ""),  # do not part two letters of one sound
)
_SOUNDS: Final = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
_REPEATED: Final = re.compile(r"(\d)\1+")
_LENGTH: Final = 6


def sound(folded: str) -> str:
    """How a folded name sounds, after Soundex with its first letter coded as well; empty where it has no letter.

    Names of one sound are offered to a person who searches; nothing is ever matched by it.
    """
    for pattern, plain in _SPOKEN_ALIKE:
        folded = pattern.sub(plain, folded)
    coded = _REPEATED.sub(r"\1", folded.translate(_SOUNDS))
    return coded[:1] + re.sub(r"\D", "", coded[1:])[:_LENGTH]
