"""Two worlds that differ only in what a viewer may not know answer that viewer alike, byte by byte, on every route.

What differs is drawn by a seed: entries that no agreement lets anyone see, what others have to do with somebody and
did, then a stranger with flags, objections, openings, doubts and alerts, then another line of the same meeting with
its guest and its action, then what is ordinary to all but housing. Each viewer first tries to write to what is hidden,
which is there in one world and unknown in the other, and then reads everything. Every route is taken from the
application's own table: a new one that is not asked fails until it is, or is named with a reason.

How long an answer takes is compared by what takes time: the statements that the database is asked for it, what is
committed to the trail before it, and how many rows there are, none of which depends on how busy a machine is.
"""

import asyncio
import gzip
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

from app.fhir.documented import OF_EVERYTHING, OF_HISTORY, OF_READING, OF_SEARCHING, OF_TYPE_HISTORY
from app.fhir.read.kinds import PARAMETERS
from app.identity.tokens import issue, token_key
from app.mdt.as_fhir import reading
from app.settings import Settings
from tests.conftest import clone, made_once
from tests.identity.people import PASSWORD
from tests.identity.systems import asking, claims, signed
from tests.scenarios.every_way import (
    ALWAYS,
    AS_FHIR,
    ASKED_WITH,
    BODIES,
    OF_A_RECORD,
    OF_A_TEAM,
    READS,
    Asked,
    Way,
    is_named,
    parts_of,
    reads,
    ways_of,
    writes,
)
from tests.scenarios.in_process import Header, Told, taken_down
from tests.scenarios.two_worlds import (
    Known,
    World,
    hide_from_all,
    hide_from_all_but_managers,
    hide_from_housing,
    hide_from_outside_the_team,
    known,
    opened,
    prepare,
)

SEEDS = range(1, 6) if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else (1,)
if named := os.environ.get("WORLDS"):
    SEEDS = range(*map(int, named.split("-")))
"""Of the worlds that are drawn: one wherever all is checked, several where there is time; `WORLDS=6-21` names some."""

VOLATILE: dict[str, bytes] = {
    "names of what is made for one answer": rb"urn:uuid:[-0-9a-f]{36}",
    "cursors, sealed anew each time": rb"_cursor=[^&\"]+",
    "instants of the answer itself": rb'"(?:timestamp|asked_at|at|date)":"[^"]*"',
    "when the system last sent something, which it just did": rb'"feed":"fhir-bundle","last_message_at":"[^"]*"',
    "and when": rb'"timeliness":\{"last_message_at":"[^"]*"',
    "which look a partner's audit system is told of": (
        rb'AuditEvent(?:/|","id":")[-0-9a-f]{36}|"(?:recorded|value)":"(?:[-0-9a-f]{36}|20[-0-9T:.+Z]+)"'
    ),
    "which glyphs of its letters a paper has": rb"/[A-Z]{6}\+",
    "what keeps a form to its page": rb'name="(?:form_token|csrf)" value="[^"]*"',
    "when a paper was made": (
        rb"(?:/CreationDate|/ModDate|/ID|<xmp:(?:Create|Modify)Date>|<xmpMM:[A-Za-z]+>)[^\n]{0,200}"
    ),
    "when a diary's file was made": rb"DTSTAMP:[0-9TZ]+",
    "until when a page of the trail tells": rb'name="after" value="[-0-9T:.+]+',
    "how long somebody is discussed": rb'data-seconds="[0-9]+"',
    "what names an action that is not written yet": rb'name="action.id" value="[-0-9a-f]{36}"',
}
_VOLATILE = re.compile(b"|".join(VOLATILE.values()))

