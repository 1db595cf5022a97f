"""How deprived the place's areas are: two files with the headings of the published ones, of areas that do not exist.

A postcode's sector is a small area. The newest houses, one sector of the last locality, are in no directory yet.
"""

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

from app.demonstration.place import LOCALITIES

DIRECTORY, INDICES = "nspl.csv", "file-7.csv"
_DIRECTORY_HEADINGS: Final = ("pcds", "dointr", "doterm", "ctry25cd", "lsoa21cd", "imd25ind")
_INDICES_HEADINGS: Final = (
    "LSOA code (2021)",
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Local Authority District name (2024)",
    "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",
    "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
)
_AREAS_OF_ENGLAND: Final = 33_755
_FIRST_AREA: Final = 99_001  # beyond every code that is in use
_SECTORS: Final = range(1, 10)
_UNITS: Final = tuple(first + last for first, last in product("ABDEFG", "LNPQRS"))


def write_deprivation(folder: Path) -> None:
    """Write both files."""
    _write(folder / DIRECTORY, _DIRECTORY_HEADINGS, _postcodes())
    _write(folder / INDICES, _INDICES_HEADINGS, _areas())


def _write(path: Path, headings: tuple[str, ...], rows: Iterator[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)


def _sectors() -> Iterator[tuple[str, str, int, int]]:
    """Each sector with its area's code, rank and decile: the first locality is the most deprived."""
    for place, locality in enumerate(LOCALITIES):
        for sector in _SECTORS:
            number = place * len(_SECTORS) + sector - 1
            decile = (1, 1, 2, 2, 3, 3, 4, 6, 8)[sector - 1] if place == 0 else (sector + 4 * place) % 10 + 1
            rank = (decile - 1) * _AREAS_OF_ENGLAND // 10 + 1 + number
            yield f"{locality.outward_code} {sector}", f"E010{_FIRST_AREA + number}", rank, decile


def _areas() -> Iterator[list[object]]:
    for sector, code, rank, decile in _sectors():
        yield [code, f"Wulfrun {sector}", "E08099001", "Wulfrun", rank, decile]


def _postcodes() -> Iterator[list[object]]:
    for sector, code, rank, _ in list(_sectors())[:-1]:
        for unit in _UNITS:
            yield [f"{sector}{unit}", "198001", "", "E92000001", code, rank]
