"""A partner's system, as it was registered."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.identity.requester import Requester
from app.identity.systems.scopes import Scopes
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Purpose, Role

ISSUER: Final = "systems"
"""What stands for a sign-in provider where a system proves itself by its key."""

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system of one partner: in which role and for what it asks, and how it proves itself.

    It has either `keys`, a JSON Web Key Set, or the https address where its partner publishes one. `assured_until` is
    the last day, in London, on which its organisation's Data Security and Protection Toolkit counts: a system is not
    trained, but an agreement may ask of its organisation what it asks of people. Raises `ValueError`.
    """

    id: str
    name: str
    organisation: OdsCode
    role: Role
    purpose: Purpose
    scopes: Scopes
    keys: dict[str, Any] | None = None
    keys_address: str | None = None
    assured_until: date | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("a system's id is lower-case letters, digits and hyphens, such as `rl4-trust-integration`")
        if (self.keys is None) == (self.keys_address is None):
            raise ValueError("a system has either keys or the address of its keys")
        if not self.scopes:
            raise ValueError("a system without scopes could do nothing; name one, such as `system/*.rs`")

    def asking(self) -> Requester:
        """The system as whoever asks: its partner, in the role that it was registered for."""
        return Requester(
            subject=self.id,
            issuer=ISSUER,
            name=self.name,
            organisation=self.organisation,
            role=self.role,
            training_until=self.assured_until,
        )
