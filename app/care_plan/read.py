"""Reading a plan as the agreement lets the requester: part by part, with what is not shown, and every version of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from app.audit.event import Kind
from app.care_plan.elements import PART_SYSTEM
from app.care_plan.fhir import author_of, part_of, version_of
from app.care_plan.plan import HEADINGS, Parts
from app.record.inquiry import Inquiry
from app.record.read.access import SharedRecord
from app.record.read.everything import Everything, Resource
from app.sharing.decision import Notices
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import EXPORT

_KINDS: Final = frozenset({"CarePlan", "QuestionnaireResponse", "List"})
_OURS: Final = PART_SYSTEM.encode()


class PartVersion(NamedTuple):
    """One part of a plan as it was written at one time."""

    part: str
    version: str
    at: datetime
    author: str
    controller: OdsCode
    content: Any
    source: Resource


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as its reader may see it.

    `version` is 0 where there is none, and `None` where the reader may not see the part that carries it. `closed` names
    the parts that the agreement does not open to the reader, whether or not anything is in them; `notices` says it in
    the agreement's words.
    """

    person_id: UUID
    version: int | None
    parts: Parts
    written: Sequence[PartVersion]
    closed: tuple[str, ...]
    notices: Notices

    @property
    def lead(self) -> OdsCode | None:
        """The organisation that leads it; `None` where there is none yet, or the reader may not see it."""
        return next((one.controller for one in self.written if one.part == "support"), None)

    @property
    def shown(self) -> Sequence[Resource]:
        """All that it discloses anything of."""
        return [one.source for one in self.written]


@dataclass(frozen=True, slots=True)
class History:
    """Every version of every part that the reader may see, the newest first."""

    versions: Sequence[PartVersion]

    @property
    def shown(self) -> Sequence[Resource]:
        """All that it discloses anything of."""
        return [one.source for one in self.versions]


async def read_plan(record: SharedRecord, inquiry: Inquiry, person_id: UUID) -> Plan | None:
    """The person's plan; `None` where nothing of a plan is open to the requester."""
    return await record.everything(inquiry, person_id, _plan, kind=Kind.VIEW)


async def copy_plan(record: SharedRecord, inquiry: Inquiry, person_id: UUID) -> Plan | None:
    """The same to keep, as far as the agreements let the requester take a copy."""
    return await record.everything(inquiry, person_id, _plan, kind=Kind.EXPORT, action=EXPORT)


async def read_history(record: SharedRecord, inquiry: Inquiry, person_id: UUID) -> History | None:
    """What the plan said before; `None` where nothing of a plan is open to the requester."""
    return await record.everything(inquiry, person_id, _history, former=True, kind=Kind.VIEW)


def _plan(everything: Everything) -> Plan | None:
    closed = _closed(everything)
    if len(closed) == len(HEADINGS):
        return None
    newest: dict[str, PartVersion] = {}
    for one in sorted(_written(everything.resources), key=lambda one: one.at):
        newest[one.part] = one
    whole = newest.get("support")
    return Plan(
        person_id=everything.person_id,
        version=version_of(whole.source.content) if whole else None if "support" in closed else 0,
        parts=Parts(**{one.part: one.content for one in newest.values()}),
        written=tuple(newest.values()),
        closed=closed,
        notices=everything.decision.notices,
    )


def _history(everything: Everything) -> History | None:
    if len(_closed(everything)) == len(HEADINGS):
        return None
    return History(sorted(_written(everything.resources), key=lambda one: one.at, reverse=True))


def _closed(everything: Everything) -> tuple[str, ...]:
    opened = {label.category for label in everything.decision.permitted}
    return tuple(part for part, heading in HEADINGS.items() if heading not in opened)


def _written(resources: Iterable[Resource]) -> Iterator[PartVersion]:
    for resource in resources:
        if resource.kind in _KINDS and _OURS in resource.content:
            told = orjson.loads(resource.content)
            found = part_of(told)
            if found is not None:
                part, content = found
                meta = told["meta"]
                at = datetime.fromisoformat(meta["lastUpdated"])
                yield PartVersion(
                    part, meta["versionId"], at, author_of(told), resource.label.controller, content, resource
                )
