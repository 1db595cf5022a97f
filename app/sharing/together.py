"""What several people may look at together: only what each of them may see by themselves. Pure."""

from collections.abc import Sequence
from datetime import date
from functools import reduce

from app.sharing.decision import Decision, Granted


def together(decisions: Sequence[Decision]) -> Decision | None:
    """The decision for a screen that all of these look at: a label is permitted where every decision permits it.

    The later of their earliest dates holds. Clauses are joined by a space, as the trail writes them. `None` for nobody:
    an empty room is shown nothing. Raises `ValueError` for decisions of different agreements.
    """
    return reduce(_both, decisions) if decisions else None


def _both(one: Decision, other: Decision) -> Decision:
    if one.lattice is not other.lattice:
        raise ValueError("only decisions under the same agreements can be taken together")
    return Decision(
        lattice=one.lattice,
        agreements=tuple(dict.fromkeys((*one.agreements, *other.agreements))),
        granted=_granted(one, other),
        prohibitions=tuple(sorted({*one.prohibitions, *other.prohibitions})),
        relied_on=tuple(sorted({*one.relied_on, *other.relied_on})),
        obligations=one.obligations | other.obligations,
        notices=one.notices,
        alarm="; ".join(sorted({alarm for alarm in (one.alarm, other.alarm) if alarm})) or None,
    )


def _granted(one: Decision, other: Decision) -> tuple[Granted, ...]:
    """Every pair of grants, those of one date as one, so that a full room does not multiply them."""
    clauses: dict[date | None, set[str]] = {}
    masks: dict[date | None, int] = {}
    for first in one.granted:
        for second in other.granted:
            mask = first.mask & second.mask
            if mask:
                since = _later(first.not_before, second.not_before)
                masks[since] = masks.get(since, 0) | mask
                clauses.setdefault(since, set()).update((*first.clause.split(), *second.clause.split()))
    shown = [Granted(" ".join(sorted(clauses[since])), mask, since) for since, mask in masks.items()]
    return tuple(sorted(shown, key=lambda grant: (grant.clause, str(grant.not_before))))


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other
