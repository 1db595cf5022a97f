"""From what a provider says of somebody to who they are here. Pure; what is not understood gives no role.

NHS CIS2: of all `nhsid_nrbac_roles` only the one that `selected_roleid` names counts, never their union; somebody
without any, or who selected none, is signed in and can look at nothing.

NHS login: whoever signs in for themselves must be proved to be who they are, and be told with their NHS number. Scopes
and claims: https://nhsconnect.github.io/nhslogin/scopes-and-claims/
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from app.identity.providers.proof import NoProof
from app.identity.providers.provider import PROVED, Kind, Provider
from app.identity.sessions.session import Position, SignedIn
from app.vocabulary.nhs_number import NHSNumber

_LONGEST_NAME: Final = 200
_MOST_SAID: Final = 1000


def signed_in(provider: Provider, claims: Mapping[str, Any]) -> SignedIn:
    """Who signed in, in every position that the provider's table of roles knows for what it says of them.

    Raises `NoProof` for whoever signs in for themselves and was not proved to be the person of an NHS number.
    """
    if provider.kind is Kind.PERSON:
        return _for_themselves(provider, claims)
    return SignedIn(
        issuer=provider.issuer,
        subject=claims["sub"],
        name=_name(claims),
        positions=tuple(dict.fromkeys(_positions(provider, claims))),
        teams=frozenset(_teams(provider, claims)),
        nhs_number=_nhs_number(provider.nhs_number_claim, claims),
        training_until=_training(provider, claims),
        provider_session=claims.get("sid"),
    )


def _for_themselves(provider: Provider, claims: Mapping[str, Any]) -> SignedIn:
    number = _nhs_number(provider.nhs_number_claim or "nhs_number", claims)
    if number is None or claims.get("identity_proofing_level") != PROVED:
        raise NoProof
    return SignedIn(
        issuer=provider.issuer,
        subject=claims["sub"],
        name=_name(claims),
        positions=(),
        nhs_number=number,
        provider_session=claims.get("sid"),
        for_themselves=True,
    )


def _positions(provider: Provider, claims: Mapping[str, Any]) -> Iterator[Position]:
    if provider.kind is Kind.GROUPS:
        groups = _texts(claims.get(provider.groups_claim))
        yield from (Position(one.role, one.at) for one in provider.roles if one.says in groups)
        return
    selected = _selected(claims)
    codes = str(selected.get("role_code", "")).split(":")
    organisation = selected.get("org_code")
    yield from (Position(one.role, one.at) for one in provider.roles if one.says in codes and one.at == organisation)


def _selected(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one role of NHS CIS2 that somebody took; nothing where there is none, or where two go by its id."""
    chosen, roles = claims.get("selected_roleid"), claims.get("nhsid_nrbac_roles")
    if not isinstance(chosen, str) or not chosen or not isinstance(roles, list):
        return {}
    found = [one for one in roles[:_MOST_SAID] if isinstance(one, dict) and one.get("person_roleid") == chosen]
    return found[0] if len(found) == 1 else {}


def _teams(provider: Provider, claims: Mapping[str, Any]) -> frozenset[str]:
    """The workgroups of the selected role."""
    return _texts(_selected(claims).get("workgroups")) if provider.kind is Kind.NRBAC else frozenset()


def _name(claims: Mapping[str, Any]) -> str:
    """What to call them; their subject where the provider tells no name."""
    whole = claims.get("name") or " ".join(
        str(claims[part]) for part in ("given_name", "family_name") if part in claims
    )
    name = whole if isinstance(whole, str) and whole.isprintable() else ""
    return name[:_LONGEST_NAME].strip() or str(claims["sub"])


def _nhs_number(claim: str | None, claims: Mapping[str, Any]) -> NHSNumber | None:
    said = claims.get(claim) if claim else None
    try:
        return NHSNumber.parse(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _training(provider: Provider, claims: Mapping[str, Any]) -> date | None:
    """The last day of training that is told of somebody, else what the provider's organisations answer for."""
    if provider.training_claim is None:
        return provider.trained_until
    said = claims.get(provider.training_claim)
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _texts(said: object) -> frozenset[str]:
    return (
        frozenset(one for one in said[:_MOST_SAID] if isinstance(one, str)) if isinstance(said, list) else frozenset()
    )