NEVER_KEPT = {(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")}
"""What stands with every answer, whatever was asked: no cache keeps it, and nothing in it runs as a page."""

UNLIKE = (b"date", b"x-request-id", b"content-length")
"""Headings that differ each time; of what length an answer is, its bytes tell."""

BY_THE_CLOCK = ("SELECT 1", "SELECT partner, adapter, covers", "SELECT username, name, organisation")
"""What is asked of the database after a while and not for each answer: connections, feeds, accounts."""

ASKED_OF_WHAT_THERE_IS: dict[str, str | tuple[str, ...]] = {
    "a team's thing that is there: of which meeting, and who is invited": "SELECT mdt_",
    "and who stands for whom it is about": "SELECT person.id, coalesce(person.merged_into",
    "an entry that is there, of whom the asker may see: by its id, which finds none": (
        "SELECT entry.id, entry.label, entry.resource_type, entry.resource, CASE WHEN $2::bool THEN"
        " entry.occurred_on END FROM entry"
    ),
    "an objection that a lead might decide: what decides about the person": "WITH RECURSIVE asked",
    "somebody of whom a system would state something: as whom their partners know them": (
        "SELECT person_identity.person_id",
        "WITH members AS (SELECT person.id AS person_id",
    ),
}
"""What is asked of the database besides where a thing is there that is hidden: each a look by its key, at few rows and
none of the record's. Nobody learns of whom they do not hold an id, as ids are random."""

_MAY_BE = (
    *BY_THE_CLOCK,
    *chain.from_iterable(each if isinstance(each, tuple) else (each,) for each in ASKED_OF_WHAT_THERE_IS.values()),
)

IN_GZIP = ("nurse", "system")
"""Who is answered in gzip, whose length then tells of nothing either."""

VIEWERS = {
    "walter": "",
    "data-manager": "data-quality",
    "nurse": "direct-care",
    "chair": "mdt",
    "housing-lead": "access-review",
    "system": "direct-care",
    "hospice-nurse": "mdt",
    "housing-officer": "tenancy-support",
}
"""Each with what for, in the order in which more is hidden from them; what the others try is told to Walter."""

MORE_IS_HIDDEN: dict[str, Callable[[World, Known, Random], None]] = {
    "walter": hide_from_all,
    "nurse": hide_from_all_but_managers,
    "hospice-nurse": hide_from_outside_the_team,
    "housing-officer": hide_from_housing,
}

LEAST_SEEN = {
    "walter": 2, "data-manager": 15, "nurse": 120, "chair": 120, "housing-lead": 28, "system": 22,
    "hospice-nurse": 60, "housing-officer": 36,
}  # fmt: skip
"""How many answers tell each viewer something in either world, at least: or nothing would be compared."""


@pytest.fixture(scope="module")
def ways(settings: Settings) -> list[Way]:
    return ways_of(settings)


def test_every_route_is_asked_or_named_with_a_reason(ways: list[Way]) -> None:
    for way in ways:
        if is_named(way):
            assert way.path not in READS or way.method != "POST", way.path
            continue
        unknown = {*parts_of(way.path)} - {*ALWAYS, *OF_A_TEAM, "person_id", "id", "number", "things"}
        assert not unknown, f"say in ALWAYS with what to fill {unknown} of {way.path}"
        about = parts_of(way.path) or way.path in READS or way.path in BODIES
        assert way.method == "GET" or about, f"say in READS or BODIES what {way.method} {way.path} is asked of"


def test_every_type_of_a_teams_work_is_asked_for_at_the_fhir_door() -> None:
    assert {*reading.KINDS} == {*AS_FHIR}


def test_every_parameter_of_the_fhir_door_is_asked() -> None:
    """Those of each type that is asked of, and those that every search, reading and history takes."""
    asked = {
        name.partition(":")[0]
        for path, every in ASKED_WITH.items()
        if path.startswith("/fhir/")
        for parameters in every
        for name in parameters
    }
    known = {
        each["name"] for told in (OF_READING, OF_HISTORY, OF_TYPE_HISTORY, OF_EVERYTHING) for each in told["parameters"]
    }
    known |= {each["name"] for each in OF_SEARCHING["parameters"]} - {name for of in PARAMETERS.values() for name in of}
    known |= {name for kind in OF_A_RECORD for name in PARAMETERS[kind]}
    assert known - asked <= {"patient", "_cursor", "_source"}, "these are asked of whom, on which page, and of a team"


def test_every_route_is_asked_by_every_kind_of_caller_whom_it_is_for(ways: list[Way]) -> None:
    nobody = Known("f", "Tranter", "1945-05-14", dict.fromkeys((*OF_A_TEAM, "condition"), "1"))
    for kind in ("people", "system", "themselves"):
        theirs = [way for way in ways if getattr(way, kind) and not is_named(way)]
        asked = [(one.method, one.path) for one in (*writes(theirs, nobody), *reads(theirs, nobody))]
        for way in theirs:
            address = re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(way.path)))
            assert any(method == way.method and address.fullmatch(path) for method, path in asked), way


