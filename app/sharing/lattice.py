"""The finite lattice of labels, each with its bit: a set of labels is one Python integer.

A whole person's record is then decided by a few operations on integers of some 2,500 bits.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Every controller × category × sensitivity; `labels[n]` is the label of bit `n`."""

    controllers: tuple[OdsCode, ...]
    categories: tuple[Category, ...] = CATEGORIES
    labels: tuple[Label, ...] = field(init=False, repr=False)
    bits: dict[Label, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        labels = tuple(Label(*parts) for parts in product(self.controllers, self.categories, Sensitivity))
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "bits", {label: bit for bit, label in enumerate(labels)})

    @property
    def everything(self) -> int:
        """The set of all labels."""
        return (1 << len(self.labels)) - 1

    def mask(
        self,
        *,
        controllers: Collection[OdsCode] | None = None,
        categories: Collection[Category] | None = None,
        sensitivities: Collection[Sensitivity] | None = None,
    ) -> int:
        """The set of labels that have one of each; `None` asks for nothing, an empty collection matches nothing."""
        return sum(
            1 << bit
            for bit, label in enumerate(self.labels)
            if (controllers is None or label.controller in controllers)
            and (categories is None or label.category in categories)
            and (sensitivities is None or label.sensitivity in sensitivities)
        )

    def labels_in(self, mask: int) -> Iterator[Label]:
        """The labels of a set, in the lattice's order."""
        while mask:
            lowest = mask & -mask
            yield self.labels[lowest.bit_length() - 1]
            mask ^= lowest

    def categories_in(self, mask: int) -> frozenset[Category]:
        """The categories of which a set holds any label."""
        return frozenset(label.category for label in self.labels_in(mask))


def union(masks: Iterable[int]) -> int:
    """All labels that any of the sets holds."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
