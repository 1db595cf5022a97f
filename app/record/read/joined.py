"""That a record was joined from another's, to whoever may see something of what was in that one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from app.database.pipeline import Read
from app.record.lock import UNDECIDED
from app.vocabulary.ods_code import OdsCode

_LINKS: Final = b"""
    SELECT retired, kind, partner, made_at FROM person_link
    WHERE undone_at IS NULL AND retired = ANY ($1::uuid[]) ORDER BY made_at, retired
"""


class Joined(NamedTuple):
    """Whose record was joined, when, and on whose word: a `LinkKind`; `partner` where it is one that is shown."""

    person_id: UUID
    at: datetime
    kind: str
    partner: OdsCode | None


async def joined(read: Read, person_id: UUID, filed: Mapping[UUID, Collection[OdsCode]]) -> list[Joined]:
    """What was joined to a person's record; `filed` is as whom what may be seen was filed, and by which partners.

    INVARIANT: of a record of which nothing may be seen, it is not told that there was one.
    """
    others = [one for one in filed if one != person_id]
    shown = {controller for controllers in filed.values() for controller in controllers}
    rows = await read(_LINKS, (others,), UNDECIDED) if others else ()
    return [
        Joined(retired, at, kind, OdsCode(partner) if partner in shown else None) for retired, kind, partner, at in rows
    ]
