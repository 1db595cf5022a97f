"""Pages for a data manager about what partners send: feeds and how late they are, refusals by rule, scorecards."""

from fastapi import APIRouter, Response

from app.intake.findings import by_rule
from app.intake.quality.scorecards import scorecards
from app.intake.quality.status import feed_status, unfinished
from app.vocabulary.ods_code import OdsCode
from app.web.frame.handled import filed
from app.web.frame.layout import page
from app.web.quality.managing import Managing

router = APIRouter(prefix="/data-quality", include_in_schema=False)


@router.get("")
async def feeds(looking: Managing) -> Response:
    """Every feed: how late, what came, what of it waits or was refused."""
    at = looking.asked.at
    rows, stuck = await filed(
        looking.place, lambda connection: (feed_status(connection, at), unfinished(connection)[:50])
    )
    context = {"feeds": rows, "unfinished": stuck, "names": looking.names, "at": at}
    return page("quality/feeds.html", looking.context() | context)


@router.get("/refusals")
async def refusals(looking: Managing, partner: str = "") -> Response:
    """How often each rule was broken, by partner and feed."""
    code = OdsCode(partner) if partner in looking.names.partners else None
    rules = await filed(looking.place, lambda connection: by_rule(connection, code))
    context = {"rules": rules, "names": looking.names, "chosen": partner}
    return page("quality/refusals.html", looking.context() | context)


@router.get("/partners")
async def partners(looking: Managing) -> Response:
    """A scorecard for each partner."""
    cards = await filed(looking.place, lambda connection: scorecards(connection, looking.asked.at))
    return page("quality/partners.html", looking.context() | {"cards": cards, "names": looking.names})
