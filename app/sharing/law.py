"""The agreements of a place, compiled to immutable tables that `decide` reads."""

from dataclasses import dataclass

from app.sharing.lattice import Lattice


@dataclass(frozen=True, slots=True)
class Agreements:
    """All agreements of a place, whichever are in force."""

    lattice: Lattice
