"""The databases that other tests stand on."""

import socket

import pytest
from sqlalchemy import Engine, inspect, text

from app.database.migrate import applied, newest


def test_each_test_has_a_migrated_database(engine: Engine) -> None:
    with engine.connect() as connection:
        assert applied(connection) == newest()


@pytest.mark.parametrize("_turn", [1, 2])
def test_nothing_is_left_over_from_another_test(engine: Engine, _turn: int) -> None:
    with engine.begin() as connection:
        assert not inspect(connection).has_table("left_over")
        connection.execute(text("CREATE TABLE left_over ()"))


def test_no_test_reaches_beyond_this_machine() -> None:
    with pytest.raises(AssertionError, match="beyond this machine"), socket.socket() as line:
        line.connect(("192.0.2.1", 80))
    with pytest.raises(AssertionError, match="beyond this machine"):
        socket.getaddrinfo("partner.example", 443)
