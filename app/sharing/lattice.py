"""The finite lattice of labels, each with its bit: a set of labels is one Python integer.

A whole person's record is then decided by a few operations on integers of some 2,500 bits.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from operator import attrgetter
from typing import Any

from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Every controller × category × sensitivity: `labels[n]` is the label of bit `n`, `everything` all of them."""

    controllers: tuple[OdsCode, ...]
    categories: tuple[Category, ...] = CATEGORIES
    labels: tuple[Label, ...] = field(init=False, repr=False)
    bits: Mapping[Label, int] = field(init=False, repr=False)
    everything: int = field(init=False, repr=False)
    of_controller: Mapping[OdsCode, int] = field(init=False, repr=False)
    of_category: Mapping[Category, int] = field(init=False, repr=False)
    of_sensitivity: Mapping[Sensitivity, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        labels = tuple(Label(*parts) for parts in product(self.controllers, self.categories, Sensitivity))
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "bits", {label: bit for bit, label in enumerate(labels)})
        object.__setattr__(self, "everything", (1 << len(labels)) - 1)
        object.__setattr__(self, "of_controller", self._sets(attrgetter("controller")))
        object.__setattr__(self, "of_category", self._sets(attrgetter("category")))
        object.__setattr__(self, "of_sensitivity", self._sets(attrgetter("sensitivity")))

    def _sets(self, part: Callable[[Label], Any]) -> dict[Any, int]:
        sets: defaultdict[Any, int] = defaultdict(int)
        for bit, label in enumerate(self.labels):
            sets[part(label)] |= 1 << bit
        return dict(sets)

    def mask(
        self,
        *,
        controllers: Collection[OdsCode] | None = None,
        categories: Collection[Category] | None = None,
        sensitivities: Collection[Sensitivity] | None = None,
    ) -> int:
        """The set of labels that have one of each; `None` asks for nothing, an empty collection matches nothing."""
        mask = self.everything
        if controllers is not None:
            mask &= union(self.of_controller.get(code, 0) for code in controllers)
        if categories is not None:
            mask &= union(self.of_category.get(code, 0) for code in categories)
        if sensitivities is not None:
            mask &= union(self.of_sensitivity.get(code, 0) for code in sensitivities)
        return mask

    def labels_in(self, mask: int) -> Iterator[Label]:
        """The labels of a set, in the lattice's order."""
        while mask:
            lowest = mask & -mask
            yield self.labels[lowest.bit_length() - 1]
            mask ^= lowest

    def categories_in(self, mask: int) -> frozenset[Category]:
        """The categories of which a set holds any label."""
        return frozenset(category for category, labels in self.of_category.items() if labels & mask)


@lru_cache(maxsize=16)
def lattice_of(*controllers: OdsCode) -> Lattice:
    """The one lattice of these controllers, so that decisions under two readings of a file can be compared."""
    return Lattice(controllers)


def union(masks: Iterable[int]) -> int:
    """All labels that any of the sets holds."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
