"""What must be done with a decision, and whether it is done: whoever cannot do it refuses. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from app.identity.requester import Requester
from app.sharing.facts import PersonFacts

Done = Callable[[Requester, PersonFacts, datetime], bool]


def _recorded(requester: Requester, facts: PersonFacts, at: datetime) -> bool:
    """The door to the record commits what it discloses before it answers."""
    return True


def _opened(requester: Requester, facts: PersonFacts, at: datetime) -> bool:
    """The requester opened this record, less than its time ago.

    An opening is committed with its reason, the alert to the privacy officer and the day by which it is reviewed
    (`opening.py`), so that where there is one, all three are done.
    """
    return any(opening.covers(requester, at) for opening in facts.openings)


HANDLERS: Final[Mapping[str, Done]] = {
    "audit": _recorded,
    "reason": _opened,
    "alert-privacy-officer": _opened,
    "review": _opened,
}
"""How each obligation that this service knows is seen to be done; it cannot do any other."""


def unmet_by(obligations: frozenset[str], requester: Requester, facts: PersonFacts, at: datetime) -> frozenset[str]:
    """Those of the obligations that are not done for this requester and person at an instant in UTC."""
    return frozenset(each for each in obligations if each not in HANDLERS or not HANDLERS[each](requester, facts, at))
