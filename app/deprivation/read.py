"""The two files that tell how deprived the area of a postcode is, read line by line. Pure.

The ONS's postcode directory (ONSPD, or NSPL) says in which small area (LSOA) a postcode lies; File 7 of the English
Indices of Deprivation which tenth of all small areas that is. The 2019 indices rank the areas of the 2011 census, those
of 2025 the areas of 2021: one is never looked up by the other's codes. The directory's own `imd` column is no decile,
but a rank of whichever country the postcode is in, and is not read.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from app.errors import DomainError

_DECILE: Final = "index of multiple deprivation (imd) decile"  # what follows in the heading explains it
_ENGLISH_AREA: Final = re.compile(r"E01\d{6}")
_OTHER_AREA: Final = re.compile(r"|[A-Z]\d{8}")  # other countries, and postcodes of no place
_POSTCODE: Final = re.compile(r"([A-Z]{1,2}\d[A-Z0-9]?|GIR)(\d[A-Z]{2})")


class UnreadableDeprivation(DomainError):
    """A file is not what it should be; `rule` names what it breaks, `line` where, from 1."""

    def __init__(self, file: str, line: int, rule: str, text: str) -> None:
        super().__init__(f"{file}, line {line}: {text} ({rule})")
        self.rule, self.line = rule, line


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the indices: what its headings tell it by, and by which columns a directory names its areas."""

    name: str
    headings: frozenset[str]
    area: str
    directory: tuple[str, ...]


EDITIONS: Final = (
    Edition(
        "English Indices of Deprivation 2025",
        frozenset({"lsoa code (2021)", "local authority district code (2024)"}),
        "lsoa code (2021)",
        ("lsoa21cd", "lsoa21"),
    ),
    Edition(
        "English Indices of Deprivation 2019",
        frozenset({"lsoa code (2011)", "local authority district code (2019)"}),
        "lsoa code (2011)",
        ("lsoa11cd", "lsoa11"),
    ),
)


class Indices(NamedTuple):
    """An edition, and the decile of each of its areas: 1 the most deprived tenth."""

    edition: Edition
    deciles: Mapping[str, int]


class Postcode(NamedTuple):
    """One postcode in its two halves, the line that it stands on, and its decile; `None` outside England."""

    line: int
    district: str
    inward: str
    decile: int | None


def halves(postcode: str) -> tuple[str, str] | None:
    """A postcode's district and the rest, however it is spaced; `None` for what is none."""
    found = _POSTCODE.fullmatch("".join(postcode.upper().split()))
    return (found[1], found[2]) if found else None


def read_indices(path: Path) -> Indices:
    """File 7 of an edition, which is small; raises `UnreadableDeprivation`."""
    rows = _rows(path)
    _, headings = next(rows, (1, []))
    names = [" ".join(one.lower().split()) for one in headings]
    edition = next((one for one in EDITIONS if one.headings <= set(names)), None)
    decile = next((place for place, name in enumerate(names) if name.startswith(_DECILE)), None)
    if edition is None or decile is None:
        known = " or ".join(one.name for one in EDITIONS)
        raise UnreadableDeprivation(
            path.name, 1, "indices-headings", f"these are not the headings of File 7 of the {known}"
        )
    deciles: dict[str, int] = {}
    area = names.index(edition.area)
    for line, row in rows:
        code, tenth = row[area].strip(), row[decile].strip()
        if not _ENGLISH_AREA.fullmatch(code):
            raise UnreadableDeprivation(path.name, line, "indices-area", "this is no code of an English small area")
        if code in deciles:
            raise UnreadableDeprivation(path.name, line, "indices-area-once", "this small area stands here twice")
        if tenth not in _TENTHS:
            raise UnreadableDeprivation(path.name, line, "indices-decile", "a decile is a number from 1 to 10")
        deciles[code] = int(tenth)
    if not deciles:
        raise UnreadableDeprivation(path.name, 1, "indices-rows", "no small area stands here")
    return Indices(edition, deciles)


_TENTHS: Final = frozenset(map(str, range(1, 11)))


def read_postcodes(path: Path, indices: Indices) -> Iterator[Postcode]:
    """Each postcode of a directory by the indices' own areas, one at a time; raises `UnreadableDeprivation`."""
    rows = _rows(path)
    _, headings = next(rows, (1, []))
    names = [one.strip().lower() for one in headings]
    area = next((names.index(name) for name in indices.edition.directory if name in names), None)
    if "pcds" not in names or area is None:
        raise UnreadableDeprivation(
            path.name, 1, "postcodes-headings",
            f"a directory for the {indices.edition.name} has the columns pcds and {indices.edition.directory[0]}",
        )  # fmt: skip
    column = names.index("pcds")
    for line, row in rows:
        parted = halves(row[column])
        if parted is None:
            raise UnreadableDeprivation(path.name, line, "postcodes-postcode", "this is no postcode")
        yield Postcode(line, *parted, _decile(path, line, row[area].strip(), indices))


def _decile(path: Path, line: int, code: str, indices: Indices) -> int | None:
    if not _ENGLISH_AREA.fullmatch(code):
        if not _OTHER_AREA.fullmatch(code):
            raise UnreadableDeprivation(path.name, line, "postcodes-area", "this is no code of a small area")
        return None
    if code not in indices.deciles:
        raise UnreadableDeprivation(
            path.name, line, "postcodes-area-known", "the indices do not have this small area; load both of one census"
        )
    return indices.deciles[code]


def _rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows with the lines that they end on; all are as long as the first."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        width = 0
        try:
            for row in reader:
                width = width or len(row)
                if row and len(row) != width:
                    raise UnreadableDeprivation(
                        path.name,
                        reader.line_num,
                        "columns",
                        "this row has more or fewer values than there are headings",
                    )
                if row:
                    yield reader.line_num, row
        except (csv.Error, UnicodeDecodeError) as wrong:
            raise UnreadableDeprivation(path.name, reader.line_num + 1, "csv", "this is no CSV in UTF-8") from wrong
