"""What a partner says of its own identifiers: two are one person (A34, A40), one was wrong (A47), a visit was (A42).

The record follows at once and can be brought back; what one partner's word is not enough for waits for a person.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Event, Kind
from app.audit.store import record
from app.person import links
from app.person.index import resolve
from app.person.links import Evidence, Link, LinkKind, Refusal, Refused
from app.person.resolution import Found
from app.record.filing import Source
from app.record.moving import mark_in_error, readdress, rename
from app.sharing.facts import Account
from app.vocabulary.statement import Finding, IdentityChange, MergeKind, Severity

NewId = Callable[[], UUID]

INTAKE: Final = "intake"


def apply_change(connection: Connection, change: IdentityChange, source: Source, *, new_id: NewId) -> list[Finding]:
    """Carry out what the partner says, or say why not."""
    return _DO[change.kind](connection, change, source, new_id)


def _merge(connection: Connection, change: IdentityChange, source: Source, new_id: NewId) -> list[Finding]:
    surviving, retired = resolve(
        connection, source.partner, [change.surviving, change.retired], at=source.at, new_id=new_id
    )
    if not isinstance(surviving, Found):
        return [_not_done(change, "surviving-unknown", "the surviving person is not known here; send them first")]
    if not isinstance(retired, Found):
        return _alias(connection, change, source, known=change.surviving.local_id, also=change.retired.local_id)
    if change.retired.local_id:
        mark_in_error(connection, retired.person_id, source.partner, f"Patient/{change.retired.local_id}")
    joined = links.merge(
        connection,
        surviving.person_id,
        retired.person_id,
        kind=LinkKind.MERGE,
        evidence=Evidence(partner=source.partner, message=source.message),
        at=source.at,
        by=INTAKE,
        new_id=new_id,
    )
    if isinstance(joined, Refused):
        return _refused(change, joined)
    follow(connection, joined, among=(joined.retired,), to=joined.survivor)
    record(connection, [_event(Kind.MERGE, joined, source, new_id)])
    return []


def follow(connection: Connection, link: Link, *, among: tuple[UUID, ...], to: UUID) -> None:
    """Let everything filed as the link's members be `to`'s."""
    readdress(connection, members=link.members, among=among, to=to)


def _change_id(connection: Connection, change: IdentityChange, source: Source, new_id: NewId) -> list[Finding]:
    wrong, right = change.retired.local_id, change.surviving.local_id
    findings = _alias(connection, change, source, known=wrong, also=right)
    (found,) = resolve(connection, source.partner, [change.retired], at=source.at, new_id=new_id)
    if not findings and isinstance(found, Found):
        rename(connection, found.person_id, source.partner, f"Patient/{wrong}", f"Patient/{right}")
    return findings


def _move_visit(connection: Connection, change: IdentityChange, source: Source, new_id: NewId) -> list[Finding]:
    (found,) = resolve(connection, source.partner, [change.surviving], at=source.at, new_id=new_id)
    if not isinstance(found, Found) or change.retired_key is None:
        return [_not_done(change, "visit-unknown", "the person of this visit is not known here; send them first")]
    mark_in_error(connection, found.person_id, source.partner, change.retired_key)
    return []


def _alias(
    connection: Connection, change: IdentityChange, source: Source, *, known: str | None, also: str | None
) -> list[Finding]:
    if known is None or also is None:
        return [_not_done(change, "identifier-missing", "both local identifiers are needed; send PID-3 and MRG-1")]
    person = links.alias(connection, source.partner, known, also, at=source.at)
    return _refused(change, person) if isinstance(person, Refused) else []


def _refused(change: IdentityChange, refused: Refused) -> list[Finding]:
    if refused.reason is Refusal.ALREADY_ONE:
        return []
    return [_not_done(change, str(refused.reason), _WHY[refused.reason])]


def _not_done(change: IdentityChange, reason: str, text: str) -> Finding:
    return Finding(rule=f"{change.kind}-{reason}", severity=Severity.REFUSED, line=change.line, text=text)


def _event(kind: Kind, link: Link, source: Source, new_id: NewId) -> Event:
    return Event(
        kind=kind,
        id=new_id(),
        at=source.at,
        actor=Account(INTAKE, source.partner),
        organisation=source.partner,
        person=link.survivor,
        other=link.retired,
        reason=f"message-{source.message}",
    )


_DO: Final = {
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
