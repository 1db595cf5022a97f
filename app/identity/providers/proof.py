"""What a provider signed: an ID token when somebody signed in, a logout token when they signed out there.

OpenID Connect Core 1.0 section 3.1.3.7, and Back-Channel Logout 1.0 section 2.6. The algorithm is the one that the
provider is configured with, whatever a token says; keys are those that the provider publishes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from app.identity.providers.provider import Kind, Provider

SKEW: Final = timedelta(seconds=30)
OLDEST: Final = timedelta(minutes=5)
"""How long after it was made a token is believed, whatever it says of its end."""

_MOST_CHARACTERS: Final = 64 * 1024
_LONGEST: Final = 255
_LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"


class NoProof(Exception):
    """A token is not this provider's, not for us, not for now, or not what it should be: all alike."""


class UnknownKey(NoProof):
    """It names a key that the provider did not publish when it was last asked."""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Who signed out at the provider: a subject, a session, or both; `id` is good once."""

    subject: str | None
    provider_session: str | None
    id: str
    at: datetime


def read_id_token(
    token: str, provider: Provider, keys: Mapping[str, Any], *, nonce: str, access_token: str, at: datetime
) -> Mapping[str, Any]:
    """The claims of whoever signed in; raises `NoProof`."""
    header, said = _signed(token, provider, keys)
    claims = CodeIDToken(
        said, header, None, {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    )
    try:
        claims.validate(now=int(at.timestamp()), leeway=int(SKEW.total_seconds()))
    except (JoseError, ValueError, TypeError) as error:
        raise NoProof from error
    _demand_ours(said, provider, at)
    if not _is_name(said.get("sub")) or (provider.assurance and said.get("acr") not in provider.assurance):
        raise NoProof
    if said.get("sid") is not None and not _is_name(said["sid"]):
        raise NoProof
    _demand_levels(said, provider)
    if provider.kind is Kind.PERSON and not _is_one_of(provider.vectors, said.get("vot")):
        raise NoProof
    return said


def _is_one_of(vectors: Iterable[str], said: object) -> bool:
    """Whether a vector of trust holds all the components of one that was asked for (RFC 8485, section 2)."""
    told = set(said.split(".")) if isinstance(said, str) else set()
    return any(set(vector.split(".")) <= told for vector in vectors)


def _demand_levels(said: Mapping[str, Any], provider: Provider) -> None:
    """That somebody, and how they signed in, is as sure as the provider is configured to say: NHS CIS2 tells both."""
    asked = {
        "authentication_assurance_level": provider.authentication_level,
        "id_assurance_level": provider.identity_level,
    }
    for claim, least in asked.items():
        if least is not None and _level(said.get(claim)) < least:
            raise NoProof


def _level(said: object) -> int:
    """A level of 1 to 3, which NHS CIS2 writes as text; 0 for anything else."""
    return int(said) if said in ("1", "2", "3") or (_is_number(said) and said in (1, 2, 3)) else 0


def read_logout_token(token: str, provider: Provider, keys: Mapping[str, Any], *, at: datetime) -> SignedOut:
    """Who signed out; raises `NoProof`. Whether it was used before is for whoever keeps those."""
    header, said = _signed(token, provider, keys)
    _demand_ours(said, provider, at)
    events, subject, session = said.get("events"), said.get("sub"), said.get("sid")
    if header.get("typ", "JWT").lower() not in ("jwt", "logout+jwt") or "nonce" in said:
        raise NoProof
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT), dict) or not _is_name(said.get("jti")):
        raise NoProof
    named = [one for one in (subject, session) if one is not None]
    if not named or not all(_is_name(one) for one in named):
        raise NoProof
    return SignedOut(subject, session, said["jti"], at)


def _signed(token: str, provider: Provider, keys: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """The header and claims of a token that one of the provider's keys signed, by its one algorithm."""
    if len(token) > _MOST_CHARACTERS:
        raise NoProof
    try:
        read = jwt.decode(token, _usable(keys), algorithms=[provider.algorithm])
    except JoseError as error:
        raise (UnknownKey if error.error == "invalid_key_id" else NoProof) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise NoProof from error
    return read.header, read.claims


def _usable(keys: Mapping[str, Any]) -> KeySet:
    """The public keys for signatures that a provider published, without whatever else stands among them."""
    published = keys.get("keys")
    found = [_key(one) for one in published] if isinstance(published, list) else []
    return KeySet([one for one in found if one is not None])


def _key(said: object) -> Key | None:
    if not isinstance(said, dict) or said.get("kty") not in ("RSA", "EC") or said.get("use", "sig") != "sig":
        return None
    try:
        return JWKRegistry.import_key(said)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _demand_ours(said: Mapping[str, Any], provider: Provider, at: datetime) -> None:
    """From this issuer, for us alone or by name, made within the last minutes, and not ended."""
    audience = said.get("aud")
    heard = [audience] if isinstance(audience, str) else audience
    if said.get("iss") != provider.issuer or not isinstance(heard, list) or provider.client_id not in heard:
        raise NoProof
    if len(heard) > 1 and said.get("azp") != provider.client_id:
        raise NoProof
    now, skew, made, ends = at.timestamp(), SKEW.total_seconds(), said.get("iat"), said.get("exp")
    if not _is_number(made) or not now - OLDEST.total_seconds() - skew <= made <= now + skew:  # type: ignore[operator]
        raise NoProof
    if ends is not None and not (_is_number(ends) and now - skew < ends):
        raise NoProof


def _is_number(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool)


def _is_name(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= _LONGEST and said.isprintable()
