"""A year of the place's teams behind its day, and meetings ahead of it: every step taken as anyone takes it.

Northgate's team has met for a year, about people of the practice that is a party; all three have met for a quarter,
also about the two stories. Nothing is written past the desk, so that whatever the agreement forbids is not here either.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from operator import itemgetter
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection

from app.care_plan.revise import Revision, revise
from app.database.transactions import in_transaction
from app.demonstration.people.resident import nhs_numbers
from app.demonstration.people.stories import WOMAN_IN_HOSPITAL
from app.demonstration.teams.case_studies import CASE_STUDIES
from app.demonstration.teams.plans import HIS_PLAN
from app.demonstration.teams.referrals import HIS_QUESTION, PlannedReferral, referrals
from app.mdt.desk import MDT
from app.mdt.reading.answers.agenda import AgendaRow
from app.mdt.reading.lists import meetings
from app.mdt.reading.whole import meeting as whole_meeting
from app.mdt.steps.table import step
from app.mdt.store import among, open_actions
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.lifecycles.states import ActionState, CaseloadState, ReferralState
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.refusal import Refusal
from app.mdt.workflow.rules.cadence import Sitting, sittings
from app.place import Place
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_midnight
from app.vocabulary.token import Purpose

_DIRECT_CARE: Final = Purpose("direct-care")
_YEAR, _QUARTER = timedelta(days=365), timedelta(days=84)
_OWNERS: Final = (
    {"name": "Nell Rushton", "organisation": "RL4C", "account": "nurse"},
    {"name": "Sam Oyelaran", "organisation": "LA508", "account": "social-worker"},
    {"name": "Dr Gita Parmar", "organisation": "M92001", "account": "gp"},
    {"name": "Mei Harcourt", "organisation": "RRE", "account": "mental-health"},
)
_COORDINATOR: Final = {"name": "Kit Lane", "organisation": "RL4C", "account": "coordinator"}
_HOUSING: Final = {"name": "Hal Okafor", "organisation": "WH100", "account": "housing-officer"}
_TODO: Final = (
    ("Review medicines with the person", "A medicines review is recorded"),
    ("Ask what would make the home safer", "A plan for the home is agreed with the person"),
    ("Speak with the carer about respite", "The carer says that they can go on"),
    ("Agree who visits on which day", "The person knows who comes when"),
)
_PERMISSION: Final = {
    "basis": "person",
    "uses": ["impact-report", "teaching"],
    "asked_by": "Nell Rushton",
    "how": "At home, with what is written here read out",
}
_TALKED: Final = (9, 8, 11, 10, 6, 9, 15, 8, 10)
"""Minutes of one discussion after another: most about as long as planned."""
_SAID: Final = (
    "I would rather stay at home than go in again",
    "I do not want my family to worry",
    "I should like to know who comes, and when",
    "I can manage, if somebody helps with the stairs",
    "I am tired of telling it from the beginning each time",
)
_DONE: Final = ("complete", {"result": "Done, and the person says so"})
_ENDS: Final = (-4, -4, -4, -1, -6, 5, -2, 9)  # days after it is due
_NOT_DONE: Final = ("give-up", {"reason": "The person declined"})
_CLINICIANS: Final = ("chair", "coordinator", "nurse", "social-worker", "gp", "mental-health")
_AWAY: Final = {1: "mental-health", 3: "social-worker", 4: "mental-health", 5: "gp", 9: "gp"}
_CANCELLED: Final = 8
_OUT_OF_TIME: Final = (2, 5)
"""Which of the year's meetings, from 0, somebody missed, was cancelled, or did not reach the last on its agenda."""


