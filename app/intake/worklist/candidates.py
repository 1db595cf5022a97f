"""Whom something may be about beside those whom matching found: searched for by whoever has to say whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.audit.event import Kind, search_criteria
from app.governance.handling import Handling, named_by
from app.intake.waiting import explain, waiting_one
from app.intake.worklist.comparing import senders
from app.person.find import Criteria, who_may_be
from app.person.standing_store import standing_of
from app.vocabulary.nhs_number import NHSNumber

MOST: Final = 5
"""How many people a search offers: whoever is not among them has to be described better."""


def meant(connection: Connection, number: int, whom: NHSNumber | Criteria, by: Handling) -> list[UUID]:
    """Who answers to this, by the accounts of parties for whose messages the requester may say whose they are.

    Whether the requester may see anything of them is decided when they look. The search is told to the trail, as one
    for the sake of the waiting statement of that number.
    """
    criteria = search_criteria(by.key, _as_searched(whom))
    by.tell(connection, None, Kind.FIND, reason=f"waiting-{number}", criteria=criteria)
    if isinstance(whom, NHSNumber):
        found = named_by(connection, whom)
        return list(standing_of(connection, [found]).values()) if found else []
    return who_may_be(connection, whom, controllers=senders(by.requester, by.agreements, by.at), limit=MOST)


def add_candidates(connection: Connection, number: int, people: Sequence[UUID]) -> int:
    """Let what waits be compared with these people, too, and filed under one of them; how many are new to it."""
    held = waiting_one(connection, number)
    if held is None:
        return 0
    known = set(standing_of(connection, held.waits.candidates).values())
    more = [each for each in people if each not in known]
    if more:
        explain(connection, number, replace(held.waits, candidates=(*held.waits.candidates, *more)))
    return len(more)


def _as_searched(whom: NHSNumber | Criteria) -> Mapping[str, str]:
    if isinstance(whom, NHSNumber):
        return {"nhs_number": whom.digits}
    said = {"family_name": whom.family_name, "given_name": whom.given_name, "birth_date": whom.birth_date,
            "postcode": whom.postcode}  # fmt: skip
    return {name: str(value) for name, value in said.items() if value}
