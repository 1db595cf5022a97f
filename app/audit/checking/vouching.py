"""What signed heads vouch for, so that whoever checks the trail again need not look at each row anew. Pure.

A head is sealed only once every row was found as it was written. It then vouches for the rows since the head before:
SHA-256 of the very bytes in which COPY sends them, by blocks of 1,024. With which head came before, that is bound under
the key of the chains. So nobody vouches for other rows without both keys, nor for rows that a head already counted.
Rows that are no longer what was vouched for need not be wrong, as retention changes them too: they are read one by one.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from app.audit.chain import ChainKey, Head
from app.audit.page import BLOCK, Page

_NOBODY: Final = bytes(32)


class Vouched(NamedTuple):
    """The hash of a block of rows from its first to where the chain has `size` events."""

    size: int
    digest: bytes


class Voucher(NamedTuple):
    """What a head vouches for in one chain: the rows since `before`, which is the tag of the head before."""

    before: bytes
    rows: tuple[Vouched, ...]
    tag: bytes

    @classmethod
    def made(cls, key: ChainKey, chain: int, before: bytes, rows: Sequence[Vouched]) -> "Voucher":
        """That of whoever holds the key."""
        said = b"".join([one.size.to_bytes(8) + one.digest for one in rows])
        return cls(before, tuple(rows), key.vouch(chain, before + said))

    def is_of(self, key: ChainKey, chain: int, since: int, size: int) -> bool:
        """Whether a holder of the key made it, for the rows after `since` and all of them up to `size`."""
        ends = [since, *(one.size for one in self.rows)]
        in_order = all(end < later for end, later in pairwise(ends))
        return in_order and ends[-1] == size and self == Voucher.made(key, chain, self.before, self.rows)


class Vouching:
    """What heads vouch for of one chain, given how many events each counted and its voucher, if it has one.

    INVARIANT: nothing counts that each later head does not build on, so that a head that somebody made since cannot
    vouch for what one before it counted.
    """

    def __init__(self, key: ChainKey, chain: int, counted: Iterable[tuple[int, Voucher | None]]) -> None:
        self._key, self._chain = key, chain
        self.since = 0
        self._last: Voucher | None = None
        unvouched, rows = 0, list[Vouched]()
        for size, voucher in sorted(dict.fromkeys(counted), key=itemgetter(0)):
            if voucher and voucher.before == self._tag and voucher.is_of(key, chain, self.since, size):
                rows += voucher.rows
            else:
                unvouched = size
            self.since, self._last = size, voucher
        self._blocks: dict[int, list[Vouched]] = {}
        for one in rows:
            first = one.size - 1 - (one.size - 1) % BLOCK
            if first >= unvouched:
                self._blocks.setdefault(first, []).append(one)

    @property
    def _tag(self) -> bytes:
        return self._last.tag if self._last else _NOBODY

    def holds(self, head: Head, page: Page) -> bool:
        """Whether the rows that come after `head` are those that were vouched for, all of them."""
        rows = self._blocks.get(head.length)
        if not rows or rows[-1].size != head.length + len(page):
            return False
        return page.digests([one.size - head.length for one in rows]) == [one.digest for one in rows]

    def next(self, read: Iterable[Vouched]) -> Voucher | None:
        """What a head that is sealed now vouches for, of what was `read`; as the last one, where nothing came since."""
        since = [one for one in read if one.size > self.since]
        return Voucher.made(self._key, self._chain, self._tag, since) if since else self._last
