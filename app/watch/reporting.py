"""Reading a partner's weekly report from the place; the trail is told who read it."""

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.audit.telling import Reading
from app.errors import DomainError
from app.governance.alerts.store import alerts
from app.governance.handling import Handling
from app.governance.reading_reach import reach_for
from app.sharing.law import Agreements
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ
from app.watch import store
from app.watch.report import BEFORE, Report, report_of
from app.watch.week import NoSuchWeek, Week


class NoSuchPartner(DomainError):
    """The code is of nobody who signed an agreement."""


def report_here(connection: Connection, partner: OdsCode, week: Week, agreements: Agreements, acting: Acting) -> Report:
    """A partner's week, for whoever governs the place; raises `NoSuchPartner`, or `NoSuchWeek` for one to come."""
    names = {party.ods: party.name for document in agreements.documents for party in document.parties}
    if partner not in names:
        raise NoSuchPartner("no party of an agreement here has that code; `pisano isa status` tells the parties")
    if week.monday > london_date(acting.at):
        raise NoSuchWeek("that week has not begun yet")
    tallies = store.tallies(connection, week.before(BEFORE), week.end)
    raised = alerts(connection, until=london_midnight(week.end))
    report = report_of(partner, names[partner], week, tallies, raised, at=acting.at)
    acting.tell(connection, Kind.AUDIT_READ, reason=f"{Reading.WEEKLY_REPORT}/{partner}", request=str(week))
    return report


def report_for(connection: Connection, week: Week, by: Handling) -> Report | None:
    """The week of the requester's own organisation; `None` for whom no agreement lets read its trail for this."""
    reach = reach_for(by)
    if not reach:
        by.tell(connection, None, Kind.DENIED, action=READ, reason=Reading.WEEKLY_REPORT)
        return None
    return report_here(connection, by.requester.organisation, week, by.agreements, by.acting)
