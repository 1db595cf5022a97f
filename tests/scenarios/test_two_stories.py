"""The two stories that Wolverhampton published read true, to each role in its own way."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from typer.testing import Result

from app.errors import DomainError
from app.settings import ROOT

Asking = Callable[..., Any]

FATHER, SON, WOMAN = "999 000 0018", "9990000026", "999 000 0034"


class TestHousebound:
    """A man housebound after a second stroke, cared for by his son, who struggles himself."""

    def test_a_nurse_reads_what_is_wrong_who_helps_and_how_he_lives(self, asking: Asking) -> None:
        record = asking("nurse").record(FATHER)

        problems = record.titles("problems")
        assert "Second stroke: cerebral infarction" in problems
        assert "Housebound: abnormality of gait and mobility" in problems
        assert record.titles("allergies") == ["Allergy to penicillin"]
        assert any("Home Support" in title for title in record.titles("care-packages"))
        assert any("Hoarding" in title for title in record.titles("alerts"))
        assert any("carer" in title.lower() for title in record.titles("contacts"))
        assert "Safeguarding concern" in record.titles("safeguarding")
        assert any("Level access shower" in title for title in record.titles("equipment"))

    def test_a_nurse_sees_what_is_happening_now_from_each_partner(self, asking: Asking) -> None:
        now = asking("nurse").record(FATHER).now()

        assert any("Home Support" in title for title in now)
        assert any("Community Mental Health Team" in title for title in now)
        assert any("tenancy" in title for title in now)
        assert not any("Stay in hospital" in title for title in now)

    def test_his_social_worker_sees_the_safeguarding_concern_and_that_money_is_short(self, asking: Asking) -> None:
        record = asking("social-worker").record(FATHER)

        assert "Safeguarding concern" in record.titles("safeguarding")
        assert any("arrears" in title for title in record.titles("tenancy-risk"))

    def test_the_command_line_shows_each_the_same_as_the_page(self, command: Callable[..., Result]) -> None:
        show = ("person", "show", "--nhs-number", FATHER)
        nurse = command(*show, "--as", "nurse", "--purpose", "direct-care")
        officer = command(*show, "--as", "housing-officer", "--purpose", "tenancy-support")
        assert (nurse.exit_code, officer.exit_code) == (0, 0), nurse.output + officer.output
        assert nurse.stdout.count("Second stroke") == 1  # said twice by the hospital, and shown once
        assert "Secure tenancy" in officer.stdout
        assert "stroke" not in officer.stdout.lower()

    def test_the_command_line_tells_days_as_london_has_them(self, command: Callable[..., Result]) -> None:
        """He was registered on the day of his birth, in double summer time."""
        told = command("person", "show", "--nhs-number", FATHER, "--as", "nurse", "--purpose", "direct-care").stdout
        assert "1945-05-14    Registered with" in told
        assert "T00:" not in told

    def test_what_the_readme_shows_first_works_as_it_stands(self, command: Callable[..., Result]) -> None:
        shown = re.findall(r"^pisano (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
        assert len(shown) >= 8
        for line in shown:
            told = command(*shlex.split(line))
            assert (told.exit_code, told.stderr) == (0, ""), line

    def test_a_token_is_of_an_account_that_is_here(self, command: Callable[..., Result]) -> None:
        assert command("demo", "token", "--as", "nurse").exit_code == 0
        with pytest.raises(DomainError, match="no account of that name"):
            raise command("demo", "token", "--as", "nobody").exception or AssertionError

    def test_nobody_reads_what_he_owes(self, asking: Asking) -> None:
        for username, purpose in (("social-worker", "direct-care"), ("housing-officer", "tenancy-support")):
            assert "£" not in str(asking(username, purpose).record(FATHER).view)

    def test_the_housing_officer_keeps_his_tenancy_and_reads_nothing_of_his_health(self, asking: Asking) -> None:
        record = asking("housing-officer", "tenancy-support").record(FATHER)

        assert any("Secure tenancy" in title for title in record.titles("tenancy"))
        assert any("arrears" in title for title in record.titles("tenancy-risk"))
        for category in ("problems", "medications", "allergies", "results", "encounters", "admissions", "alerts"):
            assert category not in record.headings
        assert "stroke" not in str(record.view).lower()

    @pytest.mark.parametrize(
        ("username", "purpose"),
        [
            ("nurse", "direct-care"),
            ("social-worker", "direct-care"),
            ("mental-health", "direct-care"),
            ("gp", "direct-care"),
            ("housing-officer", "tenancy-support"),
        ],
    )
    def test_nothing_of_his_sons_own_care_shows_in_his_record(
        self, asking: Asking, username: str, purpose: str
    ) -> None:
        found = asking(username, purpose).lookup(FATHER)
        if found.status_code != 200:
            return  # nothing at all is shown to this role
        requester = asking(username, purpose)
        answers = [
            requester.get(f"/api/persons/{found.json()['id']}").text,
            requester.get(f"/fhir/R4/Patient/{found.json()['id']}/$everything").text,
        ]
        for answer in answers:
            for of_the_son in (
                "alcohol",
                "F10.2",
                "crisis plan exists",
                "Crisis Resolution",
                "diabetes",
                "E11.9",
                "9990000026",
            ):
                assert of_the_son.lower() not in answer.lower()


class TestTheSon:
    """He is another person, with a record of his own."""

    def test_mental_health_reads_his_own_care(self, asking: Asking) -> None:
        record = asking("mental-health").record(SON)

        assert any("Crisis Resolution" in title for title in record.titles("referrals"))
        assert any("risis plan" in title for title in record.titles("contingency"))

    def test_his_fathers_nurse_has_no_business_in_his_record(self, asking: Asking) -> None:
        assert asking("nurse").lookup(SON).status_code == 404


class TestTheSpiralStaircase:
    """A woman fit to leave hospital who cannot, until a lift is fitted."""

    def test_the_ward_reads_that_she_is_fit_to_leave_and_what_she_waits_for(self, asking: Asking) -> None:
        record = asking("acute-clinician").record(WOMAN)

        assert any("fit for discharge" in title for title in record.titles("admissions"))
        assert any("Through-floor lift" in title for title in record.titles("equipment"))
        assert any(title.startswith("Stay in hospital") for title in record.now())
        assert any("azard" in title for title in record.titles("home"))

    def test_housing_knows_of_the_lift_and_not_of_the_fracture(self, asking: Asking) -> None:
        record = asking("housing-officer", "tenancy-support").record(WOMAN)

        assert any("Through-floor lift" in title for title in record.titles("equipment"))
        assert "fracture" not in str(record.view).lower()

    def test_no_known_allergy_is_an_entry_and_not_an_absence(self, asking: Asking) -> None:
        record = asking("nurse").record(WOMAN)

        assert record.titles("allergies") == ["No known allergy"]


def test_somebody_whom_the_trust_registered_twice_waits_for_a_person(place: Engine) -> None:
    with place.connect() as connection:
        told = connection.execute(
            text("SELECT DISTINCT disagrees, cardinality(candidates) FROM waiting WHERE candidates <> '{}'")
        )
        assert [tuple(row) for row in told] == [(["birth_date"], 1)]
