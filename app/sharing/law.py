"""The agreements of a place as immutable tables, which `decide` reads and `compile` writes.

Every grant is one set of labels per organisation, role, purpose and action; every prohibition one per organisation and
purpose. Prohibitions hold for all requesters and all labels, whichever agreement they stand in, so that of several
agreements in force the most restrictive wins.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.sharing.conditions import Ground, Trigger
from app.sharing.decision import AgreementVersion, Notices
from app.sharing.lattice import Lattice, union
from app.sharing.written.document import Agreement
from app.sharing.written.duration import Duration
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role


class Ask(NamedTuple):
    """What a grant is looked up by."""

    organisation: OdsCode
    role: Role
    purpose: Purpose
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledGrant:
    """One grant for one purpose: the labels that it gives once its conditions are met. It equals itself alone."""

    clause: str
    mask: int
    max_age: Duration | None
    obligations: frozenset[str]
    is_emergency: bool = False


class Conditions(NamedTuple):
    """What a grant asks of the requester: a ground, and perhaps current training."""

    ground: Ground
    training: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledProhibition:
    """The labels that one prohibition takes away when it is triggered; `waits_for` is the kind of fact it looks at."""

    clause: str
    mask: int
    trigger: Trigger
    waits_for: str
    generic_notice: bool
    yields_to_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """All prohibitions that hold for one organisation and purpose.

    `always` forbid something in everyone's record, by `always_clauses`, and `barred` is what they forbid.
    """

    always: tuple[CompiledProhibition, ...]
    always_clauses: tuple[str, ...]
    barred: int
    conditional: tuple[CompiledProhibition, ...]

    def __iter__(self) -> Iterator[CompiledProhibition]:
        yield from self.always
        yield from self.conditional


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that the agreements in force say of one ask, whoever the person is.

    `grants` stand together where their conditions are the same.
    """

    grants: Mapping[Conditions, tuple[CompiledGrant, ...]]
    bars: Bars
    notices: Notices
    notices_with_withheld: Notices
    emergency_access: bool

    @property
    def reach(self) -> int:
        """The labels that the clauses give to whoever meets their conditions, without emergency access."""
        given = union(grant.mask for grants in self.grants.values() for grant in grants if not grant.is_emergency)
        return given & ~self.bars.barred


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The agreements in force at one time, merged: terms for every ask that they know."""

    agreements: tuple[AgreementVersion, ...]
    terms: Mapping[Ask, Terms]
    obligations: frozenset[str]
    obligations_by_flag: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreements:
    """All agreements of a place; `laws[n]` holds between the instants `boundaries[n - 1]` and `boundaries[n]`."""

    documents: tuple[Agreement, ...]
    lattice: Lattice
    boundaries: tuple[datetime, ...]
    laws: tuple[Law, ...]
    roles: frozenset[Role]
    purposes: frozenset[Purpose]
    actions: frozenset[Action]

    def in_force(self, at: datetime) -> Law:
        """The law at an instant; an agreement that ends at that instant is no part of it."""
        return self.laws[bisect_right(self.boundaries, at)]
