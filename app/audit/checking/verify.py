"""Whether the whole trail is as it was written, and where not: every chain, its head row, and every signed head."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import maxsize
from types import MappingProxyType
from typing import Final, NamedTuple

import orjson
from sqlalchemy import Connection

from app.audit import chain_store
from app.audit.chain import CHAINS, ChainKey, Head, Record
from app.audit.checking.anchors import ChainRoot, TrailHead
from app.audit.checking.faults import MOST, Fault, Inspection, Wrong
from app.audit.checking.left_off import Reached
from app.audit.checking.vouching import Vouched, Vouching
from app.audit.event import FoundBy, Kind, instant
from app.audit.merkle import Tree
from app.audit.page import BLOCK, Page

_OF_RETENTION: Final = f'"{Kind.AUDIT_FORGOTTEN}"'.encode()


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: no `faults` where all is well, the `chains` as they are, and their whole `blocks`."""

    faults: tuple[Fault, ...]
    chains: tuple[ChainRoot, ...]
    blocks: tuple[Reached, ...] = ()

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(chain.size for chain in self.chains)


def verify(connection: Connection, key: ChainKey, sealed: Iterable[TrailHead] = ()) -> Verification:
    """Read the whole trail once, as a stream, against its key and the heads that were sealed.

    The transaction must see one snapshot (`REPEATABLE READ`), so that the service may go on writing meanwhile.
    """
    return judged(connection, key, walked(connection, key, list(sealed), range(CHAINS)))


def walked(
    connection: Connection,
    key: ChainKey,
    sealed: Sequence[TrailHead],
    chains: Iterable[int],
    since: Mapping[int, Reached] = MappingProxyType({}),
) -> "list[Walk]":
    """Some chains, read in step; they tell nothing of the others, which a process of its own may read meanwhile.

    `since` says from where on, of chains that are not read from their beginning.
    """
    rows = chain_store.heads(connection)
    walks = [Walk(key, chain, sealed, rows.get(chain), _begun(connection, since.get(chain))) for chain in chains]
    going = {walk.chain: (walk, chain_store.pages(connection, walk.chain, after=walk.tree.size)) for walk in walks}
    while going:
        walk, pages = min(going.values(), key=lambda one: one[0].covered)
        if page := next(pages, None):
            walk.read(page)
        else:
            del going[walk.chain]
    return walks


def _begun(connection: Connection, reached: Reached | None) -> "Begun | None":
    link = chain_store.link_at(connection, reached.chain, reached.size) if reached and reached.size else None
    return Begun(Head(reached.chain, reached.size, link), reached.subtrees) if reached and link else None


def judged(connection: Connection, key: ChainKey, walks: Sequence["Walk"]) -> Verification:
    """What all chains together tell, each of them read in the same snapshot."""
    if any(walk.row for walk in walks) and not any(walk.head or walk.inspection.confirmed for walk in walks):
        faults = [Fault(Wrong.WRONG_KEY, f"nothing here was written with the key `{key.name}`; find the right one")]
    else:
        faults = [fault for walk in walks for fault in (*_of_head_row(walk, walks), *walk.inspection.finish())]
        faults += [*_of_misfiled(walks, faults), *_of_retention(walks), *_of_strays(connection)]
    faults += [fault for walk in walks for fault in walk.seals.broken(walk.tree)]
    return Verification(tuple(faults), tuple(walk.reached for walk in walks), tuple(walk.blocks for walk in walks))


class SealedRoots:
    """What signed heads say of one chain, met size by size as its tree grows."""

    def __init__(self, chain: int, sealed: Iterable[TrailHead], *, since: int = 0) -> None:
        roots = {(root.size, root.root, head.at) for head in sealed for root in head.chains if root.chain == chain}
        self.chain = chain
        # of an empty chain there is nothing to say, and of what a check does not begin with nothing can be said
        self._coming = deque(sorted(root for root in roots if root[0] and root[0] >= since))
        self._agreed = 0
        self._broken: list[Fault] = []

    @property
    def next(self) -> int:
        """The size at which the tree is met next."""
        return self._coming[0][0] if self._coming else maxsize

    def meet(self, tree: Tree) -> None:
        """Compare the tree with what was sealed at its size."""
        while self._coming and self._coming[0][0] == tree.size:
            size, root, at = self._coming.popleft()
            if root == tree.root:
                self._agreed = size
            else:
                self._tell("counted other events here", at, self._agreed + 1, size)

    def broken(self, tree: Tree) -> list[Fault]:
        """The earliest disagreement; those after it follow from it."""
        if self._coming:
            size, _, at = self._coming[-1]
            self._tell("counted these events, which are gone", at, tree.size + 1, size)
        return self._broken[:1]

    def _tell(self, text: str, at: datetime, first: int, last: int) -> None:
        told = f"the head sealed at {instant(at)} {text}"
        self._broken.append(Fault(Wrong.SEALED_OTHERWISE, told, self.chain, first, last))


class Begun(NamedTuple):
    """From where on a chain is read, and the tree so far; neither is believed until what follows bears it out."""

    head: Head
    subtrees: tuple[bytes, ...]


