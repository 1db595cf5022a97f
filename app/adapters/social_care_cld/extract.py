"""One file as it is read: what it has told of each person, which row of each event stands, and whether it is whole.

What is remembered of a row is two numbers, about 100 bytes, however much the row holds.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from app.adapters.delimited import read_nhs_number, sound_date
from app.adapters.row_rules import breaches
from app.adapters.social_care_cld.carers import cared_for, caring
from app.adapters.social_care_cld.circumstances import circumstances, support_reason, support_reason_keys
from app.adapters.social_care_cld.event_entries import event_entries
from app.adapters.social_care_cld.events import Event, event_keys, read_event, relationships
from app.adapters.social_care_cld.headings import EventRow
from app.adapters.social_care_cld.people import flags, patient_entries, person_findings, subject
from app.adapters.social_care_cld.rules import (
    ASSESSMENT,
    CARER_RULES,
    EVENT_RULES,
    REQUEST,
    REVIEW,
    ROW_RULES,
    SERVICE,
    event_type,
    is_carer,
    is_person_only,
)
from app.vocabulary.statement import Complete, Finding, Severity, Statement, Subject, Utterance, refuses

_PERSON: Final = attrgetter(
    "nhs_number", "first_name", "last_name", "gp_practice_name", "gp_practice_code", "gender", "ethnicity",
    "birth_date", "death_date", "postcode", "accommodation", "employment", "has_unpaid_carer", "autism",
    "visual_impairment", "hearing_impairment", "dementia", "restricted",
)  # fmt: skip
_CARING: Final = attrgetter(
    "client_type", "first_name", "last_name", "hours_caring", "adults_cared_for", "adult_1", "adult_2", "adult_3",
    "restricted",
)  # fmt: skip


class Extract:
    """The state of reading one file, row by row and in its order."""

    def __init__(self) -> None:
        self._file: tuple[str, str] | None = None  # the council and the end of the period, as the first sound row has
        self._told: dict[int, int] = {}
        self._ranks: dict[int, int] = {}
        self._holds_services = False
        self._missed_line = 0

    def take(self, row: EventRow) -> Iterator[Utterance]:
        """What one row says: its findings and, where none refuses it, what it states."""
        findings = breaches(ROW_RULES, row) + ([] if is_person_only(row) else breaches(EVENT_RULES, row))
        if not refuses(findings):
            findings += self._of_another_file(row)
        yield from findings
        if refuses(findings):
            self.miss(row.line, may_be_service=event_type(row) not in (REQUEST, ASSESSMENT, REVIEW))
        else:
            yield from self._statements(row)

    def miss(self, line: int, *, may_be_service: bool = True) -> None:
        """Remember that a row could not be read."""
        if may_be_service and not self._missed_line:
            self._missed_line = line

    def close(self) -> Iterator[Utterance]:
        """What can be said once all rows are read: whether the file holds all services and reasons for support."""
        if self._missed_line:
            text = "this row may tell of a service, so no service that is missing from the file is taken to have ended"
            yield _warning("cld-cropping", self._missed_line, text)
        elif self._file and self._holds_services:
            la_code, period_end = self._file
            yield Complete(prefix=event_keys(SERVICE, la_code), as_at=sound_date(period_end))
            yield Complete(prefix=support_reason_keys(la_code), as_at=sound_date(period_end))

    def _of_another_file(self, row: EventRow) -> list[Finding]:
        this = row.la_code, row.period_end
        self._file = self._file or this
        if this == self._file:
            return []
        text = "a file holds one council's rows of one reporting period; send this row in a file of its own"
        return [Finding(rule="cld-one-file", severity=Severity.REFUSED, line=row.line, text=text)]

    def _statements(self, row: EventRow) -> Iterator[Utterance]:
        number = read_nhs_number(row.nhs_number, row.line)
        who = subject(row, None if isinstance(number, Finding) else number)
        if self._is_news(row, "person", _PERSON(row)):
            yield from person_findings(row, number)
            entries = (*patient_entries(row, who), *circumstances(row))
            yield Statement(subject=who, line=row.line, entries=entries, flags=tuple(flags(row)))
        if is_carer(row) and self._is_news(row, "caring", _CARING(row)):
            yield from breaches(CARER_RULES, row)
            yield Statement(subject=who, line=row.line, entries=(caring(row),))
            yield from cared_for(row)
        if row.support_reason and self._is_news(row, f"supported for {row.support_reason}", True):
            yield Statement(subject=who, line=row.line, entries=(support_reason(row),))
        if not is_person_only(row):
            yield from self._event(read_event(row), who)

    def _event(self, event: Event, who: Subject) -> Iterator[Utterance]:
        """The event, unless another row about it stands; whichever does, the sender is told."""
        name, rank = hash(event.key), event.rank
        other = self._ranks.get(name)
        if other is not None:
            stands = "this one" if rank >= other else "the one before"
            text = f"two rows tell of one event; by the published order {stands} stands"
            yield _warning("cld-duplicate-event", event.row.line, text)
        if other is None or rank >= other:
            self._ranks[name] = rank
            self._holds_services |= event.kind == SERVICE
            yield Statement(
                subject=who,
                line=event.row.line,
                entries=tuple(event_entries(event)),
                relationships=tuple(relationships(event)),
            )

    def _is_news(self, row: EventRow, about: str, told: object) -> bool:
        """Whether the file has not just said the same of the person; it repeats all of it on each of their rows."""
        name, now = hash((row.person_id, about)), hash(told)
        if self._told.get(name) == now:
            return False
        self._told[name] = now
        return True


def _warning(rule: str, line: int, text: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, line=line, text=text)
