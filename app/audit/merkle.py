"""The Merkle tree of RFC 6962 section 2.1 (unchanged in RFC 9162): one hash that stands for a whole list of leaves.

Whoever keeps a root can tell from the leaves whether one of those that it covers was changed. All hashes are 32 bytes
of SHA-256.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The leaf that stands for some content."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that only grows, of which no more is kept than the roots of its full subtrees: at most 64 of them."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size = size
        self._full = list(subtrees)  # the largest first, one for each bit set in `size`

    @property
    def subtrees(self) -> tuple[bytes, ...]:
        """The roots of its full subtrees, from which a tree of this size can be grown on."""
        return tuple(self._full)

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Append leaves, one level of the tree after another: sooner than leaf by leaf."""
        level, full, unpaired = list(leaves), self.size, []
        self.size += len(level)
        while level:
            if full & 1:
                level.insert(0, self._full.pop())
            if len(level) & 1:
                unpaired.append(level.pop())
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            full >>= 1
        self._full += reversed(unpaired)

    @property
    def root(self) -> bytes:
        """The Merkle Tree Hash of the leaves so far."""
        if not self._full:
            return EMPTY
        *larger, root = self._full
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle Tree Hash of a list of leaves."""
    tree = Tree()
    tree.extend(list(leaves))
    return tree.root
