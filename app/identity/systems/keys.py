"""The public keys by which a system proves itself: RSA of 2048 bits or more, or P-384."""

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, KeySet, RSAKey

ALGORITHMS: Final = ("RS384", "ES384")
"""Fixed, as SMART App Launch asks: what an assertion says of its own algorithm is only ever looked up here."""

_FEWEST_BITS: Final = 2048
_MOST_KEYS: Final = 20


class UnusableKeys(ValueError):
    """A key set is none, holds a key that cannot be used, or holds a private one."""


def read_keys(text: str | bytes) -> dict[str, Any]:
    """A key set as JSON, or one key as a set, each of its keys usable; raises `UnusableKeys`."""
    keys = _listed(text)
    for each in keys:
        _demand_usable(each)
    if len({each["kid"] for each in keys}) < len(keys):
        raise UnusableKeys("two keys have the same `kid`; give each its own")
    return {"keys": keys}


def read_published_keys(text: bytes) -> dict[str, Any]:
    """The usable keys of a set that its owner publishes for others too; raises `UnusableKeys` where it is no set."""
    return {"keys": [each for each in _listed(text) if _is_usable(each)]}


def _listed(text: str | bytes) -> list[Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableKeys("this is no JSON; give a JSON Web Key Set, or one key") from None
    keys = said.get("keys", [said]) if isinstance(said, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= _MOST_KEYS:
        raise UnusableKeys(f"a key set is an object whose `keys` are one to {_MOST_KEYS} keys")
    return keys


def key_of(keys: Mapping[str, Any], kid: str, algorithm: str) -> Key | None:
    """The key of that id, if it is for that algorithm; `keys` are as `read_keys` gave them."""
    for each in KeySet.import_key_set({"keys": keys["keys"]}):
        if each.kid == kid and _algorithm_of(each) == algorithm:
            return each
    return None


def _is_usable(said: object) -> bool:
    try:
        _demand_usable(said)
    except UnusableKeys:
        return False
    return True


def _demand_usable(said: object) -> None:
    if not isinstance(said, dict) or not isinstance(said.get("kid"), str) or not said["kid"]:
        raise UnusableKeys("each key needs a `kid`")
    if any(part in said for part in ("d", "p", "q", "k")):
        raise UnusableKeys("this is a private key: keep it where it is, make another, and give its public part only")
    if said.get("use", "sig") != "sig":
        raise UnusableKeys("a key for encryption cannot sign; leave it out")
    algorithm = _algorithm_said(said)
    if algorithm is None or said.get("alg", algorithm) != algorithm:
        raise UnusableKeys("a key is RSA of 2048 bits or more for RS384, or of the curve P-384 for ES384")


def _algorithm_said(said: dict[str, Any]) -> str | None:
    if said.get("kty") == "RSA" and len(str(said.get("n"))) * 6 < _FEWEST_BITS:  # in base64
        return None
    try:
        return _algorithm_of(JWKRegistry.import_key(said))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _algorithm_of(key: Key) -> str | None:
    if isinstance(key, RSAKey):
        return "RS384" if key.public_key.key_size >= _FEWEST_BITS else None
    if isinstance(key, ECKey):
        return "ES384" if key.curve_name == "P-384" else None
    return None
