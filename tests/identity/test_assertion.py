"""An assertion is believed if its key signed it, for us, for now, and by one of two algorithms."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.systems.assertion import Fault, check, read_assertion

from .systems import AUDIENCE, EC, KEYS, OTHER, claims, signed, signed_with_the_public_key, unsigned

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fault(text: str, at: datetime = NOON) -> Fault | str | None:
    read = read_assertion(text)
    return "unread" if read is None else check(read, KEYS, audience=AUDIENCE, at=at)


def test_a_good_assertion_of_either_algorithm_is_believed() -> None:
    assert fault(signed(claims(NOON))) is None
    assert fault(signed(claims(NOON), key=EC, algorithm="ES384")) is None


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384"])
def test_another_algorithm_is_not_read_even_if_the_key_signed_it(algorithm: str) -> None:
    assert fault(signed(claims(NOON), algorithm=algorithm)) == "unread"


def test_an_unsigned_assertion_is_not_read() -> None:
    assert fault(unsigned(claims(NOON))) == "unread"
    assert fault(unsigned(claims(NOON), alg="RS384")) in (Fault.SIGNATURE, "unread")


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    forged = signed_with_the_public_key(claims(NOON))
    assert fault(forged) == "unread"


def test_another_key_of_the_same_name_is_not_believed() -> None:
    assert fault(signed(claims(NOON), key=OTHER)) == Fault.SIGNATURE


def test_a_key_of_another_kind_than_the_algorithm_is_not_believed() -> None:
    assert fault(signed(claims(NOON), kid="ec")) == Fault.SIGNATURE


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"sub": "another"}, Fault.CLAIMS),
        ({"sub": None}, Fault.CLAIMS),
        ({"jti": None}, Fault.CLAIMS),
        ({"jti": ""}, Fault.CLAIMS),
        ({"jti": 7}, Fault.CLAIMS),
        ({"jti": "x" * 256}, Fault.CLAIMS),
        ({"aud": "https://elsewhere.example/oauth2/token"}, Fault.AUDIENCE),
        ({"aud": [AUDIENCE, "https://elsewhere.example"]}, Fault.AUDIENCE),
        ({"aud": None}, Fault.AUDIENCE),
        ({"exp": None}, Fault.STALE),
        ({"exp": "soon"}, Fault.STALE),
        ({"exp": True}, Fault.STALE),
        ({"exp": float("nan")}, Fault.STALE),
        ({"exp": float("inf")}, Fault.STALE),
        ({"exp": 10**400}, Fault.STALE),
        ({"iat": "now"}, Fault.STALE),
    ],
)
def test_an_assertion_with_other_claims_is_not_believed(changed: dict[str, Any], expected: Fault) -> None:
    assert fault(signed(claims(NOON, **changed))) == expected


def test_an_audience_may_be_a_list_of_us_alone() -> None:
    assert fault(signed(claims(NOON, aud=[AUDIENCE]))) is None


@pytest.mark.parametrize(
    ("claim", "seconds", "believed"),
    [
        ("exp", -29, True),
        ("exp", -30, False),
        ("exp", 330, True),
        ("exp", 331, False),
        ("iat", 30, True),
        ("iat", 31, False),
        ("nbf", 31, False),
    ],
)
def test_a_clock_may_be_half_a_minute_off_and_an_assertion_lasts_five_minutes(
    claim: str, seconds: int, believed: bool
) -> None:
    instant = int((NOON + timedelta(seconds=seconds)).timestamp())
    assert (fault(signed(claims(NOON, **{claim: instant}))) is None) is believed


@given(st.text() | st.binary().map(lambda some: some.decode("latin-1")))
def test_no_text_is_an_assertion(text: str) -> None:
    assert read_assertion(text) is None


def test_an_assertion_names_its_key_and_who_made_it_in_words() -> None:
    unnamed = claims(NOON)
    del unnamed["iss"]
    assert read_assertion(signed(unnamed)) is None
    assert read_assertion(signed({**unnamed, "iss": 7})) is None
    for header in ({"kid": 7}, {"jku": 7}):
        made = unsigned(claims(NOON), **{"alg": "RS384", "kid": "rsa", **header})
        assert read_assertion(made) is None


def test_what_is_too_long_is_not_read() -> None:
    assert read_assertion(signed(claims(NOON, more="x" * 10_000))) is None
