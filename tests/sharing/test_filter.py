"""Invariant 18: what the record's own statement returns is what the decision permits, entry by entry."""

import asyncio
from datetime import date
from uuid import UUID, uuid5

import psycopg
import pytest
from hypothesis import given, settings
from sqlalchemy import text

from app.database.pipeline import over
from app.database.transactions import open_engine, plain_address, transaction
from app.record.kept.filing import file_entries
from app.record.kept.held import Filed, Source
from app.record.store import permitted_resources
from app.sharing.decision import Decision
from app.vocabulary.label import Label
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Entry
from tests.sharing.worlds import NOON, World, any_world, wulfrun

pytestmark = pytest.mark.unmeasured  # the same lines thousands of times over, which other tests measure

SHE = uuid5(UUID(int=0), "she")
DAYS = (None, date(2023, 11, 21), date(2023, 11, 22), date(2025, 11, 22))


def entry_of(label: Label, over_on: date | None) -> Entry:
    """Something under a label that lasts, or was over on one day."""
    instant = london_midnight(over_on or DAYS[-1] or date.min)
    return Entry(
        key=f"Flag/{label}/{over_on}",
        category=label.category,
        sensitivity=label.sensitivity,
        resource={"resourceType": "Flag"},
        title="A thing",
        line=1,
        started=instant,
        ended=instant if over_on else None,
    )


@pytest.fixture(scope="module")
def entries(module_database_url: str) -> dict[int, tuple[Label, date | None]]:
    """One entry for each label that there is and each age that matters, by number."""
    engine = open_engine(module_database_url)
    lattice = wulfrun.agreements.lattice
    with transaction(engine) as connection:
        for message, controller in enumerate(lattice.controllers, start=1):
            labels = lattice.labels_in(lattice.of_controller[controller])
            filed = [Filed(SHE, SHE, entry_of(label, day)) for label in labels for day in DAYS]
            file_entries(connection, filed, Source(partner=controller, adapter="test", message=message, at=NOON))
        stored = connection.execute(text("SELECT id, partner, category, sensitivity, occurred_on FROM entry")).all()
    engine.dispose()
    return {row.id: (Label.parse(f"{row.partner}/{row.category}/{row.sensitivity}"), row.occurred_on) for row in stored}


def test_18_the_database_returns_what_the_decision_permits(
    module_database_url: str, entries: dict[int, tuple[Label, date | None]]
) -> None:
    address = plain_address(module_database_url)

    async def numbers(decision: Decision) -> list[int]:
        async with await psycopg.AsyncConnection.connect(address) as connection:
            return [resource.number for resource in await permitted_resources(over(connection), SHE, decision)]

    @given(any_world)
    @settings(max_examples=25)
    def holds(world: World) -> None:
        decision = world.decide(wulfrun.agreements)
        returned = asyncio.run(numbers(decision))
        assert len(returned) == len(set(returned))
        assert set(returned) == {number for number, (label, on) in entries.items() if decision.permits(label, on)}

    holds()


def test_there_is_an_entry_for_every_label(entries: dict[int, tuple[Label, date | None]]) -> None:
    assert {label for label, _ in entries.values()} == set(wulfrun.agreements.lattice.labels)
    assert {day for _, day in entries.values()} == set(DAYS)
