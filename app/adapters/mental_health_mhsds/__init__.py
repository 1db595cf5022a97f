"""Mental health: the Mental Health Services Data Set (MHSDS), version 6.0, and 5.0 by its other names.

The file: a ZIP of CSVs, one for each table, in any order and at most in folders; each is named by its table
(`MHS101Referral.csv`, also by version 5's name or the number alone, whatever the case) and has one row of headings, the
IDB element names, in any order. What `delimited` says of CSVs holds of each. MHS000Header, MHS001MPI, MHS002GP and
MHS101Referral must have rows. Which tables and columns are read stands in `tables.toml`; other tables of MHSDS are
passed over, and other files with a finding. Dates are 2025-04-01 or 01/04/2025, times 14:30:00, both in London.

It may be the monthly submission itself or, better, a nightly extract of the same shape.

No snapshot is claimed (`Complete`): a submission holds what was open or changed in its period, is sent again when
mended, and may leave out what another system holds. What ends is sent with its end: so nothing ends by being missing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from app.adapters.mental_health_mhsds.archive import Archive, open_archive
from app.adapters.mental_health_mhsds.assessments import activity_score, await_contacts, referral_score
from app.adapters.mental_health_mhsds.care_team import care_coordinator, learn_professional, learn_team
from app.adapters.mental_health_mhsds.contacts import care_contact
from app.adapters.mental_health_mhsds.diagnoses import presenting_complaint, primary_diagnosis, secondary_diagnosis
from app.adapters.mental_health_mhsds.extract import Extract, open_extract
from app.adapters.mental_health_mhsds.indicators import indicators
from app.adapters.mental_health_mhsds.inpatient import hospital_spell, learn_ward, ready_for_discharge, ward_stay
from app.adapters.mental_health_mhsds.legal import community_treatment_order, legal_status
from app.adapters.mental_health_mhsds.people import accommodation, gp_practice, person
from app.adapters.mental_health_mhsds.plans import care_plan, plan_agreement
from app.adapters.mental_health_mhsds.referrals import other_team, referral
from app.adapters.mental_health_mhsds.rules import Row, check
from app.adapters.mental_health_mhsds.tables import NEVER_EMPTY, TABLES, Table
from app.vocabulary.category import Category
from app.vocabulary.statement import Finding, Sender, Statement, Subject, UnreadableMessage, Utterance, refuses

_Say = Callable[[Row, Extract], Iterable[Utterance]]


def _learning(learn: Callable[[Row, Extract], None]) -> _Say:
    """A table that says nothing of anyone: it is kept for the tables that refer to it."""

    def say(row: Row, extract: Extract) -> tuple[Utterance, ...]:
        learn(row, extract)
        return ()

    return say


def _telling(tell: Callable[[Row, Subject, Extract], Statement | Finding]) -> _Say:
    """A table whose rows are about the person whom another table names."""

    def say(row: Row, extract: Extract) -> tuple[Utterance]:
        subject = extract.subject_of(row)
        return (subject if isinstance(subject, Finding) else tell(row, subject, extract),)

    return say


_SAY: Final[Mapping[str, _Say]] = {
    "MHS901StaffDetails": _learning(learn_professional),
    "MHS902ServiceTeamDetails": _learning(learn_team),
    "MHS903WardDetails": _learning(learn_ward),
    "MHS001MPI": person,
    "MHS002GP": _telling(gp_practice),
    "MHS003AccommStatus": _telling(accommodation),
    "MHS005PatInd": _telling(indicators),
    "MHS006MHCareCoord": _telling(care_coordinator),
    "MHS008CarePlanType": _telling(care_plan),
    "MHS009CarePlanAgreement": _telling(plan_agreement),
    "MHS101Referral": _telling(referral),
    "MHS102OtherServiceType": _telling(other_team),
    "MHS201CareContact": _telling(care_contact),
    "MHS401MHActPeriod": _telling(legal_status),
    "MHS404CommTreatOrder": _telling(community_treatment_order),
    "MHS501HospProvSpell": _telling(hospital_spell),
    "MHS502WardStay": _telling(ward_stay),
    "MHS518ClinReadyforDischarge": _telling(ready_for_discharge),
    "MHS604PrimDiag": _telling(primary_diagnosis),
    "MHS605SecDiag": _telling(secondary_diagnosis),
    "MHS606CodedScoreAssessmentRefer": referral_score,
    "MHS607CodedScoreAssessmentAct": activity_score,
    "MHS609PresComp": _telling(presenting_complaint),
}
"""What each table says, in the order of reading: a table comes after those that it refers to."""

_COVERS: Final = frozenset(
    map(
        Category,
        (
            "demographics", "ethnicity", "address", "gp-practice", "alerts", "legal", "care-team", "requirements",
            "referrals", "encounters", "admissions", "appointments", "problems", "assessments", "social-context",
            "care-plans", "contingency", "supporting-plans", "child-protection",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MentalHealthMhsds:
    """Reads an extract of one mental health provider; see the head of this package for its shape."""

    name: str = "mental-health-mhsds"
    covers: frozenset[Category] = _COVERS

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        """Say what an extract says, table by table; `message` must be seekable."""
        with open_archive(message) as archive:
            yield from archive.findings()
            extract, findings = open_extract(archive, sender)
            yield from findings
            yield from await_contacts(archive, extract)
            for name, say in _SAY.items():
                yield from _table(archive, extract, TABLES[name], say)


def _table(archive: Archive, extract: Extract, table: Table, say: _Say) -> Iterator[Utterance]:
    empty = True
    for found in archive.rows(table, extract.encoding):
        empty = False
        if isinstance(found, Finding):
            yield found
            continue
        row, findings = check(table, found, extract.version)
        yield from findings
        if not refuses(findings):
            yield from say(row, extract)
    if empty and table.name in NEVER_EMPTY:
        text = f"{table.name} has no rows; without them no other table is read"
        raise UnreadableMessage("mhsds-table", text, part=table.name)


ADAPTER: Final = MentalHealthMhsds()
