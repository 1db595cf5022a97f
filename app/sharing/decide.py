"""What the agreements in force permit: pure, total, denying by default.

Everything is evaluated, nothing is cut short: the reasons of a decision are complete, and do not depend on any order.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from app.identity.requester import Requester
from app.sharing.attributes import ill_typed, unknown
from app.sharing.conditions import Circumstances
from app.sharing.decision import BANNER, WITHHELD, Decision, Granted, Notices
from app.sharing.facts import PersonFacts
from app.sharing.lattice import Lattice, union
from app.sharing.law import Agreements, Ask, CompiledGrant, CompiledProhibition, Law
from app.vocabulary.token import Action, Purpose

_NO_LABELS: Final = Lattice(())


class _Met(NamedTuple):
    """A grant whose conditions are met, and the facts that meet them."""

    grant: CompiledGrant
    facts: tuple[str, ...]


class _Forbidden(NamedTuple):
    """A prohibition that holds just now, the labels that it takes away, and the facts that make it hold."""

    prohibition: CompiledProhibition
    mask: int
    facts: tuple[str, ...]


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
    wrong = list(
        ill_typed(requester=requester, action=action, purpose=purpose, facts=facts, agreements=agreements, at=at)
    )
    if wrong:
        lattice = agreements.lattice if isinstance(agreements, Agreements) else _NO_LABELS
        return Decision(lattice=lattice, agreements=(), alarm="; ".join(wrong))
    law = agreements.in_force(at)
    wrong = list(unknown(requester, action=action, purpose=purpose, facts=facts, agreements=agreements))
    if not law.agreements:
        wrong.append("no agreement in force")
    if wrong:
        return Decision(lattice=agreements.lattice, agreements=law.agreements, alarm="; ".join(wrong))
    ask = Ask(requester.organisation, requester.role, purpose, action)
    return _decide(ask, Circumstances.of(requester, facts, at), law, agreements.lattice)


def _decide(ask: Ask, circumstances: Circumstances, law: Law, lattice: Lattice) -> Decision:
    met = _met(law.grants.get(ask, ()), circumstances)
    forbidden = _forbidden(law.prohibitions.get((ask.organisation, ask.purpose), ()), circumstances, lattice)
    granted = _granted(met, forbidden, circumstances)
    return Decision(
        lattice=lattice,
        agreements=law.agreements,
        granted=granted,
        prohibitions=tuple(each.prohibition.clause for each in forbidden),
        relied_on=tuple(sorted({fact for facts in _facts(met, forbidden) for fact in facts})),
        obligations=_obligations(met, granted, circumstances, law),
        notices=Notices(
            BANNER,
            law.not_for_role.get(ask, lattice.categories),
            WITHHELD if granted and _may_be_told(met, forbidden) else None,
        ),
        route_to_emergency_access=ask in law.emergency_access,
    )


def _met(grants: Sequence[CompiledGrant], circumstances: Circumstances) -> list[_Met]:
    trained = circumstances.trained
    met = [_Met(grant, grant.ground.found(circumstances)) for grant in grants]
    return [each for each in met if each.facts and (trained or not each.grant.training)]


def _forbidden(
    prohibitions: Sequence[CompiledProhibition], circumstances: Circumstances, lattice: Lattice
) -> list[_Forbidden]:
    reached = [_Forbidden(each, *each.trigger.reach(each.mask, circumstances, lattice)) for each in prohibitions]
    return [each for each in reached if each.mask]


def _granted(met: Sequence[_Met], forbidden: Sequence[_Forbidden], circumstances: Circumstances) -> tuple[Granted, ...]:
    """What each grant gives once prohibitions are taken away; one that gives nothing is left out."""
    barred = union(each.mask for each in forbidden)
    barred_in_emergency = union(each.mask for each in forbidden if not each.prohibition.yields_to_emergency)
    granted = []
    for grant, _ in met:
        mask = grant.mask & ~(barred_in_emergency if grant.is_emergency else barred)
        if mask:
            not_before = grant.max_age.before(circumstances.on) if grant.max_age else None
            granted.append(Granted(grant.clause, mask, not_before))
    return tuple(granted)


def _may_be_told(met: Sequence[_Met], forbidden: Sequence[_Forbidden]) -> bool:
    """Whether a clause that lets it be known takes away something that the requester would otherwise see."""
    given = union(each.grant.mask for each in met)
    return any(each.prohibition.generic_notice and each.mask & given for each in forbidden)


def _facts(met: Sequence[_Met], forbidden: Sequence[_Forbidden]) -> Iterator[tuple[str, ...]]:
    yield from (each.facts for each in met)
    yield from (each.facts for each in forbidden)


def _obligations(
    met: Sequence[_Met], granted: Sequence[Granted], circumstances: Circumstances, law: Law
) -> frozenset[str]:
    if not granted:  # a refusal must look the same whoever it is about
        return law.obligations_always
    giving = {grant.clause for grant in granted}
    return law.obligations_always.union(
        *(each.grant.obligations for each in met if each.grant.clause in giving),
        *(law.obligations_by_flag.get(flag.kind, ()) for flag in circumstances.facts.flags),
    )
