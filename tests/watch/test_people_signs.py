"""Whom somebody looks at, and what is odd about that."""

from datetime import timedelta

import pytest

from app.audit.event import Kind
from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.act import Act
from app.watch.known import Employee, Home, Known
from app.watch.people_signs import FORTNIGHT, found_about_people, found_without_relationship
from app.watch.sign import Sign
from tests.watch.acts import COMMUNITY, NINE, NURSE, ON, OTHER_NURSE, act, person, related

HOME = Home(frozenset({"parmar"}), frozenset({"100"}), frozenset({"WV1 1AA"}))
BESIDE = Home(frozenset({"okafor"}), frozenset({"101"}), frozenset({"WV1 1AA"}))
ELSEWHERE = Home(frozenset({"parmar"}), frozenset({"900"}), frozenset({"WV9 9ZZ"}))
NURSES = {NURSE: Employee(person(0), COMMUNITY), OTHER_NURSE: Employee(person(8), COMMUNITY)}
CARED_FOR = {person(number): [related("caseload")] for number in range(10)}


def signs(*acts: Act, **known: object) -> set[Sign]:
    given = {"staff": NURSES, "relationships": CARED_FOR, **known}
    return {finding.sign for finding in found_about_people(acts, Known(**given), on=ON)}  # type: ignore[arg-type]


def test_a_look_at_ones_own_record_is_told_even_where_it_was_refused() -> None:
    (finding,) = found_about_people([act(1, 0, Kind.DENIED), act(2, 0, Kind.DENIED)], Known(staff=NURSES), on=ON)
    assert (finding.sign, finding.person, finding.actor) == (Sign.SELF, person(0), NURSE)
    assert (finding.events, finding.figures) == (("0/1", "0/2"), {"looks": 2, "refused": 2, "people": 1})


@pytest.mark.parametrize("home", [HOME, Home(frozenset(), frozenset({"100"}), frozenset({"WV1 1AA"}))])
def test_nobody_is_their_own_family_or_neighbour(home: Home) -> None:
    assert signs(act(1, 0), homes={person(0): home}, relationships={}) == {Sign.SELF}


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (HOME, {Sign.FAMILY}),
        (HOME._replace(buildings=frozenset({"555"})), {Sign.FAMILY}),
        (ELSEWHERE, set()),
        (Home(), set()),
    ],
    ids=["one home", "one street", "another town", "nothing stated"],
)
def test_the_same_name_and_address_is_told_whoever_cares_for_them(theirs: Home, told: set[Sign]) -> None:
    assert signs(act(1, 1), homes={person(0): HOME, person(1): theirs}) == told


@pytest.mark.parametrize(
    ("kind", "told"), [("caseload", set()), ("admission", set()), ("registration", {Sign.NEIGHBOUR})]
)
def test_a_neighbour_is_told_unless_care_explains_it(kind: str, told: set[Sign]) -> None:
    homes = {person(0): HOME, person(1): BESIDE}
    assert signs(act(1, 1), homes=homes, relationships={person(1): [related(kind)]}) == told


def test_a_relationship_that_the_looker_claims_explains_nothing() -> None:
    homes, claim = {person(0): HOME, person(1): BESIDE}, related("claimed", account=NURSE)
    assert signs(act(1, 1), homes=homes, relationships={person(1): [claim]}) == {Sign.NEIGHBOUR}


def test_a_colleague_is_told_unless_care_explains_it() -> None:
    assert signs(act(1, 8)) == set()
    assert signs(act(1, 8), relationships={}) == {Sign.COLLEAGUE}
    elsewhere = {**NURSES, OTHER_NURSE: Employee(person(8), OdsCode("RL4"))}
    assert signs(act(1, 8), relationships={}, staff=elsewhere) == set()


def test_somebody_in_the_news_is_told_whoever_cares_for_them() -> None:
    assert signs(act(1, 3), in_the_news=frozenset({person(3)})) == {Sign.NEWS}
    assert signs(act(1, 3), in_the_news=frozenset({person(4)})) == set()


