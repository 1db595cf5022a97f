"""Whose it is: subjects resolved to people, many at a time, in a handful of queries.

Within one call two subjects of one new number become one person, and so they do between workers: whoever comes second
reads what the first wrote, and judges again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.person import making_store, standing_store, store
from app.person.demographics import Demographics
from app.person.links import Evidence, Link, supersede
from app.person.local_trace import LocalTrace
from app.person.matching import Confirmation, Field, Reason
from app.person.register import Presented, Register
from app.person.resolution import Found, Resolution, Waits
from app.person.tracing import Failure, Traced, Untraced
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Subject


class _Filing(NamedTuple):
    """What all subjects of one call have in common."""

    connection: Connection
    partner: OdsCode
    at: datetime
    new_id: Callable[[], UUID]
    confirmed_by: Confirmation = Confirmation.NHS_NUMBER


def resolve(
    connection: Connection, partner: OdsCode, subjects: Sequence[Subject], *, at: datetime, new_id: Callable[[], UUID]
) -> list[Resolution]:
    """Say whose each subject is, in their order; call it with as many at a time as there are.

    A verified number that is new here makes a person. What was found is remembered: the partner's local identifier
    for that person, and what the partner states of them. `at` is when that became known.
    """
    filing = _Filing(connection, partner, at, new_id)
    numbered = {n: subject for n, subject in enumerate(subjects) if subject.nhs_number is not None}
    unnumbered = {n: subject for n, subject in enumerate(subjects) if subject.nhs_number is None}
    resolutions = _settle(filing, numbered)  # first, for it tells whom a local identifier names
    resolutions |= _settle(filing, unnumbered)
    if untraced := {n: subjects[n] for n, found in resolutions.items() if _wants_trace(found)}:
        resolutions |= _trace(filing, untraced)
    return [resolutions[n] for n in range(len(subjects))]


def named(connection: Connection, partner: OdsCode, subject: Subject) -> Found | None:
    """Whom a partner's identifiers name, whatever else is stated; `None` where nobody, or where they name two.

    For what a partner says of its identifiers themselves: nothing may be filed on it. An NHS number counts alone only
    where there is no local identifier.
    """
    number, local_id = subject.nhs_number, subject.local_id
    holder = store.who_holds(connection, [number.digits]).get(number.digits) if number else None
    if local_id is None:
        return Found(holder.person_id, holder.filed_as) if holder else None
    reference = store.who_is_called(connection, partner, [local_id]).get(local_id)
    if reference is None or (holder and holder.person_id != reference.place.person_id):
        return None
    return Found(reference.place.person_id, reference.place.filed_as)


def resolve_traced(
    connection: Connection,
    partner: OdsCode,
    answered: Sequence[tuple[Subject, Traced]],
    *,
    at: datetime,
    by: str,
    new_id: Callable[[], UUID],
) -> list[tuple[Resolution, Link | None]]:
    """Resolve subjects for whom a trace found an NHS number, in their order.

    Where the number replaced one that is known here, the two are joined first: the record follows the link. `by` is
    who brought the answers.
    """
    filing = _Filing(connection, partner, at, new_id, Confirmation.TRACE)
    links = [_follow(filing, answer, by) for _, answer in answered]
    resolutions = _settle(filing, {n: answer.complete(subject) for n, (subject, answer) in enumerate(answered)})
    return [(resolutions[n], link) for n, link in enumerate(links)]


def confirm(
    connection: Connection, partner: OdsCode, subject: Subject, person_id: UUID, *, at: datetime
) -> Found | None:
    """Remember that a person has decided whose a waiting subject is; `None` where there is no such person.

    The partner's identifier names that person from now on, whomever it named before, and what the partner states of
    them is taken as theirs.
    """
    place = standing_store.place_of(connection, person_id)
    if place is None:
        return None
    if subject.local_id is not None:
        making_store.name_person(
            connection, partner, subject.local_id, person_id, confirmed_by=Confirmation.PERSON, at=at
        )
    own = store.stated_by(connection, partner, [person_id]).get(person_id)
    making_store.remember(connection, partner, identities={person_id: Demographics.of(subject).over(own)}, at=at)
    return Found(place.person_id, person_id)


def refer(connection: Connection, partner: OdsCode, local_id: str, person_id: UUID, *, at: datetime) -> Found | None:
    """Let a name that we gave a person ourselves, such as the id of their record, be a partner's name for them.

    `None` where there is no such person.
    """
    place = standing_store.place_of(connection, person_id)
    if place is None:
        return None
    known = store.who_is_called(connection, partner, [local_id]).get(local_id)
    if known is None or known.place.filed_as != person_id:
        making_store.name_person(connection, partner, local_id, person_id, confirmed_by=Confirmation.NHS_NUMBER, at=at)
    return Found(place.person_id, person_id)


def admit(
    connection: Connection, partner: OdsCode, subject: Subject, *, at: datetime, new_id: Callable[[], UUID]
) -> Found | None:
    """Remember that a person has checked a waiting subject's NHS number: the subject is whoever holds it, or new.

    `None` for a subject without a number.
    """
    if subject.nhs_number is None:
        return None
    making_store.make_people(connection, {subject.nhs_number.digits: new_id()}, at=at)
    [holder] = store.who_holds(connection, [subject.nhs_number.digits]).values()
    return confirm(connection, partner, subject, holder.filed_as, at=at)


def _settle(filing: _Filing, subjects: Mapping[int, Subject]) -> dict[int, Resolution]:
    different = {id(subject): subject for subject in subjects.values()}  # statements may share one
    each = {number: Presented.of(subject) for number, subject in different.items()}
    presented = {n: each[id(subject)] for n, subject in subjects.items()}
    while presented:
        register = _read(filing, presented.values())
        resolutions = {
            n: register.settle(one, confirmed_by=filing.confirmed_by, new_id=filing.new_id)
            for n, one in presented.items()
        }
        if _write(filing, register, many=len(presented) > 1):
            return resolutions
    return {}


def _read(filing: _Filing, presented: Collection[Presented]) -> Register:
    """Read what is known of all subjects; of those of whom nothing new is said, only what this partner said before."""
    connection, partner = filing.connection, filing.partner
    numbers = {one.number for one in presented if one.number is not None}
    local_ids = {one.subject.local_id for one in presented if one.subject.local_id is not None}
    register = Register(**store.who_is_named(connection, partner, numbers, local_ids)._asdict())
    if filed := register.filed_as:
        register.own = store.stated_by(connection, partner, filed)
    if anew := register.spoken_of_anew(presented):
        register.stated = store.comparable(connection, anew)
    return register


def _write(filing: _Filing, register: Register, *, many: bool) -> bool:
    """Write what a batch adds; false where another worker was first, so that all must be read and judged again."""
    connection, partner, at = filing.connection, filing.partner, filing.at
    people, references, identities = register.new_people, register.new_references, register.new_identities
    if people and many:
        making_store.one_maker_at_a_time(connection)
    if not (people or references or identities):
        return True
    return making_store.remember(
        connection, partner, people=people, references=references, identities=identities, at=at
    )


def _wants_trace(found: Resolution) -> bool:
    return isinstance(found, Waits) and found.reason is Reason.TRACE_REQUIRED


def _trace(filing: _Filing, subjects: Mapping[int, Subject]) -> dict[int, Resolution]:
    """Ask the index itself; whoever is found is judged again by the number that they hold."""
    answers = LocalTrace(filing.connection).trace({str(n): subject for n, subject in subjects.items()})
    waits: dict[int, Resolution] = {}
    traced: dict[int, Subject] = {}
    for n, subject in subjects.items():
        answer = answers[str(n)]
        if isinstance(answer, Traced):
            traced[n] = answer.complete(subject)
        else:
            waits[n] = _untraced(answer)
    settled = _settle(filing._replace(confirmed_by=Confirmation.TRACE), traced)
    named = {traced[n].local_id for n, found in settled.items() if isinstance(found, Found)} - {None}
    named_now = _settle(filing, {n: subjects[n] for n in waits if subjects[n].local_id in named})
    return waits | named_now | settled


_WAITS_FOR: Final = {
    Failure.SEVERAL: (Reason.SEVERAL, ()),
    Failure.NUMBER_DIFFERS: (Reason.DISAGREES, (Field.NHS_NUMBER,)),
}


def _untraced(answer: Untraced) -> Waits:
    reason, disagrees = _WAITS_FOR.get(answer.failure, (Reason.TRACE_REQUIRED, ()))
    return Waits(reason, disagrees, answer.candidates)


def _follow(filing: _Filing, answer: Traced, by: str) -> Link | None:
    if answer.superseded is None:
        return None
    link = supersede(
        filing.connection,
        answer.superseded,
        answer.nhs_number,
        evidence=Evidence(),
        at=filing.at,
        by=by,
        new_id=filing.new_id,
    )
    return link if isinstance(link, Link) else None
