"""Things of a team as every answer has them: where each stands, and how it came there."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID


class Versioned(TypedDict):
    """Something with a lifecycle, in the version that a writer must have seen."""

    id: UUID
    state: str
    version: int


class Became(TypedDict):
    """Which state something came into, and when."""

    after: str
    at: datetime


class HistoryRow(Became):
    """One event of a thing, and by whom; nothing of what was written."""

    version: int
    event: str
    before: str | None
    by: str
    organisation: str
    role: str
