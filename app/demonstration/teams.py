"""A year of the place's teams behind its day, and meetings ahead of it: every step taken as anyone takes it.

Northgate's team has met for a year, about people of the practice that is a party; all three have met for a quarter,
also about the two stories. Nothing is written past the desk, so that whatever the agreement forbids is not here either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

from app.care_plan.revise import Revision, revise
from app.demonstration.case_studies import CASE_STUDIES
from app.demonstration.people import Resident, nhs_numbers, residents
from app.demonstration.place import GENERAL_PRACTICE
from app.demonstration.plans import HIS_PLAN
from app.demonstration.stories import FATHER, WOMAN_IN_HOSPITAL
from app.mdt.desk import MDT
from app.mdt.reading.lists import action_row, meetings
from app.mdt.reading.whole import meeting as whole_meeting
from app.mdt.steps.table import step
from app.mdt.store import among, open_actions
from app.mdt.workflow.cadence import Sitting, sittings
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.locality import LocalityDocument
from app.mdt.workflow.referral import Referral
from app.mdt.workflow.thing import Refusal
from app.place import Place
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Purpose

_DIRECT_CARE: Final = Purpose("direct-care")
_YEAR, _QUARTER = timedelta(days=365), timedelta(days=84)
_MOST_REFERRED: Final = 24
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
_DONE: Final = ("complete", {"result": "Done, and the person says so"})
_NOT_DONE: Final = ("give-up", {"reason": "The person declined"})
_HIS_QUESTION: Final = "How can he stay in his own house, and his son go on?"
_CLINICIANS: Final = ("chair", "coordinator", "nurse", "social-worker", "gp", "mental-health")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """A referral that will be made on a day, by somebody who may see the person by then."""

    on: date
    username: str
    number: NHSNumber
    said: Mapping[str, Any]


class TeamYear:
    """Tells the year: `at` is the instant at which the next step is taken."""

    def __init__(self, place: Place, on: date) -> None:
        self._place, self._on = place, on
        self._at = datetime.combine(on - _YEAR, time(9), UTC)
        self._turn = count()

    async def is_told(self) -> bool:
        """Whether any team has met."""
        inquiry = await self._inquiry("chair")
        told = [
            await meetings(self._place.desk, inquiry, name, self._on - _YEAR, self._on)
            for name in self._place.desk.localities.by_id
        ]
        return any(told)

    async def tell(self, planned: list[_Planned]) -> None:
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

    async def _refer(self, planned: _Planned) -> None:
        self._at = datetime.combine(planned.on, time(9), UTC)
        finding = await self._inquiry(planned.username, _DIRECT_CARE)
        person_id = await self._place.record.find_by_nhs_number(finding, planned.number)
        if person_id is None:
            return  # the agreement lets nobody of these refer them
        form = {**planned.said, "person_id": str(person_id)}
        referral = await self._take(planned.username, "referrals", "new", None, form, purpose=_DIRECT_CARE)
        if referral.state == "received":
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
        made = await self._take("coordinator", "meetings", "new", None, {"locality": name, "first": day, "until": day})
        if not made:
            return
        meeting = made[0].id
        await self._take("coordinator", "meetings", "invite-core", meeting, {"version": 1})
        await self._take("chair", "meetings", "fill", meeting, {"version": 1})
        self._at = sitting.starts_at - timedelta(days=1)
        await self._take("chair", "meetings", "lock", meeting, {"version": 1})
        self._at = sitting.starts_at
        for username in _CLINICIANS:
            await self._take(username, "arrivals", "new", None, {"meeting_id": str(meeting)})
        await self._take("chair", "meetings", "start", meeting, {"version": 2})
        for item in await self._agenda(meeting):
            await self._discuss(item)
        self._at = max(self._at, sitting.ends_at)
        closed = await self._take("chair", "meetings", "close", meeting, {"version": 3, "carry_over": "out-of-time"})
        drafted = await self._take("coordinator", "meetings", "draft-minutes", meeting, _seen(closed))
        await self._take("chair", "meetings", "sign", meeting, _seen(drafted))
        await self._chase(locality)

    async def _agenda(self, meeting: UUID) -> list[dict[str, Any]]:
        told = await whole_meeting(self._place.desk, await self._inquiry("chair"), meeting)
        return [] if isinstance(told, Refusal) else told["agenda"]

    async def _discuss(self, item: dict[str, Any]) -> None:
        """Seven minutes: what is said, the person's view, an action and its owner, the outcome, the next look."""
        turn = next(self._turn)
        begun = await self._take("chair", "items", "begin", item["id"], {"version": item["version"]})
        note = {
            "summary": "Each told what they know; the plan is one and everybody has a part in it",
            "view": {"said": item["question"], "whose": "The person", "how": "Asked at home", "on": str(self._day())},
            "options": ["Go on as now", "One plan with a named lead"],
            "not_taken": [{"option": "Go on as now", "why": "Nobody would know what the others do"}],
        }
        noted = await self._take("nurse", "items", "note", item["id"], _seen(begun, **note))
        what, test = _TODO[turn % len(_TODO)]
        owner = _HOUSING if "home" in what else _OWNERS[turn % len(_OWNERS)]
        due = self._day() + timedelta(days=14)
        action = {"item_id": str(item["id"]), "what": what, "test": test, "owner": owner, "due": str(due)}
        given = await self._take("chair", "actions", "new", None, action)
        self._at += timedelta(minutes=7)
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
        if item["question"] == _HIS_QUESTION and first_time:
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
        for action in [] if isinstance(found, Refusal) else found:
            turn = next(self._turn)
            owner = action_row(action, self._at)["owner"].account
            day = action.due + timedelta(days=(-4, -4, -4, -1, -6, 5, -2, 9)[turn % 8])
            if action.state == "offered" and day < self._on:
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
        items = [str(item["id"]) for item in await self._agenda(meeting) if item["question"] == _HIS_QUESTION]
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
            for entry in await self._entries(await self._place.record.find_by_nhs_number(finding, number)):
                form = {"caseload_id": str(entry.id), **CASE_STUDIES[place]}
                written = await self._take("nurse", "case-studies", "new", None, form)
                permission = {"asked_on": str(self._day()), "until": str(self._day() + _YEAR), **_PERMISSION}
                asked = await self._take("nurse", "case-studies", "permit", written.id, _seen(written, **permission))
                await self._take("chair", "case-studies", "approve", written.id, _seen(asked))

    async def _entries(self, person_id: UUID | None) -> list[CaseloadEntry]:
        """Where somebody is on a caseload now."""
        inquiry = await self._inquiry("chair")
        found = await self._place.desk.ask(
            inquiry, lambda office: among(office.connection, CaseloadEntry, person_id=person_id, state="active")
        )
        return [] if isinstance(found, Refusal) else found

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