class TeamYear:
    """Tells the year: `at` is the instant at which the next step is taken."""

    def __init__(self, place: Place, on: date) -> None:
        self._place, self._on = place, on
        self._at = datetime.combine(on - _YEAR, time(9), UTC)
        self._turn, self._meeting = count(), count()

    async def is_told(self) -> bool:
        """Whether any team has met."""
        inquiry = await self._inquiry("chair")
        told = [
            await meetings(self._place.desk, inquiry, name, self._on - _YEAR, self._on)
            for name in self._place.desk.localities.by_id
        ]
        return any(told)

    async def tell(self, planned: list[PlannedReferral]) -> None:
        """Everything, in the order in which it happened."""
        waiting = sorted(planned, key=lambda one: one.on)
        for locality, sitting in self._sittings():
            while waiting and waiting[0].on <= sitting.on - timedelta(days=4):
                await self._refer(waiting.pop(0))
            await self._hold(locality, sitting)
        for one in waiting:
            await self._refer(one)
        await self._look_ahead()
        await self._tell_stories()

    def _sittings(self) -> Iterator[tuple[LocalityDocument, Sitting]]:
        """Those that were held: Northgate's for a year, the others' for a quarter, in their order."""
        held = [
            (sitting.starts_at, name, sitting)
            for name, locality in self._place.desk.localities.by_id.items()
            for sitting in sittings(
                locality, self._on - (_YEAR if name == "northgate" else _QUARTER), self._on - timedelta(days=2)
            )
        ]
        for _, name, sitting in sorted(held):
            yield self._place.desk.localities.by_id[name], sitting

    async def _refer(self, planned: PlannedReferral) -> None:
        self._at = datetime.combine(planned.on, time(9), UTC)
        finding = await self._inquiry(planned.username, _DIRECT_CARE)
        person_id = await self._place.record.finding.by_nhs_number(finding, planned.number)
        if person_id is None:
            return  # the agreement lets nobody of these refer them
        form = {**planned.said, "person_id": str(person_id)}
        referral = await self._take(planned.username, "referrals", "new", None, form, purpose=_DIRECT_CARE)
        if referral.state == ReferralState.RECEIVED:
            self._at += timedelta(days=1)
            await self._take("chair", "referrals", "accept", referral.id, _seen(referral, reason="Several are needed"))
            if planned.username != "gp" or next(self._turn) % 7 != 6:
                await self._give_a_lead(referral)

    async def _give_a_lead(self, referral: Referral) -> None:
        """One of the team leads from now on, and the coordinator coordinates."""
        found = await self._entries(referral.person_id)
        if not found:
            return
        lead = {"lead": _OWNERS[next(self._turn) % len(_OWNERS)], "coordinator": _COORDINATOR}
        await self._take("coordinator", "caseload", "assign", found[0].id, _seen(found[0], **lead))

    async def _hold(self, locality: LocalityDocument, sitting: Sitting) -> None:
        self._at = sitting.starts_at - timedelta(days=3)
        name, day = locality.locality, str(sitting.on)
        await self._take("coordinator", "meetings", "new", None, {"locality": name, "first": day, "until": day})
        rows = await meetings(self._place.desk, await self._inquiry("chair"), name, sitting.on, sitting.on)
        if not rows:
            return
        meeting = rows[0]["id"]  # made just now, or when somebody was carried over to it
        await self._take("coordinator", "meetings", "invite-core", meeting, {"version": 1})
        await self._take("chair", "meetings", "fill", meeting, {"version": 1})
        self._at, number = sitting.starts_at - timedelta(days=1), next(self._meeting)
        if number == _CANCELLED:
            reason = {"version": 1, "reason": "Too few can come in the week of the holiday"}
            await self._take("coordinator", "meetings", "cancel", meeting, reason)
            return
        await self._take("chair", "meetings", "lock", meeting, {"version": 1})
        self._at = sitting.starts_at
        for username in _CLINICIANS:
            if username != _AWAY.get(number):
                await self._take(username, "arrivals", "new", None, {"meeting_id": str(meeting)})
        await self._take("chair", "meetings", "start", meeting, {"version": 2})
        agenda = await self._agenda(meeting)
        for item in agenda[:-1] if number in _OUT_OF_TIME else agenda:
            await self._discuss(item)
        self._at = max(self._at, sitting.ends_at)
        closed = await self._take("chair", "meetings", "close", meeting, {"version": 3, "carry_over": "out-of-time"})
        drafted = await self._take("coordinator", "meetings", "draft-minutes", meeting, _seen(closed))
        await self._take("chair", "meetings", "sign", meeting, _seen(drafted))
        await self._chase(locality)

    async def _agenda(self, meeting: UUID) -> list[AgendaRow]:
        told = await whole_meeting(self._place.desk, await self._inquiry("chair"), meeting)
        return told["agenda"]

    async def _discuss(self, item: AgendaRow) -> None:
        """Some minutes: what is said, the person's view, an action and its owner, the outcome, the next look."""
        turn = next(self._turn)
        begun = await self._take("chair", "items", "begin", item["id"], {"version": item["version"]})
        note = {
            "summary": "Each told what they know; the plan is one and everybody has a part in it",
            "view": {
                "said": _SAID[turn % len(_SAID)],
                "whose": "The person",
                "how": "Asked at home",
                "on": str(self._day()),
            },
            "options": ["Go on as now", "One plan with a named lead"],
            "not_taken": [{"option": "Go on as now", "why": "Nobody would know what the others do"}],
        }
        if turn % 9 == 5 and item["question"] != HIS_QUESTION:
            del note["view"]  # nobody had asked
        noted = await self._take("nurse", "items", "note", item["id"], _seen(begun, **note))
        what, test = _TODO[turn % len(_TODO)]
        owner = _HOUSING if "home" in what else _OWNERS[turn % len(_OWNERS)]
        due = self._day() + timedelta(days=14)
        action = {"item_id": str(item["id"]), "what": what, "test": test, "owner": owner, "due": str(due)}
        given = await self._take("chair", "actions", "new", None, action)
        self._at += timedelta(minutes=_TALKED[turn % len(_TALKED)])
        first_time = item["cause"] in ("new-referral", "urgent-referral")
        review_on = self._day() + timedelta(days=25 if first_time else 84)
        outcome = "plan-agreed" if first_time else "plan-continues"
        review = {"outcome": outcome, "review_on": str(review_on), "read_back": [str(given.id)]}
        concluded = await self._take("chair", "items", "conclude", item["id"], _seen(noted, **review))
        if turn % 5 != 4:
            told = {
                "told_on": str(self._day()),
                "told_how": "The nurse, by telephone",
                "plan_shared_on": str(self._day()),
            }
            await self._take("nurse", "items", "follow-up", item["id"], _seen(concluded, **told))
        if item["question"] == HIS_QUESTION and first_time:
            await self._write_plan(item["person_id"])

    async def _write_plan(self, person_id: UUID) -> None:
        """His plan, as the team agreed it; what matters to him is in his own words."""
        revision = Revision(parts=HIS_PLAN, based_on=0)
        inquiry = await self._inquiry("nurse")
        await revise(self._place.record, self._place.filing, inquiry, person_id, revision, key=self._place.key)

    async def _chase(self, locality: LocalityDocument) -> None:
        """Owners accept; most do it in time, some late, one in eight not; what is not due yet waits."""
        inquiry = await self._inquiry("chair")
        found = await self._place.desk.ask(
            inquiry, lambda office: open_actions(office.connection, locality=locality.locality)
        )
        ends = [(next(self._turn), action) for action in found]
        days = [(action.due + timedelta(days=_ENDS[turn % len(_ENDS)]), turn, action) for turn, action in ends]
        for day, turn, action in sorted(days, key=itemgetter(0, 1)):
            owner = action.subject
            if action.state == ActionState.OFFERED and owner and day < self._on:
                self._at = self._at + timedelta(hours=1)
                taken = await self._take(owner, "actions", "accept", action.id, _seen(action, reason="I will"))
                self._at = max(self._at, datetime.combine(day, time(15), UTC))
                event, said = _DONE if turn % 8 != 7 else _NOT_DONE
                await self._take(owner, "actions", event, action.id, _seen(taken, **said))

    async def _look_ahead(self) -> None:
        """The next meetings are planned, the team invited, and the first agenda of each proposed."""
        self._at = london_midnight(self._on)  # whatever the hour at which the place is made, it is past
        for name in self._place.desk.localities.by_id:
            until = str(self._on + timedelta(days=100))
            made = await self._take("coordinator", "meetings", "new", None, {"locality": name, "until": until})
            if made:
                await self._take("coordinator", "meetings", "invite-core", made[0].id, {"version": 1})
                await self._take("chair", "meetings", "fill", made[0].id, {"version": 1})
                await self._invite_housing(made[0].id)

    async def _invite_housing(self, meeting: UUID) -> None:
        """Housing comes for his item, about the window and the shower, and for nobody else's."""
        items = [str(item["id"]) for item in await self._agenda(meeting) if item["question"] == HIS_QUESTION]
        if items:
            guest = {"meeting_id": str(meeting), "items": items, "profile": "housing", "reason": "The shower"}
            made = await self._take("coordinator", "invitations", "new", None, {**guest, **_HOUSING})
            await self._take("housing-officer", "invitations", "accept", made.id, _seen(made))

    async def _tell_stories(self) -> None:
        """Each story is written, asked about, and approved by somebody else."""
        for place, number in zip(range(1, WOMAN_IN_HOSPITAL + 1), nhs_numbers(), strict=False):
            if place not in CASE_STUDIES:
                continue
            finding = await self._inquiry("nurse", _DIRECT_CARE)
            for entry in await self._entries(await self._place.record.finding.by_nhs_number(finding, number)):
                form = {"caseload_id": str(entry.id), **CASE_STUDIES[place]}
                written = await self._take("nurse", "case-studies", "new", None, form)
                permission = {"asked_on": str(self._day()), "until": str(self._day() + _YEAR), **_PERMISSION}
                asked = await self._take("nurse", "case-studies", "permit", written.id, _seen(written, **permission))
                await self._take("chair", "case-studies", "approve", written.id, _seen(asked))

    async def _entries(self, person_id: UUID | None) -> list[CaseloadEntry]:
        """Where somebody is on a caseload now."""
        inquiry = await self._inquiry("chair")
        return await self._place.desk.ask(
            inquiry,
            lambda office: among(office.connection, CaseloadEntry, person_id=person_id, state=CaseloadState.ACTIVE),
        )

    async def _inquiry(self, username: str, purpose: Purpose = MDT) -> Inquiry:
        account = await self._place.account(username)
        requester = account.asking() if account else None
        if requester is None:
            raise LookupError(f"the demonstration has no account `{username}`")
        return Inquiry(id=uuid4(), requester=requester, purpose=purpose, at=self._at)

    async def _take(
        self, username: str, things: str, event: str, id: UUID | None, form: dict[str, Any], *, purpose: Purpose = MDT
    ) -> Any:
        inquiry = replace(await self._inquiry(username, purpose), at=self._at)
        told = await self._place.desk.take(step(things, event), inquiry, id, form)
        if isinstance(told, Refusal):
            raise RuntimeError(f"{things} {event} of the demonstration was refused: {told.text}")
        return told

    def _day(self) -> date:
        return self._at.date()


def _seen(thing: Any, **said: Any) -> dict[str, Any]:
    return {"version": thing.version, **said}


async def tell_year(place: Place, *, people: int, seed: int, on: date) -> bool:
    """Tell the year of a place whose people are there; false where it was told before."""
    year = TeamYear(place, on)
    if await year.is_told():
        return False
    await year.tell(referrals(people, seed=seed, on=on))
    await in_transaction(place.filing, partial(_known_by_then, then=on - _YEAR))
    return True


def _known_by_then(connection: Connection, *, then: date) -> None:
    """Let what partners stated today have been known all year, so that what was decided can be made again."""
    connection.exec_driver_sql("UPDATE relationship SET recorded_from = least(recorded_from, started)")
    connection.exec_driver_sql("UPDATE person_flag SET recorded_from = %s", (london_midnight(then),))
