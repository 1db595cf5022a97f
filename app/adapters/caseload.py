"""Who is on whose caseload or list: how community teams, practices and hospices come to have a relationship.

The file: CSV, UTF-8 unless the sender declares cp1252, one row a person and team, dates 2025-04-01 or 01/04/2025,
columns in any order. `Sender.columns` gives the partner's heading for each field of `FIELDS`; one that is not mapped is
looked for under the name it has there. `kind` is `caseload` (a team sees the person) or `registration` (a practice has
them on its list). The whole list is sent each time: who was on the last one and is missing has left it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final, NamedTuple

from app.adapters.delimited import (
    Row,
    date_or_none,
    is_date,
    mapped_columns,
    rows,
    sound_date,
)
from app.adapters.person_columns import LOST, PERSON_FIELDS, PersonColumns, is_lost, named, parted
from app.adapters.row_rules import Rule, breaches
from app.vocabulary.category import Category
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import (
    Complete,
    Entry,
    Finding,
    Relationship,
    Resource,
    Sender,
    Severity,
    Statement,
    Subject,
    Utterance,
)

FIELDS: Final = PERSON_FIELDS | {
    "kind": "Kind",
    "team": "Team",
    "telephone": "Telephone",
    "started": "Date started",
    "ended": "Date ended",
    "as_at": "As at",
}
"""Our field names, each with the heading it goes by where the sender maps none."""

_REQUIRED: Final = frozenset(("person_reference", "birth_date", "kind", "team", "started", "as_at"))
_KINDS: Final = {"caseload": "On the caseload of", "registration": "Registered with"}
_CARE_TEAM: Final = Category("care-team")


class ListRow(NamedTuple):
    """One row, its fields as written; "" where empty or where the partner has no such column."""

    line: int
    person: PersonColumns
    kind: str
    team: str
    telephone: str
    started: str
    ended: str
    as_at: str


def _refuse(field: str, breach: Callable[[ListRow], bool], text: str) -> Rule[ListRow]:
    return Rule(f"caseload-{field}", Severity.REFUSED, breach, text)


_RULES: Final = (
    _refuse(
        "person-reference",
        lambda row: is_lost(row.person.reference),
        LOST,
    ),
    _refuse("kind", lambda row: row.kind.casefold() not in _KINDS, f"`kind` is none of {', '.join(_KINDS)}"),
    _refuse("started", lambda row: not is_date(row.started), "`started` is no date; write 2025-04-01 or 01/04/2025"),
    _refuse(
        "ended",
        lambda row: bool(row.ended) and not is_date(row.ended),
        "`ended` is no date; write 2025-04-01 or 01/04/2025, or leave it empty",
    ),
)


@dataclass(frozen=True, slots=True)
class Caseload:
    """The adapter."""

    name: str = "caseload"
    covers: frozenset[Category] = frozenset({_CARE_TEAM})
    fields: frozenset[str] = frozenset(FIELDS)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """See `registry.Adapter`; raises `UnreadableMessage` as `app.adapters.delimited.rows` does."""
        columns = mapped_columns(FIELDS, sender, required=_REQUIRED)
        as_at: date | None = None
        missed = 0
        for found in rows(message, columns, encoding=sender.encoding):
            if isinstance(found, Finding):
                refused = [found]
            else:
                row = _row(found)
                refused = breaches(_RULES, row)
            if refused:
                missed = missed or found.line
                yield from refused
            else:
                as_at = as_at or date_or_none(row.as_at)
                yield from _person(row)
        yield from _close(as_at, missed)


ADAPTER: Final = Caseload()


def _row(found: Row) -> ListRow:
    person, said = parted(found)
    return ListRow(found.line, person, *said)


def _close(as_at: date | None, missed: int) -> Iterator[Utterance]:
    """Who is missing has left the list, unless a row that was refused may be theirs."""
    if missed:
        text = "this row was refused, so nobody who is missing from the list is taken to have left it"
        yield Finding(rule="caseload-complete", severity=Severity.WARNING, line=missed, text=text)
    elif as_at is not None:
        yield Complete(prefix="CareTeam/", as_at=as_at)


def _person(row: ListRow) -> Iterator[Utterance]:
    subject, findings = named(row.person, row.line)
    yield from findings
    yield _statement(row, subject)


def _statement(row: ListRow, subject: Subject) -> Statement:
    kind = row.kind.casefold()
    key = f"CareTeam/{kind}/{row.person.reference}/{row.team}"
    began, over = sound_date(row.started), date_or_none(row.ended)
    started, ended = london_midnight(began), london_midnight(over) if over else None
    entry = Entry(
        key=key,
        category=_CARE_TEAM,
        resource=_care_team(row, kind, began, over),
        title=f"{_KINDS[kind]} {row.team}",
        detail=row.telephone,
        line=row.line,
        started=started,
        ended=ended,
    )
    # a list is a practice's or a team's own: whoever works there in the right role may ask
    held = Relationship(key=key, kind=kind, started=started, ended=ended)
    return Statement(subject=subject, line=row.line, entries=(entry,), relationships=(held,))


def _care_team(row: ListRow, kind: str, began: date, over: date | None) -> Resource:
    team: Resource = {
        "resourceType": "CareTeam",
        "status": "inactive" if over else "active",
        "category": [{"text": kind}],
        "name": row.team,
        "period": {"start": began.isoformat()} | ({"end": over.isoformat()} if over else {}),
    }
    if row.telephone:
        team["telecom"] = [{"system": "phone", "value": row.telephone, "use": "work"}]
    return team
