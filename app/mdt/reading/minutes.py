"""The minutes of meetings as they were signed: each version stands for good, and why it was opened again."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from app.mdt import store
from app.mdt.desk import Desk
from app.mdt.steps.office import Office
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.meeting import Meeting, MeetingContent, MinutesKept
from app.record.inquiry import Inquiry


class Reopened(TypedDict):
    """When, by whom and why signed minutes were opened again."""

    at: datetime
    by: str
    reason: str | None


class SignedMinutes(TypedDict):
    """One version of the minutes of a meeting as a whole, as it was signed."""

    at: datetime
    by: str
    minutes: MinutesKept | None
    reopened: Reopened | None


async def signed_minutes(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> list[SignedMinutes]:
    """What was signed of the meeting as a whole, the newest first, for its team; of no one person."""

    def told(office: Office) -> list[SignedMinutes]:
        held = office.held(Meeting, meeting_id)
        office.demand(held.locality, Relation.MEMBER)
        versions: list[SignedMinutes] = []
        for row in store.history_of(office.connection, held.id):
            content = MeetingContent.model_validate(row.content)
            if row.event == "sign":
                versions.insert(0, {"at": row.at, "by": row.name, "minutes": content.minutes, "reopened": None})
            elif row.event == "reopen-minutes":
                versions[0]["reopened"] = {"at": row.at, "by": row.name, "reason": content.reason}
        return versions

    return await desk.ask(inquiry, told)
