"""Every router of this package, in the order in which they are asked: signing in, JSON, then pages."""

from typing import Final

from fastapi import APIRouter

from app.web.api import alerts as alerts_json
from app.web.api import care_plans, exceptions, mdt, routes
from app.web.api import case_finding as case_finding_json
from app.web.api import impact as impact_json
from app.web.api import special_records as special_records_json
from app.web.frame import help
from app.web.meetings import routes as meetings
from app.web.oversight import agreements, alerts, special_records, trail, weekly, who_looked
from app.web.oversight import case_studies as stories
from app.web.own import who_looked as own
from app.web.people import colleagues, doubts, objections, opening, pages, plan, relating
from app.web.quality import feeds, merges, worklist
from app.web.sign_in import kept_pages, oauth, providers, session
from app.web.sign_in import routes as sign_in
from app.web.team import actions, case_finding, case_studies, caseload, home, impact, over_time, referring, triage

ROUTERS: Final[tuple[APIRouter, ...]] = (
    *(one.router for one in (oauth, sign_in, providers, session)),
    *(one.router for one in (routes, case_finding_json, care_plans, exceptions, impact_json, mdt)),
    *(one.router for one in (pages, plan, help, agreements, home, referring, triage)),
    *(one.router for one in (meetings, caseload, impact, actions)),
    *(special_records_json.router, special_records.router, weekly.router, stories.router),
    *(case_finding.router, who_looked.router, who_looked.pages, trail.router, alerts_json.router, alerts.router),
    *(one.router for one in (colleagues, doubts, kept_pages, objections, opening, feeds, relating, worklist, merges)),
    *(case_studies.router, over_time.router),
    own.router,
)
