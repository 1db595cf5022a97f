"""Which people's stories may be told now, for whoever oversees their teams: on whose permission, and never of whom."""

from typing import Final

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from app.asking.callers import ThisPlace
from app.asking.inquiry import handling
from app.audit.event import Kind
from app.audit.telling import Reading
from app.mdt.reading.case_studies import Published, published
from app.vocabulary.london import london_date
from app.vocabulary.token import READ
from app.web.frame.handled import written
from app.web.frame.layout import page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking

router = APIRouter(prefix="/oversight/case-studies", include_in_schema=False)

_PERMITTED_BY: Final = {
    "person": "the person",
    "attorney-or-deputy": "their attorney or deputy",
    "best-interests": "those who decided in their best interests",
    "parental-responsibility": "whoever has parental responsibility",
    "personal-representative": "their personal representative, after their death",
}


@router.get("")
async def case_studies(looking: Looking, opened: ThisPlace) -> Response:
    """Those of the teams that the viewer's organisation hosts, or of all where they read of all."""
    looking = looking.overseeing
    by, reach, localities = handling(looking.asked, opened), looking.reach, opened.desk.localities

    def read(connection: Connection) -> list[Published] | None:
        kind = Kind.AUDIT_READ if reach else Kind.DENIED
        by.tell(connection, None, kind, action=READ, reason=Reading.CASE_STUDIES)
        return published(connection, localities, reach.covers, on=london_date(by.at)) if reach else None

    told = await written(opened, read)
    if told is None:
        return nothing(looking)
    context = {"told": told, "teams": localities.by_id, "permitted_by": _PERMITTED_BY}
    return page("oversight/case_studies.html", looking.context() | context)
