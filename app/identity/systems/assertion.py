"""The signed statement by which a system asks for a token: RFC 7523, as SMART Backend Services narrows it.

Reading trusts nothing: `Assertion` is what somebody says, until `check` found that the key of whom they name signed it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError

from app.identity.systems.keys import ALGORITHMS, key_of

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_LIFE: Final = timedelta(minutes=5)
SKEW: Final = timedelta(seconds=30)
"""How far a partner's clock may be from ours."""

_MOST_CHARACTERS: Final = 8192
_LONGEST_JTI: Final = 255


class Fault(StrEnum):
    """Why a system was not believed: for the trail, never for whoever asked."""

    UNREADABLE = "unreadable-assertion"
    UNKNOWN = "unknown-system"
    REVOKED = "revoked-system"
    NO_KEYS = "keys-out-of-reach"
    SIGNATURE = "wrong-signature"
    CLAIMS = "wrong-claims"
    AUDIENCE = "wrong-audience"
    STALE = "stale-assertion"
    REPLAYED = "replayed-assertion"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an assertion says of itself; `text` is all of it."""

    text: str
    algorithm: str
    kid: str
    keys_address: str | None
    claims: Mapping[str, Any]

    @property
    def names(self) -> str:
        """Whom it names."""
        return str(self.claims["iss"])

    @property
    def ends(self) -> float:
        """When it ends, in seconds since 1970; only of one that was checked."""
        return float(self.claims["exp"])


def read_assertion(text: str) -> Assertion | None:
    """What an assertion says; `None` for what is none."""
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        signed = jws.extract_compact(text.encode("ascii"))
        header, claims = signed.headers(), json.loads(signed.payload)
    except (JoseError, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict) or header.get("alg") not in ALGORITHMS:
        return None
    kid, address = header.get("kid"), header.get("jku")
    if not isinstance(kid, str) or not isinstance(address, str | None) or not isinstance(claims.get("iss"), str):
        return None
    return Assertion(text, header["alg"], kid, address, claims)


def check(assertion: Assertion, keys: Mapping[str, Any], *, audience: str, at: datetime) -> Fault | None:
    """Why an assertion is not to be believed, if it is not; whether it was used before is for whoever keeps those."""
    key = key_of(keys, assertion.kid, assertion.algorithm)
    if key is None:
        return Fault.SIGNATURE
    try:
        jwt.decode(assertion.text, key, algorithms=[assertion.algorithm])
    except (JoseError, ValueError):
        return Fault.SIGNATURE
    claims = assertion.claims
    if claims.get("sub") != claims["iss"] or not _is_jti(claims.get("jti")):
        return Fault.CLAIMS
    if claims.get("aud") not in (audience, [audience]):
        return Fault.AUDIENCE
    return None if _is_timely(claims, at) else Fault.STALE


def _is_jti(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= _LONGEST_JTI


def _is_timely(claims: Mapping[str, Any], at: datetime) -> bool:
    now, skew = at.timestamp(), SKEW.total_seconds()
    ends, begins = claims.get("exp"), [claims.get(name, now) for name in ("iat", "nbf")]
    if not all(_is_number(each) for each in (ends, *begins)):
        return False
    in_time: bool = now - skew < ends <= now + LONGEST_LIFE.total_seconds() + skew  # type: ignore[operator]
    return in_time and all(each <= now + skew for each in begins)


def _is_number(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool)
