"""The agenda's rules by themselves: what a proposal takes first, and two scribes who write at once."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from app.identity.requester import Requester
from app.mdt.workflow.agenda import AgendaItem, Cause, ItemContent, Note, Stint, timetable
from app.mdt.workflow.caseload import CaseloadContent, CaseloadEntry
from app.mdt.workflow.lifecycles.states import CaseloadState, ItemState
from app.mdt.workflow.rules.notes import NOTED, noted
from app.mdt.workflow.rules.proposal import Candidate, proposal
from app.mdt.workflow.rules.room import Stay, as_kept, as_they_came, present_for, seats_at, seats_filled
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(number: int, person: int | None = None) -> CaseloadEntry:
    space = UUID(int=0)
    content = CaseloadContent(question="?", segments=(), referrals=())
    return CaseloadEntry(
        id=uuid5(space, f"entry {number}"), locality="northgate", person_id=uuid5(space, f"person {person or number}"),
        since=date(2026, 1, 1), next_review=date(2026, 7, 1), state=CaseloadState.ACTIVE, version=1, content=content,
    )  # fmt: skip


def item(position: int, minutes: int, *stints: Stint) -> AgendaItem:
    content = ItemContent(cause=Cause.REVIEW_DUE, question="?", minutes=minutes, stints=stints)
    one = uuid5(UUID(int=0), f"item {position}")
    return AgendaItem(
        id=one, meeting_id=one, caseload_id=one, person_id=one, position=position, state=ItemState.LISTED, version=1,
        content=content,
    )  # fmt: skip


NURSE = Requester(subject="nurse", issuer="local", name="Nia Bevan", organisation=OdsCode("RL400"), role=Role("nurse"))


def stay(came: datetime, left: datetime | None, seat: str | None = None) -> Stay:
    return Stay(requester=NURSE, seat=seat, arrived_at=came, left_at=left)


candidates = st.lists(
    st.builds(
        lambda number, person, cause, since: Candidate(entry(number, person), cause, since, "?"),
        st.integers(1, 12), st.integers(1, 8), st.sampled_from(Cause), st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    ),
    max_size=20,
)  # fmt: skip


@given(candidates, st.integers(0, 10))
def test_a_proposal_takes_each_person_once_and_the_most_pressing_first(those: list[Candidate], slots: int) -> None:
    listed, waiting = proposal(those, slots)
    people = [one.entry.person_id for one in (*listed, *waiting)]
    assert len(listed) <= slots
    assert not waiting or len(listed) == slots
    assert sorted(map(str, people)) == sorted({str(one.entry.person_id) for one in those})
    order = [(list(Cause).index(one.cause), one.since) for one in (*listed, *waiting)]
    assert order == sorted(order)


@given(candidates, st.integers(0, 10), st.randoms())
def test_a_proposal_does_not_depend_on_the_order_of_the_caseload(
    those: list[Candidate], slots: int, chance: object
) -> None:
    shuffled = sorted(those, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert {one.entry.person_id for one in proposal(those, slots)[0]} == {
        one.entry.person_id for one in proposal(shuffled, slots)[0]
    }


texts = st.none() | st.sampled_from(["one", "another", "a third"])
_LISTS = ("view", "options", "not_taken")
notes = st.fixed_dictionaries({}, optional={name: texts for name in NOTED if name not in _LISTS})


@given(notes, notes, notes)
def test_two_scribes_lose_nothing(before: dict[str, str], held: dict[str, str], mine: dict[str, str]) -> None:
    base = ItemContent(cause=Cause.EVENT, question="?", minutes=10, **before)
    stands = base.model_copy(update=held)
    after = noted(base, stands, Note(version=1, **mine))
    if isinstance(after, list):
        for clash in after:
            assert clash.held == getattr(stands, clash.field)
            assert clash.yours == mine[clash.field]
            assert clash.held != clash.yours
            assert clash.held != getattr(base, clash.field)
        return
    for name in NOTED:
        changed = name in mine and mine[name] != getattr(base, name)
        assert getattr(after, name) == (mine[name] if changed else getattr(stands, name))


def test_a_note_that_is_sent_again_changes_nothing() -> None:
    base = ItemContent(cause=Cause.EVENT, question="?", minutes=10)
    note = Note(version=1, summary="He fell twice")
    once = noted(base, base, note)
    assert isinstance(once, ItemContent)
    assert noted(base, once, note) == once


def test_items_follow_each_other_by_their_minutes() -> None:
    first, second, third = item(1, 10), item(2, 5), item(3, 10)
    due = timetable(NOON, [third, first, second])
    assert [due[each.id] - NOON for each in (first, second, third)] == [timedelta(minutes=n) for n in (0, 10, 15)]


def test_present_for_an_item_is_who_was_there_while_it_was_discussed() -> None:
    discussed = item(1, 10, Stint(began=NOON, ended=NOON + HOUR / 6))
    all_along = stay(NOON - HOUR, None)
    left_before = stay(NOON - HOUR, NOON)
    came_after = stay(NOON + HOUR / 6, None)
    came_late = stay(NOON + HOUR / 12, NOON + HOUR)
    assert present_for(discussed, [all_along, left_before, came_after, came_late]) == [all_along, came_late]
    resumed = item(1, 10, *discussed.content.stints, Stint(began=NOON + HOUR))
    assert present_for(resumed, [left_before, came_after]) == [came_after]


def test_whoever_came_into_the_room_is_decided_about_as_they_came_in() -> None:
    """Their own NHS number and training too: nobody sits before their own record, or is asked of it untrained."""
    number, day = NHSNumber("9990000018"), date(2027, 1, 1)
    trained = replace(NURSE, teams=frozenset({"north", "south"}), nhs_number=number, training_until=day)
    assert [as_they_came(json.loads(json.dumps(as_kept(one)))) for one in (trained, NURSE)] == [trained, NURSE]


def test_a_seat_is_filled_from_when_somebody_comes_until_they_leave() -> None:
    room = [stay(NOON - HOUR, NOON, "matron"), stay(NOON, None, "chair"), stay(NOON, None)]
    filled = [seats_at(room, NOON + each * HOUR) for each in (-2, -1, 0)]
    assert (filled, seats_filled(room)) == ([set(), {"matron"}, {"chair"}], {"chair"})


def test_how_long_somebody_was_discussed_counts_every_stint() -> None:
    stints = (
        Stint(began=NOON, ended=NOON + HOUR / 6),
        Stint(began=NOON + HOUR, ended=NOON + HOUR * 1.5),
        Stint(began=NOON),
    )
    assert item(1, 10, *stints).discussed_for == HOUR / 6 + HOUR / 2
