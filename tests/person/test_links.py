"""Two people who are one are joined, and parted again exactly; one partner's word joins only what it may."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from app.person.index import resolve
from app.person.links import Evidence, Link, LinkKind, Refusal, Refused, alias, merge, supersede, undo
from app.person.resolution import Found, Resolution
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Subject
from tests.person.people import (
    ACUTE,
    COUNCIL,
    JOHN,
    MARY,
    MONDAY,
    NUMBERS,
    TUESDAY,
    all_known,
    new_ids,
    said,
    without_name,
)

A, B, C, D = (UUID(int=n, version=4) for n in range(1, 5))
A40 = Evidence(partner=ACUTE, message=7)
SOMEBODY = [said(MARY, local_id=letter, nhs_number=NUMBERS[n]) for n, letter in enumerate("ABCD")]


@pytest.fixture
def link_id() -> Callable[[], UUID]:
    return new_ids(100)


@pytest.fixture
def four(connection: Connection) -> Connection:
    """Four people, A to D, each known to the acute trust alone by a letter and a number of their own."""
    resolve(connection, ACUTE, SOMEBODY, at=MONDAY, new_id=new_ids())
    return connection


def joined(connection: Connection, survivor: UUID, retired: UUID, link_id: Callable[[], UUID]) -> Link:
    link = merge(
        connection, survivor, retired, kind=LinkKind.PERSON, evidence=Evidence(), at=TUESDAY, by="u1", new_id=link_id
    )
    assert isinstance(link, Link)
    return link


def parted(connection: Connection, link: Link) -> Link:
    undone = undo(connection, link.id, at=TUESDAY, by="u1")
    assert isinstance(undone, Link)
    return undone


def merged(connection: Connection, survivor: UUID, retired: UUID, **changes: object) -> Link | Refused:
    word = {"kind": LinkKind.MERGE, "evidence": A40, "at": TUESDAY, "by": "intake", "new_id": new_ids(100)}
    return merge(connection, survivor, retired, **(word | changes))  # type: ignore[arg-type]


def standing(connection: Connection) -> dict[UUID, UUID]:
    rows = connection.execute(text("SELECT id, coalesce(merged_into, id) FROM person ORDER BY id"))
    return dict(rows.all())


def whose(connection: Connection, *subjects: Subject, partner: OdsCode = ACUTE) -> list[Resolution]:
    return resolve(connection, partner, subjects, at=TUESDAY, new_id=new_ids(200))


def test_a_merge_moves_number_and_identifier_to_the_survivor(four: Connection) -> None:
    link = merged(four, B, A)
    assert link == Link(id=UUID(int=100, version=4), kind=LinkKind.MERGE, survivor=B, retired=A, members=(A,))
    assert whose(four, SOMEBODY[0], Subject(local_id="A")) == [Found(B, A), Found(B, A)]


def test_undoing_a_merge_gives_each_their_own_again(four: Connection, link_id: Callable[[], UUID]) -> None:
    parted(four, joined(four, B, A, link_id))
    assert whose(four, SOMEBODY[0], SOMEBODY[1]) == [Found(A, A), Found(B, B)]


def test_what_was_filed_while_joined_parts_with_whom_it_named(four: Connection, link_id: Callable[[], UUID]) -> None:
    link = joined(four, B, A, link_id)
    moved = said(SOMEBODY[0], postcode="M1 1AA")
    assert whose(four, moved) == [Found(B, A)]
    parted(four, link)
    states = text("SELECT person_id FROM person_identity WHERE postcode = 'M1 1AA'")
    assert four.execute(states).scalars().all() == [A]


def test_a_survivor_merged_in_turn_takes_all_with_it(four: Connection, link_id: Callable[[], UUID]) -> None:
    joined(four, B, A, link_id)
    assert joined(four, C, B, link_id).members == (A, B)
    assert standing(four) == {A: C, B: C, C: C, D: D}


def test_undoing_the_first_of_a_chain_frees_the_first_alone(four: Connection, link_id: Callable[[], UUID]) -> None:
    first = joined(four, B, A, link_id)
    joined(four, C, B, link_id)
    assert parted(four, first) == replace(first, survivor=C)  # who stood for A until then
    assert standing(four) == {A: A, B: C, C: C, D: D}


def test_undoing_the_last_of_a_chain_leaves_the_first_joined(four: Connection, link_id: Callable[[], UUID]) -> None:
    joined(four, B, A, link_id)
    last = joined(four, C, B, link_id)
    assert parted(four, last).members == (A, B)
    assert standing(four) == {A: B, B: B, C: C, D: D}


def test_undoing_the_middle_of_a_chain_parts_it_there(four: Connection, link_id: Callable[[], UUID]) -> None:
    joined(four, B, A, link_id)
    middle = joined(four, C, B, link_id)
    joined(four, D, C, link_id)
    parted(four, middle)
    assert standing(four) == {A: B, B: B, C: D, D: D}


def test_merging_into_somebody_merged_means_who_stands_for_them(four: Connection, link_id: Callable[[], UUID]) -> None:
    joined(four, B, A, link_id)
    link = joined(four, A, C, link_id)
    assert (link.survivor, link.retired) == (B, C)
    assert standing(four) == {A: B, B: B, C: B, D: D}


def test_somebody_parted_can_be_merged_again(four: Connection, link_id: Callable[[], UUID]) -> None:
    parted(four, joined(four, B, A, link_id))
    joined(four, C, A, link_id)
    assert standing(four) == {A: C, B: B, C: C, D: D}


@pytest.mark.parametrize(
    ("survivor", "retired", "reason"),
    [
        (A, A, Refusal.ALREADY_ONE),  # an A40 whose two identifiers were one person all along
        (B, A, Refusal.ALREADY_ONE),  # the same A40 again
        (A, B, Refusal.ALREADY_ONE),  # and turned about: no cycle
        (C, UUID(int=9), Refusal.UNKNOWN),
        (UUID(int=9), C, Refusal.UNKNOWN),
    ],
)
def test_a_merge_of_one_person_or_of_nobody_changes_nothing(
    four: Connection, link_id: Callable[[], UUID], survivor: UUID, retired: UUID, reason: Refusal
) -> None:
    joined(four, B, A, link_id)
    before = standing(four)
    assert merged(four, survivor, retired) == Refused(reason)
    assert standing(four) == before


def test_one_partners_word_does_not_join_two_dates_of_birth(four: Connection) -> None:
    whose(four, said(JOHN, nhs_number=NUMBERS[8]))
    john = UUID(int=200, version=4)
    assert merged(four, A, john) == Refused(Refusal.BIRTH_DATES_DISAGREE)
    assert isinstance(merged(four, A, john, kind=LinkKind.PERSON), Link)


def test_one_partners_word_does_not_retire_whom_others_know(four: Connection) -> None:
    whose(four, without_name(SOMEBODY[0], local_id="C7"), partner=COUNCIL)
    assert merged(four, B, A) == Refused(Refusal.KNOWN_TO_OTHERS)
    assert merged(four, B, A, evidence=Evidence()) == Refused(Refusal.KNOWN_TO_OTHERS)
    assert isinstance(merged(four, A, B), Link)


def test_a_missing_date_of_birth_disagrees_with_nobody(connection: Connection) -> None:
    ageless = said(MARY, birth_date=None)
    resolve(connection, ACUTE, [ageless, said(JOHN)], at=MONDAY, new_id=new_ids())
    assert isinstance(merged(connection, B, A), Link)


def test_a_superseded_number_moves_the_record_to_the_new_one(four: Connection, link_id: Callable[[], UUID]) -> None:
    link = supersede(four, NUMBERS[0], NUMBERS[9], evidence=Evidence(), at=TUESDAY, by="pds", new_id=link_id)
    assert isinstance(link, Link)
    assert (link.kind, link.retired) == (LinkKind.SUPERSEDED, A)
    renumbered = said(SOMEBODY[0], nhs_number=NUMBERS[9])
    assert whose(four, SOMEBODY[0], renumbered) == [Found(link.survivor, A), Found(link.survivor, A)]
    parted(four, link)
    assert whose(four, SOMEBODY[0]) == [Found(A, A)]


def test_a_number_superseded_by_one_known_here_joins_the_two(four: Connection, link_id: Callable[[], UUID]) -> None:
    link = supersede(four, NUMBERS[0], NUMBERS[1], evidence=Evidence(), at=TUESDAY, by="pds", new_id=link_id)
    assert isinstance(link, Link)
    assert standing(four) == {A: B, B: B, C: C, D: D}
    again = supersede(four, NUMBERS[0], NUMBERS[1], evidence=Evidence(), at=TUESDAY, by="pds", new_id=link_id)
    assert again == Refused(Refusal.ALREADY_ONE)


def test_a_number_unknown_here_supersedes_nothing(four: Connection, link_id: Callable[[], UUID]) -> None:
    unknown = supersede(four, NUMBERS[9], NUMBERS[0], evidence=Evidence(), at=TUESDAY, by="pds", new_id=link_id)
    assert unknown == Refused(Refusal.UNKNOWN)


def test_a_link_is_undone_once(four: Connection, link_id: Callable[[], UUID]) -> None:
    link = joined(four, B, A, link_id)
    parted(four, link)
    assert undo(four, link.id, at=TUESDAY, by="u1") == Refused(Refusal.ALREADY_UNDONE)
    assert undo(four, UUID(int=9), at=TUESDAY, by="u1") == Refused(Refusal.UNKNOWN)


def test_a_link_says_who_made_and_who_undid_it_on_what_evidence(four: Connection) -> None:
    link = merged(four, B, A)
    assert isinstance(link, Link)
    parted(four, link)
    made = four.execute(text("SELECT kind, partner, message, made_at, made_by, undone_at, undone_by FROM person_link"))
    assert made.one() == ("merge", ACUTE, 7, TUESDAY, "intake", TUESDAY, "u1")


def test_a_corrected_identifier_names_the_same_person(four: Connection) -> None:
    assert alias(four, ACUTE, "A", "A-RIGHT", at=TUESDAY) == A
    assert alias(four, ACUTE, "A", "A-RIGHT", at=TUESDAY) == A
    assert whose(four, Subject(local_id="A-RIGHT"), Subject(local_id="A")) == [Found(A, A), Found(A, A)]


def test_an_identifier_of_another_person_is_no_correction(four: Connection) -> None:
    assert alias(four, ACUTE, "A", "B", at=TUESDAY) == Refused(Refusal.TAKEN)
    assert alias(four, ACUTE, "A-NEVER-SENT", "B", at=TUESDAY) == Refused(Refusal.UNKNOWN)
    assert whose(four, Subject(local_id="B")) == [Found(B, B)]


PEOPLE = st.sampled_from([A, B, C, D])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(merges=st.lists(st.tuples(PEOPLE, PEOPLE), max_size=6), order=st.randoms(use_true_random=False))
def test_undoing_every_merge_in_any_order_restores_everything(
    four: Connection, merges: list[tuple[UUID, UUID]], order: Random
) -> None:
    before, links = all_known(four), []
    link_id = new_ids(100)
    with four.begin_nested() as nested:
        for survivor, retired in merges:
            link = merge(
                four,
                survivor,
                retired,
                kind=LinkKind.PERSON,
                evidence=Evidence(),
                at=TUESDAY,
                by="u1",
                new_id=link_id,
            )
            if isinstance(link, Link):
                links.append(link)
            assert standing(four) == standing_by_links(links)
        order.shuffle(links)
        while links:
            parted(four, links.pop())
            assert standing(four) == standing_by_links(links)
        assert all_known(four) == before
        nested.rollback()


def standing_by_links(links: list[Link]) -> dict[UUID, UUID]:
    """A slow reference: follow the links from each person as far as they go."""
    leads_to = {link.retired: link.survivor for link in links}

    def follow(person_id: UUID) -> UUID:
        return follow(leads_to[person_id]) if person_id in leads_to else person_id

    return {person_id: follow(person_id) for person_id in (A, B, C, D)}
