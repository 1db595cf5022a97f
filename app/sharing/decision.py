"""What the agreements permit one requester to see of one person: a value, never an exception."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from app.sharing.lattice import Lattice, union
from app.vocabulary.category import Category
from app.vocabulary.label import Label

REFUSAL: Final = "There is nothing to show. Check the details, or ask your records team."
"""The one answer to `no such person`, `nothing permitted` and `not yours`."""

_MASK: Final = attrgetter("mask")


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """Which agreement decided; `sha256` is of its canonical form, and changes with anything that it says."""

    id: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.id}@{self.version}#{self.sha256}"


@dataclass(frozen=True, slots=True)
class Permission:
    """The clauses that permit one label, and the London date of the earliest thing under it that they permit."""

    clauses: tuple[str, ...]
    not_before: date | None


class Granted(NamedTuple):
    """A grant whose conditions are met, and the labels that it gives once prohibitions are taken away."""

    clause: str
    mask: int
    not_before: date | None = None


@dataclass(frozen=True, slots=True)
class Notices:
    """What the viewer is told about what is not shown, in the words of the agreements in force.

    `banner` is said of every record. `not_for_role` holds the categories that those agreements never show to this role
    for this purpose, whether or not anything stands under them, and `role` the words before them. `withheld` is one
    fixed sentence, where a clause allows it.
    """

    banner: str
    not_for_role: tuple[Category, ...] = ()
    withheld: str | None = None
    role: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """All of it, a sentence each."""
        headings = ", ".join(category.heading for category in self.not_for_role)
        return tuple(filter(None, (self.banner, f"{self.role}: {headings}." if headings else "", self.withheld)))


class Decision(NamedTuple):
    """The labels permitted, each with its clauses, or why not.

    `prohibitions` are the clauses that forbade, `relied_on` the facts that decided, by kind and id. `alarm` says what
    was missing or unknown, for operators; a viewer is never told it. `route_to_emergency_access` depends on the role
    alone, never on the person. Whoever cannot carry out one of `obligations` must refuse, and says which by `unmet`.
    """

    lattice: Lattice
    agreements: tuple[AgreementVersion, ...]
    granted: tuple[Granted, ...] = ()
    prohibitions: tuple[str, ...] = ()
    relied_on: tuple[str, ...] = ()
    obligations: frozenset[str] = frozenset()
    notices: Notices = Notices("")
    alarm: str | None = None
    unmet: frozenset[str] = frozenset()
    route_to_emergency_access: bool = False

    @property
    def mask(self) -> int:
        """The permitted labels as bits of the lattice."""
        return union(grant.mask for grant in self.granted)

    @property
    def denied(self) -> bool:
        """Whether nothing at all is permitted."""
        return not any(map(_MASK, self.granted))

    @property
    def clauses(self) -> tuple[str, ...]:
        """Every clause that decided anything, in alphabetical order."""
        return tuple(sorted({*self.prohibitions, *(grant.clause for grant in self.granted)}))

    @property
    def permitted(self) -> Mapping[Label, Permission]:
        """Every permitted label; computed once for all decisions that grant alike."""
        return _permissions(self.lattice, self.granted)

    def permits(self, label: Label, occurred_on: date | None) -> bool:
        """Whether one entry may be shown.

        `occurred_on` is the London date on which it last held, and `None` while it lasts or where no one knows:
        a greatest age never hides what may still hold.
        """
        bit = self.lattice.bits.get(label)
        return bit is not None and any(
            grant.mask >> bit & 1
            and (grant.not_before is None or occurred_on is None or occurred_on >= grant.not_before)
            for grant in self.granted
        )

    def disclosed(self, labels: Iterable[Label]) -> dict[str, list[str]]:
        """What the audit trail records: the labels that were shown, under the clauses that permitted them.

        The key joins the ids of clauses by a space; raises `KeyError` for a label that is not permitted.
        """
        written, under = _written(self.lattice, self.granted), dict[str, list[str]]()
        for label, clauses in sorted([written[label] for label in labels]):
            under.setdefault(clauses, []).append(label)
        return under


@lru_cache(maxsize=512)
def _permissions(lattice: Lattice, granted: tuple[Granted, ...]) -> Mapping[Label, Permission]:
    return MappingProxyType(
        {
            label: _permission([grant for grant in granted if grant.mask >> lattice.bits[label] & 1])
            for label in lattice.labels_in(union(grant.mask for grant in granted))
        }
    )


@lru_cache(maxsize=512)
def _written(lattice: Lattice, granted: tuple[Granted, ...]) -> Mapping[Label, tuple[str, str]]:
    """Each permitted label and its clauses as the audit trail writes them."""
    return {label: (str(label), " ".join(one.clauses)) for label, one in _permissions(lattice, granted).items()}


def _permission(granted: list[Granted]) -> Permission:
    limits = [grant.not_before for grant in granted if grant.not_before is not None]
    return Permission(
        clauses=tuple(grant.clause for grant in granted),
        not_before=min(limits) if len(limits) == len(granted) else None,
    )
