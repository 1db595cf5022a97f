"""Signing in with a provider: OpenID Connect, authorization code with PKCE (S256), state and nonce.

Whatever is wrong, whoever signs in is told one thing; the trail is told what.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.audit.event import Kind
from app.audit.trail import Trail
from app.identity.providers.claims import signed_in
from app.identity.providers.proof import NoProof, SignedOut, UnknownKey, read_id_token, read_logout_token
from app.identity.providers.provider import Provider
from app.identity.published import OutOfReach
from app.identity.sessions.session import SignedIn
from app.identity.store import use_once
from app.sign_in.events import refusal
from app.sign_in.provider_endpoints import Endpoints, ProviderEndpoints

BACK: Final = "/sign-in/back/"
"""Where each provider sends people back to, followed by its id: an answer of one is never taken for another's."""

_REMEMBERED_FOR: Final = timedelta(minutes=15)  # longer than any logout token is believed


@dataclass(frozen=True, slots=True)
class Pending:
    """What a browser keeps while somebody is at their provider. It prints as dots.

    It needs no signature: others can neither read nor set the cookie that holds it, and whoever changes their own only
    spoils their own signing in.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    then: str

    def written(self) -> str:
        """As the cookie holds it."""
        return urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def read(cls, text: str) -> "Pending | None":
        """What a cookie holds, if it is one of these."""
        try:
            said = json.loads(urlsafe_b64decode(text.encode("ascii")))
            return cls(**said) if all(isinstance(one, str) for one in said.values()) else None
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None

    def __repr__(self) -> str:
        return "Pending(•••)"


class OpenIdSignIn:
    """Signing in and out with the providers of a place; `address` is the place's own."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        endpoints: ProviderEndpoints,
        pool: AsyncConnectionPool[AsyncConnection[Any]],
        trail: Trail,
        *,
        address: str,
    ) -> None:
        self.providers, self._endpoints, self._pool, self._trail = providers, endpoints, pool, trail
        self._address = address

    async def begin(self, provider: Provider, then: str, *, at: datetime) -> tuple[str, Pending] | None:
        """Where to send somebody's browser, and what it is to keep; `None` where the provider is out of reach."""
        pending = Pending(provider.id, _chance(), _chance(), _chance(), then)
        try:
            endpoints = await self._endpoints.of(provider, at)
        except OutOfReach:
            return None
        asked = {
            "nonce": pending.nonce,
            "code_challenge": create_s256_code_challenge(pending.verifier),
            "code_challenge_method": "S256",
            **({"acr_values": " ".join(provider.assurance)} if provider.assurance else {}),
            **({"vtr": json.dumps(list(provider.vectors))} if provider.vectors else {}),
        }
        address: str = prepare_grant_uri(
            endpoints.authorization,
            provider.client_id,
            "code",
            redirect_uri=self._back_to(provider),
            scope=provider.scope,
            state=pending.state,
            **asked,
        )
        return address, pending

    async def way_out(self, provider: Provider, *, at: datetime) -> str | None:
        """Where somebody signs out of the provider too (RP-Initiated Logout 1.0); `None` where it knows no such way."""
        try:
            endpoints = await self._endpoints.of(provider, at)
        except OutOfReach:
            return None
        said = [("client_id", provider.client_id), ("post_logout_redirect_uri", f"{self._address}/sign-in")]
        return add_params_to_uri(endpoints.end_session, said) if endpoints.end_session else None

    def of_issuer(self, issuer: str) -> Provider | None:
        """The provider that vouched for somebody."""
        return next((one for one in self.providers.values() if one.issuer == issuer), None)

    async def finish(
        self, provider: Provider, pending: Pending | None, said: Mapping[str, str], *, at: datetime
    ) -> SignedIn | None:
        """Who came back from the provider; `None` for whoever did not sign in there, just now, from this browser."""
        try:
            return signed_in(provider, await self._claims(provider, pending, said, at))
        except NoProof:
            reason = "no-proof"
        except OutOfReach:
            reason = "provider-out-of-reach"
        await self._trail.commit(refusal(Kind.SIGN_IN_REFUSED, id=uuid4(), at=at, reason=reason))
        return None

    async def signed_out(self, provider: Provider, token: str, *, at: datetime) -> SignedOut | None:
        """Who signed out at the provider, by a logout token that is good once; `None` for any other."""
        try:
            endpoints = await self._endpoints.of(provider, at)
            try:
                out = read_logout_token(token, provider, await self._endpoints.keys(endpoints, at), at=at)
            except UnknownKey:
                out = read_logout_token(token, provider, await self._endpoints.keys(endpoints, at, anew=True), at=at)
        except (NoProof, OutOfReach):
            return None
        ends = at + _REMEMBERED_FOR
        async with self._pool.connection() as connection:
            is_first = await use_once(connection, f"logout/{provider.issuer}", out.id, ends=ends, at=at)
        return out if is_first else None

    async def _claims(
        self, provider: Provider, pending: Pending | None, said: Mapping[str, str], at: datetime
    ) -> Mapping[str, Any]:
        code = _code(provider, pending, said)
        if pending is None:
            raise NoProof
        endpoints = await self._endpoints.of(provider, at)
        given = await self._endpoints.tokens(
            provider, endpoints, code=code, verifier=pending.verifier, back_to=self._back_to(provider)
        )
        claims = await self._proved(provider, endpoints, given, pending.nonce, at)
        if not provider.userinfo:
            return claims
        told = await self._endpoints.userinfo(endpoints, given["access_token"])
        if told.get("sub") != claims["sub"]:
            raise NoProof
        return {**told, **claims}

    async def _proved(
        self, provider: Provider, endpoints: Endpoints, given: Mapping[str, str], nonce: str, at: datetime
    ) -> Mapping[str, Any]:
        """The claims of the ID token; where it names a key that is not known, once the keys were asked for again."""
        read = partial(
            read_id_token, given["id_token"], provider, nonce=nonce, access_token=given["access_token"], at=at
        )
        try:
            return read(await self._endpoints.keys(endpoints, at))
        except UnknownKey:
            return read(await self._endpoints.keys(endpoints, at, anew=True))

    def _back_to(self, provider: Provider) -> str:
        return f"{self._address}{BACK}{provider.id}"


def _chance() -> str:
    return secrets.token_urlsafe(32)


def _code(provider: Provider, pending: Pending | None, said: Mapping[str, str]) -> str:
    """The code that a provider sent back with, if this browser was sent to it, and it is who it says (RFC 9207)."""
    state, code = said.get("state", ""), said.get("code", "")
    if pending is None or pending.provider != provider.id or not code or "error" in said:
        raise NoProof
    if (
        not hmac.compare_digest(pending.state.encode(), state.encode())
        or said.get("iss", provider.issuer) != provider.issuer
    ):
        raise NoProof
    return code
