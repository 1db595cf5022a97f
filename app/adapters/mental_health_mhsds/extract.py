"""One extract while it is read: its header, and what later rows need to know of earlier ones.

MHSDS tables refer to each other (a contact to a referral, a referral to a person), so what may be referred to is kept
in memory, never the rows themselves: about 400 bytes a person (whom they are), 250 for each referral, and as many for
each hospital spell, care plan, Mental Health Act period and care contact with a scored assessment. A trust's month with
100,000 people and 250,000 referrals takes 100 MB, whatever number of contacts it holds; `MOST_KEPT` bounds it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from app.adapters.mental_health_mhsds.archive import Archive
from app.adapters.mental_health_mhsds.moments import Moment, read_timestamp
from app.adapters.mental_health_mhsds.rules import Row, check
from app.adapters.mental_health_mhsds.tables import TABLES
from app.adapters.mental_health_mhsds.team import Team
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import reference
from app.vocabulary.fhir_systems import ODS_ORGANISATION
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Finding, Resource, Sender, Severity, Subject, UnreadableMessage

MOST_KEPT: Final = 2_000_000
"""Rows of which something is kept, all tables together: below a gigabyte."""

_VERSIONS: Final = {"6.0": 6, "6": 6, "5.0": 5, "5": 5}


class Seen(NamedTuple):
    """A care contact that a scored assessment refers to."""

    subject: Subject
    start: Moment


class Referred(NamedTuple):
    """A referral's team, and the day on which it was received."""

    team: Team
    start: Moment


@dataclass(slots=True, kw_only=True)
class Extract:
    """`recorded` is the instant in UTC when the provider made it; `until` the last day it covers."""

    version: int
    provider: OdsCode
    recorded: datetime
    until: date
    encoding: str
    kept: int = 0  # rows of which something is kept below
    known: dict[str, dict[str, Subject]] = field(default_factory=dict)  # by table, then by its primary column
    teams: dict[str, Team] = field(default_factory=dict)  # by the provider's own identifier
    referrals: dict[str, Referred] = field(default_factory=dict)  # by service request identifier
    job_roles: dict[str, str] = field(default_factory=dict)  # by the care professional's local identifier
    sites: dict[str, str] = field(default_factory=dict)  # of wards, by ward code
    plan_types: dict[str, str] = field(default_factory=dict)  # by care plan identifier
    contact_of_activity: dict[str, str] = field(default_factory=dict)  # of activities with a scored assessment
    contacts: dict[str, Seen | None] = field(default_factory=dict)  # of those activities; `None` until it is read

    @property
    def organisation(self) -> Resource:
        """A FHIR reference to the provider."""
        return reference(ODS_ORGANISATION, self.provider)

    def team(self, local_id: str, type_: str = "") -> Team:
        """The team of that identifier; where no table describes it, of the type that is told here, if any."""
        return self.teams.get(local_id) or Team(local_id, type_)

    def subject_of(self, row: Row) -> Subject | Finding:
        """The person whom a row is about, by the row it names; why none can be told otherwise."""
        refers = TABLES[row.table].refers
        if refers is None:
            raise LookupError(f"{row.table} names no other table")
        subject = self.known.get(refers.to, {}).get(row[refers.column])
        if subject is None:
            text = f"{refers.column} names no row of {refers.to} in this extract that could be used"
            return row.refused("mhsds-reference", text)
        return self.remember(row, subject) or subject

    def remember(self, row: Row, subject: Subject) -> Finding | None:
        """Keep whom a row is about, where others may refer to it; the finding if one of that name was there."""
        primary = TABLES[row.table].primary
        if primary is None:
            return None
        rows = self.known.setdefault(row.table, {})
        if row[primary] in rows:
            return row.refused("mhsds-duplicate", f"an earlier row has the same {primary}; the first is kept")
        self.keep_one_more()
        rows[row[primary]] = subject
        return None

    def keep_one_more(self) -> None:
        """Count a row of which something is kept; raises `UnreadableMessage` where memory should hold no more."""
        self.kept += 1
        if self.kept > MOST_KEPT:
            raise UnreadableMessage("mhsds-size", "the extract holds more than any month does; split it by month")

    def entry(
        self, row: Row, key: str, category: Category, resource: Resource, title: str, **particulars: Any
    ) -> Entry:
        """An entry of this extract; `particulars` are further fields of `Entry`."""
        return Entry(
            key=key,
            category=category,
            resource=resource,
            title=title,
            line=row.line,
            recorded=self.recorded,
            **particulars,
        )


def open_extract(archive: Archive, sender: Sender) -> tuple[Extract, list[Finding]]:
    """The extract that a header opens, and what is wrong with the header.

    Raises `UnreadableMessage` where it cannot be told from the header which version and which period this is.
    """
    table = TABLES["MHS000Header"]
    rows = list(islice(archive.rows(table, sender.encoding), 2))
    if len(rows) != 1 or isinstance(rows[0], Finding):
        raise _unreadable("mhsds-header", "the header must have one row; send the extract of one month")
    row, findings = check(table, rows[0], version=6)
    for finding in findings:
        if finding.severity is Severity.REFUSED:
            raise _unreadable(finding.rule, finding.text)
    if row["DatSetVer"] not in _VERSIONS:
        raise _unreadable("MHS00001", "DatSetVer is neither 6.0 nor 5.0; send one of these versions")
    return _extract(row, sender), findings + _other_provider(row, sender.partner)


def _extract(row: Row, sender: Sender) -> Extract:
    until = row.start("ReportingPeriodEndDate")
    made = read_timestamp(row["DateTimeDatSetCreate"]) if row["DateTimeDatSetCreate"] else until
    return Extract(
        version=_VERSIONS[row["DatSetVer"]],
        provider=sender.partner,
        recorded=made.instant,
        until=date.fromisoformat(until.fhir),
        encoding=sender.encoding,
    )


def _other_provider(row: Row, partner: OdsCode) -> list[Finding]:
    if any(row[column].upper().startswith(partner) for column in ("OrgIDProvider", "OrgIDSubmit")):
        return []
    return [row.warning("mhsds-provider", "the header names other organisations than the sender; check whose it is")]


def _unreadable(rule: str, text: str) -> UnreadableMessage:
    return UnreadableMessage(rule, text, line=2, part="MHS000Header")