class Walk:
    """What one chain's records tell."""

    def __init__(
        self,
        key: ChainKey,
        chain: int,
        sealed: Sequence[TrailHead],
        row: tuple[Head, bytes] | None,
        begun: Begun | None = None,
    ) -> None:
        self.chain = chain
        self.row = row
        self._key = key
        self.head = row[0] if row and key.sealed(*row) else None
        self.inspection = Inspection(key, self.chain, self.head)
        self.seals = SealedRoots(chain, sealed, since=begun.head.length if begun else 0)
        counted = [root for head in sealed for root in head.chains if root.chain == chain and root.size]
        self._vouching = Vouching(key, chain, [(root.size, root.voucher) for root in counted])
        self._to_vouch_for: list[Vouched] = []
        self.tree = Tree(begun.head.length, begun.subtrees) if begun else Tree()
        self.begun = self.tree.size  # how many events before those that are looked at
        self.blocks = Reached(chain, self.tree.size, self.tree.subtrees)
        if begun:
            self.inspection.skip_to(begun.head)
            self.seals.meet(self.tree)
        self.misfiled: list[int] = []  # events that are found by what they do not say
        self.erased = 0  # the last event that no longer says anything
        self.forgotten: dict[str, int] = {}  # how far retention went, by chain, as events of this one tell

    @property
    def covered(self) -> float:
        """How much of the chain was read, as its head row has it."""
        return self.tree.size / (self.row[0].length or 1) if self.row else 0.0

    @property
    def reached(self) -> ChainRoot:
        """What a head that is sealed now says of it, if nothing is wrong."""
        return ChainRoot(self.chain, self.tree.size, self.tree.root, self._vouching.next(self._to_vouch_for))

    def read(self, page: Page) -> None:
        """The next rows: together where all are as they were written, which nearly all are, else one by one."""
        head = self.inspection.undoubted
        reached = head and _OF_RETENTION not in page and self._led_to(head, page)
        if reached:
            self.inspection.skip_to(reached)
            self._grow(page.leaves)
        else:
            for record, found_by in page:
                self._take(record, found_by)
        if self.tree.size % BLOCK == 0:
            self.blocks = Reached(self.chain, self.tree.size, self.tree.subtrees)
        if self.tree.size > self._vouching.since:
            self._to_vouch_for.append(Vouched(self.tree.size, *page.digests([len(page)])))

    def _led_to(self, head: Head, page: Page) -> Head | None:
        return page.joins(head, self._key) if self._vouching.holds(head, page) else page.follows(head, self._key)

    def _take(self, record: Record, found_by: FoundBy) -> None:
        self.inspection.take(record)
        self._grow([record.leaf])
        if record.event is None:
            self.erased = record.sequence
            return
        if record.intact and not found_by.agrees_with(record.event):
            self.misfiled.append(record.sequence)
        if _OF_RETENTION in record.event:
            for chain, up_to in _retention(record.event).items():
                self.forgotten[chain] = max(up_to, self.forgotten.get(chain, 0))

    def _grow(self, leaves: list[bytes]) -> None:
        """Add leaves, stopping wherever a head was sealed."""
        while leaves:
            until = self.seals.next - self.tree.size
            self.tree.extend(leaves[:until])
            self.seals.meet(self.tree)
            leaves = leaves[until:]


def _retention(event: bytes) -> dict[str, int]:
    """How far retention went, by chain, if that is what an event tells; a forged one may tell anything."""
    match orjson.loads(event):
        case {"kind": Kind.AUDIT_FORGOTTEN, "forgotten": dict(forgotten)}:
            return {chain: up_to for chain, up_to in forgotten.items() if isinstance(up_to, int)}
    return {}


def _of_head_row(walk: Walk, walks: Sequence[Walk]) -> Iterator[Fault]:
    if walk.row is None and any(each.row or each.tree.size for each in walks):
        yield Fault(Wrong.HEAD_MISSING, "the head row is gone", walk.chain)
    elif walk.row is not None and walk.head is None:
        yield Fault(Wrong.HEAD_EDITED, "nobody who holds the key wrote this head row", walk.chain)


def _of_misfiled(walks: Sequence[Walk], faults: Sequence[Fault]) -> Iterator[Fault]:
    """Those of which nothing worse is known."""
    known = {(fault.chain, fault.first) for fault in faults}
    for walk in walks:
        for sequence in [one for one in walk.misfiled if (walk.chain, one) not in known][:MOST]:
            told = "this event is found by what it does not say"
            yield Fault(Wrong.EDITED, told, walk.chain, sequence, sequence)


def _of_retention(walks: Sequence[Walk]) -> Iterator[Fault]:
    for walk in walks:
        told = max(each.forgotten.get(str(walk.chain), 0) for each in walks)
        if walk.erased > told:
            yield Fault(Wrong.ERASED, "no retention was recorded for these", walk.chain, told + 1, walk.erased)


def _of_strays(connection: Connection) -> Iterator[Fault]:
    for chain in chain_store.strays(connection):
        yield Fault(Wrong.INSERTED, "there is no such chain", chain)