def referrals(people: int, *, seed: int, on: date) -> list[_Planned]:
    """Whom the teams hear of: the two stories, and older people of one practice through the year."""
    numbers = dict(zip(range(1, WOMAN_IN_HOSPITAL + 1), nhs_numbers(), strict=False))
    planned = [
        _Planned(on=on - timedelta(days=40), username=username, number=numbers[FATHER], said=_fathers(on, username))
        for username in ("nurse", "social-worker", "mental-health")
    ]
    planned.append(
        _Planned(
            on=on - timedelta(days=10), username="acute-clinician", number=numbers[WOMAN_IN_HOSPITAL], said=_womans(on)
        )
    )
    older = [one for one in residents(min(people, 1000), seed=seed, on=on) if _is_registered_and_older(one, on)]
    for place, one in enumerate(older[:_MOST_REFERRED]):
        if one.nhs_number is not None:
            day = on - _YEAR + timedelta(days=2 + place * 13)
            planned.append(_Planned(on=day, username="gp", number=one.nhs_number, said=_older(day)))
    return planned


def _is_registered_and_older(resident: Resident, on: date) -> bool:
    practice, _ = resident.locality.practices[resident.practice]
    return practice == GENERAL_PRACTICE and resident.age(on) >= 65 and resident.number > WOMAN_IN_HOSPITAL


def _form(on: date, **said: Any) -> dict[str, Any]:
    informed = {"was": True, "how": "face-to-face", "on": str(on - timedelta(days=1))}
    return {"informed": informed, "agreement": {"stance": "agrees"}, **said}


def _fathers(on: date, username: str) -> dict[str, Any]:
    saw = {
        "nurse": "He fell and lay long; his son, who helps him, drinks",
        "social-worker": "Fourteen hours of care a week, and his son is worn out",
        "mental-health": "Low in spirits since the second stroke, and alone by day",
    }
    return _form(
        on - timedelta(days=40), situation=saw[username], background="Second stroke five months ago; housebound",
        assessment="Each of us does a part, and nobody the whole", recommendation="One plan for both, with one lead",
        question=_HIS_QUESTION,
        segments=["frailty-and-dementia", "complex-lives"], what_matters="To stay in my own house, with my son",
    )  # fmt: skip


def _womans(on: date) -> dict[str, Any]:
    return _form(
        on - timedelta(days=10), source="hospital", situation="Fit to leave for a week, and still on the ward",
        background="Broken hip; stairs that she cannot climb", assessment="The home keeps her here, not her health",
        recommendation="Decide together where she goes meanwhile", question="What lets her go home, and by when?",
        segments=["frailty-and-dementia"], urgency="urgent", why_urgent="Each day on the ward weakens her",
        what_matters="My own bed, and my neighbour's visits",
    )  # fmt: skip


def _older(on: date) -> dict[str, Any]:
    return _form(
        on, situation="More visits than before, and less able each time", background="Several long-term conditions",
        assessment="More than one service is needed", recommendation="Agree who leads",
        question="Who leads, and what would keep them well at home?", segments=["long-term-conditions"],
        what_matters="Not to be a burden",
    )  # fmt: skip


async def tell_year(place: Place, *, people: int, seed: int, on: date) -> bool:
    """Tell the year of a place whose people are there; false where it was told before."""
    year = TeamYear(place, on)
    if await year.is_told():
        return False
    await year.tell(referrals(people, seed=seed, on=on))
    return True
