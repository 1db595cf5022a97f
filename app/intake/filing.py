"""From statements to the record: whose they are, and all that they say of that person, in one go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from app.audit.chain import ChainKey
from app.intake import waiting
from app.intake.waiting import Reason, Waiting
from app.person.index import resolve
from app.person.resolution import Found, Waits
from app.record.filing import Filed, Outcome, Source, file_entries
from app.sharing.store import put_flags, put_relationships
from app.vocabulary.statement import Statement

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What filing needs at hand: the transaction, the message, where new ids come from, and the trail's key."""

    connection: Connection
    source: Source
    new_id: NewId
    key: ChainKey

    def of(self, held: Waiting) -> "Intake":
        """The same for a statement that waited since an earlier message."""
        return replace(self, source=held.source_at(self.source.at))


@dataclass(slots=True)
class Filing:
    """What became of some statements: what was filed, and what waits for a person."""

    outcome: Outcome
    waits: list[tuple[Statement, Reason]]


def file_statements(intake: Intake, statements: Sequence[Statement]) -> Filing:
    """File what can be filed under its person; say of the rest why it cannot. Nothing is filed on a guess."""
    subjects = [statement.subject for statement in statements]
    resolutions = resolve(intake.connection, intake.source.partner, subjects, at=intake.source.at, new_id=intake.new_id)
    told = list(zip(statements, resolutions, strict=True))
    known = [(statement, found) for statement, found in told if isinstance(found, Found)]
    waits = [(statement, _reason(wait)) for statement, wait in told if isinstance(wait, Waits)]
    return Filing(file_known(intake, known), waits)


def file_known(intake: Intake, known: Sequence[tuple[Statement, Found]]) -> Outcome:
    """File statements whose person is known: entries, relationships and flags together."""
    held = [(found.filed_as, one) for statement, found in known for one in statement.relationships]
    flags = [(found.filed_as, one) for statement, found in known for one in statement.flags]
    if held:
        put_relationships(intake.connection, intake.source, held)
    if flags:
        put_flags(intake.connection, intake.source, flags)
    entries = [
        Filed(found.person_id, found.filed_as, entry) for statement, found in known for entry in statement.entries
    ]
    return file_entries(intake.connection, entries, intake.source)


def file_now_known(intake: Intake) -> int:
    """File what waited for want of a number, of those of a partner's people who are known by now; return how many."""
    filed = 0
    for held in waiting.now_known(intake.connection, intake.source.partner):
        if not file_statements(intake.of(held), [held.statement]).waits:
            waiting.settle(intake.connection, [held.id], "filed", by="intake", at=intake.source.at)
            filed += 1
    return filed


def _reason(wait: Waits) -> Reason:
    return Reason(code=str(wait.reason), disagrees=tuple(map(str, wait.disagrees)), candidates=wait.candidates)
