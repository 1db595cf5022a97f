"""Safeguarding and Deprivation of Liberty Safeguards (DoLS) cases: that they exist, since when, and whom to ask.

The file: CSV, UTF-8 unless the sender declares cp1252, one row a case, dates 2025-04-01 or 01/04/2025, columns in any
order. Case systems have no common export, so `Sender.columns` gives the partner's heading for each field of `FIELDS`;
one that is not mapped is looked for under the name it has there. Only these columns are read: allegations, outcomes and
any other narrative stay with the council, and so does where a deprivation of liberty takes place.

All entries are `restricted`. A DoLS person reference is never an NHS number (DoLS return specification), so one that
passes the number's check is refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from app.adapters.delimited import date_or_none, mapped_columns, read_nhs_number, rows, spelling
from app.adapters.elements import joined
from app.adapters.person_columns import is_lost
from app.adapters.row_rules import Rule, breaches
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known, period
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import Entry, Finding, Resource, Sender, Severity, Standing, Statement, Subject, Utterance


class CaseRow(NamedTuple):
    """One row, its fields as written; "" where empty or where the partner has no such column."""

    line: int
    case_reference: str
    person_reference: str
    kind: str
    started: str
    ended: str
    nhs_number: str
    family_name: str
    given_name: str
    birth_date: str
    postcode: str
    contact_team: str
    contact_telephone: str
    contact_email: str


FIELDS: Final = {
    "case_reference": "Case reference",
    "person_reference": "Person reference",
    "kind": "Kind",  # by a name of `KINDS`
    "started": "Date started",
    "ended": "Date ended",
    "nhs_number": "NHS number",
    "family_name": "Family name",
    "given_name": "Given name",
    "birth_date": "Date of birth",
    "postcode": "Postcode",
    "contact_team": "Contact team",
    "contact_telephone": "Contact telephone",
    "contact_email": "Contact email",
}
"""Our field names in the order of `CaseRow`, and the heading that each goes by where the sender maps none."""

_REQUIRED: Final = frozenset(("case_reference", "person_reference", "kind", "started", "ended"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a case is called, where it stands, and whether its end is a term set beforehand, which may be to come."""

    title: str
    category: Category
    has_term: bool = False


_SAFEGUARDING: Final = Category("safeguarding")
_LEGAL: Final = Category("legal")
KINDS: Final = {
    "Concern": Kind("Safeguarding concern", _SAFEGUARDING),
    "Enquiry": Kind("Safeguarding enquiry", _SAFEGUARDING),
    "DoLS application": Kind("Deprivation of Liberty Safeguards application", _LEGAL),
    "DoLS authorisation": Kind("Deprivation of Liberty Safeguards authorisation", _LEGAL, has_term=True),
}
"""By the name that a row gives, whatever its case, spaces and dashes."""

_SPELT_KINDS: Final = {spelling(name): kind for name, kind in KINDS.items()}
_TEN_DIGITS: Final = re.compile(r"[0-9]{3}[\s-]*[0-9]{3}[\s-]*[0-9]{4}")


@dataclass(frozen=True, slots=True)
class SafeguardingCases:
    """The adapter."""

    name: str = "social-care-safeguarding"
    covers: frozenset[Category] = frozenset({_SAFEGUARDING, _LEGAL})
    fields: frozenset[str] = frozenset(FIELDS)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """Say which cases there are; raises `UnreadableMessage` as `app.adapters.delimited.rows` does."""
        columns = mapped_columns(FIELDS, sender, required=_REQUIRED)
        for found in rows(message, columns, encoding=sender.encoding):
            if isinstance(found, Finding):
                yield found
            else:
                yield from _case(CaseRow(found.line, *found.values))


ADAPTER: Final = SafeguardingCases()


def _is_no_date(text: str) -> bool:
    return date_or_none(text) is None


def _is_dols_by_nhs_number(row: CaseRow) -> bool:
    """Whether a DoLS row calls its person by what can only be an NHS number: ten digits that pass its check."""
    if not (spelling(row.kind).startswith("dols") and _TEN_DIGITS.fullmatch(row.person_reference)):
        return False
    return isinstance(read_nhs_number(row.person_reference, row.line), NHSNumber)


