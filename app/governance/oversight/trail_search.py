"""Searching the trail, for whoever the agreements let read it: each search is told to the trail first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from app.audit import store
from app.audit.event import Kind, search_criteria
from app.audit.store import About, HeldEvent, Position
from app.audit.telling import Reading
from app.governance.handling import Handling, named_by
from app.governance.oversight.looks import LOOKS, REFUSED
from app.governance.reading_reach import Reach, reach_for
from app.person.standing_store import members_of, stands_for
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ

PAGE: Final = 50
_NOBODY: Final = UUID(int=0)


class Outcome(StrEnum):
    """What came of what somebody asked."""

    SHOWN = "shown"
    REFUSED = "refused"


_KINDS: Final[Mapping[Outcome, frozenset[Kind]]] = {Outcome.SHOWN: LOOKS, Outcome.REFUSED: REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for in [since, until), in UTC; what is empty narrows nothing.

    `user` is one as their provider calls them, `after` where the page before this one ended. `person` is one whom an
    alert names, by their id, where nobody is asked for by `number`.
    """

    since: datetime
    until: datetime
    user: str = ""
    organisation: OdsCode | None = None
    number: NHSNumber | None = None
    person: UUID | None = None
    purpose: str = ""
    outcome: Outcome | None = None
    after: Position | None = None

    def criteria(self) -> dict[str, str]:
        """What it was, as the trail is told it under a keyed hash."""
        said = {
            "since": self.since,
            "until": self.until,
            "user": self.user,
            "organisation": self.organisation,
            "nhs_number": self.number.digits if self.number else "",
            "person": self.person or "",
            "purpose": self.purpose,
            "outcome": self.outcome,
        }
        return {name: str(value) for name, value in said.items() if value}


class Found(NamedTuple):
    """One page of what the trail says, the newest first; `after` leads on to the next, if there is one."""

    events: Sequence[HeldEvent]
    after: Position | None


def search_trail(connection: Connection, search: Search, by: Handling) -> Found | None:
    """One page of a search, of staff whom the requester's reach covers; `None` for whoever may read nothing.

    Show it only once the transaction is committed, for that tells the trail.
    """
    reach = reach_for(by)
    if not reach:
        by.tell(connection, None, Kind.DENIED, action=READ, reason=Reading.SEARCH)
        return None
    person = _standing(connection, search)
    told = store.events(connection, _about(connection, search, reach, person))
    criteria = search_criteria(by.key, search.criteria())
    by.tell(connection, person, Kind.AUDIT_READ, reason=Reading.SEARCH, criteria=criteria)
    return one_page(told, PAGE)


def one_page(told: Sequence[HeldEvent], most: int) -> Found:
    """The first of these events; there is a next page where there are more of them."""
    page = told[:most]
    return Found(page, _position_of(page[-1]) if len(told) > most else None)


def _position_of(told: HeldEvent) -> Position:
    return Position(datetime.fromisoformat(told.event["at"]), told.chain, told.sequence)


def _standing(connection: Connection, search: Search) -> UUID | None:
    person_id = named_by(connection, search.number) if search.number else search.person
    return stands_for(connection, person_id) if person_id else None


def _about(connection: Connection, search: Search, reach: Reach, person: UUID | None) -> About:
    organisations: frozenset[str] | None = None if reach.of_all else frozenset(reach.organisations)
    if search.organisation is not None:
        asked = frozenset[str]({search.organisation})
        organisations = asked if organisations is None else asked & organisations
    return About(
        person=person or _NOBODY if search.number or search.person else None,
        former=members_of(connection, person) if person else (),
        subject=search.user,
        organisations=organisations,
        purpose=search.purpose,
        kinds=_KINDS[search.outcome] if search.outcome else (),
        since=search.since,
        until=search.until,
        after=search.after,
        most=PAGE + 1,
    )


def is_refusal(event: Mapping[str, Any]) -> bool:
    """Whether somebody was shown nothing."""
    return event["kind"] in REFUSED
