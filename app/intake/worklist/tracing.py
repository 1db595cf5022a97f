"""Asking a tracing authority about what waits for want of an NHS number, and filing those whom it has found."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from app.audit.acting import Acting
from app.audit.event import Event, Kind
from app.audit.trail import record
from app.database.transactions import transaction
from app.intake import waiting
from app.intake.arriving.locks import hold_partner
from app.intake.elsewhere import barred
from app.intake.filing import Intake, file_settled
from app.intake.waiting import Waiting
from app.intake.worklist.settling import resolved
from app.person.index import resolve_traced
from app.person.links import Link
from app.person.locks import change_identities
from app.person.matching import Reason
from app.person.resolution import Found
from app.person.tracing import Traced, Tracer
from app.record.kept.moving import readdress
from app.sharing.known.feed_store import put_flags
from app.vocabulary.ods_code import OdsCode

TRACEABLE: Final = (Reason.TRACE_REQUIRED, Reason.NOT_ENOUGH, Reason.NUMBER_IN_QUESTION, Reason.SEVERAL)
"""Why a statement waits whose person a tracing authority may know."""

AUTHORITY: Final = OdsCode("X26")
"""NHS England, whose word a flag is that comes with an answer: the partner's own may be lowered without it."""

_Answered = tuple[Waiting, Traced]


class Asked(NamedTuple):
    """How many statements were asked about, and how many of them were filed."""

    asked: int
    filed: int


def trace_waiting(engine: Engine, tracer: Tracer, acting: Acting) -> Asked:
    """Ask about all that waits for want of a number; what has no answer by now goes on waiting."""
    with transaction(engine) as connection:
        held = {str(one.id): one for one in waiting.for_reasons(connection, TRACEABLE)}
    answers = tracer.trace({number: one.statement.subject for number, one in held.items()})
    answered = [(held[number], answer) for number, answer in answers.items() if isinstance(answer, Traced)]
    answered.sort(key=lambda one: (one[0].source.partner, one[0].id))
    filed = 0
    for partner, group in groupby(answered, lambda one: one[0].source.partner):
        with transaction(engine) as connection:
            filed += _file_traced(connection, partner, list(group), acting)
    return Asked(len(held), filed)


def _file_traced(connection: Connection, partner: OdsCode, answered: Sequence[_Answered], acting: Acting) -> int:
    """File those who were found; of those whom the answer makes doubtful, say why they go on waiting."""
    hold_partner(connection, partner)
    change_identities(connection)
    still = waiting.still_open(connection, [held.id for held, _ in answered])
    answered = [(held, answer) for held, answer in answered if held.id in still]
    subjects = [(held.statement.subject, answer) for held, answer in answered]
    told = resolve_traced(connection, partner, subjects, at=acting.at, by=acting.by.subject, new_id=acting.new_id)
    events = [_follow(connection, link, acting) for _, link in told if link is not None]
    filed = 0
    for (held, answer), (traced, _) in zip(answered, told, strict=True):
        [resolution] = barred(connection, held.source, [held.statement], [traced])
        if isinstance(resolution, Found):
            _file(connection, held, answer, resolution, acting)
            events.append(resolved(held, "traced", acting, resolution.person_id))
            filed += 1
        else:
            waiting.explain(connection, held.id, resolution)
    if events:
        record(connection, events, key=acting.key)
    return filed


def _follow(connection: Connection, link: Link, acting: Acting) -> Event:
    readdress(connection, members=link.members, among=[link.retired], to=link.survivor)
    return acting.event(Kind.MERGE, person=link.survivor, other=link.retired)


def _file(connection: Connection, held: Waiting, answer: Traced, found: Found, acting: Acting) -> None:
    source = replace(held.source, at=acting.at)
    intake = Intake(connection=connection, source=source, new_id=acting.new_id, key=acting.key)
    file_settled(intake, [(held.statement, found)])
    put_flags(connection, replace(source, partner=AUTHORITY), [(found.filed_as, flag) for flag in answer.flags])
    waiting.settle(connection, [held.id], "filed", by=acting.by.subject, at=acting.at, person_id=found.person_id)
