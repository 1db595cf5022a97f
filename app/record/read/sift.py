"""Looking among many people: each decided by themselves, each with what may be read of them for the purpose.

Nothing here tells anyone anything: who is named is chosen of this, and told to the trail first (`access`).
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

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
) -> Iterator[Considered]:
    """Everyone of whom the asker may read anything, a few at a time; memory does not grow with how many there are."""
    for people in related_people(connection, organisation, at=at):
        decisions = {person: decide(facts) for person, facts in facts_of_many(connection, people, at=at).items()}
        permitted = {person: decision for person, decision in decisions.items() if not decision.denied}
        entries = permitted_of_many(connection, permitted, categories=categories)
        for person, decision in permitted.items():
            yield Considered(person, decision, entries[person])