class Asker(NamedTuple):
    """A viewer in one of the worlds."""

    world: World
    headers: dict[str, str]
    purpose: str
    in_gzip: bool

    async def ask(self, one: Asked) -> Told:
        """What they are told."""
        body, content = {**one.body}, b""
        headers = {**self.headers, **body.pop("headers", {})}
        if "json" in body:
            content = orjson.dumps(body["json"])
            headers.setdefault("content-type", "application/json")
        elif "data" in body:
            content = urlencode(body["data"]).encode()
            headers["content-type"] = "application/x-www-form-urlencoded"
        said = {"purpose": self.purpose, **one.parameters} if self.purpose else one.parameters
        if self.in_gzip:
            headers |= {"accept-encoding": "gzip", "sec-fetch-site": "same-origin"}
        raw: list[Header] = [(name.encode(), value.encode()) for name, value in headers.items()]
        told = await self.world.door.ask(one.method, one.path, urlencode(said), raw, content)
        assert told.status < 500, (one, told.content)
        assert {*told.headers} >= NEVER_KEPT, (one, told.headers)
        return told


def signed_in(world: World, viewer: str) -> dict[str, str]:
    """By what a viewer is known in a world."""
    world.client.cookies.clear()
    if viewer == "walter":
        form = {"username": viewer, "password": PASSWORD}
        world.client.post("/sign-in", data=form, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
        return {"cookie": "; ".join(f"{name}={value}" for name, value in world.client.cookies.items())}
    if viewer == "system":
        given = world.client.post("/oauth2/token", data=asking(signed(claims()), "system/*.cruds"))
        return {"authorization": f"Bearer {given.json()['access_token']}"}
    token = issue(token_key(world.settings), viewer, role=None, at=datetime.now(UTC))
    return {"authorization": f"Bearer {token}"}


class Pair(NamedTuple):
    """Two worlds: what there is, and the same with more that is hidden."""

    one: World
    other: World
    about: Known
    chance: Random
    runner: asyncio.Runner

    def ask(self, viewer: str, every: Iterable[Asked]) -> Iterator[tuple[Asked, Told, Told]]:
        """What a viewer is told in each, at once."""
        by = [
            Asker(world, signed_in(world, viewer), VIEWERS[viewer], viewer in IN_GZIP)
            for world in (self.one, self.other)
        ]

        async def both(*each: Asked) -> tuple[Told, Told]:
            one, other = await asyncio.gather(*(who.ask(what) for who, what in zip(by, each, strict=True)))
            return one, other

        for asked in every:
            onward: tuple[Asked, ...] = (asked, asked)
            for _ in range(20):  # pages
                told = self.runner.run(both(*onward))
                yield asked, *told
                next_pages = [*map(next_page, told)]
                if None in next_pages:
                    break
                onward = tuple(Asked("GET", *page, {}) for page in next_pages if page)

    def hear_alike(self) -> None:
        """Let both have heard from the system at one instant: when it sent what an earlier viewer did differs."""
        heard = "SELECT last_message_at FROM feed WHERE adapter = 'fhir-bundle'"
        with self.one.engine.begin() as one, self.other.engine.begin() as other:
            at = one.exec_driver_sql(heard).scalar_one_or_none()
            other.exec_driver_sql("UPDATE feed SET last_message_at = %s WHERE adapter = 'fhir-bundle'", (at,))


def next_page(told: Told) -> tuple[str, dict[str, str]] | None:
    """Where the next page of an answer is."""
    found = re.search(rb'"relation":"next","url":"http://[^/]+([^?"]+)\?([^"]*)"', told.content)
    return (found[1].decode(), dict(parse_qsl(found[2].decode()))) if found else None


class Pairs:
    """A pair for one viewer after another: others, wherever more is hidden in these than may be from the next."""

    def __init__(self, begin: Callable[[ExitStack], Pair], stack: ExitStack) -> None:
        self._begin, self._stack = begin, stack
        self._left = [*VIEWERS]
        self._pair = begin(stack)

    def of(self, viewer: str) -> Pair:
        """The worlds with all hidden that is hidden from this viewer."""
        if viewer not in self._left:
            self._stack.close()
            self._left, self._pair = [*VIEWERS], self._begin(self._stack)
        place = self._left.index(viewer) + 1
        for each in self._left[:place]:
            if each in MORE_IS_HIDDEN:
                MORE_IS_HIDDEN[each](self._pair.other, self._pair.about, self._pair.chance)
        self._left = self._left[place:]
        return self._pair


@pytest.fixture(scope="module", params=SEEDS)
def pairs(
    request: pytest.FixtureRequest, server_url: str, filled: str, settings: Settings, shared: Path
) -> Iterator[Pairs]:
    run = sha256(bytes(shared)).hexdigest()[:16]
    prepared = made_once(server_url, f"pisano_worlds_{run}", lambda url: prepare(url, settings), like=filled)

    def begin(stack: ExitStack) -> Pair:
        runner = stack.enter_context(asyncio.Runner())
        stack.enter_context(taken_down())
        one, other = (
            stack.enter_context(opened(stack.enter_context(clone(server_url, prepared)), settings, runner))
            for _ in range(2)
        )
        return Pair(one, other, known(one), Random(request.param), runner)

    with ExitStack() as stack:
        yield Pairs(begin, stack)


def plain(told: Told) -> bytes:
    """An answer without gzip."""
    return gzip.decompress(told.content) if (b"content-encoding", b"gzip") in told.headers else told.content


def unvarying(content: bytes) -> bytes:
    """An answer without what differs each time that anybody asks, and as long as it is."""
    return _VOLATILE.sub(lambda found: b"." * len(found[0]), content)


def differing(one: Told, other: Told) -> str:
    """The first place where two answers part; nothing where they are alike."""
    contents = plain(one), plain(other)
    alike = contents[0] == contents[1]
    if not alike:
        contents = unvarying(contents[0]), unvarying(contents[1])
    unlike = UNLIKE if alike else (*UNLIKE, b"etag")  # which is made of the bytes
    headers = sorted(headings(one, unlike) ^ headings(other, unlike))
    if alike and len(one.content) != len(other.content):
        return f"in gzip {len(one.content)} {len(other.content)}"
    if one.status == other.status and contents[0] == contents[1] and not headers:
        return taking_longer(one, other)
    place = next((n for n, (a, b) in enumerate(zip(*contents, strict=False)) if a != b), min(map(len, contents)))
    return f"{one.status} {other.status} {headers} {[each[max(place - 60, 0) : place + 90] for each in contents]}"


def headings(told: Told, unlike: Collection[bytes]) -> set[Header]:
    return {(name, value) for name, value in told.headers if name.lower() not in unlike}


def taking_longer(one: Told, other: Told) -> str:
    """What the database is asked for one answer and not for the other."""
    asked, also = (Counter(map(weighed, told.said)) for told in (one, other))
    unlike = [*(asked - also), *(also - asked)]
    told_apart = [(statement, rows) for statement, rows in unlike if rows or not statement.startswith(_MAY_BE)]
    return f"asked: {told_apart}" if told_apart else ""


def weighed(said: tuple[str, int]) -> tuple[str, int | None]:
    """A statement and, where it reads the record itself, how many rows it gave."""
    statement = " ".join(said[0].split())
    return statement, said[1] if "FROM entry WHERE entry.person_id" in statement else None


@pytest.mark.unmeasured
@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_is_hidden_changes_no_byte_of_any_answer(viewer: str, pairs: Pairs, ways: list[Way]) -> None:
    pair = pairs.of(viewer)
    pair.hear_alike()
    kind = {"system": "system", "walter": "themselves"}.get(viewer, "people")
    for_them = [way for way in ways if getattr(way, kind)]
    asked = [*writes(for_them, pair.about), *reads(for_them, pair.about)]
    parted: dict[str, str] = {}
    seen = 0
    for _ in range(3):  # some tell the minute, which passes; what tells of anything else does so again
        remaining = {}
        for one, *told in pair.ask(viewer, asked):
            seen += told[0].status == 200
            if where := differing(*told):
                remaining[str(one)] = where
        parted = remaining
        asked = [one for one in asked if str(one) in remaining]
    assert not parted, "\n".join(f"{asked}: {where}" for asked, where in parted.items())
    assert seen >= LEAST_SEEN[viewer]
