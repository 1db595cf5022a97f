"""Who somebody may be, side by side: as a data manager compares a message with people, and people with each other.

They see of a person what the agreements permit for it, for as long as they have it open that something which
waits may be about them; each look is told to the trail before it is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Event, Kind
from app.audit.telling import disclosure
from app.audit.trail import record
from app.governance.handling import Handling, standing_with_facts
from app.identity.requester import Requester
from app.person.demographics import Demographics
from app.person.matching import Comparison, compare
from app.person.store import accounts_of, numbers_of
from app.sharing.decide import decide
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts, Relationship, account_of
from app.sharing.known.store import put_made_relationship
from app.sharing.law import Agreements, Ask
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose

RECORD_QUALITY: Final = Purpose("record-quality")
MATCH: Final = Action("match")
OPEN_FOR: Final = timedelta(hours=1)
"""How long one look lets a data manager see whom something may be about."""

_MATCHING: Final = "matching"  # as the agreement calls the relationship
_DEMOGRAPHICS, _ADDRESS = Category("demographics"), Category("address")


@dataclass(frozen=True, slots=True)
class Account:
    """What one partner states of a person, as far as it may be shown."""

    partner: OdsCode
    stated: Demographics


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One person as they may be compared; without accounts where none may be shown.

    `may_be_chosen` where the agreements let the requester file something under them.
    """

    person_id: UUID
    accounts: tuple[Account, ...]
    nhs_number: NHSNumber | None
    may_be_chosen: bool

    def beside(self, stated: Demographics) -> Comparison:
        """Which fields agree with what is stated, and which contradict it."""
        return compare(stated, [account.stated for account in self.accounts])


def may_match(requester: Requester, agreements: Agreements, at: datetime) -> bool:
    """Whether an agreement in force lets this role decide whose any messages are, whoever they are about."""
    return bool(senders(requester, agreements, at))


def senders(requester: Requester, agreements: Agreements, at: datetime) -> frozenset[OdsCode]:
    """The parties of whose messages they may say whose they are. That another has to do with somebody is not theirs to
    know, so nothing of its messages is shown to them.
    """
    terms = agreements.in_force(at).terms.get(Ask(requester.organisation, requester.role, RECORD_QUALITY, MATCH))
    labels = agreements.lattice.labels_in(terms.reach) if terms else ()
    return frozenset(label.controller for label in labels if label.category == _DEMOGRAPHICS)


def open_for_matching(connection: Connection, people: Iterable[UUID], why: str, by: Handling) -> None:
    """Let the requester compare these people for a while, as `why` says, such as `worklist/7`; told to the trail.

    In a transaction before the one that looks, so that what was decided can be decided again.
    """
    events = []
    for person_id in people:
        standing, facts = standing_with_facts(connection, person_id, by.at)
        if standing is None or _has_open(facts, by):
            continue
        made = Relationship(
            id="asked",
            kind=_MATCHING,
            organisation=by.requester.organisation,
            started=by.at,
            ended=by.at + OPEN_FOR,
            account=account_of(by.requester),
        )
        number = put_made_relationship(connection, standing, made, why, str(by.new_id()))
        relied_on = (f"relationship/{number}",)
        events.append(by.event(standing, Kind.RELATIONSHIP_MADE, reason=_MATCHING, relied_on=relied_on))
    if events:
        record(connection, events, key=by.key)


def _has_open(facts: PersonFacts, by: Handling) -> bool:
    return any(each.kind == _MATCHING and each.covers(by.requester, by.at) for each in facts.relationships)


def sides(connection: Connection, people: Sequence[UUID], by: Handling) -> list[Side]:
    """These people as they may be compared, in their order, each told to the trail; each as filed under their own id.

    What decides is known of who stands for them, so that of two who were joined each can be seen apart.
    """
    stated, numbers = accounts_of(connection, people), numbers_of(connection, people)
    shown = [_side(connection, person, stated.get(person, []), numbers.get(person), by) for person in people]
    record(connection, [event for _, event in shown], key=by.key)
    return [side for side, _ in shown]


def _side(
    connection: Connection,
    person_id: UUID,
    stated: list[tuple[OdsCode, Demographics]],
    number: str | None,
    by: Handling,
) -> tuple[Side, Event]:
    standing, facts = standing_with_facts(connection, person_id, by.at)
    decision = _decided(facts, READ, by)
    accounts = tuple(Account(partner, _permitted(one, partner, decision)) for partner, one in stated
                     if _label(partner) in decision.permitted)  # fmt: skip
    labels = {_label(account.partner) for account in accounts}
    labels |= {_where(account.partner) for account in accounts if _where(account.partner) in decision.permitted}
    event = disclosure(by, Kind.VIEW, standing, decision, id=by.new_id(), action=READ, labels=labels)
    side = Side(
        person_id=person_id,
        accounts=accounts,
        nhs_number=NHSNumber(number) if number and accounts else None,
        may_be_chosen=bool(accounts) and not _decided(facts, MATCH, by).denied,
    )
    return side, event


def _decided(facts: PersonFacts, action: Action, by: Handling) -> Decision:
    return decide(by.requester, action=action, purpose=by.purpose, facts=facts, agreements=by.agreements, at=by.at)


def _permitted(stated: Demographics, partner: OdsCode, decision: Decision) -> Demographics:
    """Where somebody lives is shown where it may be, as one partner's restriction hides it in every account."""
    return stated if _where(partner) in decision.permitted else stated._replace(postcode=None, uprn=None)


def _label(partner: OdsCode) -> Label:
    return Label(partner, _DEMOGRAPHICS, Sensitivity.NORMAL)


def _where(partner: OdsCode) -> Label:
    return Label(partner, _ADDRESS, Sensitivity.LOCATING)
