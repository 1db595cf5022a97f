"""Clauses that change nothing, words that nobody uses, and dates that have passed."""

from datetime import date
from typing import Any

import pytest

from app.sharing.checked.agreement import read_text
from app.sharing.checked.lint import check_clauses
from app.sharing.written.document import Agreement, EmergencyAccess, GuestProfile, Prohibition, When
from app.sharing.written.rules import check_dates
from app.sharing.written.source import Severity, Source
from app.vocabulary.token import Purpose, Role
from tests.sharing.worlds import CORNER, changed, corner

LAW = corner.agreements.documents[0]
NURSE, LATELY, CARER, ABUSE = LAW.grants


def warned(agreement: Agreement) -> list[str]:
    source = Source("corner.yaml")
    check_clauses(agreement, source)
    assert all(finding.severity is Severity.WARNING for finding in source.findings)
    return [finding.text for finding in source.findings]


def test_nothing_is_said_of_clauses_that_each_change_something() -> None:
    assert warned(LAW) == []


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param(changed(NURSE, categories=("problems",)), id="fewer headings"),
        pytest.param(changed(NURSE, relationships=("admission",)), id="fewer relationships"),
        pytest.param(changed(NURSE, max_age=LATELY.max_age), id="a greatest age"),
        pytest.param(changed(LATELY, max_age=LATELY.max_age), id="the same again"),
    ],
)
def test_a_grant_whose_all_others_give_is_shadowed(clause: Any) -> None:
    more = changed(LAW, grants=(*LAW.grants, changed(clause, id="G-MORE")))
    assert "G-MORE is shadowed: other clauses give all that it gives; take it out" in warned(more)


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param(changed(NURSE, categories=("legal",)), id="another heading"),
        pytest.param(changed(CARER, relationships=("admission",)), id="another relationship"),
        pytest.param(changed(LATELY, max_age=None), id="no greatest age"),
        pytest.param(changed(LATELY, relationships=None), id="more relationships"),
    ],
)
def test_a_grant_that_gives_more_is_not_shadowed(clause: Any) -> None:
    more = changed(LAW, grants=(*LAW.grants, changed(clause, id="G-MORE")))
    assert not [text for text in warned(more) if text.startswith("G-MORE")]


def test_emergency_access_and_guests_are_weighed_against_their_like() -> None:
    emergency, (guest,) = LAW.emergency_access, LAW.guests
    assert isinstance(emergency, EmergencyAccess)
    assert isinstance(guest, GuestProfile)
    again = changed(guest, id="V-MORE")
    longer = changed(guest, id="V-MORE", lag=guest.lag * 2)
    other = changed(guest, id="V-MORE", profile="other")
    assert "V-MORE is shadowed: other clauses give all that it gives; take it out" in warned(
        changed(LAW, guests=(guest, again))
    )
    assert warned(changed(LAW, guests=(guest, longer))) == [
        "V-CARER is shadowed: other clauses give all that it gives; take it out"
    ]
    assert warned(changed(LAW, guests=(guest, other))) == []


def test_what_needs_a_relationship_is_not_shadowed_by_what_needs_an_emergency() -> None:
    emergency = LAW.emergency_access
    assert emergency is not None
    nurse = changed(NURSE, categories=("address",), purposes=("care",))
    medicines = changed(NURSE, id="G-MORE", categories=("medications",), purposes=("care",))
    swapped = changed(LAW, grants=(nurse, medicines, *LAW.grants[1:]))
    assert not [text for text in warned(swapped) if text.startswith(("G-MORE", emergency.id))]


def test_a_grant_of_what_is_forbidden_to_all_is_dead() -> None:
    never = tuple(changed(each, override="never") if each.id == "X-ABUSE" else each for each in LAW.prohibitions)
    assert warned(changed(LAW, prohibitions=never)) == [
        "G-ABUSE is dead: prohibitions take away all that it gives; take it out"
    ]


def test_a_role_that_a_grant_gives_nothing_is_told() -> None:
    only_council = changed(NURSE, to=("council",))
    assert (
        "G-NURSE gives nurse nothing for care: no party where the role is held has a lawful basis; leave the one or the"
        " other out"
    ) in warned(changed(LAW, grants=(only_council, *LAW.grants[1:])))


def prohibition(**when: Any) -> Prohibition:
    return Prohibition(id="X-MORE", reason="a test", when=When(**when), override=("protection",), notice="silent")


