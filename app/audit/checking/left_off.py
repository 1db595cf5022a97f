"""Where a check of the trail left off, so that by the hour only what came since is looked at.

Nothing of it is trusted: the tree that goes on from here has to meet the root of the last signed head, and the next
link has to be made by whoever holds the key. Where either is not so, everything is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from app.audit.checking.anchors import TrailHead


class Reached(NamedTuple):
    """The whole blocks of one chain that were read: how many events, and the full subtrees of the tree over them."""

    chain: int
    size: int
    subtrees: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LeftOff:
    """How far each chain was read when a head was sealed `at` an instant, and when all of it was read last."""

    at: datetime
    whole: datetime
    chains: Mapping[int, Reached]

    def goes_with(self, heads: Sequence[TrailHead]) -> bool:
        """Whether the last head that was sealed counts at least as much, of each chain."""
        if not heads or heads[-1].at != self.at:
            return False
        counted = {root.chain: root.size for root in heads[-1].chains}
        return all(counted.get(chain, 0) >= reached.size for chain, reached in self.chains.items())

    def write(self, file: Path) -> None:
        """Keep it in the place of what was there."""
        chains = [[chain, size, [each.hex() for each in subtrees]] for chain, size, subtrees in self.chains.values()]
        said = {"at": self.at.isoformat(), "whole": self.whole.isoformat(), "chains": chains}
        beside = file.with_suffix(".new")
        beside.write_bytes(orjson.dumps(said))
        beside.replace(file)

    @classmethod
    def read(cls, file: Path) -> "LeftOff | None":
        """What a file holds; `None` where it holds nothing of the kind."""
        try:
            said = orjson.loads(file.read_bytes())
            reached = [
                Reached(int(chain), int(size), tuple(map(bytes.fromhex, subtrees)))
                for chain, size, subtrees in said["chains"]
            ]
            at, whole = (datetime.fromisoformat(said[when]) for when in ("at", "whole"))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if any(one.size < 0 or len(one.subtrees) != one.size.bit_count() for one in reached):
            return None
        return cls(at, whole, {one.chain: one for one in reached})
