"""One act of the trail, as far as watching needs it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.audit.event import Kind
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

REFUSED: Final = frozenset({Kind.DENIED, Kind.INDETERMINATE_ALARM})
LOOKS: Final = frozenset({Kind.VIEW, Kind.ENTRY, Kind.EXPORT, Kind.EMERGENCY_OPENED}) | REFUSED
"""What is about one person whom somebody chose, attempts that were refused among it; a list of candidates is not."""
WATCHED: Final = LOOKS | {Kind.FIND}

SYSTEM: Final = Role("partner-system")
"""It works by day and by night, and nobody's home is beside it."""


class Act(NamedTuple):
    """What somebody did; `event` is where the trail holds it, `chain/sequence`, and `at` is in UTC."""

    event: str
    kind: Kind
    at: datetime
    actor: Account
    role: Role
    organisation: OdsCode
    person: UUID | None = None
    request: str = ""

    @property
    def is_look(self) -> bool:
        """Whether it is about one person."""
        return self.kind in LOOKS and self.person is not None


def act_of(event: str, told: Mapping[str, Any]) -> Act | None:
    """What an event tells; `None` for those that are no act of somebody who asks for a partner."""
    if told["kind"] not in WATCHED or "role" not in told or "organisation" not in told:
        return None
    return Act(
        event=event,
        kind=Kind(told["kind"]),
        at=datetime.fromisoformat(told["at"]),
        actor=Account(told["issuer"], told["subject"]),
        role=Role(told["role"]),
        organisation=OdsCode(told["organisation"]),
        person=UUID(told["person"]) if "person" in told else None,
        request=told.get("request", ""),
    )


def people_of(acts: Iterable[Act]) -> set[UUID]:
    """Whom they are about."""
    return {act.person for act in acts if act.person is not None}
