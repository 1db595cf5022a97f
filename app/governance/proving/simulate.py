"""What a change of agreement would do at this place: to every cell, to what was really asked of late, and to people."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.store import decisions_since
from app.governance.proving.comparison import Comparison, Pair, compare, pair_of
from app.governance.proving.population import Affected, affected, edges_of
from app.governance.proving.replay import DECIDED, Past, again, asked_about, past
from app.sharing.checked.examples import Rehearsal
from app.sharing.checked.lint import check_clauses
from app.sharing.checked.mutation import check_strength
from app.sharing.decision import Decision
from app.sharing.facts import PersonFacts
from app.sharing.known.former_store import facts_then
from app.sharing.known.signature_store import people_alike
from app.sharing.written.difference import Difference, differences
from app.sharing.written.document import Agreement
from app.sharing.written.source import Source
from app.vocabulary.label import Label

_AT_ONCE = 1000
_TOLD: Final = ("audit/themselves", "audit/read/staff_named")
_NOTICES: Final = re.compile(r"notices/|prohibitions/[^/]+/notice$")


@dataclass(slots=True)
class Replayed:
    """Real decisions made again under both agreements; `people` are those of whom an answer would change."""

    decisions: int = 0
    beyond: int = 0  # which rested on what is not kept as it was
    refused: int = 0  # which disclosed something, and would disclose nothing of it
    less: int = 0  # which would disclose less of what they did
    more: int = 0  # which could disclose more
    by_role: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The whole report; `replayed` and `affected` are `None` where no place was asked."""

    comparison: Comparison
    broken_examples: tuple[str, ...]
    warnings: tuple[str, ...]
    themselves: tuple[Difference, ...] = ()  # what a person is told of who looked
    notices: tuple[Difference, ...] = ()  # what viewers are told of what is not shown
    replayed: Replayed | None = None
    affected: Affected | None = None


def simulate(
    old: Agreement, new: Agreement, *, connection: Connection | None, since: datetime, at: datetime
) -> Simulation:
    """Compare two agreements; with a connection to a place, by its decisions since an instant and its people too."""
    pair = pair_of(old, new)
    people = people_alike(connection, at=at, edges=_moved(pair, at)) if connection else None
    return Simulation(
        comparison=compare(pair),
        broken_examples=tuple(broken_examples(old, new)),
        warnings=tuple(weaknesses(new)),
        themselves=tuple(told_otherwise(old, new)),
        notices=tuple(each for each in differences(old, new) if _NOTICES.match(each.place)),
        replayed=replay(connection, pair, since) if connection else None,
        affected=affected(pair, people) if people is not None else None,
    )


def _moved(pair: Pair, at: datetime) -> list[datetime]:
    return [edge + (at - pair.at) for edge in edges_of(pair)]


def broken_examples(old: Agreement, new: Agreement) -> Iterator[str]:
    """What the parties meant by the old agreement and the new one no longer keeps; the words it no longer has count."""
    rehearsal = Rehearsal(new)
    for example in old.examples:
        try:
            broken = rehearsal.breaches(example)
        except (KeyError, ValueError):
            yield f"{example.says} (it speaks of what the new agreement does not know)"
            continue
        if broken:
            yield example.says


def told_otherwise(old: Agreement, new: Agreement) -> Iterator[Difference]:
    """What a person who asks, or signs in for themselves, would be told otherwise of who looked at their record."""
    for difference in differences(old, new):
        if difference.place.startswith(_TOLD):
            yield difference


def weaknesses(agreement: Agreement) -> list[str]:
    """Dead and shadowed clauses, and clauses that no example holds."""
    source = Source(agreement.isa)
    check_clauses(agreement, source)
    check_strength(agreement, source)
    return [finding.text for finding in source.findings]


def replay(connection: Connection, pair: Pair, since: datetime) -> Replayed:
    """Make every decision since an instant again, with the facts as they were, under both agreements."""
    replayed = Replayed()
    for events in decisions_since(connection, since, DECIDED, _AT_ONCE):
        told = [past(event) for event in events]
        decisions = [one for one in told if one is not None]
        replayed.decisions += len(decisions)
        replayed.beyond += len(told) - len(decisions)
        for one, facts in zip(decisions, facts_of_each(connection, decisions), strict=True):
            _weigh(one, facts, pair, replayed)
    return replayed


def facts_of_each(connection: Connection, decisions: Sequence[Past]) -> list[PersonFacts]:
    """The facts of each decision, as they were; none for one that was about nobody."""
    known = iter(facts_then(connection, asked_about(decisions)))
    return [next(known) if one.person else PersonFacts() for one in decisions]


def _weigh(one: Past, facts: PersonFacts, pair: Pair, replayed: Replayed) -> None:
    old, new = again(one, facts, pair.old), again(one, facts, pair.new)
    shown_before, shown_after = _shown(one, old), _shown(one, new)
    lost, gained = shown_before - shown_after, new.mask & ~old.mask
    replayed.refused += bool(lost) and not shown_after
    replayed.less += bool(lost and shown_after)
    replayed.more += bool(gained)
    if lost or gained:
        replayed.by_role[one.requester.role, one.purpose] += 1
        if one.person:
            replayed.people.add(one.person)


def _shown(one: Past, decision: Decision) -> set[Label]:
    """What was disclosed then and would be now; how long ago it was is not told by the trail, and not weighed."""
    return {label for label in one.labels if decision.permits(label, None)}
