"""What monitoring watches of the feeds."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from app.database.transactions import open_engine
from app.intake.quality.gauges import feed_gauges
from app.record.freshness import expect, note_arrival
from app.vocabulary.ods_code import OdsCode

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TRUST, COUNCIL = OdsCode("RL4"), OdsCode("10210")

pytestmark = pytest.mark.anyio


async def gauges(url: str, at: datetime) -> dict[tuple[str, ...], float]:
    engine = open_engine(url)
    told = await feed_gauges(engine, at)
    engine.dispose()
    return {(one.name, *one.labels.values()): one.value for metric in told for one in metric.samples}


def message(connection: Connection, number: int, state: str) -> None:
    connection.execute(
        text(
            "INSERT INTO inbox_message"
            " (partner, adapter, message_id, received_at, size, sha256, state, next_attempt_at)"
            " VALUES ('RL4', 'acute-hl7v2', :number, :at, 1, '', :state, :at)"
        ),
        {"number": str(number), "state": state, "at": NOON},
    )


async def test_what_is_not_in_the_record_is_counted_by_feed(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        for number, state in enumerate(["received", "received", "stuck", "processed", "refused"]):
            message(connection, number, state)
    told = await gauges(database_url, NOON)
    assert {key: value for key, value in told.items() if key[0] == "pisano_inbox"} == {
        ("pisano_inbox", "RL4", "acute-hl7v2", "received"): 2,
        ("pisano_inbox", "RL4", "acute-hl7v2", "stuck"): 1,
    }


async def test_a_feed_that_stays_away_is_late(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        expect(connection, COUNCIL, "social-care-cld", timedelta(days=1))
        note_arrival(connection, COUNCIL, "social-care-cld", [], NOON)
        expect(connection, TRUST, "acute-hl7v2", timedelta(hours=1))
    feed = (str(COUNCIL), "social-care-cld")
    in_time, late = await gauges(database_url, NOON), await gauges(database_url, NOON + timedelta(days=2))
    assert in_time["pisano_feed_last_message_seconds", *feed] == NOON.timestamp()
    assert (in_time["pisano_feed_late", *feed], late["pisano_feed_late", *feed]) == (0, 1)
    assert ("pisano_feed_last_message_seconds", "RL4", "acute-hl7v2") not in late


async def test_a_database_that_is_gone_is_told_and_nothing_else(database_url: str, tmp_path: object) -> None:
    assert (await gauges(database_url, NOON))["pisano_database_up",] == 1
    assert await gauges(f"postgresql://pisano@/pisano?host={tmp_path}", NOON) == {("pisano_database_up",): 0}
