"""What is said of a field that was left empty or filled in wrongly: as the NHS design system words it."""

import pytest

from app.mdt.workflow.forms import ABSENT, filled_in
from app.mdt.workflow.referral import ReferralForm
from app.web.frame.words.labels import Choice, Day, said_of

MISSING = "is missing; fill it in"


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Situation", "Enter the situation"),
        ("Their name", "Enter their name"),
        ("Why, or what you ask", "Enter why, or what you ask"),
        ("What do you ask the team?", "Enter an answer to “What do you ask the team?”"),
        (Choice("Who does it"), "Select who does it"),
        (Choice("What do they say to it?"), "Select an answer to “What do they say to it?”"),
        (Day("When the team looks again"), "Enter the date when the team looks again"),
        (Day("New day"), "Enter the new day"),
        (Day("Its date"), "Enter its date"),
        (Day("Next review"), "Enter the date of the next review"),
        (Day("By when"), "Enter the date for “By when”"),
        (Day("On which day?"), "Enter the date for “On which day?”"),
    ],
)
def test_what_is_missing_is_asked_for_in_the_words_of_the_nhs(label: str, told: str) -> None:
    assert MISSING in ABSENT
    assert said_of(label, MISSING) == told


@pytest.mark.parametrize(
    ("label", "problem", "told"),
    [
        (Choice("Who holds it"), "name who holds the person's care", "Select who holds the person's care"),
        (Choice("If they object, to whom?"), "say to whom the person objects", "Select to whom the person objects"),
        ("Who decided", "say who decided for the person", "Enter who decided for the person"),
        ("If urgent, why", "say that it is urgent, or take", "Say that it is urgent, or take"),
        ("Owner", "name the owner by their account", "Name the owner by their account"),
    ],
)
def test_what_a_teams_rules_ask_for_is_asked_for_in_the_same_words(label: str, problem: str, told: str) -> None:
    assert said_of(label, problem) == told


@pytest.mark.parametrize(
    ("label", "said", "told"),
    [
        ("What you ask", {"question": ""}, "Enter what you ask"),
        ("What you ask", {"question": "x" * 4001}, "“What you ask” is too long; say it in fewer words"),
        (Choice("How soon?"), {"urgency": "at once"}, "Select an answer to “How soon?”"),
        (Choice("Which groups"), {"segments": []}, "Select which groups"),
        (Day("On which day"), {"informed": {"was": True, "on": "31-2-2026"}}, "“On which day” must be a real date"),
        ("If urgent, why", {"urgency": "urgent"}, "Enter why it is urgent"),
    ],
)
def test_each_problem_of_a_form_is_worded_for_its_field(label: str, said: dict[str, object], told: str) -> None:
    problems = filled_in(ReferralForm, said)
    assert isinstance(problems, list)
    assert any(said_of(label, one.problem).startswith(told) for one in problems)
