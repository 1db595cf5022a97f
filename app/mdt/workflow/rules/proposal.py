"""Whom a meeting should list, in which order: by why they wait, then by who has waited longest. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from app.mdt.workflow.agenda import Cause
from app.mdt.workflow.caseload import CaseloadEntry


class Candidate(NamedTuple):
    """Somebody whom a proposal may list."""

    entry: CaseloadEntry
    cause: Cause
    since: date  # how long they have waited
    question: str


def proposal(candidates: Iterable[Candidate], slots: int) -> tuple[list[Candidate], list[Candidate]]:
    """Who is listed in which order, and who must wait: each person once, by cause, then by who has waited longest."""
    order = list(Cause)
    first: dict[UUID, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (order.index(one.cause), one.since, str(one.entry.id))):
        first.setdefault(one.entry.person_id, one)
    ranked = list(first.values())
    return ranked[:slots], ranked[slots:]
