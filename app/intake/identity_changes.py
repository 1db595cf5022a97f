"""What a partner says of its own identifiers: two are one person (A34, A40), one was wrong (A47), a visit was (A42).

The record follows at once and can be brought back; what one partner's word is not enough for waits for a person.
"""

from collections.abc import Callable
from typing import Final

from app.audit.event import Event, Kind
from app.audit.trail import record
from app.intake.filing import Intake
from app.person import links
from app.person.index import resolve
from app.person.links import Evidence, Link, LinkKind, Refusal, Refused
from app.person.resolution import Found, Resolution
from app.record.moving import mark_in_error, readdress, rename
from app.sharing.facts import Account
from app.sharing.store import revoke_relationships
from app.vocabulary.statement import Finding, IdentityChange, MergeKind, Severity, Subject

INTAKE: Final = "intake"


def apply_change(intake: Intake, change: IdentityChange) -> list[Finding]:
    """Carry out what the partner says, or say why not."""
    return _DO[change.kind](intake, change)


def _merge(intake: Intake, change: IdentityChange) -> list[Finding]:
    source = intake.source
    surviving, retired = _resolve(intake, change.surviving, change.retired)
    if not isinstance(surviving, Found):
        return [_not_done(change, "surviving-unknown", "the surviving person is not known here; send them first")]
    if not isinstance(retired, Found):
        return _alias(intake, change, known=change.surviving.local_id, also=change.retired.local_id)
    if change.retired.local_id:
        mark_in_error(intake.connection, retired.person_id, source.partner, f"Patient/{change.retired.local_id}")
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
    if isinstance(joined, Refused):
        return _refused(change, joined)
    readdress(intake.connection, members=joined.members, among=[joined.retired], to=joined.survivor)
    record(intake.connection, [_event(joined, intake)], key=intake.key)
    return []


def _change_id(intake: Intake, change: IdentityChange) -> list[Finding]:
    wrong, right = change.retired.local_id, change.surviving.local_id
    findings = _alias(intake, change, known=wrong, also=right)
    (found,) = _resolve(intake, change.retired)
    if not findings and isinstance(found, Found):
        rename(intake.connection, found.person_id, intake.source.partner, f"Patient/{wrong}", f"Patient/{right}")
    return findings


def _move_visit(intake: Intake, change: IdentityChange) -> list[Finding]:
    (found,) = _resolve(intake, change.surviving)
    if not isinstance(found, Found) or change.retired_key is None:
        return [_not_done(change, "visit-unknown", "the person of this visit is not known here; send them first")]
    mark_in_error(intake.connection, found.person_id, intake.source.partner, change.retired_key)
    revoke_relationships(intake.connection, intake.source, change.retired_key)
    return []


def _alias(intake: Intake, change: IdentityChange, *, known: str | None, also: str | None) -> list[Finding]:
    if known is None or also is None:
        return [_not_done(change, "identifier-missing", "both local identifiers are needed; send PID-3 and MRG-1")]
    person = links.alias(intake.connection, intake.source.partner, known, also, at=intake.source.at)
    return _refused(change, person) if isinstance(person, Refused) else []


def _refused(change: IdentityChange, refused: Refused) -> list[Finding]:
    if refused.reason is Refusal.ALREADY_ONE:
        return []
    return [_not_done(change, str(refused.reason), _WHY[refused.reason])]


def _not_done(change: IdentityChange, reason: str, text: str) -> Finding:
    return Finding(rule=f"{change.kind}-{reason}", severity=Severity.REFUSED, line=change.line, text=text)


def _resolve(intake: Intake, *subjects: Subject) -> list[Resolution]:
    source = intake.source
    return resolve(intake.connection, source.partner, subjects, at=source.at, new_id=intake.new_id)


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

_WHY: Final = {
    Refusal.UNKNOWN: "one of the two people is not known here; send them first, then replay this message",
    Refusal.BIRTH_DATES_DISAGREE: "the two people's dates of birth disagree; a person must compare them",
    Refusal.KNOWN_TO_OTHERS: "other partners know the retired person; a person must compare the two",
    Refusal.TAKEN: "the identifier is another person's here; a person must compare the two",
}
