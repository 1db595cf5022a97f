"""What a message says of somebody beside what partners state of a person, field by field. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.intake.worklist.comparing import Side
from app.person.demographics import Demographics
from app.person.matching import Field
from app.sharing.names import Names
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.plain_time import plain_date
from app.vocabulary.statement import Subject


@dataclass(frozen=True, slots=True)
class Row:
    """One field: what is stated on this side, what is held on the other with who states it, and how they compare."""

    field: str
    stated: str
    held: tuple[str, ...]
    verdict: str


AGREES, DISAGREES, SAID_OF_ONE = "agrees", "disagrees", ""

_FIELDS: Final[tuple[tuple[str, Field | None, Callable[[Demographics], str | date | None]], ...]] = (
    ("Family name", Field.FAMILY_NAME, lambda one: one.family_name),
    ("Given names", Field.GIVEN_NAMES, lambda one: one.given_names),
    ("Date of birth", Field.BIRTH_DATE, lambda one: one.birth_date),
    ("Postcode", Field.POSTCODE, lambda one: one.postcode),
    ("UPRN of the home", Field.UPRN, lambda one: one.uprn),
    ("Gender", None, lambda one: one.gender),
    ("Date of death", None, lambda one: one.death_date),
)


def beside(subject: Subject, side: Side, names: Names) -> list[Row]:
    """A message's subject beside one person whom it may be about."""
    number = _compared(subject.nhs_number, side.nhs_number)
    held = (side.nhs_number.spaced,) if side.nhs_number else ()
    first = Row("NHS number", subject.nhs_number.spaced if subject.nhs_number else "", held, number)
    return [first, *_rows(Demographics.of(subject), side, names)]


def two(one: Side, other: Side, names: Names) -> list[Row]:
    """Two people beside each other: what partners state of the one, and of the other."""
    stated = [account.stated for account in one.accounts]
    rows = []
    for title, field, value in _FIELDS:
        ours, theirs = tuple(_held(one, value, names)), tuple(_held(other, value, names))
        verdicts = {_verdict(field, each, other) for each in stated} - {SAID_OF_ONE}
        verdict = AGREES if AGREES in verdicts else next(iter(verdicts), SAID_OF_ONE)
        rows.append(Row(title, "; ".join(ours), theirs, verdict))
    numbers = [(side.nhs_number.spaced,) if side.nhs_number else () for side in (one, other)]
    number = _compared(one.nhs_number, other.nhs_number)
    return [Row("NHS number", "".join(numbers[0]), numbers[1], number), *rows]


def _compared(one: NHSNumber | None, other: NHSNumber | None) -> str:
    if one is None or other is None:
        return SAID_OF_ONE
    return AGREES if one == other else DISAGREES


def _rows(stated: Demographics, side: Side, names: Names) -> Iterator[Row]:
    for title, field, value in _FIELDS:
        yield Row(title, _told(value(stated)), tuple(_held(side, value, names)), _verdict(field, stated, side))


def _verdict(field: Field | None, stated: Demographics, side: Side) -> str:
    """As matching compares it: people move and gender is no identifier, so that neither ever disagrees."""
    comparison = side.beside(stated)
    if field in comparison.agrees:
        return AGREES
    return DISAGREES if field in comparison.disagrees else SAID_OF_ONE


def _held(side: Side, value: Callable[[Demographics], str | date | None], names: Names) -> Iterator[str]:
    """Each value once, with those who state it; how many do where they all agree."""
    stating: dict[str, list[str]] = {}
    for account in side.accounts:
        if told := _told(value(account.stated)):
            stating.setdefault(told, []).append(names.partner(account.partner))
    for told, partners in stating.items():
        agreed = len(stating) == 1 and len(partners) > 1
        yield f"{told} ({f'{len(partners)} partners' if agreed else ', '.join(partners)})"


def _told(value: str | date | None) -> str:
    return plain_date(value) if isinstance(value, date) else value or ""
