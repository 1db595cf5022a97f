"""What a pack tells: of its meeting and reader, and on each page of one person. Pure values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.mdt.workflow.agenda import Cause
from app.sharing.names import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldByTeam:
    """What the team itself holds of one person: stated where the reader may read what it stands for, else empty.

    `actions` are those of the last time, `decided` is what was decided this time, with its actions.
    """

    position: int
    due: datetime
    minutes: int
    cause: Cause
    presenter: str
    lead: str
    coordinator: str
    since: date
    question: str = ""
    referral: tuple[tuple[str, str], ...] = ()
    informed: str = ""
    what_matters: str = ""
    last_discussed: date | None = None
    last_time: str = ""
    actions: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPage:
    """One person: what the team holds, the page at a glance, the detail, what changed, gaps, and what came after.

    `changed_at` is when anything of the record that it shows was stored last.
    """

    person_id: UUID
    item_id: UUID
    name: str
    born: str
    told: HeldByTeam
    glance: tuple[tuple[str, tuple[str, ...]], ...]
    scores: tuple[str, ...]
    hospital: tuple[str, ...]
    changed: tuple[str, ...]
    gaps: tuple[str, ...]
    missing: tuple[str, ...]
    sources: tuple[str, ...]
    added: tuple[str, ...]
    changed_at: datetime | None
    view: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A meeting's pack for one reader; `frozen_at` is when the agenda was locked, now where it is not."""

    meeting_id: UUID
    title: str
    starts_at: datetime
    reader: str
    role: str
    organisation: str
    at: datetime
    frozen_at: datetime
    is_locked: bool
    pages: tuple[PackPage, ...]
    names: Names
