"""A meeting for the diary of whoever takes part in it: nothing of whom it is about."""

from uuid import UUID

from app.mdt.desk import Desk
from app.mdt.reading.invite_words import calendar_file, plain_invitation
from app.mdt.reading.taking_part import own_invitation
from app.mdt.steps.office import Office
from app.mdt.workflow.lifecycles.relation import Relation
from app.mdt.workflow.meeting import Meeting
from app.record.inquiry import Inquiry


async def calendar(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> bytes:
    """A meeting for the diary of anyone who takes part in it."""

    def told(office: Office) -> bytes:
        held = _taken_part_in(office, meeting_id)
        return calendar_file(held, office.locality(held.locality), at=office.at)

    return await desk.ask(inquiry, told)


async def invitation_text(desk: Desk, inquiry: Inquiry, meeting_id: UUID) -> str:
    """The same in words."""

    def told(office: Office) -> str:
        held = _taken_part_in(office, meeting_id)
        return plain_invitation(held, office.locality(held.locality))

    return await desk.ask(inquiry, told)


def _taken_part_in(office: Office, meeting_id: UUID) -> Meeting:
    held = office.held(Meeting, meeting_id)
    if Relation.MEMBER not in office.relations(None, held.locality):
        own_invitation(office, held)
    return held
