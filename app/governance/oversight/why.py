"""Why somebody could, or could not, see something of a person on a day: made again from the trail and the facts then.

Where they asked on that day, each time they asked is made again as it was. Where they did not, it is said what would
have been so had they asked at the day's end, as whoever they last were in the trail: to a lead of their own staff alone
only of somebody of whom one of these ever asked, so that nobody learns what others object to, or who is known at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.audit import store
from app.audit.event import Kind
from app.audit.store import About
from app.audit.telling import Reading
from app.audit.trail import record
from app.governance.handling import Handling, named_by
from app.governance.proving.replay import DECIDED, Past, again, asked_again, is_the_same, past
from app.governance.reading_reach import Reach, reach_for
from app.governance.signing.agreeing import versions_kept
from app.person.standing_store import members_of, stands_for
from app.sharing.decision import Decision
from app.sharing.explain import Explanation, explain
from app.sharing.facts import PersonFacts
from app.sharing.known.former_store import facts_then
from app.sharing.law import Agreements
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import FIND, READ

MOST: Final = 20
"""Askings of one day that are told; the newest."""

_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Why could `user`, as their provider calls them, see what stands under `category` of a person on a day in London?

    `role` and `purpose` narrow it to what they asked in one role or for one purpose; empty narrows nothing.
    """

    user: str
    number: NHSNumber
    on: date
    category: Category
    role: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """One asking made again; `asked` is false for what would have been. `explained` tells of each label separately.

    `same` is whether it gives what the trail tells; `facts` are the person's as they were.
    """

    at: datetime
    asked: bool
    category: Category
    past: Past
    same: bool
    decision: Decision
    facts: PersonFacts
    agreements: Agreements
    explained: tuple[Explanation, ...]


class Reasons(NamedTuple):
    """Every asking of the day, the newest first, and how many rested on what is not kept as it was."""

    reasonings: Sequence[Reasoning]
    not_kept: int


def why(connection: Connection, question: Question, by: Handling) -> Reasons | None:
    """Why, asking by asking; `None` for whoever may not read the trail.

    Nothing at all where the trail tells nothing of such a user, or nobody has that number: both alike. Show it only
    once the transaction is committed, for that tells the trail.
    """
    reach = reach_for(by)
    person = named_by(connection, question.number) if reach else None
    standing = stands_for(connection, person) if person else None
    event = by.event(standing, Kind.AUDIT_READ if reach else Kind.DENIED, action=READ, reason=Reading.WHY)
    found = _reasons(connection, question, standing, reach, by.agreements) if standing else Reasons((), 0)
    record(connection, [event], key=by.key)
    return found if reach else None


def _reasons(connection: Connection, question: Question, person: UUID, reach: Reach, ruling: Agreements) -> Reasons:
    asked = [one for one in _asked(connection, question, person) if _is_meant(one, question, reach)]
    told = [past(one) for one in asked]
    if not told and _may_be_supposed(connection, question, person, reach):
        told = [_had_they_asked(connection, question, person, reach)]
    decisions = [one for one in told if one is not None]
    facts = facts_then(connection, [(one.person or person, one.at) for one in decisions])
    last = {one.agreements: one for one in decisions}
    laws = {versions: _law(connection, one, ruling) for versions, one in last.items()}
    reasonings = [
        _reasoning(one, then, law, question.category, asked=bool(asked))
        for one, then in zip(decisions, facts, strict=True)
        if (law := laws[one.agreements]) is not None
    ]
    return Reasons(reasonings, len(asked) - len(reasonings) if asked else 0)


def _law(connection: Connection, one: Past, ruling: Agreements) -> Agreements | None:
    """The versions that decided: those that rule, where they are the same, so that none need be compiled again."""
    then = tuple(str(version) for version in ruling.in_force(one.at).agreements)
    return ruling if then == one.agreements else versions_kept(connection, one.agreements)


def _asked(connection: Connection, question: Question, person: UUID) -> list[Mapping[str, Any]]:
    """What that user asked of the person that day."""
    about = About(
        person=person,
        former=members_of(connection, person),
        subject=question.user,
        kinds=DECIDED,
        since=london_midnight(question.on),
        until=london_midnight(question.on + timedelta(days=1)),
        most=MOST,
    )
    told: list[Mapping[str, Any]] = [one.event for one in store.events(connection, about)]
    read = [one for one in told if one.get("action") != FIND]
    return read or told  # a search tells little of what could be read


def _may_be_supposed(connection: Connection, question: Question, person: UUID, reach: Reach) -> bool:
    """Whether the lead reads of all, or any of their own staff asked of the person by then."""
    if reach.of_all:
        return True
    about = About(
        person=person,
        former=members_of(connection, person),
        organisations=reach.organisations,
        kinds=DECIDED,
        until=london_midnight(question.on + timedelta(days=1)),
        most=1,
    )
    return bool(store.events(connection, about))


def _had_they_asked(connection: Connection, question: Question, person: UUID, reach: Reach) -> Past | None:
    """As whoever they last were by the end of that day, asking to read."""
    end = london_midnight(question.on + timedelta(days=1))
    last = store.events(connection, About(subject=question.user, kinds=DECIDED, until=end, most=MOST))
    meant = [one for told in last if _is_meant(told.event, question, reach) and (one := past(told.event))]
    return replace(meant[0], at=end - _MOMENT, person=person, action=READ, is_own=False) if meant else None


def _is_meant(event: Mapping[str, Any], question: Question, reach: Reach) -> bool:
    return (
        reach.covers(event.get("organisation"))
        and question.role in ("", event.get("role"))
        and question.purpose in ("", event.get("purpose"))
    )


def _reasoning(one: Past, facts: PersonFacts, law: Agreements, category: Category, *, asked: bool) -> Reasoning:
    decision = again(one, facts, law)
    requester, then = asked_again(one, facts)
    explained = [
        explain(requester, label, action=one.action, purpose=one.purpose, facts=then, agreements=law, at=one.at)
        for label in _labels(one, law, category)
    ]
    return Reasoning(
        at=one.at,
        asked=asked,
        category=category,
        past=one,
        same=is_the_same(one, decision),
        decision=decision,
        facts=facts,
        agreements=law,
        explained=tuple(explained),
    )


def _labels(one: Past, law: Agreements, category: Category) -> list[Label]:
    """What every partner could state there that is nothing special, and what was shown that is."""
    ordinary = {Label(controller, category, Sensitivity.NORMAL) for controller in law.lattice.controllers}
    return sorted(ordinary | {label for label in one.labels if label.category == category})
