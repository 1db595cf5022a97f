"""A subject is matched on what agrees, never against what disagrees, and never on a guess."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.person.demographics import Demographics
from app.person.matching import (
    MATCHED,
    Confirmation,
    Disagrees,
    Field,
    Insufficient,
    Judgement,
    Known,
    Reason,
    compare,
    identifies,
    judge,
    lacks_to_be_new,
)
from app.vocabulary.statement import Subject, Tracing
from tests.person.people import MARY, said, without_name

UNTRACED = (Tracing.NOT_TRACED, Tracing.TRACE_REQUIRED, Tracing.UNSTATED)
IN_QUESTION = (Tracing.NO_MATCH, Tracing.CONFLICT, Tracing.IN_PROGRESS, Tracing.NOT_REQUIRED, Tracing.POSTPONED)
ONLY_BIRTH_DATE = {"postcode": None, "uprn": None}


def stated(subject: Subject) -> Demographics:
    return Demographics.of(subject)


def judged(
    subject: Subject,
    *known: Subject,
    tracing: Tracing | None = Tracing.VERIFIED,
    holds_number: bool = True,
    confirmed_by: Confirmation | None = None,
) -> Judgement:
    return judge(stated(subject), tracing, Known(list(map(stated, known)), holds_number, confirmed_by))


def test_a_verified_number_with_agreeing_demographics_matches() -> None:
    assert judged(MARY, MARY) == MATCHED


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"birth_date": date(1951, 4, 7)}, (Field.BIRTH_DATE,)),
        ({"family_name": "Murphy"}, (Field.FAMILY_NAME,)),
        ({"given_names": ("Maria",)}, (Field.GIVEN_NAMES,)),
        ({"birth_date": date(1951, 4, 7), "family_name": "Murphy"}, (Field.BIRTH_DATE, Field.FAMILY_NAME)),
    ],
)
def test_what_disagrees_waits_and_says_which_field(changes: dict[str, object], fields: tuple[Field, ...]) -> None:
    assert judged(said(MARY, **changes), MARY) == Disagrees(fields)


def test_a_married_name_waits_for_a_person() -> None:
    assert judged(said(MARY, family_name="O'Neill-Brown"), MARY) == Disagrees((Field.FAMILY_NAME,))


@pytest.mark.parametrize("given_names", [("M", "A"), ("Mary",), ("MARY ANN", "Bridget")])
def test_an_initial_and_more_or_fewer_given_names_are_no_contradiction(given_names: tuple[str, ...]) -> None:
    assert judged(said(MARY, given_names=given_names), MARY) == MATCHED
    assert judged(MARY, said(MARY, given_names=given_names)) == MATCHED


def test_people_move_so_an_address_never_disagrees() -> None:
    assert judged(said(MARY, postcode="M1 1AA", uprn="7"), MARY) == MATCHED


def test_gender_is_no_reason_to_doubt_a_verified_number() -> None:
    assert judged(said(MARY, gender="male"), MARY) == MATCHED


@pytest.mark.parametrize(("subject", "known"), [(without_name(MARY), MARY), (MARY, without_name(MARY))])
def test_a_feed_without_names_agrees_by_date_of_birth(subject: Subject, known: Subject) -> None:
    assert judged(subject, known) == MATCHED


def test_a_verified_number_without_a_date_of_birth_agrees_by_family_name() -> None:
    assert judged(said(MARY, birth_date=None), MARY) == MATCHED


def test_a_verified_number_with_nothing_in_common_is_not_enough() -> None:
    nameless, dateless = without_name(MARY), said(MARY, birth_date=None)
    assert judged(nameless, dateless) == Insufficient(Reason.NOT_ENOUGH)


def test_a_person_of_whom_nothing_is_stated_is_as_new() -> None:
    assert judged(MARY) == MATCHED
    assert judged(Subject()) == Insufficient(Reason.NOT_ENOUGH)


def test_one_partners_statement_suffices_for_each_field() -> None:
    corrected = said(MARY, birth_date=date(1951, 7, 5))
    assert judged(MARY, corrected, MARY) == judged(corrected, corrected, MARY) == MATCHED


@pytest.mark.parametrize("tracing", UNTRACED)
@pytest.mark.parametrize(
    ("known", "confirmed_by", "judgement"),
    [
        (MARY, None, MATCHED),
        (without_name(MARY), None, MATCHED),  # the postcode is the second factor
        (without_name(MARY, postcode=None), None, MATCHED),  # the UPRN is
        (without_name(MARY, **ONLY_BIRTH_DATE), None, Insufficient(Reason.NOT_ENOUGH)),
        (without_name(MARY, **ONLY_BIRTH_DATE), Confirmation.NHS_NUMBER, MATCHED),
        (said(MARY, birth_date=None), None, Insufficient(Reason.NOT_ENOUGH)),
        (said(MARY, birth_date=None), Confirmation.NHS_NUMBER, Insufficient(Reason.NOT_ENOUGH)),
    ],
)
def test_an_untraced_number_needs_the_date_of_birth_and_a_second_factor(
    tracing: Tracing, known: Subject, confirmed_by: Confirmation | None, judgement: Judgement
) -> None:
    assert judged(MARY, known, tracing=tracing, confirmed_by=confirmed_by) == judgement


@pytest.mark.parametrize("tracing", IN_QUESTION)
@pytest.mark.parametrize("confirmed_by", [None, Confirmation.NHS_NUMBER, Confirmation.TRACE])
def test_a_number_in_question_never_matches_by_itself(tracing: Tracing, confirmed_by: Confirmation | None) -> None:
    judgement = judged(MARY, MARY, tracing=tracing, confirmed_by=confirmed_by)
    assert judgement == Insufficient(Reason.NUMBER_IN_QUESTION)


@pytest.mark.parametrize("tracing", Tracing)
def test_what_a_person_confirmed_matches_until_something_disagrees(tracing: Tracing) -> None:
    assert judged(MARY, MARY, tracing=tracing, confirmed_by=Confirmation.PERSON) == MATCHED
    other = said(MARY, family_name="Murphy")
    judgement = judged(other, MARY, tracing=tracing, confirmed_by=Confirmation.PERSON)
    assert judgement == Disagrees((Field.FAMILY_NAME,))


@pytest.mark.parametrize("confirmed_by", Confirmation)
def test_a_confirmed_identifier_without_a_number_matches_until_something_disagrees(confirmed_by: Confirmation) -> None:
    assert judged(MARY, MARY, tracing=None, confirmed_by=confirmed_by) == MATCHED
    other = said(MARY, birth_date=date(1990, 1, 2))
    assert judged(other, MARY, tracing=None, confirmed_by=confirmed_by) == Disagrees((Field.BIRTH_DATE,))


def test_demographics_alone_never_match() -> None:
    assert judged(MARY, MARY, tracing=None) == Insufficient(Reason.TRACE_REQUIRED)


def test_another_persons_number_disagrees() -> None:
    judgement = judged(MARY, MARY, holds_number=False, confirmed_by=Confirmation.PERSON)
    assert judgement == Disagrees((Field.NHS_NUMBER,))


@pytest.mark.parametrize(
    ("tracing", "reason"),
    [
        (Tracing.VERIFIED, None),
        *((tracing, Reason.TRACE_REQUIRED) for tracing in UNTRACED),
        *((tracing, Reason.NUMBER_IN_QUESTION) for tracing in IN_QUESTION),
    ],
)
def test_only_a_verified_number_makes_a_new_person(tracing: Tracing, reason: Reason | None) -> None:
    assert lacks_to_be_new(stated(MARY), tracing) is reason


def test_a_verified_number_alone_makes_nobody() -> None:
    assert lacks_to_be_new(Demographics(), Tracing.VERIFIED) is Reason.NOT_ENOUGH


def test_every_status_has_a_rule() -> None:
    assert {*UNTRACED, *IN_QUESTION, Tracing.VERIFIED} == set(Tracing)


# the lattice is small enough to walk: two of each name, date and place, and silence
people = st.builds(
    Demographics,
    birth_date=st.sampled_from([None, date(1951, 7, 4), date(1951, 4, 7)]),
    family_folded=st.sampled_from([None, "oneill", "murphy"]),
    given_folded=st.sampled_from([None, "mary", "mary ann", "m", "john"]),
    postcode=st.sampled_from([None, "WV1 4PJ", "WV2 1AA"]),
    uprn=st.sampled_from([None, "1", "2"]),
)
known_people = st.builds(Known, st.lists(people, max_size=3), st.booleans(), st.sampled_from([None, *Confirmation]))


@given(people, people)
def test_comparison_has_no_sides(one: Demographics, other: Demographics) -> None:
    assert compare(one, [other]) == compare(other, [one])


@given(people, st.lists(people, max_size=3))
def test_a_repeated_statement_is_compared_as_any_other(one: Demographics, others: list[Demographics]) -> None:
    almost = one._replace(family_name="written otherwise")
    assert compare(one, [*others, one]) == compare(one, [*others, almost])


@given(people, st.none() | st.sampled_from(Tracing), known_people)
def test_nothing_matches_on_a_disagreement(one: Demographics, tracing: Tracing | None, known: Known) -> None:
    judgement = judge(one, tracing, known)
    disagrees = compare(one, known.identities).disagrees
    if disagrees or (tracing is not None and not known.holds_number):
        assert isinstance(judgement, Disagrees)
        assert set(disagrees) <= set(judgement.fields)
    if judgement == MATCHED:
        agrees = compare(one, known.identities).agrees
        assert agrees or known.confirmed_by or not known.identities


@given(people, st.none() | st.sampled_from(Tracing), known_people, people)
def test_what_does_not_contradict_never_unmatches(
    one: Demographics, tracing: Tracing | None, known: Known, more: Demographics
) -> None:
    if judge(one, tracing, known) == MATCHED and known.identities and not compare(one, [more]).disagrees:
        assert judge(one, tracing, known._replace(identities=[*known.identities, more])) == MATCHED


def test_a_new_person_can_be_compared_with_by_and_by() -> None:
    for birth_date, family in product([None, date(1951, 7, 4)], [None, "oneill"]):
        one = Demographics(birth_date=birth_date, family_folded=family)
        assert identifies(one) is (birth_date is not None or family is not None)


def test_a_judgement_holds_no_value_of_the_person() -> None:
    shown = repr((judged(said(MARY, family_name="Murphy"), MARY), replace(MARY), Known([stated(MARY)], True)))
    assert "Neill" not in shown
    assert "Murphy" not in shown
    assert "1951" not in shown
