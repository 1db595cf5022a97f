"""What pages share on which a data manager compares people: each look is written down first."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.intake.worklist.comparing import Side, open_for_matching, sides
from app.web.frame.handled import filed
from app.web.frame.viewing import Viewing
from app.web.quality.managing import handling_now


async def compared(looking: Viewing, people: Sequence[UUID], why: str, what: str) -> list[Side]:
    """People as the viewer may compare them: first it is written down that they look, then they are shown.

    `why` is what they have open, such as `worklist/7`, and `what` how the trail calls it.
    """
    before = handling_now(looking)
    await filed(looking.place, lambda connection: open_for_matching(connection, people, why, before))
    by = handling_now(looking)

    def looked(connection: Connection) -> list[Side]:
        found = sides(connection, people, by) if people else []
        by.tell(connection, None, Kind.WORKLIST_SEEN, reason=what)
        return found

    return await filed(looking.place, looked)


def settling(looking: Viewing) -> Acting:
    """Whoever decides, just now: of whose messages it is, the trail names the organisation."""
    return replace(handling_now(looking).acting, organisation=None)
