"""Bearer tokens of a demonstration place. No other place accepts them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app.keyfile import key_file
from app.settings import Settings
from app.vocabulary.token import Role

LIFETIME: Final = timedelta(hours=12)
_ALGORITHM: Final = "HS256"  # fixed: what a token says of its own algorithm is never believed
_AUDIENCE: Final = "pisano-demonstration"


@dataclass(frozen=True, slots=True)
class Claims:
    """Whom a token speaks for; everything else about them is asked of the place's accounts."""

    username: str
    role: Role | None


def token_key(settings: Settings) -> bytes:
    """The key of a demonstration place, made at its first use and kept in its secrets folder."""
    return key_file(settings.secrets_folder / "demonstration-tokens.key", lambda: secrets.token_bytes(32))


def issue(key: bytes, username: str, *, role: Role | None, at: datetime) -> str:
    """A token that is good for twelve hours from `at`."""
    claims = {"sub": username, "aud": _AUDIENCE, "iat": int(at.timestamp()), "exp": int((at + LIFETIME).timestamp())}
    if role is not None:
        claims["role"] = str(role)
    return jwt.encode({"alg": _ALGORITHM}, claims, OctKey.import_key(key), algorithms=[_ALGORITHM])


def read(key: bytes, token: str, *, at: datetime) -> Claims | None:
    """Whom a token speaks for, or `None` for one that is forged, stale, early, or for somewhere else: all alike."""
    try:
        claims = jwt.decode(token, OctKey.import_key(key), algorithms=[_ALGORITHM]).claims
        good = claims["aud"] == _AUDIENCE and claims["iat"] <= at.timestamp() < claims["exp"]
        role = Role(claims["role"]) if "role" in claims else None
        return Claims(claims["sub"], role) if good and isinstance(claims["sub"], str) else None
    except (JoseError, KeyError, TypeError, ValueError):
        return None
