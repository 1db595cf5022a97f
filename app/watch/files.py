"""Files of whoever runs a place: which person each account is, and who works when. CSV with a line of headings."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, TypeVar

from app.errors import DomainError
from app.sharing.facts import Account
from app.vocabulary.london import from_london
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.watch.known import Duty
from app.watch.store import StaffMember

ReadT = TypeVar("ReadT")

STAFF: Final = ("issuer", "subject", "organisation", "nhs_number")
ROTA: Final = ("issuer", "subject", "starts", "ends")


class NotRead(DomainError):
    """A file of staff or of a rota that cannot be used; nothing of it is kept."""


def read_staff(lines: Iterable[str]) -> list[StaffMember]:
    """Which person each account is; raises `NotRead`."""
    return [
        _reading(number, lambda row: StaffMember(_account(row), OdsCode(row["organisation"]), _number(row)), row)
        for number, row in _rows(lines, STAFF)
    ]


def read_rota(lines: Iterable[str]) -> Mapping[Account, list[Duty]]:
    """Shifts by account, each in London's time such as `2026-06-10T20:00`; raises `NotRead`."""
    duties: dict[Account, list[Duty]] = defaultdict(list)
    for number, row in _rows(lines, ROTA):
        duties[_account(row)].append(_reading(number, _duty, row))
    return duties


def _rows(lines: Iterable[str], headings: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines, strict=True)
    if set(headings) - set(reader.fieldnames or ()):
        raise NotRead(f"the first line has to name these columns: {', '.join(headings)}")
    for row in reader:
        if not all(row[heading] for heading in headings):
            raise NotRead(f"line {reader.line_num}: {', '.join(headings)} must all be filled")
        yield reader.line_num, row


def _reading(number: int, read: Callable[[dict[str, str]], ReadT], row: dict[str, str]) -> ReadT:
    try:
        return read(row)
    except ValueError as error:
        raise NotRead(f"line {number}: {error}") from None


def _account(row: dict[str, str]) -> Account:
    return Account(row["issuer"], row["subject"])


def _number(row: dict[str, str]) -> NHSNumber:
    return NHSNumber.of_feed(row["nhs_number"])


def _duty(row: dict[str, str]) -> Duty:
    try:
        duty = Duty(*(from_london(datetime.fromisoformat(row[end])) for end in ("starts", "ends")))
    except ValueError:
        raise ValueError("an end of the shift is no time; write it as 2026-06-10T20:00, in London's time") from None
    if duty.starts >= duty.ends:
        raise ValueError("the shift ends before it begins; put its beginning first")
    return duty
