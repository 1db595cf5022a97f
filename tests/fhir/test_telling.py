"""Who is told of what, and what is asked anew before anything leaves, however it was when it happened."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.identity.systems.system import System
from app.record.kept import changes
from app.record.kept.changes import Change, Topic
from app.record.store import Resource
from app.subscriptions import store, telling
from app.subscriptions.store import Delivery
from app.subscriptions.subscription import SigningKey, Status, Subscription
from app.subscriptions.telling import Attempt, Teller, spread
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from tests.fhir.telling import focus_of
from tests.identity.systems import a_system

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS, OTHERS = OdsCode("RL4C"), OdsCode("RL4")
MARY, JOHN, ACTION = (UUID(int=number, version=4) for number in (1, 2, 3))
LABEL = Label(OTHERS, Category("problems"), Sensitivity.NORMAL)
HELD = [Resource(7, LABEL, "Condition", b"{}"), Resource(8, LABEL, "Observation", b"{}")]


def subscription(topic: Topic = Topic.NEW_ENTRY) -> Subscription:
    return Subscription(
        id=UUID(int=9, version=4),
        system="rl4-integration",
        organisation=OURS,
        topic=topic,
        endpoint="https://partner.example/told",
        status=Status.ACTIVE,
        created=NOON,
    )


def delivery(entry: int | None = None, thing: UUID | None = None) -> Delivery:
    return Delivery(1, subscription(), MARY, entry, thing, 0)


async def nothing() -> AsyncIterator[bytes]:
    yield b""


async def attempted(
    one: Delivery,
    *,
    system: System | None = None,
    known: bool = True,
    may: bool = True,
    hosts: frozenset[str] = frozenset({"partner.example"}),
) -> tuple[Attempt, list[str]]:
    """How an attempt ended, and what the address was told."""
    heard: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(focus_of(request.content))
        return httpx.Response(200, content=nothing())

    async def system_of(_: str) -> System | None:
        return (system or a_system(scopes="system/*.cruds")) if known else None

    async def may_be_told(*_: Any) -> bool:
        return may

    async def everything(_: Any, person_id: UUID, take: Any) -> Any:
        return take(SimpleNamespace(person_id=person_id, resources=HELD if may else []))

    record: Any = SimpleNamespace(everything=everything)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        teller = Teller(
            record, client, SigningKey(b"k" * 32), base="https://place.example/fhir/R4", hosts=hosts, loopback=False,
            system_of=system_of, may_be_told=may_be_told,
        )  # fmt: skip
        return await teller.attempt(one, at=NOON), heard


async def test_a_subscriber_is_told_of_the_one_entry_and_of_no_other() -> None:
    assert await attempted(delivery(entry=7)) == (Attempt(), ["https://place.example/fhir/R4/Condition/7"])
    assert await attempted(delivery(entry=9)) == (Attempt(), [])


async def test_a_subscriber_is_told_of_an_action_of_its_own() -> None:
    assert await attempted(delivery(thing=ACTION)) == (Attempt(), [f"https://place.example/fhir/R4/Task/{ACTION}"])


@pytest.mark.parametrize("one", [delivery(entry=7), delivery(thing=ACTION)])
async def test_who_may_not_be_told_any_more_is_told_nothing_and_that_is_an_end(one: Delivery) -> None:
    assert await attempted(one, may=False) == (Attempt(), [])


@pytest.mark.parametrize(
    ("one", "scopes", "told"),
    [
        (delivery(entry=7), "system/Condition.rs", True),
        (delivery(entry=7), "system/Observation.rs", False),
        (delivery(entry=7), "system/Condition.s", False),
        (delivery(thing=ACTION), "system/Task.r", True),
        (delivery(thing=ACTION), "system/Condition.cruds", False),
    ],
)
async def test_a_system_is_told_of_no_type_that_its_scopes_do_not_let_it_read(
    one: Delivery, scopes: str, told: bool
) -> None:
    ended, heard = await attempted(one, system=a_system(scopes=scopes))
    assert (ended, bool(heard)) == (Attempt(), told)


async def test_a_system_that_is_registered_no_longer_and_an_address_that_is_not_allowed_are_told_nothing() -> None:
    one = delivery(entry=7)
    assert await attempted(one, known=False) == (Attempt("the system is registered no longer"), [])
    assert await attempted(one, hosts=frozenset()) == (Attempt("the address is allowed no longer"), [])


# ── Whom what happened concerns ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        (Topic.NEW_ENTRY, [(MARY, OTHERS)]),  # what it stated itself it knows
        (Topic.MDT_OUTCOME, [(MARY, OURS), (MARY, OTHERS)]),
        (Topic.ACTION_ASSIGNED, [(MARY, OURS), (JOHN, OURS)]),  # given to it, whether or not it knows them
    ],
)
def test_what_happened_concerns_who_has_to_do_it_or_knows_the_person(
    monkeypatch: pytest.MonkeyPatch, topic: Topic, told: list[tuple[UUID, OdsCode]]
) -> None:
    happened = [Change(topic, person, 1, None, partner) for person in (MARY, JOHN) for partner in (OURS, OTHERS)]
    other = Change(next(one for one in Topic if one is not topic), MARY, 2, None, OTHERS)
    out: list[tuple[Topic, list[Change]]] = []

    def put_out(_: object, one: Subscription, concerning: list[Change], *, at: datetime) -> None:
        out.append((one.topic, concerning))

    monkeypatch.setattr(changes, "take", lambda *_: [*happened, other])
    monkeypatch.setattr(store, "active", lambda _, about: [subscription(about)] if about is topic else [])
    monkeypatch.setattr(store, "put_out", put_out)
    monkeypatch.setattr(telling, "related", lambda _, organisation, people, at: {MARY} & people)
    connection: Any = None
    assert spread(connection, NOON) == 5
    ((of, concerning),) = out
    assert (of, [(one.person_id, one.partner) for one in concerning]) == (topic, told)
