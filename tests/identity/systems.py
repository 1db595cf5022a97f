"""A partner's system for tests: its key, what it says of itself, and how it asks for a token."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from app.identity.systems.assertion import TYPE
from app.identity.systems.scopes import Scopes
from app.identity.systems.system import System
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

AUDIENCE = "http://127.0.0.1:8000/oauth2/token"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-384", {"kid": "ec", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
KEYS = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]}


def a_system(id: str = "rl4-integration", scopes: str = "system/*.rs", **changed: Any) -> System:
    registered: dict[str, Any] = {
        "id": id,
        "name": "Integration engine",
        "organisation": OdsCode("RL4C"),
        "role": Role("partner-system"),
        "purpose": Purpose("direct-care"),
        "scopes": Scopes.parse(scopes),
        "keys": KEYS,
        "assured_until": date(2099, 6, 30),
    }
    return System(**{**registered, **changed})


def claims(at: datetime | None = None, **changed: Any) -> dict[str, Any]:
    """What a good assertion says; `None` for a claim leaves it out."""
    now = int((at or datetime.now(UTC)).timestamp())
    said = {
        "iss": "rl4-integration",
        "sub": "rl4-integration",
        "aud": AUDIENCE,
        "exp": now + 240,
        "iat": now,
        "jti": str(uuid4()),
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(said: Mapping[str, Any], *, key: Any = RSA, algorithm: str = "RS384", **header: Any) -> str:
    head = {"alg": algorithm, "kid": key.as_dict()["kid"], **header}
    return jwt.encode(head, dict(said), key, algorithms=[algorithm])


def asking(assertion: str, scope: str = "system/*.rs", **changed: str | None) -> dict[str, str]:
    """The form of a token request."""
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
        **changed,
    }
    return {name: value for name, value in form.items() if value is not None}


def unsigned(said: Mapping[str, Any], **header: Any) -> str:
    """An assertion that says it needs no signature."""
    return f"{_part({'alg': 'none', 'kid': 'rsa', **header})}.{_part(said)}."


def signed_with_the_public_key(said: Mapping[str, Any]) -> str:
    """An assertion whose signature is an HMAC under the public key, which anybody can make."""
    text = f"{_part({'alg': 'HS256', 'kid': 'rsa'})}.{_part(said)}"
    return f"{text}.{_encoded(hmac.digest(RSA.as_pem(private=False), text.encode(), 'sha256'))}"


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
