"""What two partners state alike is shown once; what they state differently stands side by side."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record.merge import NEXT_OF_KIN, REFUTED, Group, Line, grouped, happening_now, speak_for_themselves
from app.vocabulary.category import Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.ods_code import OdsCode

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PENICILLIN = "http://snomed.info/sct|91936005"
NONE_KNOWN = "http://snomed.info/sct|716186003"
_numbers = count(1)


def line(category: str, partner: str = "RL4", comparison: str | None = None, **changes: Any) -> Line:
    label = Label(OdsCode(partner), Category(category), Sensitivity.NORMAL)
    stated = Line(next(_numbers), label, comparison, NOON, None, "current", b"{}")
    return stated._replace(**changes)


def test_the_same_allergy_from_two_partners_is_shown_once_with_both_sources() -> None:
    (group,) = grouped([line("allergies", "RL4", PENICILLIN), line("allergies", "M92001", PENICILLIN)])

    assert {stated.label.controller for stated in group.lines} == {"RL4", "M92001"}
    assert not group.disagree


def test_a_problem_that_one_partner_ended_and_another_has_not_disagrees() -> None:
    (group,) = grouped([line("problems", "RL4", "icd|I10"), line("problems", "RRE", "icd|I10", standing="ended")])

    assert group.disagree


def test_two_problems_are_two() -> None:
    assert len(grouped([line("problems", comparison="icd|I10"), line("problems", comparison="icd|E11")])) == 2


def test_problems_that_were_not_coded_are_never_taken_for_the_same() -> None:
    assert len(grouped([line("problems"), line("problems", "RRE")])) == 2


def test_no_known_allergy_beside_an_allergy_disagrees_and_both_stand() -> None:
    groups = grouped([line("allergies", "RL4", PENICILLIN), line("allergies", "RRE", NONE_KNOWN)])

    assert [group.disagree for group in groups] == [True, True]


def test_no_known_allergy_from_everyone_disagrees_with_nobody() -> None:
    (group,) = grouped([line("allergies", "RL4", NONE_KNOWN), line("allergies", "RRE", NONE_KNOWN)])

    assert not group.disagree


def test_a_refuted_allergy_beside_no_known_allergy_is_no_disagreement() -> None:
    refuted = line("allergies", "RL4", REFUTED + PENICILLIN)
    groups = grouped([refuted, line("allergies", "RRE", NONE_KNOWN)])
    latex = line("allergies", "M92001", "http://snomed.info/sct|1003755004")

    assert [group.disagree for group in groups] == [False, False]
    assert [group.disagree for group in grouped([*groups[0].lines, *groups[1].lines, latex])] == [False, True, True]


def test_an_allergy_that_one_partner_refuted_and_another_states_still_disagrees_with_no_known_allergy() -> None:
    told = line("allergies", "RL4", REFUTED + PENICILLIN), line("allergies", "M92001", PENICILLIN)
    groups = grouped([*told, line("allergies", "RRE", NONE_KNOWN)])

    assert [group.disagree for group in groups] == [True, True]


@pytest.mark.parametrize("category", ["allergies", "problems"])
def test_what_one_partner_refuted_and_another_states_disagrees(category: str) -> None:
    lines = [line(category, "RL4", REFUTED + PENICILLIN), line(category, "M92001", PENICILLIN)]
    (group,) = grouped(lines)

    assert group.disagree
    assert not speak_for_themselves(lines, {stated.label.controller for stated in lines})


@pytest.mark.parametrize("category", ["address", "gp-practice", "demographics"])
def test_partners_that_state_different_ones_of_what_a_person_has_one_of_disagree(category: str) -> None:
    here, there = line(category, "RL4", "facet=a"), line(category, "WH100", "facet=b")
    same = grouped([here, there._replace(comparison="facet=a")])

    assert [group.disagree for group in grouped([here, there])] == [True, True]
    assert not speak_for_themselves([here, there], {OdsCode("RL4"), OdsCode("WH100")})
    assert not any(group.disagree for group in same)


def test_a_practice_that_three_partners_state_is_shown_once_with_all_three_sources() -> None:
    stated = [line("gp-practice", partner, "practice=m92001") for partner in ("RL4", "RRE", "LA508")]
    uncoded, former = line("gp-practice", "WH100"), line("gp-practice", "RL4", "practice=m92001", standing="ended")
    [once] = grouped(stated)

    assert once == Group(tuple(stated), False)
    assert not speak_for_themselves(stated, {one.label.controller for one in stated})
    assert grouped([*stated, uncoded, former]) == [once, Group((uncoded,), False), Group((former,), False)]
    other = line("gp-practice", "WH100", "practice=m92002")
    assert [group.disagree for group in grouped([*stated, other])] == [True, True, True, True]


def test_a_partner_that_knows_less_does_not_disagree() -> None:
    whole, postcode = line("address", "RL4", "postcode=zx11aa;line=12canal"), line("address", "RRE", "postcode=zx11aa")
    elsewhere = line("address", "WH100", "postcode=zx29bb;line=12canal")

    assert [group.disagree for group in grouped([whole, postcode])] == [False, False]
    assert [group.disagree for group in grouped([whole, postcode, elsewhere])] == [True, True, True]


def test_one_partner_does_not_disagree_with_itself() -> None:
    groups = grouped([line("address", "RL4", "postcode=zx11aa"), line("address", "RL4", "postcode=zx29bb")])

    assert not any(group.disagree for group in groups)


def test_a_former_address_disagrees_with_nothing() -> None:
    groups = grouped(
        [line("address", "RL4", "postcode=zx11aa"), line("address", "WH100", "postcode=zx29bb", standing="ended")]
    )

    assert not any(group.disagree for group in groups)


def test_an_account_that_cannot_be_compared_disagrees_with_nothing() -> None:
    groups = grouped([line("address", "RL4", "postcode=zx11aa"), line("address", "RRE", None)])

    assert not any(group.disagree for group in groups)


def test_two_next_of_kin_disagree_and_a_carer_beside_them_does_not() -> None:
    kin = [line("contacts", "RL4", f"{NEXT_OF_KIN}pat"), line("contacts", "RRE", f"{NEXT_OF_KIN}sam")]
    carer = line("contacts", "LA508", "carer")

    assert [group.disagree for group in grouped([*kin, carer])] == [True, True, False]


CONCEPTS, FACETS = (None, "icd|I10", "icd|I20"), (None, "facet=a", "facet=b")
COMPARED_BY = {
    "problems": CONCEPTS, "allergies": CONCEPTS, "results": CONCEPTS, "address": FACETS,
    "gp-practice": FACETS,
    "contacts": (None, "carer", f"{NEXT_OF_KIN}pat", f"{NEXT_OF_KIN}sam"),
}  # fmt: skip


def accounts(category: str) -> st.SearchStrategy[tuple[str, list[tuple[str, str | None, str]]]]:
    """A heading, and what partners state under it, as encoding compares it there."""
    compared, partners = st.sampled_from(COMPARED_BY[category]), st.sampled_from(["RL4", "RRE"])
    stated = st.tuples(partners, compared, st.sampled_from(["current", "ended"]))
    return st.tuples(st.just(category), st.lists(stated, min_size=1, max_size=4))


@given(st.sampled_from(sorted(COMPARED_BY)).flatmap(accounts))
def test_lines_that_speak_for_themselves_would_be_a_group_each_without_disagreement(
    stated_there: tuple[str, list[tuple[str, str | None, str]]],
) -> None:
    category, stated = stated_there
    lines = [line(category, partner, said, standing=standing) for partner, said, standing in stated]
    if speak_for_themselves(lines, {line.label.controller for line in lines}):
        assert grouped(lines) == [Group((one,), False) for one in lines]


def test_a_heading_without_lines_has_no_groups() -> None:
    assert grouped([]) == []


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ({}, True),
        ({"started": None}, True),
        ({"ended": NOON + timedelta(hours=1)}, True),
        ({"ended": NOON}, False),
        ({"started": NOON + timedelta(hours=1)}, False),
        ({"standing": "planned"}, False),
    ],
)
def test_what_has_begun_and_not_ended_is_happening_now(changes: dict[str, Any], now: bool) -> None:
    assert happening_now(line("admissions", **changes), NOON) is now


def test_a_problem_lasts_but_is_no_event_of_now() -> None:
    assert not happening_now(line("problems"), NOON)
