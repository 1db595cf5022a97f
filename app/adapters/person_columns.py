"""The columns in which a mapped CSV says whom a row is about."""

from typing import Final, NamedTuple

from app.adapters.delimited import Row, date_or_none, mangled_by_spreadsheet, read_nhs_number
from app.vocabulary.statement import Finding, Subject, Tracing

PERSON_FIELDS: Final = {
    "person_reference": "Person reference",
    "nhs_number": "NHS number",
    "nhs_number_status": "NHS number status",
    "family_name": "Family name",
    "given_name": "Given name",
    "birth_date": "Date of birth",
    "postcode": "Postcode",
}
"""Our field names in the order of `PersonColumns`, and the heading that each goes by where the sender maps none."""

LOST: Final = "`person_reference` is empty or was rounded by a spreadsheet; give the person's own number in your system"
"""What is wrong with a row of which `is_lost` holds, and what to do."""

_STATUSES: Final = frozenset(status.value for status in Tracing)


class PersonColumns(NamedTuple):
    """What a row has there, as written; "" where empty or where the partner has no such column."""

    reference: str
    nhs_number: str
    nhs_number_status: str
    family_name: str
    given_name: str
    birth_date: str
    postcode: str


def parted(row: Row) -> tuple[PersonColumns, tuple[str, ...]]:
    """The columns that say whom a row is about, and those that stand after them."""
    return PersonColumns(*row.values[: len(PERSON_FIELDS)]), row.values[len(PERSON_FIELDS) :]


class Named(NamedTuple):
    """Whom a row is about, and what was wrong with their NHS number, which then is left out."""

    subject: Subject
    findings: tuple[Finding, ...]


def is_lost(reference: str) -> bool:
    """Whether a partner's own number is missing, or was rounded by a spreadsheet, so that nobody can be told by it."""
    return not reference or mangled_by_spreadsheet(reference)


def named(row: PersonColumns, line: int) -> Named:
    """Whom the row at a line of the file is about."""
    number = read_nhs_number(row.nhs_number, line)
    subject = Subject(
        local_id=row.reference,
        nhs_number=None if isinstance(number, Finding) else number,
        tracing=Tracing(row.nhs_number_status) if row.nhs_number_status in _STATUSES else Tracing.UNSTATED,
        family_name=row.family_name or None,
        given_names=tuple(row.given_name.split()),
        birth_date=date_or_none(row.birth_date),
        postcode=row.postcode or None,
    )
    return Named(subject, (number,) if isinstance(number, Finding) else ())
