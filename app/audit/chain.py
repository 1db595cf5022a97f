"""How each event is bound to all before it: with the key that the database never sees, nobody else can do it.

An event's leaf is `SHA-256(0x00 ‖ salt ‖ canonical event)`, so that the leaf may stay when retention deletes the event
and its salt. Its link is `HMAC-SHA256(key, previous link ‖ leaf ‖ sequence)`; sequences count from 1. There are several
chains, so that writers do not queue behind one row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest, digest
from typing import TYPE_CHECKING, Final, NamedTuple

from app.audit.merkle import leaf_hash

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

CHAINS: Final = 8


@dataclass(frozen=True, slots=True, repr=False)
class ChainKey:
    """The secret that makes links; its `repr` does not show it."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("a chain key is 32 bytes; make it with `pisano audit keys`")

    def __repr__(self) -> str:
        return "ChainKey(•••)"

    def link(self, previous: bytes, leaf: bytes, sequence: int) -> bytes:
        """What binds a leaf to its place and to all before it."""
        inner, outer = _keyed(self.secret)  # half the cost of `hmac.digest`, which begins anew each time
        one, two = inner.copy(), outer.copy()
        one.update(previous + leaf + sequence.to_bytes(8))
        two.update(one.digest())
        return two.digest()

    def start(self, chain: int) -> "Head":
        """The head of a chain before its first event."""
        return Head(chain, 0, self._tag(b"start", chain.to_bytes(2)))

    def seal(self, head: "Head") -> bytes:
        """What a head row carries, so that it cannot be set back to an earlier link by who only has the events."""
        return self._tag(b"head", head.chain.to_bytes(2) + head.length.to_bytes(8) + head.link)

    def sealed(self, head: "Head", seal: bytes) -> bool:
        """Whether a holder of this key wrote that head."""
        return compare_digest(self.seal(head), seal)

    def pseudonym(self, text: str) -> str:
        """Stands for what someone searched for: the same text gives the same one, and nothing leads back."""
        return self._tag(b"criteria", text.encode()).hex()

    @property
    def name(self) -> str:
        """What may be told of the key, to know it by."""
        return self._tag(b"name", b"")[:8].hex()

    def _tag(self, what: bytes, content: bytes) -> bytes:
        return digest(self.secret, what + b"\x00" + content, "sha256")


@lru_cache(maxsize=4)
def _keyed(secret: bytes) -> "tuple[Hash, Hash]":
    """The two halves of HMAC-SHA256 (RFC 2104 section 2) under a key no longer than a block."""
    block = secret.ljust(64, b"\x00")
    return sha256(bytes(each ^ 0x36 for each in block)), sha256(bytes(each ^ 0x5C for each in block))


class Head(NamedTuple):
    """How far a chain has come: the number of its events, and the last one's link."""

    chain: int
    length: int
    link: bytes


class Record(NamedTuple):
    """An event in its place; `salt` and `event` are `None` once retention has deleted them."""

    sequence: int
    leaf: bytes
    link: bytes
    salt: bytes | None
    event: bytes | None

    @property
    def intact(self) -> bool:
        """Whether what is left of it agrees with its leaf."""
        if self.salt is None or self.event is None:
            return self.salt is self.event
        return leaf_hash(self.salt + self.event) == self.leaf


def extend(key: ChainKey, head: Head, events: Iterable[tuple[bytes, bytes]]) -> tuple[Head, list[Record]]:
    """Place events, each with its salt before it, after the head; also gives the head that results."""
    length, link, records = head.length, head.link, []
    for salt, event in events:
        length += 1
        leaf = leaf_hash(salt + event)
        link = key.link(link, leaf, length)
        records.append(Record(length, leaf, link, salt, event))
    return Head(head.chain, length, link), records