def _ends_before_it_starts(row: CaseRow) -> bool:
    started, ended = date_or_none(row.started), date_or_none(row.ended)
    return started is not None and ended is not None and ended < started


def _refuse(field: str, breach: Callable[[CaseRow], bool], text: str) -> Rule[CaseRow]:
    return Rule(f"safeguarding {FIELDS[field]}", Severity.REFUSED, breach, text)


_LOST: Final = "is empty or was rounded by a spreadsheet; export the column as text"
_NO_DATE: Final = "is no date; write 2025-04-01 or 01/04/2025"
_REFUSALS: Final = (
    _refuse("case_reference", lambda row: is_lost(row.case_reference), _LOST),
    _refuse("person_reference", lambda row: is_lost(row.person_reference), _LOST),
    _refuse(
        "person_reference",
        _is_dols_by_nhs_number,
        "is an NHS number, which the DoLS specification forbids; send the case system's own",
    ),
    _refuse("kind", lambda row: spelling(row.kind) not in _SPELT_KINDS, f"is none of: {', '.join(KINDS)}"),
    _refuse("started", lambda row: _is_no_date(row.started), _NO_DATE),
    _refuse("ended", lambda row: bool(row.ended) and _is_no_date(row.ended), _NO_DATE),
    _refuse("ended", _ends_before_it_starts, "is before the date started"),
)
_WARNINGS: Final = (
    Rule[CaseRow](
        f"safeguarding {FIELDS['birth_date']}",
        Severity.WARNING,
        lambda row: bool(row.birth_date) and _is_no_date(row.birth_date),
        "is no date; the person is read without it",
    ),
)


def _case(row: CaseRow) -> Iterator[Utterance]:
    if refusals := breaches(_REFUSALS, row):
        yield from refusals
        return
    yield from breaches(_WARNINGS, row)
    number = read_nhs_number(row.nhs_number, row.line)
    if isinstance(number, Finding):
        yield number
        number = None
    yield Statement(subject=_subject(row, number), line=row.line, entries=tuple(_entries(row)))


def _subject(row: CaseRow, number: NHSNumber | None) -> Subject:
    return Subject(
        local_id=row.person_reference,
        nhs_number=number,
        family_name=row.family_name or None,
        given_names=tuple(row.given_name.split()),
        birth_date=date_or_none(row.birth_date),
        postcode=row.postcode or None,
    )


def _entries(row: CaseRow) -> Iterator[Entry]:
    kind = _SPELT_KINDS[spelling(row.kind)]
    contact = joined((row.contact_team, row.contact_telephone, row.contact_email))
    is_over = bool(row.ended) and not kind.has_term
    course = {"status": "inactive" if is_over else "active", "period": period(_iso(row.started), _iso(row.ended))}
    flag = {"resourceType": "Flag", "code": {"text": kind.title}, **course}
    yield _entry(row, kind, flag, kind.title, f"Contact: {contact}" if contact else "", is_over)
    if contact:
        team = {"resourceType": "CareTeam", **course, **known(name=row.contact_team, telecom=_telecom(row))}
        yield _entry(row, kind, team, f"{kind.title}: whom to ask", contact, is_over)


def _entry(row: CaseRow, kind: Kind, resource: Resource, title: str, detail: str, is_over: bool) -> Entry:
    started, ended = date_or_none(row.started), date_or_none(row.ended)
    return Entry(
        key=f"{resource['resourceType']}/{row.case_reference}",
        category=kind.category,
        resource=resource,
        title=title,
        detail=detail,
        line=row.line,
        sensitivity=Sensitivity.RESTRICTED,
        started=london_midnight(started) if started else None,
        ended=london_midnight(ended) if ended else None,
        standing=Standing.ENDED if is_over else Standing.CURRENT,
    )


def _telecom(row: CaseRow) -> list[Resource]:
    told = (("phone", row.contact_telephone), ("email", row.contact_email))
    return [{"system": system, "value": value, "use": "work"} for system, value in told if value]


def _iso(text: str) -> str | None:
    on = date_or_none(text)
    return on.isoformat() if on else None
