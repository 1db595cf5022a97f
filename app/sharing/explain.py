"""Why one thing may or may not be seen: all of it for the information governance lead, and what the viewer may be told.

What the viewer is told depends on what the agreement lets them notice, and on nothing else.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from app.identity.requester import Requester
from app.sharing.conditions import OWN_RECORD, Circumstances, Reach
from app.sharing.decide import decide
from app.sharing.decision import REFUSAL, Decision
from app.sharing.facts import PersonFacts
from app.sharing.lattice import Lattice
from app.sharing.law import Agreements, Ask, CompiledGrant, CompiledProhibition, Conditions, Terms
from app.vocabulary.label import Label
from app.vocabulary.token import Action, Purpose

TRAINING: Final = "current training"
LATER: Final = "a date of"
_NEAR: Final = 2  # a grant that lacked more is no near miss


@dataclass(frozen=True, slots=True, order=True)
class NearMiss:
    """A grant that covers the label, and what it lacked."""

    clause: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would turn the answer round: these facts taken away and these needs met, all together."""

    without: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " and ".join([*(f"without {fact}" for fact in self.without), *(f"with {need}" for need in self.needs)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why, for one label and one date.

    `deciding` are the grants where it is permitted, else the prohibitions; `near_misses` are told where every grant
    lacked something. The listed facts alone give the same answer for the same reasons. `counterfactual` is `None`
    where no fact about this person and requester would turn it round.
    """

    label: Label
    permitted: bool
    decision: Decision
    deciding: tuple[str, ...]
    near_misses: tuple[NearMiss, ...] = ()
    facts: tuple[str, ...] = ()
    counterfactual: Counterfactual | None = None
    viewer_text: tuple[str, ...]


class _Weighed(NamedTuple):
    """A grant that covers the label: the facts found for it, and what it lacks."""

    grant: CompiledGrant
    facts: tuple[str, ...]
    missing: tuple[str, ...]


class _Holding(NamedTuple):
    """A prohibition that covers the label just now."""

    prohibition: CompiledProhibition
    reach: Reach


def explain(
    requester: Requester,
    label: Label,
    *,
    occurred_on: date | None = None,
    action: Action,
    purpose: Purpose,
    facts: PersonFacts,
    agreements: Agreements,
    at: datetime,
) -> Explanation:
    """Explain what `decide` decides for one label; `occurred_on` is as in `Decision.permits`."""
    decision = decide(requester, action=action, purpose=purpose, facts=facts, agreements=agreements, at=at)
    permitted = decision.permits(label, occurred_on)
    told = viewer_text(decision)
    unexplained = Explanation(label=label, permitted=False, decision=decision, deciding=(), viewer_text=told)
    if decision.alarm is not None or label not in decision.lattice.bits:
        return unexplained
    ask, terms = Ask(requester.organisation, requester.role, purpose, action), agreements.in_force(at).terms
    if ask not in terms:  # only agreements that are not in force speak of it
        return unexplained
    case = _Case(decision.lattice, label, occurred_on, Circumstances.of(requester, facts, at))
    weighed, holding = case.weigh(terms[ask]), case.holding(terms[ask])
    giving = [each for each in weighed if not each.missing and not _barring(each.grant, holding)]
    return Explanation(
        label=label,
        permitted=permitted,
        decision=decision,
        deciding=tuple(each.grant.clause for each in giving) or tuple(each.prohibition.clause for each in holding),
        near_misses=case.near_misses(_alike(agreements, bisect_right(agreements.boundaries, at), ask))
        if all(each.missing for each in weighed)
        else (),
        facts=_listed(weighed, holding),
        counterfactual=_to_deny(giving) if permitted else _to_permit(weighed, holding),
        viewer_text=told,
    )


@lru_cache(maxsize=256)
def _alike(agreements: Agreements, law: int, ask: Ask) -> tuple[tuple[tuple[str, ...], Terms], ...]:
    """The terms of every asking that differs from one in little, each with how it differs; of one of the laws."""
    found = []
    for other, terms in agreements.laws[law].terms.items():
        differs = tuple(f"the {part} {other[n]}" for n, part in enumerate(Ask._fields) if other[n] != ask[n])
        if len(differs) <= _NEAR:
            found.append((differs, terms))
    return tuple(found)


def viewer_text(decision: Decision) -> tuple[str, ...]:
    """What the viewer is told, a sentence each."""
    if decision.denied:
        return (REFUSAL,)
    return decision.notices.said


@dataclass(frozen=True, slots=True)
class _Case:
    """One label and date, asked about in one set of circumstances."""

    lattice: Lattice
    label: Label
    occurred_on: date | None
    circumstances: Circumstances

    def weigh(self, terms: Terms) -> list[_Weighed]:
        """Every grant that covers the label."""
        return [
            _Weighed(grant, tuple(conditions.ground.found(self.circumstances)), tuple(self._missing(conditions, grant)))
            for conditions, grant in self._covering(terms)
        ]

    def holding(self, terms: Terms) -> list[_Holding]:
        """Every prohibition that covers the label just now, with the facts that make it cover this label."""
        return [_Holding(prohibition, reach) for prohibition in terms.bars if (reach := self._reach(prohibition)).mask]

    def near_misses(self, alike: Sequence[tuple[tuple[str, ...], Terms]]) -> tuple[NearMiss, ...]:
        """Of all grants that cover the label, those that lacked least, and little; `alike` is what `_alike` gives."""
        lacking: dict[str, tuple[str, ...]] = {}
        own: dict[tuple[Conditions, CompiledGrant], tuple[str, ...]] = {}  # one grant stands under many askings
        for differs, terms in alike:
            for conditions, grant in self._covering(terms):
                if (conditions, grant) not in own:
                    own[conditions, grant] = tuple(self._missing(conditions, grant))
                nearest, missing = lacking.get(grant.clause), differs + own[conditions, grant]
                if nearest is None or (len(missing), missing) < (len(nearest), nearest):
                    lacking[grant.clause] = missing
        least = min((len(missing) for missing in lacking.values() if missing), default=0)
        if least > _NEAR:
            return ()
        return tuple(sorted(NearMiss(clause, missing) for clause, missing in lacking.items() if len(missing) == least))

    def _covering(self, terms: Terms) -> Iterator[tuple[Conditions, CompiledGrant]]:
        return (
            (conditions, grant)
            for conditions, grants in terms.grants.items()
            for grant in grants
            if grant.mask & self._bit
        )

    @property
    def _bit(self) -> int:
        return 1 << self.lattice.bits[self.label]

    def _reach(self, prohibition: CompiledProhibition) -> Reach:
        return prohibition.trigger.reach(prohibition.mask & self._bit, self.circumstances, self.lattice)

    def _missing(self, conditions: Conditions, grant: CompiledGrant) -> Iterator[str]:
        if not conditions.ground.found(self.circumstances):
            yield conditions.ground.need
        if conditions.training and not self.circumstances.trained:
            yield TRAINING
        if grant.max_age and self.occurred_on and self.occurred_on < grant.max_age.before(self.circumstances.on):
            yield f"{LATER} {grant.max_age.before(self.circumstances.on)} or later"


def _barring(grant: CompiledGrant, holding: list[_Holding]) -> list[_Holding]:
    return [each for each in holding if not (grant.is_emergency and each.prohibition.yields_to_emergency)]


def _listed(weighed: list[_Weighed], holding: list[_Holding]) -> tuple[str, ...]:
    facts = {fact for each in weighed for fact in each.facts}
    return tuple(sorted(facts.union(*(each.reach.facts for each in holding))))


def _to_deny(giving: list[_Weighed]) -> Counterfactual:
    return Counterfactual(without=tuple(sorted({fact for each in giving for fact in each.facts})))


def _to_permit(weighed: list[_Weighed], holding: list[_Holding]) -> Counterfactual | None:
    """The least that would let any grant give it; a bar that rests on no fact, or on who asks, cannot be lifted."""
    ways = []
    for each in weighed:
        barring = _barring(each.grant, holding)
        if all(bar.reach.facts and OWN_RECORD not in bar.reach.facts for bar in barring):
            facts = sorted({fact for bar in barring for fact in bar.reach.facts})
            ways.append(Counterfactual(without=tuple(facts), needs=each.missing))
    return min(ways, key=lambda way: (len(way.without) + len(way.needs), way.without, way.needs), default=None)
