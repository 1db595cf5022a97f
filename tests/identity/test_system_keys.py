"""Only public keys that are strong enough, and for the two algorithms, are ever registered."""

import json
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.identity.systems.keys import UnusableKeys, key_of, read_keys, read_published_keys

from .systems import EC, KEYS, RSA

WEAK = {**RSA.as_dict(private=False), "n": "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7Qkrm"}


def test_a_key_set_and_a_single_key_are_read_alike() -> None:
    assert read_keys(json.dumps(KEYS)) == KEYS
    assert read_keys(json.dumps(KEYS["keys"][0])) == {"keys": KEYS["keys"][:1]}


@pytest.mark.parametrize(
    "said",
    [
        RSA.as_dict(private=True),
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        ECKey.generate_key("P-256", {"kid": "small"}).as_dict(private=False),
        {**RSA.as_dict(private=False), "kid": ""},
        {**RSA.as_dict(private=False), "use": "enc"},
        {**RSA.as_dict(private=False), "alg": "RS256"},
        {**EC.as_dict(private=False), "alg": "RS384"},
        WEAK,
        {"keys": []},
        {"keys": KEYS["keys"] * 2},
        {"keys": [1]},
        {"keys": {}},
        [],
        "key",
        {"kty": "RSA", "kid": "x"},
    ],
)
def test_a_key_that_cannot_be_trusted_is_not_registered(said: Any) -> None:
    with pytest.raises(UnusableKeys):
        read_keys(json.dumps(said))


def test_what_is_no_json_is_no_key() -> None:
    with pytest.raises(UnusableKeys, match="no JSON"):
        read_keys(b"-----BEGIN PUBLIC KEY-----")
    with pytest.raises(UnusableKeys, match="no JSON"):
        read_keys("[" * 100_000)


def test_of_keys_that_are_published_for_others_too_the_usable_are_kept() -> None:
    others = [ECKey.generate_key("P-256", {"kid": "other"}).as_dict(private=False), 7, {"kid": "?"}]
    assert read_published_keys(json.dumps({"keys": [*others, *KEYS["keys"]]}).encode()) == KEYS


def test_a_key_is_for_one_algorithm() -> None:
    assert key_of(KEYS, "rsa", "RS384") is not None
    assert key_of(KEYS, "rsa", "ES384") is None
    assert key_of(KEYS, "ec", "RS384") is None
    assert key_of(KEYS, "gone", "RS384") is None


def test_a_short_key_is_not_registered() -> None:
    with pytest.warns(SecurityWarning, match="2048"):
        short = RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False)
    with pytest.raises(UnusableKeys):
        read_keys(json.dumps(short))