def test_a_list_of_candidates_is_no_look_and_a_system_looks_at_nobody() -> None:
    news = frozenset({person(3)})
    assert signs(act(1, 3, Kind.FIND), in_the_news=news) == set()
    assert signs(act(1, 3, role=Role("partner-system")), in_the_news=news) == set()


def test_an_account_of_which_nobody_knows_whose_it_is_is_nobodys_neighbour() -> None:
    stranger = Account("https://sign-in.example", "agency.1")
    assert signs(act(1, 1, actor=stranger), homes={person(0): HOME, person(1): BESIDE}, relationships={}) == set()


# ── No relationship within a fortnight ──────────────────────────────────────────────────────────────────────────────


def without(*acts: Act, **known: object) -> list[int | str]:
    found = found_without_relationship(acts, Known(**known), on=ON)  # type: ignore[arg-type]
    return [finding.figures["people"] for finding in found]


@pytest.mark.parametrize(
    ("started", "ended", "told"),
    [
        (-FORTNIGHT * 3, -FORTNIGHT - timedelta(minutes=1), True),
        (-FORTNIGHT * 3, -FORTNIGHT + timedelta(minutes=1), False),
        (FORTNIGHT - timedelta(minutes=1), FORTNIGHT * 3, False),
        (FORTNIGHT + timedelta(minutes=1), FORTNIGHT * 3, True),
    ],
    ids=["over before", "just within", "begun within", "begun after"],
)
def test_a_look_is_judged_by_the_fortnight_before_and_after_it(
    started: timedelta, ended: timedelta, told: bool
) -> None:
    held = related("caseload", started=NINE + started, ended=NINE + ended)
    seen = act(0, 1)
    assert without(seen, relationships={person(1): [held]}) == ([1] if told else [])


def test_another_organisations_relationship_is_not_the_lookers() -> None:
    held = related("admission", organisation=OdsCode("RL4"))
    assert without(act(1, 1), relationships={person(1): [held]}) == [1]


def test_one_attempt_that_was_refused_is_how_a_wrong_number_ends_and_two_are_told() -> None:
    assert without(act(1, 1, Kind.DENIED)) == []
    assert without(act(1, 1, Kind.DENIED), act(2, 1, Kind.DENIED)) == [1]


def test_what_was_opened_in_an_emergency_waits_for_its_own_review() -> None:
    assert without(act(1, 1, Kind.EMERGENCY_OPENED), act(2, 1)) == []


def test_whoever_looked_at_many_is_told_of_once() -> None:
    assert without(*(act(number, number) for number in range(3))) == [1, 1, 1]
    assert without(*(act(number, number) for number in range(30))) == [30]


@pytest.mark.parametrize(
    ("kind", "lessened"),
    [("registration", "standing"), ("claimed", ""), (None, "")],
    ids=["registered", "claimed", "none"],
)
def test_a_neighbour_with_whom_the_organisation_has_long_had_to_do_can_wait(kind: str | None, lessened: str) -> None:
    theirs = {person(1): [related(kind, account=NURSE if kind == "claimed" else None)]} if kind else {}
    known = Known(staff=NURSES, homes={person(0): HOME, person(1): BESIDE}, relationships=theirs)
    assert [each.lessened for each in found_about_people([act(1, 1)], known, on=ON)] == [lessened]


@pytest.mark.parametrize(("kind", "lessened"), [("caseload", "cared-for"), ("registration", "standing"), (None, "")])
def test_somebody_in_the_news_whom_the_organisation_cares_for_can_wait(kind: str | None, lessened: str) -> None:
    theirs = {person(1): [related(kind)]} if kind else {}
    known = Known(staff=NURSES, in_the_news=frozenset({person(1)}), relationships=theirs)
    assert [each.lessened for each in found_about_people([act(1, 1)], known, on=ON)] == [lessened]


def test_whoever_was_shown_a_stranger_can_wait_and_whoever_was_refused_again_and_again_cannot() -> None:
    refused = [act(1, 2, Kind.DENIED), act(2, 2, Kind.DENIED)]
    found = found_without_relationship([act(3, 1), *refused], Known(), on=ON)
    assert {each.person: each.lessened for each in found} == {person(1): "shown", person(2): ""}
