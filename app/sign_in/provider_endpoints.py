"""What is asked of a provider over the network: its discovery document, its keys, tokens for a code, and userinfo."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key

from app.identity.providers.proof import NoProof
from app.identity.providers.provider import Provider
from app.identity.published import OutOfReach, Published, is_allowed, read_object

_DISCOVERY: Final = "/.well-known/openid-configuration"
_SECONDS: Final = 10
_MOST_BYTES: Final = 256 * 1024
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked what; each is https, or on this machine where a setting allows it."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None


class ProviderEndpoints:
    """Asks providers, within bounds of size and time; what they publish is kept for ten minutes."""

    def __init__(self, client: httpx.AsyncClient, *, loopback: bool) -> None:
        self._client, self._loopback = client, loopback
        self._discovered = Published(client, read_object)
        self._keys = Published(client, read_object)

    async def of(self, provider: Provider, at: datetime) -> Endpoints:
        """What the provider's discovery document says; raises `OutOfReach` where it is not this issuer's."""
        if not self._is_safe(provider.issuer):
            raise OutOfReach("an issuer begins with https://")
        said = await self._discovered.at(provider.issuer.rstrip("/") + _DISCOVERY, now=at)
        named = [said.get(f"{name}_endpoint") for name in ("authorization", "token", "userinfo", "end_session")]
        authorization, token, userinfo, end_session = (one if self._is_safe(one) else None for one in named)
        keys = said.get("jwks_uri")
        if said.get("issuer") != provider.issuer or authorization is None or token is None or not self._is_safe(keys):
            raise OutOfReach("this is not the discovery document of the issuer")
        return Endpoints(authorization, token, str(keys), userinfo, end_session)

    async def keys(self, endpoints: Endpoints, at: datetime, *, anew: bool = False) -> Mapping[str, Any]:
        """The keys that the provider publishes; raises `OutOfReach`."""
        return await self._keys.at(endpoints.keys, now=at, anew=anew)

    async def tokens(
        self, provider: Provider, endpoints: Endpoints, *, code: str, verifier: str, back_to: str
    ) -> Mapping[str, str]:
        """An `access_token` and an `id_token` for a code; raises `NoProof` where the provider gives none."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": verifier,
            "client_id": provider.client_id,
            **_proof_of_us(provider, endpoints.token),
        }
        said = await self._asked("POST", endpoints.token, data=form)
        given = {name: said.get(name) for name in ("access_token", "id_token")}
        if not all(isinstance(one, str) for one in given.values()):
            raise NoProof
        return {name: str(one) for name, one in given.items()}

    async def userinfo(self, endpoints: Endpoints, access_token: str) -> Mapping[str, Any]:
        """What the provider tells of whoever signed in, over a connection that is its own."""
        if endpoints.userinfo is None:
            raise OutOfReach("the provider names no userinfo endpoint")
        return await self._asked("GET", endpoints.userinfo, headers={"authorization": f"Bearer {access_token}"})

    async def _asked(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        content = b""
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._client.stream(method, address, **more) as answer,
            ):
                async for part in answer.aiter_raw():
                    content += part
                    if len(content) > _MOST_BYTES:
                        raise NoProof
                if answer.status_code != httpx.codes.OK:
                    raise NoProof
            return read_object(content)
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutOfReach("the provider did not answer") from error
        except (ValueError, RecursionError) as error:
            raise NoProof from error

    def _is_safe(self, address: object) -> bool:
        host = urlsplit(address).netloc.lower() if isinstance(address, str) else ""
        return isinstance(address, str) and is_allowed(address, hosts={host} - {""}, loopback=self._loopback)


def _proof_of_us(provider: Provider, token_endpoint: str) -> Mapping[str, str]:
    """By a secret that both know, or by a key of ours (RFC 7523)."""
    if provider.client_secret is not None:
        return {"client_secret": provider.client_secret.get_secret_value()}
    try:
        key = JWKRegistry.import_key(provider.client_key or {})
    except (JoseError, ValueError, TypeError) as error:
        raise NoProof from error
    header = {"kid": key.kid} if key.kid else {}
    signed = private_key_jwt_sign(key, provider.client_id, token_endpoint, alg=_algorithm(key), header=header)
    return {"client_assertion_type": _ASSERTION, "client_assertion": signed}


def _algorithm(key: Key) -> str:
    """NHS login asks for RS512, which a key of ours then names."""
    if isinstance(key, ECKey):
        return "ES256"
    return "RS512" if key.get("alg") == "RS512" else "RS256"
