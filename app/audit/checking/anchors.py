"""Signed heads: what the whole trail was at an instant, to be kept where nobody who runs the database can reach.

A head holds, for each chain, how many events it had and their Merkle root (RFC 6962), and one root over all. Whoever
keeps it can tell later whether any event it counted was changed, deleted or moved.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.audit.checking.faults import Fault, Wrong
from app.audit.checking.vouching import Vouched, Voucher
from app.audit.event import instant
from app.audit.merkle import leaf_hash, root_of

_PURPOSE = b"pisano audit head\n"  # signed with it, so that no other text signed by the key can pass for a head


@dataclass(frozen=True, slots=True)
class ChainRoot:
    """The Merkle root over the leaves of one chain's first `size` events; heads of earlier versions vouch for none."""

    chain: int
    size: int
    root: bytes
    voucher: Voucher | None = None

    def said(self) -> dict[str, Any]:
        """As JSON-shaped values, hashes in hexadecimal."""
        said = {"chain": self.chain, "size": self.size, "root": self.root.hex()}
        if self.voucher is None:
            return said
        before, rows, tag = self.voucher
        told = {"before": before.hex(), "rows": [[size, digest.hex()] for size, digest in rows], "tag": tag.hex()}
        return {**said, "voucher": told}

    @classmethod
    def read(cls, said: dict[str, Any]) -> "ChainRoot":
        """The root that says this; raises `ValueError`, `KeyError` or `TypeError` where none does."""
        told = said.get("voucher")
        if told is not None:
            rows = tuple(Vouched(size, bytes.fromhex(digest)) for size, digest in told["rows"])
            told = Voucher(bytes.fromhex(told["before"]), rows, bytes.fromhex(told["tag"]))
        return cls(said["chain"], said["size"], bytes.fromhex(said["root"]), told)


@dataclass(frozen=True, slots=True)
class TrailHead:
    """Every chain's root at an instant in UTC; `chain_key` is the name of the key that made the chains."""

    at: datetime
    chain_key: str
    chains: tuple[ChainRoot, ...]

    @property
    def root(self) -> bytes:
        """One root for all chains."""
        return root_of(leaf_hash(each.chain.to_bytes(2) + each.size.to_bytes(8) + each.root) for each in self.chains)

    @property
    def vouching_for_nothing(self) -> "TrailHead":
        """The same head for whoever wants each row to be looked at anew."""
        return replace(self, chains=tuple(replace(each, voucher=None) for each in self.chains))

    @property
    def events(self) -> int:
        """How many events it counts."""
        return sum(each.size for each in self.chains)

    def said(self) -> dict[str, Any]:
        """The head as JSON-shaped values, hashes in hexadecimal."""
        return {
            "at": instant(self.at),
            "chain_key": self.chain_key,
            "chains": [each.said() for each in self.chains],
            "root": self.root.hex(),
        }


def public_key_of(key: Ed25519PrivateKey) -> str:
    """What checks the signatures of a key, in hexadecimal: to be given to whoever keeps heads."""
    return key.public_key().public_bytes_raw().hex()


def seal(head: TrailHead, key: Ed25519PrivateKey, folder: Path) -> Path:
    """Sign a head and write it to a file named after its instant; raises `FileExistsError` rather than replace one."""
    signature = key.sign(_signed(head.said()))
    sealed = head.said() | {"public_key": public_key_of(key), "signature": signature.hex()}
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{head.at:%Y%m%dT%H%M%S.%f}Z.json"
    with path.open("xb") as file:
        file.write(orjson.dumps(sealed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    return path


def sealed_heads(folder: Path, key: Ed25519PublicKey) -> tuple[list[TrailHead], list[Fault]]:
    """The heads of a folder in the order of their names, and a fault for each file that the key did not sign."""
    heads, faults = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            heads.append(_read(path.read_bytes(), key))
        except (InvalidSignature, ValueError, KeyError, TypeError):
            faults.append(Fault(Wrong.SIGNATURE, f"the head `{path.name}` was not signed by the key of this trail"))
    return heads, faults


def _read(content: bytes, key: Ed25519PublicKey) -> TrailHead:
    said = orjson.loads(content)
    signature = bytes.fromhex(said.pop("signature"))
    del said["public_key"]  # whoever forges a head can write their own here
    key.verify(signature, _signed(said))
    return TrailHead(datetime.fromisoformat(said["at"]), said["chain_key"], tuple(map(ChainRoot.read, said["chains"])))


def _signed(said: dict[str, Any]) -> bytes:
    return _PURPOSE + orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
