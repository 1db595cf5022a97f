"""What stands on the first page beside the team's: late feeds, openings to account for, people opened lately."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection

from app.asking.inquiry import handling
from app.audit.reading import opened_lately
from app.audit.store import Opened
from app.governance.exceptions.afterwards import own_openings
from app.governance.exceptions.objecting import undecided
from app.intake.waiting import how_many_wait
from app.intake.worklist.doubts import open_doubts, own_doubts
from app.record.freshness import feeds
from app.sharing.facts import account_of
from app.sharing.known.objection_store import Lodged
from app.vocabulary.token import Purpose
from app.web.frame.handled import filed, written
from app.web.frame.viewing import Viewing
from app.web.quality.managing import theirs

_LATELY: Final = timedelta(days=14)
_MOST: Final = 8


async def besides(looking: Viewing) -> dict[str, Any]:
    """`{late, openings, lately, doubts, objections, quality}`, for the viewer alone but for the feeds."""
    found = await written(looking.place, lambda connection: _found(connection, looking))
    opened: list[Opened] = found.pop("opened")
    quality = await filed(looking.place, partial(_to_settle, looking)) if looking.manages else None
    return found | {"lately": await _named(looking, opened), "quality": quality}


def _found(connection: Connection, looking: Viewing) -> dict[str, Any]:
    asked, account = looking.asked, account_of(looking.asked.requester)
    late = [(looking.names.partner(feed.partner), feed, feed.late_since(asked.at)) for feed in feeds(connection)]
    openings = own_openings(connection, account, at=asked.at)
    acting = handling(asked, looking.place).acting
    opened = opened_lately(connection, acting, since=asked.at - _LATELY, most=_MOST)
    return {
        "late": [(name, feed.adapter, since) for name, feed, since in late if since],
        "openings": [one for one in openings if one.waits],
        "opened": opened,
        "doubts": own_doubts(connection, account, since=asked.at - _LATELY),
        "objections": _to_decide(connection, looking),
    }


def _to_settle(looking: Viewing, connection: Connection) -> dict[str, int]:
    """How much waits for the viewer, who decides whose messages are, as their worklist lists it."""
    partners = theirs(looking)
    doubts = [one for one in open_doubts(connection) if one.sender in {"", *partners}]
    return {"doubts": len(doubts), "waiting": how_many_wait(connection, partners)}


def _to_decide(connection: Connection, looking: Viewing) -> list[tuple[str, UUID, Lodged]]:
    """What the viewer is to decide, each once, with the first purpose for which they may handle it."""
    found: dict[int, tuple[str, UUID, Lodged]] = {}
    for purpose in looking.purposes():
        by = handling(looking.looking_for(purpose).asked, looking.place)
        for person_id, lodged in undecided(connection, by):
            found.setdefault(lodged.id, (purpose, person_id, lodged))
    return sorted(found.values(), key=lambda one: one[2].started)


async def _named(looking: Viewing, opened: list[Opened]) -> list[tuple[Any, Opened]]:
    """Each with the name that the viewer may still read; whom they may no longer see is left out."""
    named: dict[UUID, object] = {}
    for purpose in {one.purpose for one in opened}:
        asked = replace(looking.asked, id=uuid4(), purpose=Purpose(purpose))
        people = [one.person_id for one in opened if one.purpose == purpose]
        named |= await looking.place.record.glancing.identities(asked, people)
    return [(named[one.person_id], one) for one in opened if one.person_id in named]
