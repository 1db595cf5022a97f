"""Who looked at records as they should not have: each day is watched once it is over."""

from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.settings import Settings
from app.sharing.checked.agreement import InvalidAgreement, read_agreements
from app.watch.daily import Watching, is_due, watch
from app.worker.shift import Shift, now

_LOOK: Final = 600.0  # seconds between two looks for a day that is over, so that no hour need be kept free for it

_log = structlog.get_logger()


async def watch_days(settings: Settings, engine: Engine, shift: Shift) -> None:
    """Watch each day that is over, where days are watched; what partners send is taken whatever comes of it."""
    while settings.watch and shift.goes_on:
        try:
            raised = await shift.attempt(lambda: _watch(settings, engine))
        except InvalidAgreement as failure:
            _log.error("nothing is watched while the agreements cannot be read", failure=str(failure))
            raised = 0
        if raised is None:
            continue
        if raised:
            _log.info("alerts raised", alerts=raised)
        await shift.pause(_LOOK)


def _watch(settings: Settings, engine: Engine) -> int:
    if not is_due(engine, at=now()):
        return 0
    watching = Watching(
        agreements=read_agreements(settings.agreements), key=chain_key(settings), new_id=uuid4, keep=settings.watch_keep
    )
    return watch(engine, watching, at=now())
