"""What partners send besides, while a test's own place is being served: filed as any file is."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from uuid import uuid4

from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.demonstration.partners.caseloads import HEADING_ROW, practice_row
from app.demonstration.people.resident import Resident
from app.demonstration.people.stories import people
from app.demonstration.place import GENERAL_PRACTICE, LOCALITIES
from app.intake.arriving.inbox import State, receive
from app.intake.process import process_next
from app.settings import Settings
from app.vocabulary.ods_code import OdsCode
from tests.scenarios.conftest import ON, PEOPLE


def sends(place: Engine, settings: Settings, content: bytes, *, partner: OdsCode, adapter: str) -> None:
    """One file, read and filed."""
    receive(place, BytesIO(content), partner=partner, adapter=adapter, at=datetime.now(UTC))
    key = chain_key(settings)
    while processed := process_next(place, clock=lambda: datetime.now(UTC), new_id=uuid4, key=key):
        assert processed.state is State.PROCESSED, processed


def sends_list(place: Engine, settings: Settings, newcomers: Iterable[Resident], *more: list[str]) -> None:
    """The practice's whole list as it was, and newcomers; `more` are rows as they stand."""
    known = [resident for resident, _ in people(PEOPLE, seed=1, on=ON)]
    listed = [row for one in (*known, *newcomers) if (row := practice_row(one, ON))]
    written = StringIO()
    csv.writer(written).writerows([HEADING_ROW, *listed, *more])
    sends(place, settings, written.getvalue().encode(), partner=GENERAL_PRACTICE, adapter="caseload")


def newcomers() -> list[Resident]:
    """Sixteen people whom nobody knows yet, all of the practice that is a party."""
    beyond = [resident for resident, _ in people(PEOPLE + 16, seed=1, on=ON)][PEOPLE:]
    return [replace(one, locality=LOCALITIES[0], practice=0, traced=True) for one in beyond]
