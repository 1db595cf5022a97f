"""Subjects resolved in bulk: whom they make, whom they find, who waits and why, and what is remembered."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from app.person.index import admit, confirm, named, refer, resolve
from app.person.matching import Field, Reason
from app.person.resolution import Found, Resolution, Waits
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Subject, Tracing
from tests.person.people import (
    ACUTE,
    COUNCIL,
    HOUSING,
    JOHN,
    MARY,
    MENTAL_HEALTH,
    MONDAY,
    NUMBERS,
    TUESDAY,
    all_known,
    new_ids,
    said,
    without_name,
    without_number,
)

FIRST, SECOND = UUID(int=1, version=4), UUID(int=2, version=4)


def resolved(
    connection: Connection, partner: OdsCode, *subjects: Subject, new_id: Sequence[UUID] = ()
) -> list[Resolution]:
    return resolve(connection, partner, subjects, at=MONDAY, new_id=iter(new_id).__next__)


@pytest.fixture
def mary(connection: Connection) -> UUID:
    """Mary, as the acute trust states her with a verified number."""
    [found] = resolved(connection, ACUTE, MARY, new_id=[FIRST])
    assert found == Found(FIRST, FIRST)
    return FIRST


def people_known(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM person")).scalar_one())


def test_a_verified_number_new_here_makes_a_person(connection: Connection, mary: UUID) -> None:
    number, since = connection.execute(text("SELECT nhs_number, since FROM person_nhs_number")).one()
    assert (number, since) == (NUMBERS[0].digits, MONDAY)


def test_a_second_partner_finds_the_same_person_by_number(connection: Connection, mary: UUID) -> None:
    assert resolved(connection, COUNCIL, without_name(MARY, local_id="C7")) == [Found(mary, mary)]


def test_no_subjects_no_answers(connection: Connection) -> None:
    assert resolved(connection, ACUTE) == []


def test_two_subjects_of_one_new_number_are_one_person(connection: Connection) -> None:
    again = said(MARY, local_id="MARY-2", postcode="WV3 9ZZ")
    found = resolved(connection, ACUTE, MARY, JOHN, again, new_id=[FIRST, SECOND])
    assert found == [Found(FIRST, FIRST), Found(SECOND, SECOND), Found(FIRST, FIRST)]


def test_a_second_subject_of_a_new_number_is_judged_against_the_first(connection: Connection) -> None:
    other = said(MARY, birth_date=date(1990, 2, 3))
    found = resolved(connection, ACUTE, MARY, other, new_id=[FIRST])
    assert found == [Found(FIRST, FIRST), Waits(Reason.DISAGREES, (Field.BIRTH_DATE,), (FIRST,))]


def test_answers_come_in_the_order_of_the_subjects(connection: Connection, mary: UUID) -> None:
    nobody = without_number(JOHN)
    found = resolved(connection, ACUTE, nobody, JOHN, without_number(MARY), MARY, new_id=[SECOND])
    assert found == [Found(SECOND, SECOND), Found(SECOND, SECOND), Found(mary, mary), Found(mary, mary)]


@pytest.mark.parametrize(
    ("changes", "disagrees"),
    [
        ({"birth_date": date(1990, 2, 3)}, (Field.BIRTH_DATE,)),
        ({"family_name": "Murphy", "given_names": ("Joan",)}, (Field.FAMILY_NAME, Field.GIVEN_NAMES)),
    ],
)
def test_what_disagrees_waits_with_the_fields_and_the_candidate(
    connection: Connection, mary: UUID, changes: dict[str, object], disagrees: tuple[Field, ...]
) -> None:
    subject = said(MARY, local_id="C7", **changes)
    assert resolved(connection, COUNCIL, subject) == [Waits(Reason.DISAGREES, disagrees, (mary,))]


def test_who_waits_leaves_nothing_behind(connection: Connection, mary: UUID) -> None:
    resolved(connection, COUNCIL, said(MARY, local_id="C7", family_name="Murphy"))
    assert resolved(connection, COUNCIL, without_number(MARY, local_id="C7", family_name="Murphy")) == [
        Waits(Reason.TRACE_REQUIRED)
    ]


def test_a_name_is_compared_with_what_every_partner_states(connection: Connection, mary: UUID) -> None:
    resolved(connection, COUNCIL, without_name(MARY, local_id="C7"))
    named = said(MARY, local_id="C7", family_name="Murphy")
    assert resolved(connection, COUNCIL, named) == [Waits(Reason.DISAGREES, (Field.FAMILY_NAME,), (mary,))]


@pytest.mark.parametrize("tracing", [Tracing.NOT_TRACED, Tracing.TRACE_REQUIRED, Tracing.UNSTATED])
def test_an_untraced_number_matches_by_date_of_birth_and_postcode(
    connection: Connection, mary: UUID, tracing: Tracing
) -> None:
    subject = without_name(MARY, local_id="M3", tracing=tracing)
    assert resolved(connection, MENTAL_HEALTH, subject) == [Found(mary, mary)]


def test_an_untraced_number_with_the_date_of_birth_alone_waits(connection: Connection, mary: UUID) -> None:
    moved = without_name(MARY, local_id="M3", tracing=Tracing.NOT_TRACED, postcode="M1 1AA", uprn=None)
    assert resolved(connection, MENTAL_HEALTH, moved) == [Waits(Reason.NOT_ENOUGH, (), (mary,))]


def test_a_confirmed_identifier_is_a_second_factor(connection: Connection, mary: UUID) -> None:
    resolved(connection, COUNCIL, without_name(MARY, local_id="C7"))
    moved = without_name(MARY, local_id="C7", tracing=Tracing.NOT_TRACED, postcode="M1 1AA", uprn=None)
    assert resolved(connection, COUNCIL, moved) == [Found(mary, mary)]


def test_an_untraced_number_unknown_here_waits_for_a_trace(connection: Connection) -> None:
    subject = said(MARY, tracing=Tracing.NOT_TRACED)
    assert resolved(connection, ACUTE, subject) == [Waits(Reason.TRACE_REQUIRED)]
    assert people_known(connection) == 0


@pytest.mark.parametrize(
    "tracing",
    [Tracing.NO_MATCH, Tracing.CONFLICT, Tracing.IN_PROGRESS, Tracing.NOT_REQUIRED, Tracing.POSTPONED],
)
def test_a_number_in_question_waits_known_or_not(connection: Connection, mary: UUID, tracing: Tracing) -> None:
    assert resolved(connection, COUNCIL, said(MARY, tracing=tracing), said(JOHN, tracing=tracing)) == [
        Waits(Reason.NUMBER_IN_QUESTION, (), (mary,)),
        Waits(Reason.NUMBER_IN_QUESTION),
    ]


def test_a_verified_number_with_nothing_beside_it_waits(connection: Connection) -> None:
    bare = Subject(local_id="B1", nhs_number=NUMBERS[0], tracing=Tracing.VERIFIED)
    assert resolved(connection, ACUTE, bare) == [Waits(Reason.NOT_ENOUGH)]


def test_without_a_number_a_confirmed_identifier_finds_the_person(connection: Connection, mary: UUID) -> None:
    bare = Subject(local_id="MARY-1")
    assert resolved(connection, ACUTE, bare) == [Found(mary, mary)]


def test_a_second_identifier_is_remembered_though_nothing_else_is_new(connection: Connection, mary: UUID) -> None:
    """Two numbers of one hospital for one person, of whom it says the same under both."""
    assert resolved(connection, ACUTE, said(MARY, local_id="MARY-2")) == [Found(mary, mary)]
    assert resolved(connection, ACUTE, Subject(local_id="MARY-2")) == [Found(mary, mary)]


def test_an_identifier_counts_only_within_its_partner(connection: Connection, mary: UUID) -> None:
    assert resolved(connection, COUNCIL, Subject(local_id="MARY-1")) == [Waits(Reason.TRACE_REQUIRED)]


def test_a_confirmed_identifier_whose_demographics_now_disagree_waits(connection: Connection, mary: UUID) -> None:
    reissued = without_number(JOHN, local_id="MARY-1")
    fields = (Field.BIRTH_DATE, Field.FAMILY_NAME, Field.GIVEN_NAMES)
    assert resolved(connection, ACUTE, reissued) == [Waits(Reason.DISAGREES, fields, (mary,))]


def test_a_number_tells_whom_an_identifier_names_wherever_it_stands_in_the_batch(connection: Connection) -> None:
    bare = Subject(local_id="MARY-1")
    assert resolved(connection, ACUTE, bare, MARY, new_id=[FIRST]) == [Found(FIRST, FIRST), Found(FIRST, FIRST)]


def test_an_identifier_and_a_number_of_two_people_wait(connection: Connection, mary: UUID) -> None:
    resolved(connection, ACUTE, JOHN, new_id=[SECOND])
    crossed = said(JOHN, local_id="MARY-1")
    assert resolved(connection, ACUTE, crossed) == [Waits(Reason.DISAGREES, (Field.NHS_NUMBER,), (mary, SECOND))]


@pytest.mark.parametrize(
    "guess", [without_name(MARY, local_id="T9", tracing=Tracing.NOT_TRACED), without_number(MARY, local_id="T9")]
)
def test_where_a_location_is_restricted_no_address_tells_that_it_is_theirs(
    connection: Connection, mary: UUID, guess: Subject
) -> None:
    """Or whoever knows a number or a name, and a date of birth, could try one postcode after another."""
    flag = "INSERT INTO person_flag VALUES (:id, :partner, 'location-restricted', true, :at, 1)"
    connection.execute(text(flag), {"id": FIRST, "partner": COUNCIL, "at": MONDAY})
    right, wrong = resolved(connection, HOUSING, guess, said(guess, postcode="M1 1AA", uprn=None))
    assert isinstance(right, Waits)
    assert right == wrong


@pytest.mark.parametrize("tracing", [Tracing.VERIFIED, Tracing.NOT_TRACED, Tracing.CONFLICT])
def test_a_changed_number_never_makes_a_second_person(connection: Connection, mary: UUID, tracing: Tracing) -> None:
    changed = said(MARY, nhs_number=NUMBERS[9], tracing=tracing)
    assert resolved(connection, ACUTE, changed) == [Waits(Reason.DISAGREES, (Field.NHS_NUMBER,), (mary,))]
    assert people_known(connection) == 1


def test_what_a_partner_leaves_out_stays_known(connection: Connection, mary: UUID) -> None:
    resolved(connection, ACUTE, without_name(MARY, postcode="WV3 9ZZ"))
    stated = connection.execute(text("SELECT family_name, postcode, family_sound FROM person_identity")).one()
    assert stated == ("O'Neill", "WV3 9ZZ", "o54")


def test_what_is_repeated_is_not_written_again(connection: Connection, mary: UUID) -> None:
    resolve(connection, ACUTE, [MARY], at=TUESDAY, new_id=new_ids())
    assert connection.execute(text("SELECT recorded_at FROM person_identity")).scalar_one() == MONDAY


def test_a_twins_record_waits(connection: Connection, mary: UUID) -> None:
    twin = said(MARY, local_id="MARY-2", given_names=("Jane",))
    assert resolved(connection, ACUTE, twin) == [Waits(Reason.DISAGREES, (Field.GIVEN_NAMES,), (mary,))]


def test_no_number_is_traced_here_by_exact_agreement(connection: Connection, mary: UUID) -> None:
    tenant = without_number(MARY, local_id="T5", family_name="ONEILL", given_names=("Mary",), uprn=None)
    assert resolved(connection, HOUSING, tenant) == [Found(mary, mary)]
    confirmed_by = connection.execute(text("SELECT confirmed_by FROM person_identifier WHERE local_id = 'T5'"))
    assert confirmed_by.scalar_one() == "trace"


def test_a_trace_tells_whom_an_identifier_names_wherever_it_stands_in_the_batch(
    connection: Connection, mary: UUID
) -> None:
    tenant = without_number(MARY, local_id="T5")
    others = [Subject(local_id="T5"), Subject(local_id="T6"), Subject()]
    waits = Waits(Reason.TRACE_REQUIRED)
    assert resolved(connection, HOUSING, *others, tenant) == [Found(mary, mary), waits, waits, Found(mary, mary)]


def test_an_untraced_number_that_contradicts_a_trace_waits_with_the_candidate(
    connection: Connection, mary: UUID
) -> None:
    slip = said(MARY, local_id="C7", nhs_number=NUMBERS[9], tracing=Tracing.NOT_TRACED)
    assert resolved(connection, COUNCIL, slip) == [Waits(Reason.DISAGREES, (Field.NHS_NUMBER,), (mary,))]


def test_a_trace_that_finds_two_waits_with_both(connection: Connection, mary: UUID) -> None:
    namesake = said(MARY, local_id="MARY-2", nhs_number=NUMBERS[9])
    resolved(connection, ACUTE, namesake, new_id=[SECOND])
    tenant = without_number(MARY, local_id="T5")
    assert resolved(connection, HOUSING, tenant) == [Waits(Reason.SEVERAL, (), (mary, SECOND))]


def test_a_person_decides_whose_a_waiting_subject_is(connection: Connection, mary: UUID) -> None:
    married = said(MARY, local_id="C7", family_name="Murphy", tracing=Tracing.CONFLICT)
    assert isinstance(resolved(connection, COUNCIL, married)[0], Waits)
    assert confirm(connection, COUNCIL, married, mary, at=TUESDAY) == Found(mary, mary)
    assert resolved(connection, COUNCIL, married) == [Found(mary, mary)]


def test_a_person_may_decide_again(connection: Connection, mary: UUID) -> None:
    resolved(connection, ACUTE, JOHN, new_id=[SECOND])
    tenant = Subject(local_id="T5")
    confirm(connection, HOUSING, tenant, mary, at=MONDAY)
    confirm(connection, HOUSING, tenant, SECOND, at=TUESDAY)
    assert resolved(connection, HOUSING, tenant) == [Found(SECOND, SECOND)]


def test_a_person_decides_about_a_subject_without_an_identifier(connection: Connection, mary: UUID) -> None:
    corrected = said(MARY, local_id=None, birth_date=date(1951, 7, 5))
    confirm(connection, ACUTE, corrected, mary, at=TUESDAY)
    assert resolved(connection, ACUTE, corrected) == [Found(mary, mary)]


def test_nobody_can_be_confirmed_who_is_not_known(connection: Connection) -> None:
    assert confirm(connection, HOUSING, Subject(local_id="T5"), SECOND, at=MONDAY) is None


def test_a_number_that_a_person_checked_makes_somebody_new(connection: Connection, mary: UUID) -> None:
    doubtful = said(JOHN, tracing=Tracing.CONFLICT)
    new_id = iter([SECOND]).__next__
    assert admit(connection, ACUTE, doubtful, at=MONDAY, new_id=new_id) == Found(SECOND, SECOND)
    assert resolved(connection, ACUTE, doubtful) == [Found(SECOND, SECOND)]


def test_a_number_that_a_person_checked_finds_who_holds_it(connection: Connection, mary: UUID) -> None:
    doubtful = said(MARY, tracing=Tracing.CONFLICT, family_name="Murphy")
    assert admit(connection, COUNCIL, doubtful, at=MONDAY, new_id=new_ids(9)) == Found(mary, mary)
    assert people_known(connection) == 1


def test_what_a_partner_says_of_its_numbers_is_of_whom_they_name_together_and_never_of_two(
    connection: Connection, mary: UUID
) -> None:
    """Where somebody may be meant whom another number names, nobody's record moves."""
    resolved(connection, ACUTE, JOHN, new_id=[SECOND])

    def whom(local_id: str | None, number: int | None) -> UUID | None:
        told = Subject(local_id=local_id, nhs_number=None if number is None else NUMBERS[number])
        found = named(connection, ACUTE, told)
        return found.person_id if found else None

    assert whom("MARY-1", None) == whom("MARY-1", 0) == mary
    assert whom("MARY-1", 7) == mary  # a number that nobody here holds contradicts nobody
    assert whom(None, 0) == mary
    assert whom("MARY-1", 1) is None
    assert whom("NEVER-SENT", 0) is None  # an NHS number counts alone only where there is no other
    assert whom("NEVER-SENT", None) is None
    assert whom(None, 7) is None
    assert whom(None, None) is None
    assert named(connection, COUNCIL, Subject(local_id="MARY-1")) is None


