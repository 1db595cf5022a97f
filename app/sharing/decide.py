"""What the agreements in force permit: pure, total, denying by default.

Everything is evaluated, nothing is cut short: the reasons of a decision are complete, and do not depend on any order.
"""

from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final

from app.identity.requester import Requester
from app.sharing.attributes import ill_typed, unknown_facts, unknown_words
from app.sharing.conditions import OBJECTION, OWN_RECORD, Circumstances, Reach
from app.sharing.decision import Decision, Granted
from app.sharing.facts import PersonFacts
from app.sharing.lattice import Lattice
from app.sharing.law import Agreements, Ask, CompiledGrant, CompiledProhibition, Law, Terms
from app.vocabulary.token import Action, Purpose

_NO_LABELS: Final = Lattice(())
_BY_CLAUSE: Final = attrgetter("clause")


_Met = tuple[tuple[CompiledGrant, ...], list[str]]
"""Grants whose conditions are met, and the facts that meet them."""

_Forbidden = tuple[CompiledProhibition, Reach]
"""A prohibition that holds for this person just now, and how far it reaches."""

_Given = tuple[tuple[Granted, ...], bool]
"""What grants give, and whether a clause that lets it be known takes away what the requester would otherwise see."""


def decide(
    requester: Requester,
    *,
    action: Action,
    purpose: Purpose,
    facts: PersonFacts,
    agreements: Agreements,
    at: datetime,
) -> Decision:
    """Say what `requester` may see of one person at an instant in UTC, label by label; never raises.

    Nothing is permitted unless a clause in force says so, and a prohibition beats any grant. Whatever is missing, of a
    wrong type or unknown denies everything, with an alarm.
    """
    wrong = ill_typed(requester, action=action, purpose=purpose, facts=facts, agreements=agreements, at=at)
    if wrong:
        lattice = agreements.lattice if isinstance(agreements, Agreements) else _NO_LABELS
        return Decision(lattice=lattice, agreements=(), alarm="; ".join(wrong))
    law = agreements.in_force(at)
    terms = law.terms.get(Ask(requester.organisation, requester.role, purpose, action))
    wrong = unknown_facts(facts) if facts.flags or facts.objections else []
    if terms is None:
        wrong += unknown_words(requester, action=action, purpose=purpose, agreements=agreements)
    if not law.agreements:
        wrong += ["no agreement in force"]
    if terms is None or wrong:
        return Decision(lattice=agreements.lattice, agreements=law.agreements, alarm="; ".join(wrong) or None)
    return _decide(terms, Circumstances.of(requester, facts, at), law, agreements.lattice)


def _decide(terms: Terms, circumstances: Circumstances, law: Law, lattice: Lattice) -> Decision:
    met = _met(terms, circumstances)
    forbidden = _forbidden(terms, circumstances, lattice)
    granted, may_be_told = _given(met, forbidden, terms.bars.barred, circumstances.on)
    return Decision(
        lattice=lattice,
        agreements=law.agreements,
        granted=granted,
        prohibitions=(*terms.bars.always_clauses, *[prohibition.clause for prohibition, _ in forbidden]),
        relied_on=_relied_on(met, forbidden, circumstances),
        obligations=_obligations(granted, met, circumstances, law),
        notices=terms.notices_with_withheld if granted and may_be_told else terms.notices,
        route_to_emergency_access=terms.emergency_access,
    )


def _met(terms: Terms, circumstances: Circumstances) -> list[_Met]:
    trained = circumstances.trained
    return [
        (grants, facts)
        for (ground, training), grants in terms.grants.items()
        if (facts := ground.found(circumstances)) and (trained or not training)
    ]


def _forbidden(terms: Terms, circumstances: Circumstances, lattice: Lattice) -> list[_Forbidden]:
    present = _present(circumstances)
    if not present:
        return []
    return [
        (prohibition, reach)
        for prohibition in terms.bars.conditional
        if prohibition.waits_for in present
        and (reach := prohibition.trigger.reach(prohibition.mask, circumstances, lattice)).mask
    ]


def _present(circumstances: Circumstances) -> set[str]:
    """The kinds of fact that some prohibition may wait for."""
    facts, number = circumstances.facts, circumstances.requester.nhs_number
    present: set[str] = {flag.kind for flag in facts.flags} if facts.flags else set()
    if facts.objections:
        present.add(OBJECTION)
    if number is not None and number in facts.nhs_numbers:
        present.add(OWN_RECORD)
    return present


def _given(met: list[_Met], forbidden: list[_Forbidden], barred: int, on: date) -> _Given:
    barred_in_emergency, may_be_told = barred, 0
    for prohibition, reach in forbidden:
        barred |= reach.mask
        if not prohibition.yields_to_emergency:
            barred_in_emergency |= reach.mask
        if prohibition.generic_notice:
            may_be_told |= reach.mask
    return _given_in_position(tuple([grants for grants, _ in met]), barred, barred_in_emergency, may_be_told, on)


@lru_cache(maxsize=1024)
def _given_in_position(
    met: tuple[tuple[CompiledGrant, ...], ...], barred: int, barred_in_emergency: int, may_be_told: int, on: date
) -> _Given:
    """What each grant gives once prohibitions are taken away; one that gives nothing is left out.

    Kept for all people in the same position on the same day: nothing here tells of one.
    """
    given = [
        Granted(grant.clause, mask, grant.max_age.before(on) if grant.max_age else None)
        for grants in met
        for grant in grants
        if (mask := grant.mask & ~(barred_in_emergency if grant.is_emergency else barred))
    ]
    return tuple(sorted(given, key=_BY_CLAUSE)), any(grant.mask & may_be_told for grants in met for grant in grants)


def _relied_on(met: list[_Met], forbidden: list[_Forbidden], circumstances: Circumstances) -> tuple[str, ...]:
    relied_on = [fact for _, facts in met for fact in facts]
    relied_on += [f"objection/{objection.id}" for objection in circumstances.closing]
    for _, reach in forbidden:
        relied_on += reach.facts
    return tuple(sorted(set(relied_on)))


def _obligations(
    granted: tuple[Granted, ...], met: list[_Met], circumstances: Circumstances, law: Law
) -> frozenset[str]:
    if not granted:  # a refusal must look the same whoever it is about
        return law.obligations
    obligations = law.obligations
    for flag in circumstances.facts.flags:
        obligations |= law.obligations_by_flag[flag.kind]
    for grant in [grant for grants, _ in met for grant in grants if grant.obligations]:
        if grant.clause in [each.clause for each in granted]:
            obligations |= grant.obligations
    return obligations
