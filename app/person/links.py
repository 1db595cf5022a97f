"""Two people who are one: joined by a link, and parted again by undoing it.

A link rewrites nothing of what it joins, so links can be undone in any order. The record and the sharing facts follow
by their own means: a link tells whose they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from app.person import making_store, standing_store, store
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
    """What changed: who stands for `members`, which are the retired person and all for whom it stood.

    After `merge` it is `survivor` instead of `retired`, after `undo` it is `retired` again instead of `survivor`, who
    may have become another since the link was made.
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

    Where either was merged before, those who stand for them are meant. One partner's word (`LinkKind.MERGE`) does not
    join people whose birth dates disagree, nor retire a person whom other partners know: those are a person's to make.
    """
    standing = standing_store.lock_standing(connection, [survivor, retired])
    if not {survivor, retired} <= standing.keys():
        return Refused(Refusal.UNKNOWN)
    survivor, retired = standing[survivor], standing[retired]
    if survivor == retired:
        return Refused(Refusal.ALREADY_ONE)
    if kind is LinkKind.MERGE and (refusal := _beyond_one_word(connection, survivor, retired, evidence.partner)):
        return Refused(refusal)
    members = standing_store.members_of(connection, retired)
    link_id = new_id()
    standing_store.add_link(
        connection,
        {
            "id": link_id,
            "survivor": survivor,
            "retired": retired,
            "kind": kind,
            "partner": evidence.partner,
            "message": evidence.message,
            "made_at": at,
            "made_by": by,
        },
    )
    standing_store.let_stand(connection, survivor, members)
    return Link(id=link_id, kind=kind, survivor=survivor, retired=retired, members=members)


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
    holders = store.who_holds(connection, [old.digits])
    if old.digits not in holders:
        return Refused(Refusal.UNKNOWN)
    making_store.make_people(connection, {new.digits: new_id()}, at=at)
    holders |= store.who_holds(connection, [new.digits])
    return merge(
        connection,
        holders[new.digits].filed_as,
        holders[old.digits].filed_as,
        kind=LinkKind.SUPERSEDED,
        evidence=evidence,
        at=at,
        by=by,
        new_id=new_id,
    )


def undo(connection: Connection, link_id: UUID, *, at: datetime, by: str) -> Link | Refused:
    """Part what a link joined; the person it retired stands for itself again, and for whom it stood before."""
    made = standing_store.link(connection, link_id)
    if made is None:
        return Refused(Refusal.UNKNOWN)
    kind, retired = made
    survivor = standing_store.lock_standing(connection, [retired])[retired]
    if not standing_store.end_link(connection, link_id, at=at, by=by):
        return Refused(Refusal.ALREADY_UNDONE)
    members = standing_store.joined_under(connection, retired)
    standing_store.let_stand(connection, retired, members)
    return Link(id=link_id, kind=LinkKind(kind), survivor=survivor, retired=retired, members=members)


def standing(
    connection: Connection, *, limit: int, only: UUID | None = None, of: UUID | None = None
) -> list[dict[str, Any]]:
    """What was joined and stands, the newest first: each link with whom it joined, when, and on whose word.

    Of `only` one link, or `of` one person, where these are given.
    """
    told = ("id", "survivor", "retired", "kind", "partner", "message", "made_at", "made_by")
    return [
        {name: one[name] for name in told}
        for one in standing_store.standing_links(connection, limit=limit, only=only, of=of)
    ]


def alias(connection: Connection, partner: OdsCode, known: str, also: str, *, at: datetime) -> UUID | Refused:
    """Let a partner's other identifier name the same person as a known one (A47; A40 of one not filed here).

    Refused as `TAKEN` where it names another person already. Returns the person; a wrong alias is mended by
    `index.confirm`.
    """
    reference = store.who_is_called(connection, partner, [known]).get(known)
    if reference is None:
        return Refused(Refusal.UNKNOWN)
    making_store.remember(connection, partner, references={also: reference}, at=at)
    named = store.who_is_called(connection, partner, [also])[also]
    if named.place.person_id != reference.place.person_id:
        return Refused(Refusal.TAKEN)
    return named.place.person_id


def _beyond_one_word(connection: Connection, survivor: UUID, retired: UUID, partner: OdsCode | None) -> Refusal | None:
    """Why one partner's word does not join these two."""
    stated = store.stated_by_all(connection, [survivor, retired])
    births = [{one.birth_date for one in stated.get(person, ()) if one.birth_date} for person in (survivor, retired)]
    if all(births) and births[0].isdisjoint(births[1]):
        return Refusal.BIRTH_DATES_DISAGREE
    if standing_store.partners_of(connection, retired) - {partner}:
        return Refusal.KNOWN_TO_OTHERS
    return None
