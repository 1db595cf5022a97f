"""The Merkle tree of RFC 6962 section 2.1 (unchanged in RFC 9162): one hash that stands for a whole list of leaves.

Whoever keeps a root can later be shown, by a short proof, that a leaf is in the list (inclusion) or that a longer list
begins with the one they know (consistency). All hashes are 32 bytes of SHA-256; positions count from 0.
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


def inclusion_proof(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1; raises `IndexError` where there is no such leaf."""
    if not 0 <= position < len(leaves):
        raise IndexError(f"there is no leaf {position} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if position < split:
        return [*inclusion_proof(leaves[:split], position), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], position - split), root_of(leaves[:split])]


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2, for the first `size` leaves; raises `IndexError` outside 1 to n."""
    if not 0 < size <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no beginning of {size}")
    return _subproof(leaves, size, known=True)


def _subproof(leaves: Sequence[bytes], size: int, *, known: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if known else [root_of(leaves)]
    split = _split(len(leaves))
    if size <= split:
        return [*_subproof(leaves[:split], size, known=known), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], size - split, known=False), root_of(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def includes(root: bytes, size: int, leaf: bytes, position: int, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that `leaf` stands at `position` in the tree of that root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    at, last, computed = position, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and computed == root


def extends(old_root: bytes, old_size: int, new_root: bytes, new_size: int, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the new tree begins with the old one (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
