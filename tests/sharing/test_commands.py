"""`pisano isa`: check, matrix and explain."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from app.database.transactions import transaction
from app.errors import DomainError
from app.identity.account import LocalAccount
from app.identity.store import put_accounts
from app.settings import settings
from app.sharing.commands.checking import isa
from app.sharing.known.feed_store import put_relationships
from app.sharing.published.matrix import abbreviations
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from tests.sharing.test_store import Message, told
from tests.sharing.worlds import CORNER, HERS, NOON

PERSON = uuid5(UUID(int=0), "she")
Run = Callable[..., Result]
UNDERTAKINGS = """
contacts: {guardian: {office: Guardian, party: trust}}
onward_disclosure: [{to: The coroner, when: Asked, law: Statute, asked_of: guardian}]
retention: [{what: Everything, keep: P8Y, reason: Custom}]
audit: {asked_of: guardian, reports: P7D, told: [Everything],
        themselves: {says: Ask, kept_back: [safeguarding]}}
incidents: {told: guardian, within: PT24H, steps: [Tell]}
rights: [{title: To see, law: Article 15, asked_of: guardian, within: P1M, how: Ask}]
review: {every: P1Y, overdue: continue}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a wide terminal; whatever it raises is raised."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(isa, [str(each) for each in arguments], catch_exceptions=False)

    return run


