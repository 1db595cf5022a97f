"""Alerts that wait for whoever the agreements let triage them, each explained, and what came of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from app.asking.callers import ThisPlace
from app.asking.inquiry import handling
from app.errors import DomainError
from app.governance.alerts.store import Alert, words_of
from app.governance.alerts.triage import NOTE, OPEN, State, Step, Triage, alerts_for, steps_from, take, triage_of
from app.identity.store import names_of_accounts
from app.place import Place
from app.vocabulary.london import london_date
from app.watch.sign import Explanation, Rank, Sign, explained, rank_of
from app.web.frame.handled import written
from app.web.frame.layout import CONFLICT, SEE_OTHER, page
from app.web.frame.nothing import nothing
from app.web.frame.viewing import Looking, Viewing
from app.web.frame.ways_in import IN_EMERGENCY, OF_A_FLAGGED_RECORD

router = APIRouter(prefix="/oversight/alerts", include_in_schema=False)

_STEPS: Final = {
    Step.LOOK_INTO: "Look into it",
    Step.JUSTIFY: "There was a reason",
    Step.DISMISS: "False alarm",
    Step.PASS_ON: "Pass it on",
    Step.FIND_MISUSE: "It was misuse",
    Step.REOPEN: "Look into it again",
}
_TOLD_AT_ONCE: Final = {
    "opening": ("A record was opened with a reason", "In an emergency, or as the record asks for a reason."),
    "claim": ("Somebody stated a relationship", "They said themselves that they have to do with the person."),
}

_REASONS: Final[Mapping[str, str]] = {str(code): text for code, text in (IN_EMERGENCY | OF_A_FLAGGED_RECORD).items()}


@router.get("")
async def alerts(looking: Looking, opened: ThisPlace, closed: bool = False) -> Response:
    """What waits, the most urgent first; `closed` shows what is done with too."""
    return await _alerts(looking.overseeing, opened, closed=closed)


@router.post("/{alert_id}/{step}")
async def triaged(
    alert_id: UUID, step: str, looking: Looking, opened: ThisPlace, note: Annotated[str, Form(max_length=NOTE)] = ""
) -> Response:
    """One step with an alert; where it cannot follow, the page says why."""
    looking = looking.overseeing
    by = handling(looking.asked, opened)

    def taken(connection: Connection) -> State | None:
        triage = triage_of(connection, by)
        return take(connection, alert_id, Step(step), triage, note=note) if triage and step in set(Step) else None

    try:
        state = await written(opened, taken)
    except DomainError as error:
        return await _alerts(looking, opened, error=str(error))
    return RedirectResponse("/oversight/alerts", SEE_OTHER) if state else nothing(looking)


async def _alerts(looking: Viewing, opened: Place, *, closed: bool = False, error: str = "") -> Response:
    by = handling(looking.asked, opened)

    def read(connection: Connection) -> tuple[Triage, list[Alert], dict[str, str], dict[str, str]] | None:
        triage = triage_of(connection, by)
        if triage is None:
            return None
        found = alerts_for(connection, triage, waiting=not closed)
        words = words_of(connection, [alert.fact for alert in found])
        return triage, found, words, names_of_accounts(connection, {alert.subject for alert in found})

    found = await written(opened, read)
    if found is None:
        return nothing(looking)
    triage, told, words, called = found
    rows = [
        _row(alert, triage, words.get(alert.fact, ""), looking) | {"called": called.get(alert.subject, "")}
        for alert in told
    ]
    context = {"alerts": rows, "closed": closed, "error": error, "most": NOTE}
    return page("oversight/alerts.html", looking.context() | context, status=CONFLICT if error else 200)


def _row(alert: Alert, triage: Triage, words: str, looking: Viewing) -> dict[str, Any]:
    on, state = alert.on or london_date(alert.raised), State(alert.state)
    return {
        "id": alert.id,
        "said": _explanation(alert),
        "words": _in_words(words),
        "user": alert.subject,
        "organisation": looking.names.partner(alert.organisation),
        "person": str(alert.person_id or ""),
        "on": on,
        "due": alert.review_due,
        "state": state,
        "waits": rank_of(alert.evidence) is Rank.WEEKLY,
        "overdue": state in OPEN and alert.review_due <= looking.asked.at,
        "steps": [(step, _STEPS[step]) for step in steps_from(state, triage.who)],
    }


def _in_words(said: str) -> str:
    """What they said, with the reason that they chose as its form words it."""
    chosen, _, rest = said.partition(": ")
    return f"{_REASONS[chosen]}. {rest}" if chosen in _REASONS else said


def _explanation(alert: Alert) -> Explanation:
    if alert.kind in set(Sign) and alert.evidence is not None:
        return explained(Sign(alert.kind), alert.evidence)
    title, seen = _TOLD_AT_ONCE.get(alert.kind, (alert.kind.replace("-", " ").capitalize(), ""))
    return Explanation(title, seen, odd="", innocent="")
