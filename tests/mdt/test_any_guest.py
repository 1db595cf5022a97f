"""Whatever a team and a guest do, in whatever order, a guest sees one person through every door alike, or nobody."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from app.mdt.as_fhir import reading
from app.mdt.as_fhir.meeting import meeting_as_fhir
from app.mdt.packs.pack import pack
from app.mdt.reading import diary, discussed, lists, whole
from app.mdt.workflow.agenda import AgendaItem
from app.mdt.workflow.caseload import CaseloadEntry
from app.mdt.workflow.meeting import Meeting
from app.mdt.workflow.refusal import Refusal, Why
from app.person.find import Criteria
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Action
from tests.mdt.conftest import FATHER, NEIGHBOUR, ON, Wulfrun, why
from tests.mdt.test_invitation import guest

GUEST, STRANGER = "housing-officer", "hospice-nurse"
AS_FHIR = partial(meeting_as_fhir, base="https://record.example/fhir/R4")
HIM = Criteria(family_name="Tranter", birth_date=date(ON.year - 81, 5, 14))
OPENS, INSTANT = timedelta(minutes=15), timedelta(microseconds=1)


class Evening:
    """A meeting about two people, to which housing is invited for the first; what should be so is kept beside it."""

    def __init__(self, wulfrun: Wulfrun) -> None:
        wulfrun.begin_anew()
        self.wulfrun = wulfrun
        father, self.neighbours = wulfrun.on_caseload(), wulfrun.on_caseload(NEIGHBOUR, username="social-worker")
        self.meeting = wulfrun.meeting("northgate")
        self.item, self.other = wulfrun.listed(self.meeting, father), wulfrun.listed(self.meeting, self.neighbours)
        form = guest(self.meeting, self.item)
        self.invitation = UUID(str(wulfrun.does("coordinator", "invitations", "new", **form)["id"]))
        self.accepted, self.over, self.in_the_room = False, False, False
        self.looks = 0

    @property
    def sees(self) -> bool:
        """Whether the guest may see the person whom they are invited for, just now."""
        starts, ends = self.meeting["starts_at"], self.meeting["ends_at"]
        return self.accepted and not self.over and starts - OPENS <= self.wulfrun.at < ends

    def does(self, username: str, thing: str, event: str, of: UUID, /, **form: Any) -> bool:
        """Whether a step could be taken, by the thing's newest version."""
        table = {"invitations": "invitation", "items": "agenda_item", "meetings": "meeting"}[thing]
        told = self.wulfrun.tries(username, thing, event, of, version=self.wulfrun.version(table, of), **form)
        return not isinstance(told, Refusal)

    # what may happen

    def accept(self) -> None:
        self.accepted |= self.does(GUEST, "invitations", "accept", self.invitation)

    def decline(self) -> None:
        self.accepted &= not self.does(GUEST, "invitations", "decline", self.invitation)

    def revoke(self) -> None:
        self.over |= self.does("coordinator", "invitations", "revoke", self.invitation, reason="Wrong officer")

    def withdraw(self) -> None:
        self.over |= self.does("chair", "items", "withdraw", self.item, reason="He asked us to")

    def begin(self) -> None:
        if self.wulfrun.at < self.meeting["starts_at"] - OPENS and self._is("planned"):
            self.wulfrun.began(self.meeting)

    def arrive(self) -> None:
        told = self.wulfrun.tries(GUEST, "arrivals", "new", meeting_id=self.meeting["id"])
        self.in_the_room |= not isinstance(told, Refusal)

    def discuss(self) -> None:
        self.does("chair", "items", "begin", self.item)

    def carry_over(self) -> None:
        self.over |= self.does("chair", "items", "carry-over", self.item, reason="out-of-time")

    def cancel(self) -> None:
        self.over |= self.does("chair", "meetings", "cancel", self.meeting["id"], reason="Snow")

    def close(self) -> None:
        self.over |= self.does("chair", "meetings", "close", self.meeting["id"], carry_over="out-of-time")

    def object(self) -> None:
        told = self.wulfrun.refer(FATHER, "social-worker", agreement={"stance": "objects", "objects_to": ["WH100"]})
        self.over |= not isinstance(told, Refusal)

    def nearly(self) -> None:
        self._until(self.meeting["starts_at"] - OPENS - INSTANT)

    def open_up(self) -> None:
        self._until(self.meeting["starts_at"] - OPENS)

    def last_moment(self) -> None:
        self._until(self.meeting["ends_at"] - INSTANT)

    def pass_away(self) -> None:
        self._until(self.meeting["ends_at"])

    def forward(self) -> None:
        assert not self.does(STRANGER, "invitations", "accept", self.invitation)

    def grasp(self) -> None:
        """What a guest might try, to see more, is refused as though there were nothing."""
        meeting_id = str(self.meeting["id"])
        listing = {"meeting_id": meeting_id, "caseload_id": str(self.neighbours), "question": "And she?"}
        for thing, form in (("items", listing), ("invitations", guest(self.meeting, self.item, self.other))):
            assert isinstance(self.wulfrun.tries(GUEST, thing, "new", **form), Refusal)
        assert not self.does(GUEST, "items", "begin", self.other)

    def _until(self, at: Any) -> None:
        self.wulfrun.at = max(self.wulfrun.at, at)

    def _is(self, state: str) -> bool:
        return self.wulfrun.state("meeting", self.meeting["id"]) == state

    # what each then sees

    def look(self) -> None:
        record, run = self.wulfrun.place.record, self.wulfrun.run
        father, neighbour = self.wulfrun.person(FATHER), self.wulfrun.person(NEIGHBOUR)
        for username, sees in ((GUEST, self.sees), (STRANGER, False)):
            seen = run(record.view(self.wulfrun.inquiry(username), father))
            assert (seen is not None) == sees
            assert run(record.view(self.wulfrun.inquiry(username), neighbour)) is None
            for digits in (FATHER, NEIGHBOUR):
                number = NHSNumber(digits)
                assert run(record.finding.by_nhs_number(self.wulfrun.inquiry(username), number)) is None
            assert run(record.finding.search(self.wulfrun.inquiry(username), HIM)) == []
            export = run(record.permission(self.wulfrun.inquiry(username), father, Action("export")))
            assert export.denied
        self._look_at_the_meeting()
        if self.in_the_room and self.sees:
            self._look_at_the_wall(father)

    def _look_at_the_meeting(self) -> None:
        asks, meeting = self.wulfrun.asks, self.meeting["id"]
        assert asks(GUEST, discussed.item, self.other) == asks(GUEST, discussed.item, uuid4())
        assert isinstance(asks(GUEST, discussed.screen, self.other), Refusal)
        told = asks(GUEST, whole.meeting, meeting)
        assert isinstance(told, Refusal) or [one["id"] for one in told["agenda"]] in ([], [self.item])
        printed = asks(GUEST, pack, meeting)
        assert isinstance(printed, Refusal) or [page.item_id for page in printed.pages] in ([], [self.item])
        assert self.sees or isinstance(printed, Refusal) or not printed.pages
        self._look_at_the_other_one(meeting)
        for door in (whole.meeting, pack, diary.calendar, AS_FHIR):
            assert why(asks(STRANGER, door, meeting)) is Why.UNKNOWN
        assert asks(STRANGER, lists.own_invitations) == []

    def _look_at_the_other_one(self, meeting: Any) -> None:
        """Of the other person the guest is told at no door of a team's work more than of nobody."""
        asks, woman = self.wulfrun.asks, self.wulfrun.person(NEIGHBOUR)
        assert asks(GUEST, whole.history, AgendaItem, self.other) == asks(GUEST, whole.history, AgendaItem, uuid4())
        kind = sorted(reading.KINDS)[self.looks % len(reading.KINDS)]  # each in its turn
        self.looks += 1
        ids = {"CarePlan": "decision-{}", "CareTeam": "team-{}", "Flag": "flag-{}", "List": "agenda-{}",
               "Observation": "lace-{}", "Provenance": "{}.1", "RequestGroup": "{}.1", "Task": "triage-{}"}  # fmt: skip
        about_her = ids.get(kind, "{}")
        of_her = self.neighbours if CaseloadEntry in reading.KINDS[kind] else self.other
        if reading.KINDS[kind] != (Meeting,):
            nothing = asks(GUEST, reading.one, kind, about_her.format(uuid4()))
            assert asks(GUEST, reading.one, kind, about_her.format(of_her)) == nothing
            assert why(nothing) is Why.UNKNOWN
            assert asks(GUEST, reading.of_person, kind, woman) == asks(GUEST, reading.of_person, kind, uuid4())
        told = asks(GUEST, AS_FHIR, meeting)
        assert isinstance(told, Refusal) or (str(woman) not in str(told) and str(self.other) not in str(told))

    def _look_at_the_wall(self, father: UUID) -> None:
        """What stands on the wall is what the guest, who is in the room, may see by themselves, or less."""
        shown = self.wulfrun.asks("chair", discussed.screen, self.item)
        if isinstance(shown, Refusal) or shown["view"] is None:
            return
        theirs = self.wulfrun.run(self.wulfrun.place.record.view(self.wulfrun.inquiry(GUEST), father))
        assert {heading["category"] for heading in shown["view"]["headings"]} <= {
            str(label.category) for label in theirs.decision.permitted
        }


HAPPENS: dict[str, Callable[[Evening], None]] = {
    name: getattr(Evening, name)
    for name in (
        "accept", "decline", "revoke", "withdraw", "begin", "arrive", "discuss", "carry_over", "cancel", "close",
        "object", "nearly", "open_up", "last_moment", "pass_away", "forward", "grasp",
    )
}  # fmt: skip
# most that is drawn blindly never opens anything: so an evening may begin as they mostly do
BEGINNINGS: tuple[Sequence[str], ...] = (
    (),
    ("accept",),
    ("accept", "open_up"),
    ("accept", "begin", "arrive", "discuss"),
)


@settings(
    max_examples=10,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(("accept", "begin", "arrive", "discuss"), ["carry_over", "grasp"])
@given(st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(sorted(HAPPENS)), min_size=2, max_size=6))
def test_whatever_happens_a_guest_sees_by_every_door_one_person_or_nobody(
    wulfrun: Wulfrun, beginning: Sequence[str], events: list[str]
) -> None:
    evening = Evening(wulfrun)
    for event in (*beginning, *events):
        HAPPENS[event](evening)
        evening.look()