def test_check_finds_nothing_wrong_with_the_agreement_of_this_place(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "wulfrun" in result.output
    assert "error" not in result.output


def test_check_tells_programs_the_hash_of_each_agreement(run: Run) -> None:
    checked = json.loads(run("check", "--json").output)
    (agreement,) = checked["agreements"]
    assert (agreement["agreement"], len(agreement["sha256"])) == ("wulfrun", 64)
    assert checked["findings"] == []


def test_check_ends_with_1_and_says_where_an_agreement_is_wrong(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        CORNER.read_text(encoding="utf-8").replace("roles: [nurse]", "roles: [nurs]", 1), encoding="utf-8"
    )
    result = run("check", broken)
    assert result.exit_code == 1
    assert f"{tmp_path.name}/broken.yaml:34: error: `nurs` is no role; did you mean `nurse`?" in result.output


def test_check_names_clauses_that_no_example_holds_where_it_is_asked_for(run: Run, tmp_path: Path) -> None:
    lasting = tmp_path / "lasting.yaml"
    text = CORNER.read_text(encoding="utf-8").replace("review_by: 2026-10-01", "review_by: 2999-01-01")
    lasting.write_text(text.replace("to: 2027-04-01", "to: 2999-04-01") + UNDERTAKINGS, encoding="utf-8")
    assert "no example fails" not in run("check", lasting).output
    told = run("check", "--strength", lasting).output
    assert "lasting.yaml:66: warning: no example fails without X-SELF; add one that only it decides" in told


def test_check_of_what_cannot_be_read_at_all_ends_with_1(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("isa: [", encoding="utf-8")
    assert run("check", broken).exit_code == 1


def test_check_of_a_file_that_is_not_there_says_so(run: Run, tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere.yaml")
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_check_warns_of_dead_clauses_and_ends_with_0(run: Run, tmp_path: Path) -> None:
    lax = tmp_path / "lax.yaml"
    unused = CORNER.read_text(encoding="utf-8").replace("find: Find}", "find: Find, copy: Copy}")
    far = unused.replace("review_by: 2026-10-01", "review_by: 2999-01-01").replace("to: 2027-04-01", "to: 2999-04-01")
    lax.write_text(far, encoding="utf-8")
    result = run("check", lax)
    assert "warning: no clause uses the action `copy`; use it, or take it out" in result.output
    assert result.exit_code == 0


def test_a_place_without_agreements_is_no_place(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.cache_clear()
    monkeypatch.setenv("PISANO_AGREEMENTS", str(tmp_path))
    try:
        with pytest.raises(DomainError, match="there is no agreement"):
            run("check")
    finally:
        settings.cache_clear()


def cells(run: Run, *options: str) -> dict[tuple[str, str], list[Any]]:
    rows = json.loads(run("matrix", "--json", *options).output)
    return {(row["role"], row["category"]): row["controllers"] for row in rows}


def test_matrix_says_what_each_role_may_see_from_whom(run: Run) -> None:
    shown = cells(run, "--purpose", "tenancy-support")
    assert shown["housing-officer", "care-team"] == ["LA508"]
    assert ("housing-officer", "medications") not in shown
    assert {role for role, _ in shown} == {"housing-officer"}


def test_matrix_of_searching_says_where_a_search_may_look(run: Run) -> None:
    assert {category for role, category in cells(run, "--action", "find") if role == "gp"} >= {
        "demographics",
        "address",
    }


def test_matrix_prints_roles_by_headings_with_what_the_letters_mean(run: Run) -> None:
    output = run("matrix").output
    assert "Medications and medical devices" in output
    assert "G gp" in output
    assert "D direct-care" in output


def test_abbreviations_are_short_and_never_the_same() -> None:
    assert abbreviations({"gp", "mdt-chair", "mdt-coordinator", "mdt-guest", "nurse"}) == {
        "gp": "G",
        "mdt-chair": "MCH",
        "mdt-coordinator": "MCO",
        "mdt-guest": "MG",
        "nurse": "N",
    }
    assert abbreviations({"care", "care-x"}) == {"care": "CA", "care-x": "CX"}


MEDICINES = ("explain", "RL4/medications/normal", "--purpose", "direct-care")
NURSE = ("--role", "community-nurse", "--at", "community")


def test_explain_says_which_clause_permits(run: Run) -> None:
    output = run(*MEDICINES, *NURSE, "--relationship", "caseload").output
    assert "permit: RL4/medications/normal" in output
    assert "decided by: wulfrun/G-NURSE" in output
    assert "it would deny: without relationship/caseload" in output


def test_explain_says_what_was_missing(run: Run) -> None:
    output = run(*MEDICINES, *NURSE).output
    assert "decided by: no clause grants it" in output
    assert (
        "nearly by: wulfrun/G-NURSE, which lacked a relationship (brought-in or caseload or claimed or referral)"
        in output
    )
    assert "the viewer reads: There is nothing to show." in output


def test_explain_tells_programs_all_of_it(run: Run) -> None:
    arguments = ("--relationship", "caseload", "--flag", "dissent=acute", "--json")
    explained = json.loads(run(*MEDICINES, *NURSE, *arguments).output)
    assert explained["decision"] == "deny"
    assert explained["deciding"] == ["wulfrun/X-DISSENT"]
    assert explained["counterfactual"] == {"without": ["flag/RL4/dissent"], "needs": []}
    assert explained["agreements"][0].startswith("wulfrun@1.6.0#")


def test_explain_says_what_raised_an_alarm(run: Run) -> None:
    output = run("explain", "RL4/medications/normal", "--purpose", "astrology", *NURSE).output
    assert "alarm: unknown purpose" in output


def test_explain_says_that_nothing_would_lift_a_bar_of_statute(run: Run) -> None:
    output = run("explain", "RL4/problems/barred", "--purpose", "direct-care", *NURSE).output
    assert "it would permit: never, whatever the facts" in output


@pytest.mark.parametrize(
    ("arguments", "told_what"),
    [
        (("explain", "medications", "--purpose", "direct-care", *NURSE), "a label is written CONTROLLER/CATEGORY"),
        ((*MEDICINES, "--as", "nurse"), "say who asks, and about whom: --as and --person, or --role and --at"),
        ((*MEDICINES, "--role", "community-nurse", "--at", "moon"), "no agreement has such a party"),
        ((*MEDICINES, *NURSE, "--flag", "dissent=moon"), "no agreement has such a party"),
        ((*MEDICINES, *NURSE, "--flag", "dissent"), "a flag is written with who raised it, such as dissent=acute"),
        ((*MEDICINES, *NURSE, "--flag", "mood=acute"), "the question cannot be read: 'mood' is not a valid FlagKind"),
        ((*MEDICINES, *NURSE, "--relationship", "Best Friend"), "relationships and parties are lower-case words"),
        ((*MEDICINES, "--role", "Nurse", "--at", "community"), "the question cannot be read"),
    ],
)
def test_a_question_that_cannot_be_read_is_told_so(run: Run, arguments: tuple[str, ...], told_what: str) -> None:
    with pytest.raises(DomainError, match=told_what):
        run(*arguments)


@pytest.fixture
def place(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A place where a nurse has one person on her caseload."""
    with transaction(engine) as connection:
        put_accounts(
            connection,
            [
                LocalAccount(
                    username="nurse", name="Nell", organisation=OdsCode("RL4C"), roles=(Role("community-nurse"),)
                )
            ],
        )
        connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, :at)"), {"id": PERSON, "at": NOON})
        connection.execute(
            text("INSERT INTO person_nhs_number (nhs_number, person_id, since) VALUES (:number, :id, :at)"),
            {"number": HERS.digits, "id": PERSON, "at": NOON},
        )
        caseload = told(kind="caseload", organisation=OdsCode("RL4C"))
        put_relationships(connection, Message(1), [(PERSON, caseload)])
    settings.cache_clear()
    monkeypatch.setenv("DATABASE_URL", database_url)
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("place")
def test_explain_knows_the_people_of_this_place(run: Run) -> None:
    explained = json.loads(run(*MEDICINES, "--as", "nurse", "--person", PERSON, "--json").output)
    assert explained["counterfactual"] == {"without": [], "needs": ["current training"]}
    assert explained["facts"] == ["relationship/1"]


@pytest.mark.usefixtures("place")
def test_explain_asks_for_an_account_that_there_is(run: Run) -> None:
    for who in (("--as", "nobody"), ("--as", "nurse", "--role", "gp")):
        with pytest.raises(DomainError, match="no account of that name holds that role"):
            run(*MEDICINES, *who, "--person", PERSON)
