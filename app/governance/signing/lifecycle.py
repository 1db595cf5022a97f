"""The life of one version of an agreement: which event may follow which state, and who may bring it about. Pure.

A version never changes: other words are another version, with another hash, whose life begins anew. Two things need no
event, as what was signed says them: it permits nothing outside its dates, and, where its `review` says so, nothing once
its review is overdue.
"""

from enum import StrEnum
from typing import Final

from app.errors import DomainError
from app.vocabulary.lifecycle import Move, NotYours, lifecycle, moves


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


LIFE: Final = lifecycle(
    "agreement",
    State.DRAFT,
    moves("draft simulated", Step.SIMULATE, State.SIMULATED, Who.IG_LEAD),
    moves("simulated", Step.APPROVE, State.APPROVED, Who.ALL_PARTIES),
    moves("approved", Step.BEGIN, State.IN_FORCE, Who.IG_LEAD),
    moves("in-force", Step.SUSPEND, State.SUSPENDED, Who.IG_LEAD, Who.PARTY),
    moves("suspended", Step.RESUME, State.IN_FORCE, Who.IG_LEAD),
    moves("draft simulated approved in-force suspended", Step.END, State.ENDED, Who.IG_LEAD),
)
"""Whatever is not here cannot happen."""


class NotInThisState(DomainError):
    """What was asked for cannot happen to an agreement in its state, or not by whoever asked."""


def after(state: State, step: Step, *, by: Who) -> State:
    """The state that follows; raises `NotInThisState`."""
    made = LIFE.move(state, step, {by})
    if isinstance(made, Move):
        return made.to
    if isinstance(made, NotYours):
        raise NotInThisState(f"to {step} an agreement that is {state} is for: {', '.join(sorted(made.who))}")
    possible = ", ".join(sorted(LIFE.possible(state, set(Who)))) or "nothing"
    raise NotInThisState(f"an agreement that is {state} cannot {step}; what can follow: {possible}")
