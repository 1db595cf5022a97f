"""In which order a data manager is shown what waits."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

from app.web.quality.worklist import in_turn


def held(number: int, *candidates: int) -> Any:
    return Mock(id=number, waits=Mock(candidates=candidates), source=Mock(at=datetime(2026, 11, 23, tzinfo=UTC)))


def test_what_can_be_compared_with_somebody_comes_before_what_must_be_traced() -> None:
    told = in_turn([held(1), held(2, 17), held(3), held(4, 17, 18)])

    assert [[one.id for one in these] for _, these in told] == [[2, 4], [1, 3]]


def test_nothing_stands_above_nothing() -> None:
    assert in_turn([]) == []
    assert [title for title, _ in in_turn([held(1)])] == ["Nobody here was found"]
