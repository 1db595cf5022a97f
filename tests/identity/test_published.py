"""What others publish is fetched within bounds, from where an operator said, and kept for a while."""

import gzip
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.identity.published import KEPT_FOR, OutOfReach, Published, is_allowed, open_client, read_object

from .publisher import Publisher, publishing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as opened:
        yield opened


@pytest.fixture
async def client(anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as opened:
        yield opened


@pytest.fixture
def published(client: httpx.AsyncClient) -> Published[dict[str, Any]]:
    return Published(client, read_object)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://keys.example/jwks", True),
        ("https://KEYS.example/jwks", True),
        ("https://keys.example:8443/jwks", True),
        ("https://keys.example:9000/jwks", False),
        ("http://keys.example/jwks", False),
        ("https://keys.example.evil.example/jwks", False),
        ("https://keys.example@evil.example/jwks", False),
        ("https://evil.example#keys.example", False),
        ("https://keys.example/jwks#x", False),
        ("https://keys.example\\@evil.example/jwks", False),
        ("https://[::ffff:169.254.169.254]/jwks", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("http://127.0.0.1:1/jwks", False),
        ("file:///etc/passwd", False),
        ("https://[keys.example", False),
        ("", False),
    ],
)
def test_only_https_of_a_host_that_an_operator_named_is_fetched(address: str, allowed: bool) -> None:
    assert is_allowed(address, hosts={"keys.example", "keys.example:8443"}) is allowed


def test_plain_http_is_for_this_machine_and_only_where_a_setting_says_so() -> None:
    assert is_allowed("http://127.0.0.1:9/jwks", hosts=(), loopback=True)
    assert not is_allowed("http://127.0.0.1.evil.example/jwks", hosts=(), loopback=True)
    assert not is_allowed("http://evil.example@127.0.0.1/jwks", hosts=(), loopback=True)
    assert not is_allowed("https://elsewhere.example/jwks", hosts=(), loopback=True)


@pytest.mark.anyio
async def test_what_is_published_is_kept_for_ten_minutes(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    publisher.content = b'{"keys": []}'
    for minutes in (0, 5, 9):
        assert await published.at(publisher.address, now=NOON + timedelta(minutes=minutes)) == {"keys": []}
    assert publisher.asked == 1
    await published.at(publisher.address, now=NOON + timedelta(minutes=10))
    assert publisher.asked == 2


@pytest.mark.anyio
async def test_whoever_asks_for_what_is_not_there_makes_us_ask_twice_a_minute_at_most(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    for seconds in range(0, 60, 5):
        await published.at(publisher.address, now=NOON + timedelta(seconds=seconds), anew=True)
    assert publisher.asked == 2


@pytest.mark.anyio
async def test_an_owner_who_does_not_answer_is_not_asked_again_at_once(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    publisher.status = 500
    for seconds in (0, 1, 29):
        with pytest.raises(OutOfReach):
            await published.at(publisher.address, now=NOON + timedelta(seconds=seconds))
    assert publisher.asked == 1
    publisher.status = 200
    assert await published.at(publisher.address, now=NOON + timedelta(seconds=30)) == {}


@pytest.mark.anyio
@pytest.mark.parametrize("content", [b"[]", b"not JSON", b'{"x": "' + b"y" * 300_000 + b'"}', b"[" * 100_000])
async def test_what_cannot_be_meant_is_out_of_reach(
    published: Published[dict[str, Any]], publisher: Publisher, content: bytes
) -> None:
    publisher.content = content
    with pytest.raises(OutOfReach):
        await published.at(publisher.address, now=NOON)


@pytest.mark.anyio
async def test_nobody_is_sent_elsewhere(published: Published[dict[str, Any]], publisher: Publisher) -> None:
    with publishing() as elsewhere:
        publisher.status, publisher.headers = 302, {"location": elsewhere.address}
        with pytest.raises(OutOfReach):
            await published.at(publisher.address, now=NOON)
        assert (publisher.asked, elsewhere.asked) == (1, 0)


@pytest.mark.anyio
async def test_what_comes_slowly_is_not_waited_for(
    published: Published[dict[str, Any]], publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.identity.published._SECONDS", 0.2)
    publisher.content, publisher.pause = b" " * 100 + b"{}", 0.01
    with pytest.raises(OutOfReach):
        await published.at(publisher.address, now=NOON)


@pytest.mark.anyio
async def test_what_swells_as_it_is_unpacked_is_never_unpacked(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    publisher.content, publisher.headers = gzip.compress(b"{}" + b" " * 50_000_000), {"content-encoding": "gzip"}
    with pytest.raises(OutOfReach):
        await published.at(publisher.address, now=NOON)
    assert publisher.takes == "identity"


@pytest.mark.anyio
async def test_keys_that_were_withdrawn_are_believed_no_longer_where_nothing_answers(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    await published.at(publisher.address, now=NOON)
    publisher.status = 500
    with pytest.raises(OutOfReach):
        await published.at(publisher.address, now=NOON + KEPT_FOR)


@pytest.mark.anyio
async def test_what_is_kept_outlasts_an_owner_who_does_not_answer_for_a_while(
    published: Published[dict[str, Any]], publisher: Publisher
) -> None:
    await published.at(publisher.address, now=NOON)
    publisher.status = 500
    assert await published.at(publisher.address, now=NOON + timedelta(minutes=5), anew=True) == {}
