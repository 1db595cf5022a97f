"""One step in one transaction: what it writes stands with its history and its line in the trail, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.telling import act_of
from app.audit.trail import record
from app.mdt.steps.known import Known
from app.mdt.steps.office import NewId, Office
from app.mdt.workflow.locality import Localities
from app.mdt.workflow.refusal import Refusal, Refused, Why
from app.record.inquiry import Inquiry
from app.vocabulary.ods_code import OdsCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """What all steps of a place share: its localities, who is party to its agreements, the trail's key."""

    localities: Localities
    parties: frozenset[OdsCode]
    key: ChainKey
    new_id: NewId


def taken(
    connection: Connection, teams: Teams, inquiry: Inquiry, act: Callable[[Office], T], known: Known | None = None
) -> T | Refusal:
    """What came of a step, or why nothing did; a refusal for want of a part in it is told to the trail too."""
    office = Office(connection, inquiry, teams.localities, teams.parties, teams.new_id, known)
    attempt = connection.begin_nested()
    try:
        told = act(office)
    except Refused as refused:
        attempt.rollback()
        if refused.refusal.why in (Why.UNKNOWN, Why.NOT_YOURS):
            record(connection, [_denied(office)], key=teams.key)
        return refused.refusal
    attempt.commit()
    if office.events:
        record(connection, office.events, key=teams.key)
    return told


def _denied(office: Office) -> Event:
    inquiry = office.inquiry
    return act_of(inquiry, Kind.DENIED, None, id=office.new_id(), reason="meeting", request=str(inquiry.id))
