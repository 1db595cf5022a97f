"""Arrays arrive in PostgreSQL as what they were."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from app.database.transactions import plain_address
from app.database.wire import Array, Bigints, Byteas, Dates, Instants, Jsons, Texts, Uuids

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (Bigints, [-1, 0, (1 << 63) - 1]),
        (Bigints, []),
        (Dates, [date.min, date(1999, 12, 31), date(2026, 6, 30), None]),
        (Instants, [NOON, datetime(1948, 7, 5, 0, 0, 0, 1, tzinfo=UTC), None]),
        (Texts, ["", "Zoë Łukasz 😀", None]),
        (Byteas, [b"", b"\0\xff", None]),
        (Uuids, [UUID(int=0), UUID(int=(1 << 128) - 1), None]),
        (Uuids, [None, None]),
    ],
)
def test_an_array_arrives_as_what_it_was(database_url: str, array: type[Array], values: Sequence[object]) -> None:
    with connected(database_url) as connection:
        found = connection.execute(f"SELECT %b::{array.element}[]", [array(values)]).fetchone()
    assert found == (values,)


def test_an_instant_in_another_time_zone_is_the_same_instant(database_url: str) -> None:
    later = NOON.astimezone() + timedelta(hours=1)
    with connected(database_url) as connection:
        assert connection.execute("SELECT %b::timestamptz[]", [Instants([later])]).fetchone() == ([later],)


def test_json_arrives_byte_for_byte(database_url: str) -> None:
    with connected(database_url) as connection:
        found = connection.execute("SELECT (%b::json[])[1]::text", [Jsons([b'{"b" : 1,"a":"\xc3\xab"}'])]).fetchone()
    assert found == ('{"b" : 1,"a":"ë"}',)


def test_other_arrays_are_written_as_ever(database_url: str) -> None:
    with connected(database_url) as connection:
        connection.execute("CREATE TABLE ward (beds int8[], names text[])")
        with connection.cursor().copy("COPY ward FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("int8[]", "text[]"))
            copy.write_row(([7], ["east"]))
        assert connection.execute("SELECT * FROM ward").fetchone() == ([7], ["east"])


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(plain_address(url))
