"""A demonstration token speaks for one account, for twelve hours, and cannot be made by anyone else."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from app.identity.tokens import LIFETIME, Claims, issue, read
from app.vocabulary.token import Role

KEY = b"k" * 32
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_token_speaks_for_its_account_in_its_role() -> None:
    token = issue(KEY, "nurse", role=Role("community-nurse"), at=NOON)

    assert read(KEY, token, at=NOON) == Claims("nurse", Role("community-nurse"))


def test_a_token_without_a_role_leaves_the_choice_to_the_account() -> None:
    assert read(KEY, issue(KEY, "nurse", role=None, at=NOON), at=NOON) == Claims("nurse", None)


def test_a_token_ends_at_its_last_instant() -> None:
    token = issue(KEY, "nurse", role=None, at=NOON)

    assert read(KEY, token, at=NOON + LIFETIME - timedelta(seconds=1)) is not None
    assert read(KEY, token, at=NOON + LIFETIME) is None


def test_a_token_from_the_future_is_refused() -> None:
    assert read(KEY, issue(KEY, "nurse", role=None, at=NOON + timedelta(hours=1)), at=NOON) is None


def test_a_token_of_another_place_is_refused() -> None:
    assert read(KEY, issue(b"x" * 32, "nurse", role=None, at=NOON), at=NOON) is None


@pytest.mark.parametrize("changed", [{"aud": "elsewhere"}, {"iat": "noon"}, {"role": "Not A Role"}, {"sub": None}])
def test_a_token_with_other_claims_is_refused(changed: dict[str, object]) -> None:
    stamp = int(NOON.timestamp())
    claims = {"sub": "nurse", "aud": "pisano-demonstration", "iat": stamp, "exp": stamp + 60, **changed}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(KEY), algorithms=["HS256"])

    assert read(KEY, token, at=NOON) is None


def test_a_token_that_says_it_needs_no_signature_is_refused() -> None:
    def part(value: dict[str, object]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    stamp = int(NOON.timestamp())
    claims = {"sub": "nurse", "aud": "pisano-demonstration", "iat": stamp, "exp": stamp + 60}
    assert read(KEY, f"{part({'alg': 'none'})}.{part(claims)}.", at=NOON) is None


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    assert read(KEY, text, at=NOON) is None
