"""`pisano bench mdt`: looking among 100,000 people for those who might be helped, and the measures of a year."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID, uuid4, uuid5

import psycopg
from sqlalchemy import Engine

from app.bench.intake import peak_memory
from app.database.transactions import plain_address, transaction
from app.demonstration.place import GENERAL_PRACTICE
from app.identity.requester import Requester
from app.mdt import store
from app.mdt.case_finding.find import CASE_FINDING, Asked, find_cases
from app.mdt.desk import MDT
from app.mdt.impact.measures import team_measures
from app.mdt.workflow.action import Action, ActionContent, Priority
from app.mdt.workflow.agenda import AgendaItem, Cause, ItemContent, Outcome, Stint
from app.mdt.workflow.caseload import CaseloadContent, CaseloadEntry, Named
from app.mdt.workflow.forms import Actor
from app.mdt.workflow.lifecycles.states import ActionState, CaseloadState, ItemState, MeetingState
from app.mdt.workflow.meeting import Meeting, MeetingContent
from app.mdt.workflow.referral import Segment
from app.place import Place, open_place
from app.record.inquiry import Inquiry
from app.settings import Settings
from app.vocabulary.token import Role

MEETINGS, SLOTS, ACTIONS = 12, 8, 4  # a year of one locality: meetings, people a meeting, actions a person
_SPACE: Final = UUID("5b0c3a52-0000-4000-8000-000000000000")

_COPIES: Final = "generate_series(1, %(copies)s) AS copy (n)"
_ANEW: Final = "md5({id}::text || n)::uuid"
_MULTIPLY: Final = tuple(
    statement.replace("<copies>", _COPIES)
    for statement in (
        f"INSERT INTO person (id, created_at) SELECT {_ANEW.format(id='id')}, created_at"  # noqa: S608  # ours
        " FROM person, <copies> WHERE merged_into IS NULL",
        f"""INSERT INTO entry
        SELECT {_ANEW.format(id="person_id")}, id, {_ANEW.format(id="filed_as")}, partner, adapter, key, label,
               category, sensitivity, version, resource_type, comparison, started, ended, recorded, standing,
               occurred_on, message, line, stored_at, digest, summary, resource
        FROM entry, <copies>""",  # noqa: S608  # ours
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """One list of case finding: among how many, how long it took, and the most memory held until then, in bytes."""

    people: int
    listed: int
    named: int
    seconds: float
    memory: int


def multiply(url: str, people: int) -> None:
    """Copy everyone with their records until there are that many, all on the practice's list."""
    with psycopg.connect(plain_address(url), autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM person WHERE merged_into IS NULL").fetchone()
        there = row[0] if row else 0
        for statement in _MULTIPLY:
            connection.execute(statement, {"copies": max(0, people // there - 1)})
        connection.execute("VACUUM ANALYZE")


def register(url: str, people: int) -> None:
    """Put that many people, and no others, on the practice's list."""
    with psycopg.connect(plain_address(url), autocommit=True) as connection:
        connection.execute("DELETE FROM relationship WHERE organisation = %s", (GENERAL_PRACTICE,))
        connection.execute(
            """
            INSERT INTO relationship (person_id, partner, key, message, kind, organisation, started)
            SELECT id, %(practice)s, 'bench/' || id, 0, 'registration', %(practice)s, now() - interval '1 year'
            FROM person WHERE merged_into IS NULL ORDER BY id LIMIT %(people)s
            """,
            {"practice": GENERAL_PRACTICE, "people": people},
        )
        connection.execute("VACUUM ANALYZE relationship")


async def look(settings: Settings, url: str) -> Looking:
    """One list for the practice, as its GP asks for it: decided, read, judged, and told to the trail."""
    async with open_place(settings, url) as place:
        inquiry = replace(await _asking(place, "gp"), purpose=CASE_FINDING)
        began = time.perf_counter()
        found = await find_cases(place.record, inquiry, Asked(), locality_of=place.desk.localities.named)
        seconds = time.perf_counter() - began
    if found is None:
        raise AssertionError("the GP of a demonstration place may find cases")
    tally = found.tally
    return Looking(
        people=tally.considered,
        listed=tally.listed,
        named=len(found.cases),
        seconds=seconds,
        memory=peak_memory(),
    )


async def measure_year(settings: Settings, url: str, engine: Engine, *, year: int) -> tuple[int, float]:
    """How many discussions a year of every locality held, and how many seconds all its measures took."""
    async with open_place(settings, url) as place:
        with transaction(engine) as connection:
            for thing in _year(place, year):
                store.add(connection, thing)
        inquiry = await _asking(place, "chair")
        await team_measures(place.desk, inquiry, None, date(year, 1, 1), date(year, 12, 31))  # what is loaded once
        began = time.perf_counter()
        told = await team_measures(place.desk, inquiry, None, date(year, 1, 1), date(year, 12, 31))
        seconds = time.perf_counter() - began
    (clear,) = [one.share for one in told if one.code == "clear-outcome"]
    return clear.of if clear else 0, seconds


def _year(place: Place, year: int) -> Iterator[Meeting | CaseloadEntry | AgendaItem | Action]:
    numbers = count()

    def new() -> UUID:
        return uuid5(_SPACE, str(next(numbers)))

    for locality in place.desk.localities.by_id:
        for month in range(1, MEETINGS + 1):
            starts = datetime(year, month, 10, 13, 30, tzinfo=UTC)
            meeting = Meeting(
                id=new(), state=MeetingState.SIGNED, version=1, locality=locality, sitting=starts.date(),
                starts_at=starts,
                ends_at=starts + timedelta(minutes=80), locked_at=starts, closed_at=starts,
                content=MeetingContent(place="by video", started_at=starts),
            )  # fmt: skip
            yield meeting
            for position in range(1, SLOTS + 1):
                yield from _discussion(meeting, position, new())


def _discussion(meeting: Meeting, position: int, person: UUID) -> Iterator[CaseloadEntry | AgendaItem | Action]:
    on, begins = meeting.sitting, meeting.starts_at + timedelta(minutes=10 * position)
    entry = CaseloadEntry(
        id=uuid5(person, "entry"), state=CaseloadState.ACTIVE, version=1, locality=meeting.locality, person_id=person,
        since=on, next_review=on,
        content=CaseloadContent(question="What next?", segments=(Segment.COMPLEX_LIVES,), referrals=()),
    )  # fmt: skip
    item = AgendaItem(
        id=uuid5(person, "item"), state=ItemState.DISCUSSED, version=1, meeting_id=meeting.id, caseload_id=entry.id,
        person_id=person, position=position, ended_at=begins,
        content=ItemContent(
            cause=Cause.NEW_REFERRAL, question="What next?", minutes=10, outcome=Outcome.PLAN_AGREED, review_on=on,
            stints=(Stint(began=begins, ended=begins + timedelta(minutes=9)),),
        ),
    )  # fmt: skip
    yield entry
    yield item
    owner = Named(name="Nell Rushton", organisation="RL4C")
    chair = Actor(issuer="local", subject="chair", name="Carol Deeming", organisation="RL4C", role="mdt-chair")
    for number in range(ACTIONS):
        yield Action(
            id=uuid5(person, f"action {number}"), state=ActionState.DONE, version=1, locality=meeting.locality,
            item_id=item.id, person_id=person, issuer=None, subject=None, organisation="RL4C",
            original_due=on, due=on, ended_at=begins,
            content=ActionContent(
                what="Visit", test="Visited", priority=Priority.ROUTINE, owner=owner, asked_by=chair
            ),
        )  # fmt: skip


async def _asking(place: Place, username: str) -> Inquiry:
    account = await place.account(username)
    asking: Requester | None = account.asking(Role(account.roles[0])) if account else None
    if asking is None:
        raise AssertionError("a demonstration place has this account")
    return Inquiry(id=uuid4(), requester=asking, purpose=MDT, at=datetime.now(UTC))


def figures(settings: Settings, url: str, *, people: int) -> list[Looking]:
    """A list among a tenth of the people, then among all: the second must not hold more memory than the first."""
    multiply(url, people)
    found = []
    for registered in (people // 10, people):
        register(url, registered)
        found.append(asyncio.run(look(settings, url)))
    return found
