"""Checking the trail and sealing its head, by hand or by the hour."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from app.audit.anchors import TrailHead, seal, sealed_heads
from app.audit.chain import ChainKey
from app.audit.faults import Fault
from app.audit.keys import chain_key, heads_key
from app.audit.verify import Verification, verify
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Sealed:
    """A head, and the file that holds it."""

    head: TrailHead
    path: Path


@dataclass(frozen=True, slots=True)
class Seals:
    """Where a place seals the heads of its trail, and with what."""

    folder: Path
    signing: Ed25519PrivateKey
    chains: ChainKey

    @classmethod
    def of(cls, settings: Settings) -> "Seals":
        """Those of a place; raises `UnusableKey`."""
        return cls(settings.var / "audit" / "heads", heads_key(settings), chain_key(settings))

    def last(self) -> datetime | None:
        """When a head was sealed last, by the name of its file."""
        newest = max((path.stem for path in self.folder.glob("*.json")), default=None)
        return datetime.fromisoformat(newest) if newest else None

    def seal(self, engine: Engine, *, at: datetime) -> Sealed | tuple[Fault, ...]:
        """Check the whole trail against every head so far, and seal its new one; the faults where it is not whole."""
        heads, unsigned = sealed_heads(self.folder, self.signing.public_key())
        found = verified(engine, self.chains, heads)
        if unsigned or found.faults:
            return (*unsigned, *found.faults)
        head = TrailHead(at, self.chains.name, found.chains)
        return Sealed(head, seal(head, self.signing, self.folder))


def verified(engine: Engine, key: ChainKey, heads: list[TrailHead]) -> Verification:
    """What a check of the trail finds, of one moment of it: the service goes on writing meanwhile."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return verify(connection, key, heads)
