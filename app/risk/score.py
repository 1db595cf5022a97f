"""What a score is here: a number that says what it rests on, or a plain statement that there is none."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """By which publication a score was computed, and as at which London date."""

    algorithm: str  # a code of `algorithms.toml`
    version: str
    as_at: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing that counted, the points it brought, and what in the record said so (codes, never free text)."""

    name: str
    points: Decimal
    said_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A computed score; `limits` say where it may not be believed, `missing` which inputs it had to do without."""

    basis: Basis
    value: Decimal
    band: str | None
    used: tuple[Input, ...] = ()
    missing: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotComputed:
    """There is no number, and why: never a zero in its place."""

    basis: Basis
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()


Result = Score | NotComputed
