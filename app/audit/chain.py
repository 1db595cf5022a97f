"""How each event is bound to all before it: with the key that the database never sees, nobody else can do it.

An event's leaf is `SHA-256(0x00 ‖ salt ‖ canonical event)`, so that the leaf may stay when retention deletes the event
and its salt. Its link is keyed BLAKE2b of 32 bytes (RFC 7693) over `previous link ‖ leaf ‖ sequence`; sequences count
from 1. Links were HMAC-SHA256 of the same once, which took three times as long to check; such links still hold. There
are several chains, so that writers do not queue behind one row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from hmac import compare_digest, digest
from typing import Final, NamedTuple

from app.audit.merkle import leaf_hash

CHAINS: Final = 8
_LINK: Final = 32
_BOUND: Final = _LINK + 32 + 8


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
        """What binds a leaf to its place and to all before it; both it and the leaf are 32 bytes."""
        return self._linking(_bound(previous, leaf, sequence)).digest()

    def linked(self, previous: bytes, leaf: bytes, sequence: int, link: bytes) -> bool:
        """Whether a link binds a leaf there, as it is made now or was made once."""
        bound = _bound(previous, leaf, sequence)
        return len(bound) == _BOUND and len(link) == _LINK and self.made(bound, link)

    def made(self, bound: bytes, links: bytes) -> bool:
        """The same of many, all made alike, each side by side: the links, and what each binds (`_bound`)."""
        each = [bound[at : at + _BOUND] for at in range(0, len(bound), _BOUND)]
        linking = self._linking
        if b"".join([linking(one).digest() for one in each]) == links:
            return True
        return b"".join([digest(self.secret, one, "sha256") for one in each]) == links

    @property
    def _linking(self) -> "partial[blake2b]":
        return partial(blake2b, key=self.secret, digest_size=32)

    def start(self, chain: int) -> "Head":
        """The head of a chain before its first event."""
        return Head(chain, 0, self._tag(b"start", chain.to_bytes(2)))

    def seal(self, head: "Head") -> bytes:
        """What a head row carries, so that it cannot be set back to an earlier link by who only has the events."""
        return self._tag(b"head", head.chain.to_bytes(2) + head.length.to_bytes(8) + head.link)

    def sealed(self, head: "Head", seal: bytes) -> bool:
        """Whether a holder of this key wrote that head."""
        return compare_digest(self.seal(head), seal)

    def vouch(self, chain: int, content: bytes) -> bytes:
        """What a head carries beside what it vouches for in a chain, so that to sign heads is not enough to vouch."""
        return self._tag(b"vouch", chain.to_bytes(2) + content)

    def pseudonym(self, text: str) -> str:
        """Stands for what someone searched for: the same text gives the same one, and nothing leads back."""
        return self._tag(b"criteria", text.encode()).hex()

    @property
    def name(self) -> str:
        """What may be told of the key, to know it by."""
        return self._tag(b"name", b"")[:8].hex()

    def _tag(self, what: bytes, content: bytes) -> bytes:
        return digest(self.secret, what + b"\x00" + content, "sha256")


def _bound(previous: bytes, leaf: bytes, sequence: int) -> bytes:
    return previous + leaf + sequence.to_bytes(8)


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
