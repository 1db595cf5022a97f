"""What the teams' clock does by itself, and the mail that tells people of it."""

from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.mdt.outbox import mail_server, send_next, why_mail_waits
from app.mdt.steps.clock import tend
from app.mdt.steps.taking import Teams
from app.mdt.workflow.locality import read_localities
from app.settings import Settings
from app.worker.shift import Shift, now

_TEND: Final = 60.0  # seconds between two looks at what is due
_POLL: Final = 1.0  # seconds between two looks at the outbox

_log = structlog.get_logger()


def teams_of(settings: Settings) -> Teams:
    """The teams that are configured; raises what `read_localities` does."""
    return Teams(
        localities=read_localities(settings.localities_folder),
        parties=frozenset(),  # the clock offers nothing to anyone
        key=chain_key(settings),
        new_id=uuid4,
    )


async def tend_teams(teams: Teams, engine: Engine, shift: Shift) -> None:
    """Plan and lock meetings and remind owners, where there are localities."""
    while teams.localities.by_id and shift.goes_on:
        await shift.attempt(lambda: tend(engine, teams, at=now()))
        await shift.pause(_TEND)


async def send_mail(settings: Settings, engine: Engine, shift: Shift) -> None:
    """Send what waits in the outbox, where there is a server to send it by."""
    if why := why_mail_waits(settings):
        _log.warning("notices wait", reason=why)
    server = mail_server(settings)
    while server is not None and shift.goes_on:
        if await shift.attempt(lambda: send_next(engine, server, at=now())) is None:
            await shift.pause(_POLL)
