"""The files that the partners of the demonstration place send, written as a real partner's system would."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from app.demonstration.partners import acute, caseloads, housing, mental_health, social_care
from app.demonstration.people.stories import REGISTERED_TWICE, people
from app.demonstration.place import ACUTE, COMMUNITY, GENERAL_PRACTICE, HOUSING, MENTAL_HEALTH, SOCIAL_CARE
from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True)
class PlaceFile:
    """One file: who sends it, and which adapter reads it."""

    name: str
    partner: OdsCode
    adapter: str


FILES: Final = (
    PlaceFile("acute.hl7", ACUTE, "acute-hl7v2"),
    PlaceFile("community-caseload.csv", COMMUNITY, "caseload"),
    PlaceFile("practice-list.csv", GENERAL_PRACTICE, "caseload"),
    PlaceFile("client-level-data.csv", SOCIAL_CARE, "social-care-cld"),
    PlaceFile("safeguarding.csv", SOCIAL_CARE, "social-care-safeguarding"),
    PlaceFile("mhsds.zip", MENTAL_HEALTH, "mental-health-mhsds"),
    PlaceFile("housing.ndjson", HOUSING, "housing-json"),
)
"""In the order in which they are sent: the trust, which knows everybody, first."""


def write_files(folder: Path, count: int, *, seed: int, on: date, progress: Callable[[], None] = lambda: None) -> None:
    """Write every file for that many people as at the day `on`; `progress` is told of each person."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / "acute.hl7").open("wb") as trust,
        (folder / "housing.ndjson").open("wb") as landlord,
        _table(folder / "community-caseload.csv", caseloads.HEADING_ROW) as nurses,
        _table(folder / "practice-list.csv", caseloads.HEADING_ROW) as practice,
        _table(folder / "client-level-data.csv", social_care.HEADING_ROW) as council,
        _table(folder / "safeguarding.csv", social_care.SAFEGUARDING_ROW) as safeguarding,
    ):
        for resident, life in people(count, seed=seed, on=on):
            trust.writelines(acute.messages(resident, life, on))
            if resident.number == REGISTERED_TWICE:
                trust.writelines(acute.hurried(resident, on))
            landlord.write(housing.document(resident, life) or b"")
            nurses([row] if (row := caseloads.nurses_row(resident, life, on)) else [])
            practice([row] if (row := caseloads.practice_row(resident, on)) else [])
            council(social_care.event_rows(resident, life, on))
            safeguarding(social_care.safeguarding_rows(resident, life))
            progress()
    mental_health.write_archive(folder / "mhsds.zip", people(count, seed=seed, on=on), on)


@contextmanager
def _table(path: Path, headings: tuple[str, ...]) -> Iterator[Callable[[Iterable[list[str]]], None]]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        yield writer.writerows
