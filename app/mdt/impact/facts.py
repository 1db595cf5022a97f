"""What the measures of a team are computed of: plain rows, whichever tables they come from. Dates are London's."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFact:
    """One meeting; `seats` are the core roles expected, each with for how many of its items somebody filled it, and
    `at_start` those that were filled when it began.

    `quorate_at_start` is `None` where nobody recorded it.
    """

    locality: str
    on: date
    held: bool
    items: int = 0
    seats: Mapping[str, int] = field(default_factory=dict)
    at_start: Set[str] = frozenset()
    quorate_at_start: bool | None = None
    items_quorate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFact:
    """One person listed for one meeting; `position` counts from 1 of `listed`. `None` is not known or not so.

    `view_on` is when the person's view was taken, and `view_source` whether it says whose words it is.
    """

    locality: str
    on: date
    position: int
    listed: int
    discussed: bool
    planned_minutes: float
    minutes: float | None = None
    pack_complete: bool | None = None
    late: bool = False
    urgent: bool = False
    carried_over: str | None = None  # the reason
    carried_over_before: int = 0  # meetings
    decision: bool | None = None
    owned_dated_actions: int = 0
    no_action_reason: bool = False
    view_on: date | None = None
    view_source: bool = False
    implemented_on: date | None = None
    not_implemented: str | None = None  # the reason; nothing of either is not known
    deprivation: int | None = None  # quintile of the Index of Multiple Deprivation, 1 the most deprived


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFact:
    """One action; on time is told by the original due date, whatever it became."""

    original_due: date
    completed_on: date | None = None
    cancelled: bool = False  # with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayFact:
    """One referral, and how far it came."""

    locality: str
    received: date
    triaged: date | None = None
    discussed: date | None = None
    plan_shared: date | None = None
    person_told: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseloadFact:
    """One stay on the caseload; `left` is `None` while it lasts, `reviews` are the days of those that were held."""

    locality: str
    since: date
    left: date | None = None
    reviews: tuple[date, ...] = ()
    came_back: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFacts:
    """All rows of a period, of one locality or of several."""

    meetings: Sequence[MeetingFact] = ()
    items: Sequence[ItemFact] = ()
    actions: Sequence[ActionFact] = ()
    pathways: Sequence[PathwayFact] = ()
    caseload: Sequence[CaseloadFact] = ()
