"""Two people who are one: joined by a link, and parted again by undoing it.

A link rewrites nothing of what it joins, so links can be undone in any order. The record and the sharing facts follow
by their own means: a link tells whose they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection

from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode


class LinkKind(StrEnum):
    """On whose word two people are one."""

    MERGE = "merge"  # a partner's A34 or A40
    SUPERSEDED = "superseded"  # the Personal Demographics Service replaced one number by another
    PERSON = "person"  # somebody compared the two


class Refusal(StrEnum):
    """Why nothing was joined or parted."""

    UNKNOWN = "unknown"  # no such person, number, identifier or link
    ALREADY_ONE = "already-one"  # the two are one person already: nothing is left to do
    BIRTH_DATES_DISAGREE = "birth-dates-disagree"  # one partner's word is not enough
    KNOWN_TO_OTHERS = "known-to-others"  # other partners know the retired person: one partner's word is not enough
    TAKEN = "taken"  # the identifier is another person's
    ALREADY_UNDONE = "already-undone"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed."""

    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Who said that two people are one, and in which message of the inbox; `None` where nobody sent one."""

    partner: OdsCode | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`retired` was joined to `survivor`; `members` are all people, `retired` first, for whom another stands now.

    After `merge` the survivor stands for every member; after `undo` the retired person does, for itself as well.
    """

    id: UUID
    kind: LinkKind
    survivor: UUID
    retired: UUID
    members: tuple[UUID, ...]


def merge(
    connection: Connection,
    survivor: UUID,
    retired: UUID,
    *,
    kind: LinkKind,
    evidence: Evidence,
    at: datetime,
    by: str,
    new_id: Callable[[], UUID],
) -> Link | Refused:
    """Let `survivor` stand for `retired`, and for all whom that one stood for.

    One partner's word (`LinkKind.MERGE`) does not join people whose birth dates disagree, nor retire a person whom
    other partners know: those merges are a person's to make.
    """
    raise NotImplementedError


def supersede(
    connection: Connection,
    old: NHSNumber,
    new: NHSNumber,
    *,
    evidence: Evidence,
    at: datetime,
    by: str,
    new_id: Callable[[], UUID],
) -> Link | Refused:
    """Let the holder of the new number stand for the holder of the old; a new number unknown here gets a person."""
    raise NotImplementedError


def undo(connection: Connection, link_id: UUID, *, at: datetime, by: str) -> Link | Refused:
    """Part what a link joined; the person it retired stands for itself again, and for whom it stood before."""
    raise NotImplementedError


def alias(connection: Connection, partner: OdsCode, known: str, also: str, *, at: datetime) -> UUID | Refused:
    """Let a partner's other identifier name the same person as a known one (A47; A40 of one not filed here).

    Refused as `TAKEN` where it names another person already. Returns the person; a wrong alias is mended by
    `index.confirm`.
    """
    raise NotImplementedError
