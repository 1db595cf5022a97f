"""Looking among many people: each decided by themselves, each with what may be read of them for the purpose.

Nothing here tells anyone anything: who is named is chosen of this, and told to the trail first (`access`).
"""

from collections.abc import Callable, Collection, Iterator, Sequence, Set
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

import psycopg

from app.record.sifted import Considered
from app.record.store import permitted_of_many
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts
from app.sharing.known.many import facts_of_many, related_people
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode


def considered(
    connection: psycopg.Connection[Any],
    organisation: OdsCode,
    decide: Callable[[PersonFacts], Decision],
    *,
    categories: Collection[Category],
    at: datetime,
    first: Set[UUID] = frozenset(),
) -> Iterator[Considered]:
    """Everyone of whom the requester may read anything, a few at a time; memory does not grow with how many there are.

    Those of `first` come before all others.
    """
    turns = (first.__contains__, lambda person: person not in first) if first else (lambda person: True,)
    for people in chain.from_iterable(_in_turn(connection, organisation, turn, at=at) for turn in turns):
        decisions = {person: decide(facts) for person, facts in facts_of_many(connection, people, at=at).items()}
        permitted = {person: decision for person, decision in decisions.items() if not decision.denied}
        entries = permitted_of_many(connection, permitted, categories=categories)
        for person, decision in permitted.items():
            yield Considered(person, decision, entries[person])


def _in_turn(
    connection: psycopg.Connection[Any], organisation: OdsCode, turn: Callable[[UUID], bool], *, at: datetime
) -> Iterator[Sequence[UUID]]:
    for people in related_people(connection, organisation, at=at):
        if theirs := list(filter(turn, people)):
            yield theirs
