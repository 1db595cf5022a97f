"""Following a meeting: whoever does is told that something changed, at once, and never what or about whom."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import uvicorn

from app.database.transactions import plain_address
from app.identity.tokens import issue, token_key
from app.mdt.reading import whole
from app.mdt.reading.followers import MOST, Followers
from app.mdt.reading.taking_part import stamp
from app.mdt.workflow.refusal import unless_refused
from app.serving import FollowedServer
from app.settings import Settings
from app.web.meetings.at_meeting import AtMeeting
from app.web.meetings.changes import told
from tests.conftest import PATIENCE
from tests.mdt.conftest import FATHER, NEIGHBOUR, Wulfrun
from tests.mdt.test_invitation import guest


@pytest.fixture
def followers(wulfrun: Wulfrun) -> Iterator[Followers]:
    opened = Followers(wulfrun.url)
    yield opened
    wulfrun.run(opened.gone())


class Begun:
    """A meeting that goes on, with two people on its agenda."""

    def __init__(self, wulfrun: Wulfrun) -> None:
        self.wulfrun = wulfrun
        father, neighbour = wulfrun.on_caseload(FATHER), wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
        self.meeting = wulfrun.meeting("northgate")
        self.id: UUID = self.meeting["id"]
        self.item, self.other = wulfrun.listed(self.meeting, father), wulfrun.listed(self.meeting, neighbour)

    def stamp(self, username: str) -> Any:
        desk, asked = self.wulfrun.place.desk, self.wulfrun.inquiry(username)
        return self.wulfrun.run(unless_refused(desk.ask(asked, lambda office: stamp(office, self.id))))


@pytest.fixture
def begun(wulfrun: Wulfrun) -> Begun:
    return Begun(wulfrun)


class Following:
    """Those who follow, each by the event that wakes them."""

    def __init__(self, wulfrun: Wulfrun, followers: Followers, stack: ExitStack) -> None:
        self._wulfrun, self._followers, self._stack = wulfrun, followers, stack

    def of(self, meeting_id: UUID) -> asyncio.Event:
        async def entered() -> asyncio.Event:
            return self._stack.enter_context(self._followers.following(meeting_id))

        return self._wulfrun.run(entered())  # type: ignore[no-any-return]


@pytest.fixture
def following(wulfrun: Wulfrun, followers: Followers) -> Iterator[Following]:
    with ExitStack() as stack:
        yield Following(wulfrun, followers, stack)


async def hears(woken: asyncio.Event) -> None:
    await asyncio.wait_for(woken.wait(), PATIENCE)
    woken.clear()


def test_a_change_wakes_those_who_follow_that_meeting_and_nobody_else(begun: Begun, following: Following) -> None:
    wulfrun = begun.wulfrun
    woken, elsewhere = following.of(begun.id), following.of(uuid4())
    wulfrun.run(hears(woken))  # what was said before anybody listened
    elsewhere.clear()
    wulfrun.does("nurse", "items", "note", begun.item, version=1, summary="He fell twice")
    wulfrun.run(hears(woken))
    assert not elsewhere.is_set()


def test_one_connection_listens_however_many_follow(begun: Begun, following: Following) -> None:
    followed = [following.of(begun.id) for _ in range(30)]
    begun.wulfrun.run(hears(followed[0]))  # somebody listens now, maybe only since a part of them follow
    begun.wulfrun.does("nurse", "items", "note", begun.item, version=1, summary="He fell twice")
    for woken in followed:
        begun.wulfrun.run(hears(woken))
    listening = begun.wulfrun.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
    )
    assert listening == [(1,)]


def test_what_is_told_names_the_meeting_and_nothing_else(begun: Begun) -> None:
    wulfrun = begun.wulfrun
    url = plain_address(wulfrun.url)
    with psycopg.connect(url, autocommit=True) as listening:
        listening.execute("LISTEN mdt_meeting")
        wulfrun.began(begun.meeting)
        wulfrun.does("nurse", "items", "note", begun.item, version=1, summary="He fell twice")
        action = {"item_id": str(begun.item), "what": "Mend it", "test": "It is warm", "due": "2026-08-01"}
        owner = {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"}
        wulfrun.does("chair", "actions", "new", owner=owner, **action)
        told = {heard.payload for heard in listening.notifies(timeout=PATIENCE, stop_after=6)}
    assert told == {str(begun.id)}


def test_a_guest_is_told_of_their_own_item_alone_and_of_nothing_once_their_invitation_ends(begun: Begun) -> None:
    wulfrun = begun.wulfrun
    made = wulfrun.does("coordinator", "invitations", "new", **guest(begun.meeting, begun.item))
    before, team = begun.stamp("housing-officer"), begun.stamp("nurse")
    wulfrun.does("nurse", "items", "note", begun.other, version=1, summary="She is well")
    assert begun.stamp("housing-officer") == before
    assert begun.stamp("nurse") != team
    wulfrun.does("nurse", "items", "note", begun.item, version=1, summary="He fell twice")
    assert begun.stamp("housing-officer") != before
    wulfrun.does("coordinator", "invitations", "revoke", made["id"], version=1, reason="Not needed")
    assert begun.stamp("housing-officer") is None


class Stream:
    """What somebody who follows is sent."""

    def __init__(self, begun: Begun, followers: Followers, settings: Settings, username: str) -> None:
        place, asked = begun.wulfrun.place, begun.wulfrun.inquiry(username)
        token = issue(token_key(settings), username, role=None, at=datetime.now(UTC))
        state = SimpleNamespace(place=place, followers=followers)
        request: Any = SimpleNamespace(
            app=SimpleNamespace(state=state), headers={"authorization": f"Bearer {token}"}, cookies={}
        )
        looking: Any = SimpleNamespace(asked=asked, form_token=None)
        here = AtMeeting(looking, place.desk, begun.id)
        self._run = begun.wulfrun.run
        self._events = told(request, here)

    def next(self) -> bytes | None:
        """What comes next that is more than a sign of life; `None` at its end."""
        return self._run(asyncio.wait_for(self.heard(), PATIENCE))  # type: ignore[no-any-return]

    def go(self) -> None:
        """Close the screen."""
        self._run(self._events.aclose())

    async def heard(self) -> bytes | None:
        async for event in self._events:
            if not event.startswith(b"event: here"):
                return event
        return None


def test_each_change_is_sent_as_a_stamp_that_the_page_bears_too(
    begun: Begun, followers: Followers, settings: Settings
) -> None:
    wulfrun = begun.wulfrun
    stream = Stream(begun, followers, settings, "chair")
    assert stream.next() == f"data: {begun.stamp('chair')}\n\n".encode()
    wulfrun.does("nurse", "items", "note", begun.item, version=1, summary="He fell twice")
    assert stream.next() == f"data: {begun.stamp('chair')}\n\n".encode()
    assert wulfrun.asks("chair", whole.meeting, begun.id)["stamp"] == begun.stamp("chair")


def test_a_session_follows_on_so_many_screens_and_another_is_told_to_come_later(
    begun: Begun, followers: Followers, settings: Settings
) -> None:
    screens = [Stream(begun, followers, settings, "chair") for _ in range(MOST)]
    assert all(screen.next() == f"data: {begun.stamp('chair')}\n\n".encode() for screen in screens)

    one_more = Stream(begun, followers, settings, "chair")
    assert [one_more.next(), one_more.next()] == [b"retry: 60000\n\n", None]
    assert Stream(begun, followers, settings, "coordinator").next() is not None

    screens.pop().go()
    assert Stream(begun, followers, settings, "chair").next() == f"data: {begun.stamp('chair')}\n\n".encode()


def test_so_many_screens_follow_at_once_and_another_is_told_to_come_later_whoever_they_are(
    begun: Begun, followers: Followers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.mdt.reading.followers.MOST_OF_ALL", 2)
    screens = [Stream(begun, followers, settings, username) for username in ("chair", "coordinator")]
    assert b"retry: 60000\n\n" not in [screen.next() for screen in screens]
    assert Stream(begun, followers, settings, "nurse").next() == b"retry: 60000\n\n"


def test_two_screens_look_at_once_and_leave_room_for_whoever_else_asks(
    begun: Begun, followers: Followers, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, at_once = 0, list[int]()

    async def look(_here: AtMeeting) -> str:
        nonlocal looking
        looking += 1
        at_once.append(looking)
        await asyncio.sleep(0)
        looking -= 1
        return "changed"

    monkeypatch.setattr("app.web.meetings.changes._stamp", look)
    screens = [Stream(begun, followers, settings, "chair") for _ in range(10)]

    async def all_are_told() -> None:
        await asyncio.gather(*(screen.heard() for screen in screens))

    begun.wulfrun.run(all_are_told())
    assert (len(at_once), max(at_once)) == (10, 2)


def test_whoever_loses_their_part_hears_that_it_is_over_and_no_more(
    begun: Begun, followers: Followers, settings: Settings
) -> None:
    wulfrun = begun.wulfrun
    made = wulfrun.does("coordinator", "invitations", "new", **guest(begun.meeting, begun.item))
    stream = Stream(begun, followers, settings, "housing-officer")
    assert (stream.next() or b"").startswith(b"data: ")
    wulfrun.does("coordinator", "invitations", "revoke", made["id"], version=1, reason="Not needed")
    assert stream.next() == b"event: over\ndata:\n\n"
    assert stream.next() is None


def test_a_service_that_ends_lets_its_followers_go(begun: Begun, followers: Followers, settings: Settings) -> None:
    stream = Stream(begun, followers, settings, "chair")
    stream.next()
    followers.close()
    assert stream.next() is None


async def _follows_until_closed(scope: Any, receive: Any, send: Any, followers: Followers) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here", "more_body": True})
    while not followers.closed:
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": b""})


def test_a_server_that_is_told_to_stop_waits_for_no_follower() -> None:
    followers = Followers("postgresql://127.0.0.1/none")
    app = partial(_follows_until_closed, followers=followers)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = FollowedServer(uvicorn.Config(app, log_config=None, lifespan="off", interface="asgi3"), followers)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        with httpx.stream("GET", f"http://127.0.0.1:{port}", timeout=PATIENCE) as answer:
            heard = answer.iter_bytes()
            assert next(heard) == b"here"
            server.should_exit = True
            assert list(heard) == []
        serving.join(PATIENCE)
    assert not serving.is_alive()
