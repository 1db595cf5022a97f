"""ICD-10 codes as score definitions match them: letters and digits alone, without dot, filler or dagger."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

_WRITTEN: Final = re.compile(r"([A-Z][0-9]{2})\.?([0-9]{0,2})X?[DA*†+]?", re.IGNORECASE)
_RANGE: Final = re.compile(r"([A-Z])([0-9]+)(?:-\1([0-9]+))?")


@lru_cache(maxsize=8192)
def bare(code: str) -> str | None:
    """`N39.0`, `n390` and `N39.0D` are `N390`, `E86X` is `E86`; `None` for what is no ICD-10 code."""
    written = _WRITTEN.fullmatch(code.strip())
    return (written[1] + written[2]).upper() if written else None


def readable(codes: Iterable[str]) -> frozenset[str]:
    """The codes that can be read, bare and each once."""
    return frozenset(read for code in codes if (read := bare(code)))


def unreadable(codes: Iterable[str]) -> int:
    """How many codes cannot be read."""
    return sum(bare(code) is None for code in codes)


def prefixes(written: str) -> Iterator[str]:
    """The prefixes of a published list: `I21 I252 E108-E111`; a dash joins consecutive numbers of one length."""
    for part in written.split():
        shape = _RANGE.fullmatch(part)
        if shape is None:
            raise ValueError(f"`{part}` is neither a code nor a range of codes of one letter")
        letter, first, last = shape[1], shape[2], shape[3] or shape[2]
        if len(first) != len(last) or last < first:
            raise ValueError(f"`{part}` joins codes that do not follow each other")
        yield from (f"{letter}{number:0{len(first)}}" for number in range(int(first), int(last) + 1))