def test_a_name_that_we_gave_somebody_ourselves_is_a_partners_name_for_them(connection: Connection, mary: UUID) -> None:
    resolved(connection, ACUTE, JOHN, new_id=[SECOND])
    name = f"Patient/{mary}"
    assert refer(connection, COUNCIL, name, UUID(int=9, version=4), at=MONDAY) is None
    assert named(connection, COUNCIL, Subject(local_id=name)) is None
    assert refer(connection, COUNCIL, name, mary, at=MONDAY) == Found(mary, mary)
    assert named(connection, COUNCIL, Subject(local_id=name)) == Found(mary, mary)
    before = all_known(connection)
    assert refer(connection, COUNCIL, name, mary, at=TUESDAY) == Found(mary, mary)
    assert all_known(connection) == before
    assert refer(connection, COUNCIL, name, SECOND, at=TUESDAY) == Found(SECOND, SECOND)
    assert named(connection, COUNCIL, Subject(local_id=name)) == Found(SECOND, SECOND)


def test_nobody_is_admitted_without_a_number(connection: Connection) -> None:
    assert admit(connection, HOUSING, without_number(MARY), at=MONDAY, new_id=new_ids()) is None


def test_a_batch_of_any_size_takes_a_handful_of_queries(connection: Connection) -> None:
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    crowd = [said(MARY, local_id=f"S{n}", nhs_number=number) for n, number in enumerate(NUMBERS)]
    resolve(connection, ACUTE, crowd, at=MONDAY, new_id=new_ids())
    making, statements[:] = len(statements), []
    resolve(connection, ACUTE, crowd, at=MONDAY, new_id=new_ids(100))
    assert (making, len(statements)) == (3, 2)


numbered = st.builds(
    Subject,
    local_id=st.sampled_from([None, "1", "2"]),
    nhs_number=st.sampled_from(NUMBERS[:2]),
    tracing=st.sampled_from([Tracing.VERIFIED, Tracing.VERIFIED, Tracing.NOT_TRACED, Tracing.CONFLICT]),
    family_name=st.sampled_from([None, "Khan", "Murphy"]),
    birth_date=st.sampled_from([None, MARY.birth_date, JOHN.birth_date]),
    postcode=st.sampled_from([None, "WV1 4PJ"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(numbered, max_size=6))
def test_a_batch_is_resolved_as_its_subjects_one_by_one(connection: Connection, subjects: list[Subject]) -> None:
    with connection.begin_nested() as nested:
        together = resolve(connection, ACUTE, subjects, at=MONDAY, new_id=new_ids())
        left_together = all_known(connection)
        nested.rollback()
    with connection.begin_nested() as nested:
        new_id = new_ids()
        one_by_one = [resolve(connection, ACUTE, [one], at=MONDAY, new_id=new_id)[0] for one in subjects]
        assert (together, left_together) == (one_by_one, all_known(connection))
        nested.rollback()
