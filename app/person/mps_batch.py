"""Tracing by the Master Person Service (MPS): a request file of those who wait, and its response read back.

The files are CSV in UTF-8 with a heading line, as NHS England names the columns (its spelling of `SENSITIVTY_FLAG`
included); dates are YYYYMMDD, genders 0, 1, 2 or 9. A line before the headings, which the mailbox adds, is skipped.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from app.errors import DomainError
from app.person.demographics import full_postcode
from app.person.tracing import Answer, Failure, Traced, Untraced
from app.vocabulary.flag import FlagKind
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import PersonFlag, Subject

CERTAIN: Final = Decimal(100)
"""The confidence, in per cent, below which no answer is taken unless a place says otherwise."""

REQUEST: Final = (
    "UNIQUE_REFERENCE",
    "NHS_NO",
    "FAMILY_NAME",
    "GIVEN_NAME",
    "OTHER_GIVEN_NAME",
    "GENDER",
    "DATE_OF_BIRTH",
    "POSTCODE",
)
_GENDER: Final = {"male": "1", "female": "2", "other": "9"}
_NOT_KNOWN: Final = "0"
_NAME_LENGTH: Final = 40
_OTHER_NAMES_LENGTH: Final = 100

_NEEDED: Final = frozenset(
    {"UNIQUE_REFERENCE", "ERROR_SUCCESS_CODE", "MATCHED_NHS_NO", "MATCHED_CONFIDENCE_PERCENTAGE", "SENSITIVTY_FLAG"}
)
_NEEDED_TEXT: Final = ", ".join(sorted(_NEEDED))
_SUPERSEDED: Final = "90"
_SENSITIVE: Final = "92"
_FOUND: Final = frozenset({"00", _SUPERSEDED, _SENSITIVE})
_FAILURES: Final = {
    "15": Failure.NOT_ENOUGH,
    "16": Failure.NOT_ENOUGH,
    "91": Failure.INVALIDATED,
    "96": Failure.NOT_ENOUGH,
    "97": Failure.SEVERAL,
    "98": Failure.NOBODY,
}
_INSTEAD_OF_A_NUMBER: Final = {"0000000000": Failure.NOBODY, "9999999999": Failure.SEVERAL, "": Failure.NOT_ENOUGH}
_RESTRICTED: Final = (PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=True),)


class UnreadableResponse(DomainError):
    """A file that is no MPS response."""


def write_request(file: TextIO, waiting: Mapping[str, Subject]) -> None:
    """Ask about each subject under its reference, which comes back in the response and says nothing of the person."""
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow(REQUEST)
    rows.writerows(_question(reference, subject) for reference, subject in waiting.items())


def read_response(file: Iterable[str], *, confidence: Decimal = CERTAIN) -> Iterator[tuple[str, Answer]]:
    """Read each reference with its answer; a number is taken only with at least that confidence, in per cent.

    Raises `UnreadableResponse` where the headings are not those of a response, or the file is no CSV.
    """
    rows = csv.reader(file)
    try:
        headings = next((row for row in islice(rows, 2) if set(row) >= _NEEDED), None)
        if headings is None:
            raise UnreadableResponse(f"an MPS response has the headings {_NEEDED_TEXT}; ask for the file again")
        for row in rows:
            answer = dict(zip(headings, map(str.strip, row), strict=False))
            if reference := answer.get("UNIQUE_REFERENCE"):
                yield reference, _answer(answer, confidence)
    except csv.Error as error:
        raise UnreadableResponse(f"an MPS response is broken at line {rows.line_num}; ask for it again") from error


def _question(reference: str, subject: Subject) -> list[str]:
    first, *others = subject.given_names or ("",)
    return [
        reference,
        subject.nhs_number.digits if subject.nhs_number else "",
        (subject.family_name or "")[:_NAME_LENGTH],
        first[:_NAME_LENGTH],
        " ".join(others)[:_OTHER_NAMES_LENGTH],
        _GENDER.get(subject.gender or "", _NOT_KNOWN),
        f"{subject.birth_date:%Y%m%d}" if subject.birth_date else "",
        full_postcode(subject.postcode) or "",
    ]


def _answer(row: Mapping[str, str], confidence: Decimal) -> Answer:
    code, matched = row.get("ERROR_SUCCESS_CODE", ""), row.get("MATCHED_NHS_NO", "")
    if code not in _FOUND:
        return Untraced(_FAILURES.get(code, Failure.ERROR))
    if matched in _INSTEAD_OF_A_NUMBER:
        return Untraced(_INSTEAD_OF_A_NUMBER[matched])
    number = NHSNumber.in_feed(matched)
    if number is None:
        return Untraced(Failure.ERROR)
    if _per_cent(row.get("MATCHED_CONFIDENCE_PERCENTAGE", "")) < confidence:
        return Untraced(Failure.UNCERTAIN)
    asked = NHSNumber.in_feed(row.get("REQ_NHS_NUMBER", ""))
    return Traced(
        nhs_number=number,
        superseded=asked if code == _SUPERSEDED and asked != number else None,
        flags=_RESTRICTED if code == _SENSITIVE or row.get("SENSITIVTY_FLAG") else (),
    )


def _per_cent(text: str) -> Decimal:
    try:
        stated = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return stated if stated.is_finite() else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MpsBatch:
    """The `Tracer` that asks by file: requests are left in one folder, responses are found in the other.

    Whatever carries the files between the folders and the mailbox removes responses once they are taken. A subject is
    asked about once; both folders hold personal data, and files are made readable to their owner alone.
    """

    requests: Path
    responses: Path
    confidence: Decimal = CERTAIN

    def trace(self, waiting: Mapping[str, Subject]) -> Mapping[str, Answer]:
        """Give the answers that have come, and ask about those of whom nobody has asked yet."""
        answers = {reference: answer for reference, answer in self._answers() if reference in waiting}
        asked = self._asked()
        self._ask({reference: waiting[reference] for reference in waiting if reference not in asked | answers.keys()})
        return answers

    def _answers(self) -> Iterator[tuple[str, Answer]]:
        for path in sorted(self.responses.glob("*.csv")):
            # a name that is spoilt does not matter: codes and numbers are all that is read
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                yield from read_response(file, confidence=self.confidence)

    def _asked(self) -> set[str]:
        asked: set[str] = set()
        for path in self.requests.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as file:
                asked.update(row["UNIQUE_REFERENCE"] for row in csv.DictReader(file))
        return asked

    def _ask(self, waiting: Mapping[str, Subject]) -> None:
        if not waiting:
            return
        path = self.requests / f"MPTREQ_{len(list(self.requests.glob('*.csv'))) + 1:06}.csv"
        unfinished = path.with_suffix(".part")
        unfinished.touch(mode=0o600)
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            write_request(file, waiting)
        unfinished.rename(path)
