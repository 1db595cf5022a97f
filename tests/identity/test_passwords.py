"""Passwords are long, nobody's first guess, and of whatever characters their owner likes; wrong ones cost time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pwdlib.hashers.argon2 import Argon2Hasher

from app.identity.passwords.hashing import EFFORT, Passwords
from app.identity.passwords.lock_out import FREE_ATTEMPTS, Attempts
from app.identity.passwords.rules import objection

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "teapot gravel lantern",
        "kestrel-mauve-tundra",
        "correct horse battery staple",
        "zażółć gęślą jaźń",
        "9f3k2m8x7q5w1z",
    ],
)
def test_long_passwords_of_any_characters_are_allowed(password: str) -> None:
    assert objection(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "123456789012",
        "password1234",
        "P@ssw0rd1234!",
        "Welcome2026!!",
        "qwertyuiop12",
        "Liverpool1892",
        "Summer2026!!",
        "letmeinletmein",
        "nursepassword1",
        "Wulfrun-Pisano-1",
    ],
)
def test_what_is_short_counted_or_tried_first_is_denied(password: str) -> None:
    assert objection(password) is not None


def test_what_is_known_of_its_owner_makes_no_password() -> None:
    assert objection("nell.rushton.99", personal=["nell", "Rushton"]) is not None
    assert objection("rushtonrushton", personal=["Rushton"]) is not None
    assert objection("rushton gravel teapot", personal=["Rushton"]) is None


@pytest.mark.anyio
async def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    with Passwords(QUICK) as passwords:
        kept = passwords.hashed("cafe\u0301 gravel lantern")
        assert (await passwords.check("caf\u00e9 gravel lantern", kept)).is_right
        assert not (await passwords.check("cafe gravel lantern", kept)).is_right


@pytest.mark.anyio
async def test_a_hash_of_less_effort_is_made_anew() -> None:
    with Passwords(QUICK) as weaker:
        kept = weaker.hashed("teapot gravel lantern")
    with Passwords(Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1)) as stronger:
        checked = await stronger.check("teapot gravel lantern", kept)
        assert checked.anew is not None
        assert (await stronger.check("teapot gravel lantern", checked.anew)).anew is None


def test_passwords_are_hashed_as_rfc_9106_recommends() -> None:
    with Passwords(EFFORT) as passwords:
        assert passwords.hashed("teapot gravel lantern").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.anyio
async def test_nobody_has_the_password_of_nobody() -> None:
    with Passwords(QUICK) as passwords:
        assert not (await passwords.check("nobody has this password", None)).is_right


def test_five_wrong_passwords_and_then_longer_and_longer_waits() -> None:
    attempts, waits = Attempts(), []
    for _ in range(14):
        attempts = attempts.after_another(NOON)
        waits.append(attempts.waits_until - NOON if attempts.waits_until else None)
    minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert waits == [None] * (FREE_ATTEMPTS - 1) + [timedelta(minutes=each) for each in minutes]


def test_an_account_opens_by_itself_at_the_end_of_its_wait() -> None:
    waiting = Attempts(FREE_ATTEMPTS, NOON)
    assert not waiting.open_at(NOON - timedelta(seconds=1))
    assert waiting.open_at(NOON)


@given(st.integers(min_value=0, max_value=10**9))
def test_no_wait_is_longer_than_an_hour(wrong: int) -> None:
    until = Attempts(wrong).after_another(NOON).waits_until
    assert until is None or until <= NOON + timedelta(hours=1)
