"""From statements to the record: whose they are, and all that they say of that person, in one go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.adapters.fhir_bundle import NAME as PUSHED
from app.adapters.fhir_bundle.relating import RELATING, relationship_key
from app.audit.chain import ChainKey
from app.intake import findings, waiting
from app.intake.elsewhere import barred, last_word
from app.intake.waiting import Waiting
from app.person.index import resolve
from app.person.matching import Reason
from app.person.resolution import Found, Resolution
from app.record.freshness import may_relate
from app.record.kept.filing import Outcome, file_entries
from app.record.kept.held import Filed, Source
from app.sharing.known.feed_store import put_children, put_flags, put_relationships, take_back_relationships
from app.vocabulary.statement import Relationship, Statement

NewId = Callable[[], UUID]

INTAKE: Final = "intake"
"""Who acts where nobody does: in the worklist and in the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What filing needs at hand: the transaction, the message, where new ids come from, and the trail's key."""

    connection: Connection
    source: Source
    new_id: NewId
    key: ChainKey

    def of(self, source: Source) -> "Intake":
        """The same for statements that waited since an earlier message, filed at the present instant."""
        return replace(self, source=replace(source, at=self.source.at))


class Filing(NamedTuple):
    """What filing some statements did, and whose each of them is."""

    outcome: Outcome
    resolutions: Sequence[Resolution]


def file_statements(intake: Intake, statements: Sequence[Statement]) -> Filing:
    """File what can be filed under its person; say of the rest why it cannot. Nothing is filed on a guess."""
    subjects = [statement.subject for statement in statements]
    connection, source = intake.connection, intake.source
    resolved = resolve(connection, source.partner, subjects, at=source.at, new_id=intake.new_id)
    resolutions = barred(connection, source, statements, resolved)
    known = [(one, found) for one, found in zip(statements, resolutions, strict=True) if isinstance(found, Found)]
    return Filing(file_known(intake, known), resolutions)


def file_known(intake: Intake, known: Sequence[tuple[Statement, Found]]) -> Outcome:
    """File statements whose person is known: entries, relationships and flags together."""
    held = _related(intake, known)
    flags = [(found.filed_as, one) for statement, found in known for one in statement.flags]
    if held:
        put_relationships(intake.connection, intake.source, held)
    if flags:
        put_flags(intake.connection, intake.source, flags)
    born = {found.filed_as: one.subject.birth_date for one, found in known if one.subject.birth_date is not None}
    if born:
        anew = {found.filed_as for _, found in known if found.is_first}
        put_children(intake.connection, intake.source, list(born.items()), anew=anew)
    entries = [
        Filed(found.person_id, found.filed_as, entry, found.is_first)
        for statement, found in known
        for entry in statement.entries
    ]
    counting = last_word(intake.connection, intake.source, entries)
    outcome = file_entries(intake.connection, counting.entries, intake.source)
    outcome.late_lines += counting.late
    outcome.taken_lines, outcome.alike_lines = counting.taken, counting.alike
    return outcome


def _related(intake: Intake, known: Sequence[tuple[Statement, Found]]) -> list[tuple[UUID, Relationship]]:
    """The relationships that statements tell; of what is pushed, only where whoever runs the place agreed to it.

    A pushed resource that states none any more takes back the one that it stated.
    """
    held = [(found.filed_as, one) for statement, found in known for one in statement.relationships]
    connection, source = intake.connection, intake.source
    if source.adapter != PUSHED:
        return held
    told = {one.key for _, one in held}
    entries = (one for statement, _ in known for one in statement.entries if not one.only_if_new)
    unrelate(intake, [one.key for one in entries if relationship_key(one.key) not in told])
    return held if held and may_relate(connection, source.partner, source.adapter) else []


def unrelate(intake: Intake, keys: Iterable[str]) -> None:
    """Let the relationships never have held that pushed entries of these keys stated."""
    relating = [relationship_key(key) for key in keys if key.split("/")[0] in RELATING]
    if intake.source.adapter == PUSHED and relating:
        take_back_relationships(intake.connection, intake.source, relating)


def file_settled(intake: Intake, known: Sequence[tuple[Statement, Found]]) -> None:
    """File what had waited; what its sender has to be told is kept beside its message."""
    findings.keep(intake.connection, findings.of_filing(file_known(intake, known)), intake.source.message)


def file_now_known(intake: Intake, local_ids: Iterable[str | None]) -> int:
    """File what waited of a partner's people who are known by now, but for what disagrees; return how much it was."""
    known = {local_id for local_id in local_ids if local_id is not None}
    held = waiting.of_local_ids(intake.connection, intake.source.partner, known) if known else []
    filed = file_waiting(intake, [one for one in held if not one.waits.disagrees])
    if filed:
        waiting.settle(intake.connection, filed, "filed", by=INTAKE, at=intake.source.at)
    return len(filed)


def file_waiting(intake: Intake, held: Iterable[Waiting]) -> list[int]:
    """File again what waited, message by message; return the numbers of what waits no longer."""
    filed: list[int] = []
    for source, group in groupby(held, attrgetter("source")):
        together = list(group)
        outcome, resolutions = file_statements(intake.of(source), [one.statement for one in together])
        findings.keep(intake.connection, findings.of_filing(outcome), source.message)
        for one, found in zip(together, resolutions, strict=True):
            if isinstance(found, Found):
                filed.append(one.id)
            elif found.reason is Reason.OF_ANOTHER:
                waiting.explain(intake.connection, one.id, found)
    return filed
