"""Someone who signed in, the roles they may take, and the one that they took."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from app.identity.requester import Requester
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

_FOR_FORMS: Final = b"pisano form token"
_FORM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Position:
    """One role at one organisation."""

    role: Role
    organisation: OdsCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Someone whom a provider vouches for, or this place itself, and every position that they may ask in.

    Somebody may hold none: they are signed in, and can look at nothing. `provider_session` is what the provider calls
    this session, so that it can end it. Whoever signs in `for_themselves` holds none ever: they see who looked at the
    record of their `nhs_number`, and no record.
    """

    issuer: str
    subject: str
    name: str
    positions: tuple[Position, ...]
    teams: frozenset[str] = frozenset()
    nhs_number: NHSNumber | None = None
    training_until: date | None = None
    provider_session: str | None = None
    for_themselves: bool = False

    def as_json(self) -> dict[str, Any]:
        """What of it is kept beside issuer, subject and the provider's session."""
        return {
            "name": self.name,
            "positions": [[str(one.role), str(one.organisation)] for one in self.positions],
            "teams": sorted(self.teams),
            "nhs_number": self.nhs_number.digits if self.nhs_number else None,
            "training_until": self.training_until.isoformat() if self.training_until else None,
            "for_themselves": self.for_themselves,
        }

    @classmethod
    def from_json(cls, issuer: str, subject: str, provider_session: str | None, said: dict[str, Any]) -> "SignedIn":
        """The inverse of `as_json`."""
        number, trained = said["nhs_number"], said["training_until"]
        return cls(
            issuer=issuer,
            subject=subject,
            name=said["name"],
            positions=tuple(Position(Role(role), OdsCode(at)) for role, at in said["positions"]),
            teams=frozenset(said["teams"]),
            nhs_number=NHSNumber(number) if number else None,
            training_until=date.fromisoformat(trained) if trained else None,
            provider_session=provider_session,
            for_themselves=said.get("for_themselves", False),  # sessions of before there were such
        )


@dataclass(frozen=True, slots=True)
class Session:
    """One signing-in, until it ends; `chosen` is the position taken, by its place, and `ends` the latest end."""

    key: bytes
    signed_in: SignedIn
    chosen: int | None
    started: datetime
    ends: datetime

    @property
    def id(self) -> str:
        """What names it in the trail's requests; nothing can be opened with it."""
        return self.key.hex()[:16]

    @property
    def position(self) -> Position | None:
        """The one position that its owner asks in now."""
        return None if self.chosen is None else self.signed_in.positions[self.chosen]

    def asking(self) -> Requester | None:
        """Whoever signed in, in the position they took; `None` before they took one."""
        position, owner = self.position, self.signed_in
        if position is None:
            return None
        return Requester(
            subject=owner.subject,
            issuer=owner.issuer,
            name=owner.name,
            organisation=position.organisation,
            role=position.role,
            teams=owner.teams,
            nhs_number=owner.nhs_number,
            training_until=owner.training_until,
            session=self.id,
        )


@dataclass(frozen=True, slots=True)
class Cookie:
    """What a browser holds: 256 bits of chance, and the token that its forms must bring. It prints as dots."""

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def key(self) -> bytes:
        """Under which the session is kept."""
        return sha256(self.secret.encode()).digest()

    @property
    def form_token(self) -> str:
        """Nobody who cannot read the cookie can make it, and it opens nothing by itself.

        It is written otherwise each time, so that the length of a compressed page tells nothing of it.
        """
        mask = secrets.token_bytes(_FORM_BYTES)
        return (mask + _masked(self._for_forms(), mask)).hex()

    def brought(self, token: str) -> bool:
        """Whether a form or a header brought the right token."""
        try:
            said = bytes.fromhex(token)
        except ValueError:
            return False
        mask, masked = said[:_FORM_BYTES], said[_FORM_BYTES:]
        return len(masked) == _FORM_BYTES and hmac.compare_digest(self._for_forms(), _masked(masked, mask))

    def _for_forms(self) -> bytes:
        return hmac.digest(self.secret.encode(), _FOR_FORMS, "sha256")

    def __repr__(self) -> str:
        return "Cookie(•••)"


def _masked(content: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(content, mask, strict=True))
