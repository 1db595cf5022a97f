"""The agreements of a place as immutable tables, which `decide` reads and `compile` writes.

Every grant is one set of labels per organisation, role, purpose and action; every prohibition one per organisation and
purpose. Prohibitions hold for all requesters and all labels, whichever agreement they stand in, so that of several
agreements in force the most restrictive wins.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.sharing.conditions import EmergencyGround, Ground, Trigger
from app.sharing.decision import AgreementVersion
from app.sharing.document import Agreement
from app.sharing.duration import Duration
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role


class Ask(NamedTuple):
    """What a grant is looked up by."""

    organisation: OdsCode
    role: Role
    purpose: Purpose
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledGrant:
    """One grant for one purpose: the labels it gives once its ground is found."""

    clause: str
    mask: int
    ground: Ground
    training: bool
    max_age: Duration | None
    obligations: frozenset[str]

    @property
    def is_emergency(self) -> bool:
        """Whether it stands on an opening of emergency access."""
        return isinstance(self.ground, EmergencyGround)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledProhibition:
    """The labels that one prohibition takes away when it is triggered."""

    clause: str
    mask: int
    trigger: Trigger
    generic_notice: bool
    yields_to_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The agreements in force at one time, merged."""

    agreements: tuple[AgreementVersion, ...] = ()
    grants: Mapping[Ask, tuple[CompiledGrant, ...]] = field(default_factory=dict)
    prohibitions: Mapping[tuple[OdsCode, Purpose], tuple[CompiledProhibition, ...]] = field(default_factory=dict)
    not_for_role: Mapping[Ask, tuple[Category, ...]] = field(default_factory=dict)
    emergency_access: frozenset[Ask] = frozenset()
    obligations_always: frozenset[str] = frozenset()
    obligations_by_flag: Mapping[str, frozenset[str]] = field(default_factory=dict)


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
