"""Writing a plan: under the agreement, on the version that its author read, and told to the trail as it is written."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine

from app.audit.chain import ChainKey
from app.audit.event import Event, Kind
from app.audit.telling import disclosure
from app.audit.trail import record as tell
from app.care_plan.fhir import VERSION_SYSTEM, resource_of
from app.care_plan.plan import HEADINGS, AboutMe, Parts, Support
from app.care_plan.read import Plan
from app.care_plan.store import ADAPTER, WHOLE, HeldPlan, held_plan, hold_plan
from app.database.transactions import transaction
from app.person.locks import keep_identities
from app.person.standing_store import stands_for
from app.record.inquiry import Inquiry
from app.record.kept.encode import entry_id
from app.record.kept.filing import file_entries
from app.record.kept.held import Filed, Source
from app.record.read.access import SharedRecord
from app.sharing.decision import Decision
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Entry
from app.vocabulary.token import Action

PLAN: Final = Action("plan")
"""What the agreement calls writing a plan."""

_TITLES: Final = {
    "support": "Personalised care and support plan",
    "about_me": "What matters to the person",
    "contingency": "Contingency plan",
    "wishes": "Where the person's wishes are kept",
}
_ALL_ELSE: Final = (
    "status", "intent", "title", "category", "description", "careTeam", "contained", "addresses", "goal", "activity",
    "extension",
)  # fmt: skip
"""Of the part that carries the version, where a change does not give it."""


@dataclass(frozen=True, slots=True)
class Written:
    """The plan is at this version now."""

    version: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody wrote it meanwhile: it is at this version, 0 where there is none. Nothing was changed."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What is written: the parts that change, and the version that the author read, 0 for a first plan.

    `lead` is the organisation that leads the plan, for a first one: else the author's own.
    """

    parts: Parts
    based_on: int
    lead: OdsCode | None = None


async def revise(
    record: SharedRecord,
    engine: Engine,
    inquiry: Inquiry,
    person_id: UUID,
    revision: Revision,
    *,
    key: ChainKey,
) -> Written | Conflict | None:
    """Write a plan's next version; `None` where the agreement does not let the requester, or of nobody."""
    decision = await record.permission(inquiry, person_id, PLAN)

    def write() -> Written | Conflict | None:
        with transaction(engine) as connection:
            return write_plan(connection, inquiry, person_id, revision, decision, key=key)

    return await asyncio.to_thread(write)


def write_plan(
    connection: Connection,
    inquiry: Inquiry,
    person_id: UUID,
    revision: Revision,
    decision: Decision,
    *,
    key: ChainKey,
) -> Written | Conflict | None:
    """The same in a transaction that is under way; `decision` says what the requester may write of that person.

    It holds one of the trail's few chains until the transaction ends, so call it last.
    """
    keep_identities(connection)
    person = stands_for(connection, person_id) or person_id
    hold_plan(connection, person)
    held = held_plan(connection, person)
    plan = held or HeldPlan(person, revision.lead or inquiry.requester.organisation, 0)
    labels = {Label(plan.controller, HEADINGS[part], Sensitivity.NORMAL) for part in _written(revision.parts)}
    if not labels <= decision.permitted.keys():
        refused = decision._replace(granted=())
        tell(connection, [_event(inquiry, person, refused, (), ())], key=key)
        return None
    if revision.based_on != plan.version:
        return Conflict(plan.version)
    entries = [_entry(part, revision.parts, plan, inquiry) for part in _written(revision.parts)]
    source = Source(partner=plan.controller, adapter=ADAPTER, message=0, at=inquiry.at)
    file_entries(connection, [Filed(person, plan.filed_as, entry) for entry in entries], source)
    numbers = [entry_id(plan.filed_as, Provenance(plan.controller, ADAPTER, 0, 0), entry.key) for entry in entries]
    tell(connection, [_event(inquiry, person, decision, labels, numbers)], key=key)
    return Written(plan.version + 1)


async def writable(record: SharedRecord, inquiry: Inquiry, plan: Plan) -> tuple[str, ...]:
    """The parts of a plan that whoever read it may write; none where they may not write the one with the version."""
    if plan.version is None:
        return ()
    decision = await record.permission(inquiry, plan.person_id, PLAN)
    lead = plan.lead or inquiry.requester.organisation
    may = [part for part, heading in HEADINGS.items() if Label(lead, heading, Sensitivity.NORMAL) in decision.permitted]
    return tuple(may) if "support" in may else ()


def _written(parts: Parts) -> list[str]:
    """The parts that a change writes: those that it gives, and always the one that carries the version."""
    return [part for part in HEADINGS if part == "support" or getattr(parts, part) is not None]


def _entry(part: str, parts: Parts, plan: HeldPlan, inquiry: Inquiry) -> Entry:
    value = getattr(parts, part)
    author, organisation = inquiry.requester.name, inquiry.requester.organisation
    content = Support() if value is None else value
    resource = resource_of(part, content, author=author, organisation=organisation, at=inquiry.at)
    keeps: tuple[str, ...] = ()
    if part == "support":
        version = {"system": VERSION_SYSTEM, "value": str(plan.version + 1)}
        resource["identifier"] = [*resource["identifier"], version]
        if value is None and plan.version:
            resource = {name: resource[name] for name in ("resourceType", "identifier", "created", "author")}
            keeps = _ALL_ELSE
    return Entry(
        key=WHOLE if part == "support" else f"{resource['resourceType']}/{part.replace('_', '-')}",
        category=HEADINGS[part],
        resource=resource,
        title=_TITLES[part],
        detail=content.what_matters if isinstance(content, AboutMe) else f"written by {author}, {organisation}",
        line=0,
        started=inquiry.at,
        recorded=inquiry.at,
        keeps=keeps,
    )


def _event(
    inquiry: Inquiry, person: UUID, decision: Decision, labels: Iterable[Label], entries: Sequence[int]
) -> Event:
    return disclosure(
        inquiry,
        Kind.PLAN_WRITTEN,
        person,
        decision,
        id=uuid5(inquiry.id, f"{Kind.PLAN_WRITTEN}/{person}"),
        action=PLAN,
        labels=labels,
        entries=entries,
        request=str(inquiry.id),
    )
