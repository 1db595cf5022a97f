"""What a partner says of its own identifiers: two are one person (A34, A40), one was wrong (A47), a visit was (A42).

The record follows at once and can be brought back; what one partner's word is not enough for waits for a person.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from app.audit.event import Event, Kind
from app.audit.trail import record
from app.intake.filing import INTAKE, Intake
from app.person import links
from app.person.index import named
from app.person.links import Evidence, Link, LinkKind, Refusal, Refused
from app.person.locks import change_identities
from app.person.resolution import Found
from app.record.kept.moving import readdress, rename, retire
from app.sharing.facts import Account
from app.sharing.known.feed_store import revoke_relationships
from app.vocabulary.statement import Finding, IdentityChange, MergeKind, Severity, Subject


def apply_change(intake: Intake, change: IdentityChange) -> list[Finding]:
    """Carry out what the partner says, or say why not."""
    return _DO[change.kind](intake, change)


def _merge(intake: Intake, change: IdentityChange) -> list[Finding]:
    change_identities(intake.connection)
    surviving, retired = _named(intake, change.surviving), _named(intake, change.retired)
    if surviving is None:
        return [
            _not_done(change, "surviving-unknown", "the surviving numbers name nobody here, or two people; send them")
        ]
    if retired is None:
        told = _alias(intake, change, known=change.surviving, also=change.retired)
        return [told] if isinstance(told, Finding) else []
    joined = _join(intake, surviving, retired)
    if isinstance(joined, Refused) and joined.reason is not Refusal.ALREADY_ONE:
        return [_refused(change, joined)]
    link = joined.id if isinstance(joined, Link) else None
    for key, _ in change.keys:
        retire(intake.connection, surviving.person_id, key, intake.source, link=link)
    return []


def _join(intake: Intake, surviving: Found, retired: Found) -> Link | Refused:
    """Let one person stand for the other, their record follow, and the trail tell it."""
    source = intake.source
    joined = links.merge(
        intake.connection,
        surviving.person_id,
        retired.person_id,
        kind=LinkKind.MERGE,
        evidence=Evidence(partner=source.partner, message=source.message),
        at=source.at,
        by=INTAKE,
        new_id=intake.new_id,
    )
    if isinstance(joined, Link):
        readdress(intake.connection, members=joined.members, among=[joined.retired], to=joined.survivor)
        record(intake.connection, [_event(joined, intake)], key=intake.key)
    return joined


def _change_id(intake: Intake, change: IdentityChange) -> list[Finding]:
    person = _alias(intake, change, known=change.retired, also=change.surviving)
    if isinstance(person, Finding):
        return [person]
    for key, other in change.keys:
        rename(intake.connection, person, key, other, intake.source)
    return []


def _move_visit(intake: Intake, change: IdentityChange) -> list[Finding]:
    person = _named(intake, change.retired)
    if person is None:
        return [_not_done(change, "visit-unknown", "nobody here is known by this visit's number; send them first")]
    for key, _ in change.keys:
        retire(intake.connection, person.person_id, key, intake.source)
        revoke_relationships(intake.connection, intake.source, key)
    return []


def _named(intake: Intake, subject: Subject) -> Found | None:
    return named(intake.connection, intake.source.partner, subject)


def _alias(intake: Intake, change: IdentityChange, *, known: Subject, also: Subject) -> UUID | Finding:
    """Let one number of the partner's name whom the other names; the person is returned."""
    if known.local_id is None or also.local_id is None:
        return _not_done(change, "number-missing", "both local numbers are needed; send them in PID-3 and MRG-1")
    source = intake.source
    person = links.alias(intake.connection, source.partner, known.local_id, also.local_id, at=source.at)
    return _refused(change, person) if isinstance(person, Refused) else person


def _refused(change: IdentityChange, refused: Refused) -> Finding:
    return _not_done(change, refused.reason, _WHY[refused.reason])


def _not_done(change: IdentityChange, reason: str, text: str) -> Finding:
    return Finding(rule=f"{change.kind}-{reason}", severity=Severity.REFUSED, line=change.line, text=text)


def _event(link: Link, intake: Intake) -> Event:
    source = intake.source
    return Event(
        kind=Kind.MERGE,
        id=intake.new_id(),
        at=source.at,
        actor=Account(INTAKE, source.partner),
        organisation=source.partner,
        person=link.survivor,
        other=link.retired,
        reason=f"message-{source.message}",
    )


_DO: Final[dict[MergeKind, Callable[[Intake, IdentityChange], list[Finding]]]] = {
    MergeKind.MERGE: _merge,
    MergeKind.CHANGE_ID: _change_id,
    MergeKind.MOVE_VISIT: _move_visit,
}

_COMPARE: Final = "compare the two, then run `pisano worklist merge` if they are one"
_WHY: Final = {
    Refusal.UNKNOWN: "nobody here is known by the number that was corrected; send them first, then replay this message",
    Refusal.BIRTH_DATES_DISAGREE: f"the two people's dates of birth disagree; {_COMPARE}",
    Refusal.KNOWN_TO_OTHERS: f"other partners know the retired person; {_COMPARE}",
    Refusal.TAKEN: f"the number is another person's here; {_COMPARE}",
}
