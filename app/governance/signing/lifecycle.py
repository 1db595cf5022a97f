"""The life of one version of an agreement: which event may follow which state, and who may bring it about. Pure.

A version never changes: other words are another version, with another hash, whose life begins anew. Two things need no
event, as what was signed says them: it permits nothing outside its dates, and, where its `review` says so, nothing once
its review is overdue.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from app.errors import DomainError


class State(StrEnum):
    """Where a version stands; only what is in force permits anything."""

    DRAFT = "draft"
    SIMULATED = "simulated"
    APPROVED = "approved"
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Step(StrEnum):
    """What happens to it."""

    SIMULATE = "simulate"  # its effect was compared with what is in force, and its examples hold
    APPROVE = "approve"  # the last party's signature is there
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


class Who(StrEnum):
    """Who brings it about."""

    IG_LEAD = "ig-lead"  # whoever governs the place at its command line
    ALL_PARTIES = "all-parties"  # each by a signature
    PARTY = "party"  # any one of them, by a signature


class Becomes(NamedTuple):
    """The state that follows, and who may bring it about."""

    state: State
    by: frozenset[Who]


_LEAD: Final = frozenset({Who.IG_LEAD})
_ALL: Final = frozenset({Who.ALL_PARTIES})
_LEAD_OR_PARTY: Final = frozenset({Who.IG_LEAD, Who.PARTY})

LIFE: Final = {
    (State.DRAFT, Step.SIMULATE): Becomes(State.SIMULATED, _LEAD),
    (State.DRAFT, Step.END): Becomes(State.ENDED, _LEAD),
    (State.SIMULATED, Step.SIMULATE): Becomes(State.SIMULATED, _LEAD),
    (State.SIMULATED, Step.APPROVE): Becomes(State.APPROVED, _ALL),
    (State.SIMULATED, Step.END): Becomes(State.ENDED, _LEAD),
    (State.APPROVED, Step.BEGIN): Becomes(State.IN_FORCE, _LEAD),
    (State.APPROVED, Step.END): Becomes(State.ENDED, _LEAD),
    (State.IN_FORCE, Step.SUSPEND): Becomes(State.SUSPENDED, _LEAD_OR_PARTY),
    (State.IN_FORCE, Step.END): Becomes(State.ENDED, _LEAD),
    (State.SUSPENDED, Step.RESUME): Becomes(State.IN_FORCE, _LEAD),
    (State.SUSPENDED, Step.END): Becomes(State.ENDED, _LEAD),
}
"""Whatever is not here cannot happen."""


class NotInThisState(DomainError):
    """What was asked for cannot happen to an agreement in its state, or not by whoever asked."""


def after(state: State, step: Step, *, by: Who) -> State:
    """The state that follows; raises `NotInThisState`."""
    becomes = LIFE.get((state, step))
    if becomes is None:
        possible = ", ".join(sorted(each for stands, each in LIFE if stands is state)) or "nothing"
        raise NotInThisState(f"an agreement that is {state} cannot {step}; what can follow: {possible}")
    if by not in becomes.by:
        raise NotInThisState(f"to {step} an agreement that is {state} is for: {', '.join(sorted(becomes.by))}")
    return becomes.state
