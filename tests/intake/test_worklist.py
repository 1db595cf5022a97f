"""What waits for a person, and each way of settling it: carried out and told to the trail together."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine

from app.audit.acting import COMMAND_LINE, Acting
from app.audit.chain import ChainKey
from app.audit.chain_store import BrokenTrail
from app.audit.event import Kind
from app.audit.trail import record
from app.database.transactions import transaction
from app.intake import waiting
from app.intake.arriving.locks import hold_partner
from app.intake.worklist import settling as worklist
from app.intake.worklist.settling import NotSettled, NotWaiting
from app.intake.worklist.tracing import AUTHORITY, Asked, trace_waiting
from app.person.locks import keep_identities
from app.person.tracing import Answer, Failure, Traced, Untraced
from app.sharing.facts import Account
from app.vocabulary.flag import FlagKind
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.statement import PersonFlag, Relationship, Subject, Tracing
from tests.conftest import PATIENCE
from tests.intake.feed import COUNCIL, KEY, NOON, Speaking, about, column, problem, rows, tell, titles
from tests.person.people import ACUTE, JOHN, MARY, NUMBERS, said, without_number

LATER = NOON + timedelta(hours=1)
BY_KIT = Acting(by=Account(COMMAND_LINE, "kit"), at=LATER, new_id=uuid4, key=KEY)
UNKNOWN = without_number(said(MARY, local_id="C7"), postcode=None, uprn=None)
"""Mary, as a partner puts her that knows neither her number nor where she lives."""


def waits(engine: Engine) -> list[int]:
    return column(engine, "SELECT id FROM waiting WHERE state = 'open' ORDER BY id")


def trail(engine: Engine) -> list[dict[str, Any]]:
    return column(engine, "SELECT event FROM audit_event ORDER BY chain, sequence")


@pytest.fixture
def mary(engine: Engine, spoken: Speaking) -> UUID:
    """Mary, whom the trust knows."""
    tell(engine, spoken, about(MARY, problem(9, title="Known")))
    (person,) = column(engine, "SELECT id FROM person")
    assert isinstance(person, UUID)
    return person


@pytest.fixture
def number(engine: Engine, spoken: Speaking, mary: UUID) -> int:
    """What the council says of somebody whom it may have no number for."""
    admission = Relationship(key="package/1", kind="care-package", started=NOON)
    tell(engine, spoken, about(UNKNOWN, problem(1, title="Waited"), relationships=(admission,)), partner=COUNCIL)
    (waiting,) = waits(engine)
    return waiting


def test_what_waits_says_where_it_came_from_and_why_and_names_nobody(engine: Engine, number: int) -> None:
    with transaction(engine) as connection:
        (one,) = waiting.open_waiting(connection)

    assert (one.id, one.line, one.waits.reason, one.waits.disagrees) == (number, 1, "trace-required", ())
    assert (one.source.partner, one.source.adapter, one.source.at) == (COUNCIL, "spoken", NOON)
    assert "Neill" not in repr(one)


# Filed by a person


def test_a_statement_is_filed_under_whomever_somebody_chose(engine: Engine, mary: UUID, number: int) -> None:
    assert worklist.file_under(engine, number, mary, BY_KIT) == 1

    assert rows(engine, "SELECT person_id, stored_at FROM entry WHERE partner = 'E3001'") == [(mary, LATER)]
    assert column(engine, "SELECT person_id FROM relationship") == [mary]
    assert rows(engine, "SELECT state, settled_by, settled_at, person_id FROM waiting") == [
        ("filed", "kit", LATER, mary)
    ]
    (event,) = trail(engine)
    assert (
        event.items()
        >= {
            "kind": "worklist-resolved",
            "issuer": "command-line",
            "subject": "kit",
            "person": str(mary),
            "organisation": "E3001",
            "reason": f"filed-{number}",
        }.items()
    )


def test_from_then_on_the_partners_number_is_known(engine: Engine, spoken: Speaking, mary: UUID, number: int) -> None:
    worklist.file_under(engine, number, mary, BY_KIT)
    told = tell(engine, spoken, about(UNKNOWN, problem(2, title="Later")), partner=COUNCIL)

    assert (told.counts.new, told.counts.waiting) == (1, 0)


def test_all_else_that_waits_of_the_partners_same_person_is_filed_with_it(
    engine: Engine, spoken: Speaking, mary: UUID, number: int
) -> None:
    tell(engine, spoken, about(UNKNOWN, problem(2, title="Also")), partner=COUNCIL)
    tell(engine, spoken, about(UNKNOWN, problem(3, title="And")), partner=COUNCIL, adapter="written")
    tell(engine, spoken, about(replace(UNKNOWN, local_id="C8"), problem(4)), partner=COUNCIL)
    tell(engine, spoken, about(replace(UNKNOWN, birth_date=date(1950, 1, 1)), problem(5)), partner=COUNCIL)

    assert worklist.file_under(engine, number, mary, BY_KIT) == 3
    assert titles(engine) == ["Waited", "Also", "And", "Known"]
    assert len(waits(engine)) == 2  # another person's, and what contradicts


def test_a_statement_without_the_partners_number_is_filed_alone(engine: Engine, spoken: Speaking, mary: UUID) -> None:
    nameless = replace(UNKNOWN, local_id=None)
    tell(engine, spoken, about(nameless, problem(1)), about(nameless, problem(2)), partner=COUNCIL)
    first, second = waits(engine)

    assert worklist.file_under(engine, first, mary, BY_KIT) == 1
    assert waits(engine) == [second]


def test_nothing_is_filed_where_the_trail_cannot_be_written(engine: Engine, mary: UUID, number: int) -> None:
    tell_first = replace(BY_KIT, by=Account(COMMAND_LINE, "the first, whose key the trail has"))
    with transaction(engine) as connection:
        record(connection, [tell_first.event(Kind.MERGE, person=mary)], key=KEY)

    with pytest.raises(BrokenTrail):
        worklist.file_under(engine, number, mary, replace(BY_KIT, key=ChainKey(b"x" * 32)))

    assert waits(engine) == [number]
    assert titles(engine) == ["Known"]


@pytest.mark.parametrize(
    ("settle", "why"),
    [
        (lambda engine, number: worklist.file_under(engine, number, uuid4(), BY_KIT), "there is no person of that id"),
        (lambda engine, number: worklist.admit(engine, number, BY_KIT), "this statement has no NHS number"),
    ],
    ids=["file", "admit"],
)
def test_what_cannot_be_settled_so_goes_on_waiting(
    engine: Engine, number: int, settle: Callable[[Engine, int], int], why: str
) -> None:
    with pytest.raises(NotSettled, match=why):
        settle(engine, number)

    assert waits(engine) == [number]
    assert trail(engine) == []


@pytest.mark.parametrize("settle", [worklist.admit, worklist.dismiss])
def test_what_does_not_wait_cannot_be_settled(
    engine: Engine, number: int, settle: Callable[[Engine, int, Acting], object]
) -> None:
    worklist.dismiss(engine, number, BY_KIT)

    for gone in (number, number + 1):
        with pytest.raises(NotWaiting, match=f"nothing waits under number {gone}; see `pisano worklist`"):
            settle(engine, gone, BY_KIT)


def test_a_number_that_somebody_checked_makes_a_person(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(said(JOHN, tracing=Tracing.NOT_TRACED)))
    (number,) = waits(engine)

    assert worklist.admit(engine, number, BY_KIT) == 1
    assert column(engine, "SELECT nhs_number FROM person_nhs_number") == [JOHN.nhs_number and JOHN.nhs_number.digits]
    assert len(titles(engine)) == 1


def test_a_number_that_somebody_checked_is_whoever_holds_it(engine: Engine, spoken: Speaking, mary: UUID) -> None:
    tell(engine, spoken, about(said(MARY, local_id="C7", birth_date=date(1951, 4, 7))), partner=COUNCIL)
    (number,) = waits(engine)
    worklist.admit(engine, number, BY_KIT)

    assert set(column(engine, "SELECT person_id FROM entry")) == {mary}


def test_what_is_dismissed_is_not_filed_and_its_message_stays(engine: Engine, mary: UUID, number: int) -> None:
    worklist.dismiss(engine, number, BY_KIT)

    assert (waits(engine), titles(engine)) == ([], ["Known"])
    assert column(engine, "SELECT count(*) FROM inbox_message WHERE partner = 'E3001'") == [1]
    (event,) = trail(engine)
    assert event["reason"] == f"dismissed-{number}"
    assert "person" not in event


# Joined and parted by a person


def test_somebody_may_join_two_people_and_part_them_again(engine: Engine, spoken: Speaking, mary: UUID) -> None:
    tell(engine, spoken, about(JOHN, problem(1)), partner=COUNCIL)
    (john,) = column(engine, "SELECT id FROM person WHERE id <> %s", mary)
    link = worklist.merge(engine, mary, john, BY_KIT)

    assert set(column(engine, "SELECT person_id FROM entry")) == {mary}
    assert worklist.undo_merge(engine, link.id, BY_KIT) == 1
    assert set(column(engine, "SELECT person_id FROM entry")) == {mary, john}
    assert [event["kind"] for event in trail(engine)] == ["merge", "unmerge"]


def test_one_person_cannot_be_joined_to_themselves(engine: Engine, mary: UUID) -> None:
    with pytest.raises(NotSettled, match="the two were not joined: already-one"):
        worklist.merge(engine, mary, mary, BY_KIT)


@contextmanager
def held_up(engine: Engine, hold: Callable[[Connection], None]) -> Iterator[Callable[..., None]]:
    """Somebody else holds something; what is tried meanwhile must wait until they have finished."""
    tried: list[Future[object]] = []
    with ThreadPoolExecutor(1) as pool:

        def attempt(act: Callable[[], object]) -> None:
            tried.append(pool.submit(act))
            with pytest.raises(NotYet):
                tried[0].result(timeout=0.2)

        with transaction(engine) as connection:
            hold(connection)
            yield attempt
        tried[0].result(timeout=PATIENCE)


def test_settling_waits_for_whoever_files_for_the_partner(engine: Engine, mary: UUID, number: int) -> None:
    with held_up(engine, lambda connection: hold_partner(connection, COUNCIL)) as attempt:
        attempt(lambda: worklist.file_under(engine, number, mary, BY_KIT))


def test_nobody_is_joined_while_anything_is_filed(engine: Engine, spoken: Speaking, mary: UUID) -> None:
    tell(engine, spoken, about(JOHN, problem(1)), partner=COUNCIL)
    (john,) = column(engine, "SELECT id FROM person WHERE id <> %s", mary)
    with held_up(engine, keep_identities) as attempt:
        attempt(lambda: worklist.merge(engine, mary, john, BY_KIT))


# Traced


class Tracers:
    """A tracing authority that knows what a test lets it know."""

    def __init__(self, *answers: Answer, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.answers, self.meanwhile = answers, meanwhile
        self.asked: list[Subject] = []

    def trace(self, waiting: Mapping[str, Subject]) -> Mapping[str, Answer]:
        self.asked = list(waiting.values())
        self.meanwhile()
        return dict(zip(waiting, self.answers, strict=False))


def of(number: NHSNumber | None, **more: Any) -> Traced:
    assert number is not None
    return Traced(nhs_number=number, **more)


def test_whoever_is_traced_has_what_waited_filed(engine: Engine, mary: UUID, number: int) -> None:
    tracer = Tracers(of(MARY.nhs_number))

    assert trace_waiting(engine, tracer, BY_KIT) == Asked(asked=1, filed=1)
    assert tracer.asked == [UNKNOWN]
    assert set(column(engine, "SELECT person_id FROM entry")) == {mary}
    assert rows(engine, "SELECT confirmed_by FROM person_identifier WHERE local_id = 'C7'") == [("trace",)]
    (event,) = trail(engine)
    assert (event["reason"], event["person"]) == (f"traced-{number}", str(mary))


def test_whoever_is_not_traced_goes_on_waiting(engine: Engine, number: int) -> None:
    for answers in ((), (Untraced(Failure.SEVERAL),)):
        assert trace_waiting(engine, Tracers(*answers), BY_KIT) == Asked(asked=1, filed=0)
    assert waits(engine) == [number]
    assert trail(engine) == []


def test_an_answer_that_contradicts_what_is_known_waits_for_a_person(
    engine: Engine, spoken: Speaking, number: int
) -> None:
    tell(engine, spoken, about(JOHN, problem(2)))
    trace_waiting(engine, Tracers(of(JOHN.nhs_number)), BY_KIT)

    assert rows(engine, "SELECT reason, disagrees FROM waiting") == [
        ("disagrees", ["birth_date", "family_name", "given_names"])
    ]


def test_a_number_that_replaced_another_joins_their_holders(engine: Engine, mary: UUID, number: int) -> None:
    assert MARY.nhs_number
    trace_waiting(engine, Tracers(of(NUMBERS[5], superseded=MARY.nhs_number)), BY_KIT)

    (survivor,) = column(engine, "SELECT survivor FROM person_link WHERE retired = %s AND kind = 'superseded'", mary)
    assert set(column(engine, "SELECT person_id FROM entry")) == {survivor}
    assert [event["kind"] for event in trail(engine)] == ["merge", "worklist-resolved"]


def test_what_the_authority_says_of_a_person_stands_whatever_the_partner_says(
    engine: Engine, spoken: Speaking, mary: UUID, number: int
) -> None:
    restricted = PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=True)
    trace_waiting(engine, Tracers(of(MARY.nhs_number, flags=(restricted,))), BY_KIT)
    lowered = PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=False)
    tell(engine, spoken, about(UNKNOWN, problem(2), flags=(lowered,)), partner=COUNCIL)

    assert rows(engine, "SELECT person_id, partner FROM person_flag WHERE raised") == [(mary, AUTHORITY)]


def test_what_somebody_settled_meanwhile_is_not_filed_again(engine: Engine, mary: UUID, number: int) -> None:
    tracer = Tracers(of(MARY.nhs_number), meanwhile=lambda: worklist.dismiss(engine, number, BY_KIT))

    assert trace_waiting(engine, tracer, BY_KIT) == Asked(asked=1, filed=0)
    assert titles(engine) == ["Known"]


def test_partners_are_asked_about_together_and_filed_one_by_one(
    engine: Engine, spoken: Speaking, mary: UUID, number: int
) -> None:
    tell(engine, spoken, about(replace(UNKNOWN, local_id="H7"), problem(2)), partner=ACUTE)

    assert trace_waiting(engine, Tracers(*[of(MARY.nhs_number)] * 2), BY_KIT) == Asked(asked=2, filed=2)
    assert column(engine, "SELECT partner FROM entry ORDER BY partner") == [COUNCIL, ACUTE, ACUTE]