@pytest.mark.parametrize(
    ("when", "dead"),
    [
        ({"category": ("education",)}, True),
        ({"category": ("problems",)}, False),
        ({"sensitivity": ("restricted",)}, True),
        ({"flag": "sealed", "sensitivity": ("normal",)}, True),
        ({"flag": "staff-or-vip"}, False),
    ],
)
def test_a_prohibition_of_what_no_clause_gives_or_another_forbids_is_dead(when: dict[str, Any], dead: bool) -> None:
    told = warned(changed(LAW, prohibitions=(*LAW.prohibitions, prohibition(**when))))
    text = "X-MORE is dead: no clause gives what it forbids, or another forbids it too; take it out"
    assert (text in told) is dead


def test_a_prohibition_that_nothing_may_override_stands_whatever_it_changes_today() -> None:
    guard = changed(prohibition(category=("education",)), override="never")
    assert warned(changed(LAW, prohibitions=(*LAW.prohibitions, guard))) == []


def test_words_that_no_clause_uses_are_told() -> None:
    unused = changed(
        LAW,
        actions=LAW.actions | {"copy": "Copy"},
        relationships=LAW.relationships | {"tenancy": "Tenancy"},
        category_groups=LAW.category_groups | {"home-life": ("home",)},
        roles=LAW.roles | {Role("cook"): LAW.roles[NURSE.roles[0]]},
        purposes=LAW.purposes | {Purpose("lunch"): LAW.purposes[NURSE.purposes[0]]},
    )
    assert warned(unused) == [
        f"no clause uses the {noun} `{word}`; use it, or take it out"
        for noun, word in [
            ("role", "cook"),
            ("purpose", "lunch"),
            ("action", "copy"),
            ("relationship", "tenancy"),
            ("category", "home-life"),
        ]
    ]


def on(day: date, text: str = "") -> list[str]:
    source, agreement = read_text((text or CORNER.read_text(encoding="utf-8")).encode(), "corner.yaml")
    assert agreement is not None
    check_dates(agreement, source, on=day)
    return [str(finding) for finding in source.findings]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 7, 1), []),
        (date(2026, 8, 1), []),
        (date(2026, 8, 2), ["corner.yaml:7: warning: its review is due by 2026-10-01; arrange it"]),
        (date(2026, 9, 16), ["corner.yaml:7: warning: its review is due by 2026-10-01; arrange it"]),
        (date(2026, 9, 17), ["corner.yaml:7: warning: its review is due in 14 days, by 2026-10-01; hold it now"]),
        (
            date(2026, 10, 2),
            ["corner.yaml:7: warning: its review was due by 2026-10-01; review it, and set the next date"],
        ),
    ],
)
def test_a_review_is_told_sixty_and_fourteen_days_ahead_and_once_it_is_overdue(day: date, told: list[str]) -> None:
    assert on(day) == told


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 9, 16), []),
        (date(2026, 9, 17), ["corner.yaml:7: warning: its review is due by 2026-10-01; arrange it"]),
        (date(2026, 9, 24), ["corner.yaml:7: warning: its review is due in 7 days, by 2026-10-01; hold it now"]),
    ],
)
def test_a_review_is_told_as_long_ahead_as_the_agreement_says(day: date, told: list[str]) -> None:
    warned = CORNER.read_text(encoding="utf-8") + "review: {every: P1Y, overdue: continue, warned: [P7D, P14D]}\n"
    assert on(day, warned) == told


def test_an_agreement_past_its_end_permits_nothing_and_says_so() -> None:
    told = (
        "corner.yaml:6: error: the agreement ended on 2027-04-01, so it permits nothing;"
        " agree a new version, or set status: ended"
    )
    assert told in on(date(2027, 4, 1))
    assert told not in on(date(2027, 3, 31))
    ended = CORNER.read_text(encoding="utf-8").replace("status: in-force", "status: ended")
    assert told not in on(date(2027, 4, 1), ended)


SUSPENDING = CORNER.read_text(encoding="utf-8") + "review: {every: P1Y, overdue: suspend}\n"


def test_an_agreement_that_its_overdue_review_suspends_says_so_ahead_and_then_is_an_error() -> None:
    due = "its review is due by 2026-10-01; it permits nothing from the day after; arrange it"
    assert on(date(2026, 8, 2), SUSPENDING) == [f"corner.yaml:7: warning: {due}"]
    (told,) = on(date(2026, 10, 2), SUSPENDING)
    assert told.startswith("corner.yaml:7: error: its review was due by 2026-10-01, so it permits nothing")
