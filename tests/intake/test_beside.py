"""Filing beside the reading: in order, one at a time, and no failure goes unheard."""

from collections.abc import Callable
from functools import partial
from threading import Event, get_ident

import pytest

from app.intake.beside import AtOnce, Beside
from tests.conftest import PATIENCE


def test_tasks_are_done_in_their_order_and_beside_the_caller() -> None:
    done: list[tuple[int, int]] = []
    with Beside() as beside:
        for task in range(3):
            beside.do(partial(lambda number: done.append((number, get_ident())), task))

    assert [task for task, _ in done] == [0, 1, 2]
    assert get_ident() not in {thread for _, thread in done}


def test_whoever_waits_finds_nothing_being_done() -> None:
    go_on, done = Event(), Event()

    def task() -> None:
        go_on.wait(PATIENCE)
        done.set()

    with Beside() as beside:
        beside.do(task)
        assert not done.is_set()
        go_on.set()
        beside.wait()
        assert done.is_set()


@pytest.mark.parametrize("then", ["do", "wait", "leave"])
def test_what_a_task_raises_is_raised_to_whoever_comes_next(then: str) -> None:
    with pytest.raises(LookupError, match="no such bed"):
        fail_and(then)


def fail_and(then: str) -> None:
    with Beside() as beside:
        beside.do(fail)
        if then == "do":
            beside.do(lambda: None)
        elif then == "wait":
            beside.wait()


def fail() -> None:
    raise LookupError("no such bed")


def test_who_leaves_in_haste_leaves_nothing_running() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        leave_in_haste(lambda: done.append("filed"))

    assert done == ["filed"]


def leave_in_haste(task: Callable[[], None]) -> None:
    with Beside() as beside:
        beside.do(task)
        raise KeyboardInterrupt


def test_what_is_small_is_done_at_once() -> None:
    done: list[int] = []
    AtOnce().do(lambda: done.append(get_ident()))

    assert done == [get_ident()]
