"""`pisano audit`, as an operator or an IG lead types it."""

from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from app.audit.acting import COMMAND_LINE
from app.audit.columns import Columns
from app.audit.commands import audit
from app.audit.keys import chain_key
from app.audit.retention import KeptLonger
from app.audit.trail import record
from app.database.transactions import transaction
from app.settings import Settings, settings
from tests.audit.acts import AT, NURSE, PERSON, tampering, view


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A demonstration place on this test's own database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    monkeypatch.setenv("COLUMNS", "250")
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@pytest.fixture
def three_views(place: Settings, engine: Engine) -> Settings:
    """The place, where a nurse saw a person three times."""
    with transaction(engine) as connection:
        record(connection, [view(1), view(2), view(3)], key=chain_key(place))
    return place


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(audit, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def delete_the_second(engine: Engine) -> None:
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 2"))


def test_verify_says_that_a_whole_trail_is_whole(three_views: Settings) -> None:
    assert "3 events, and nothing is wrong" in run("verify")
    assert orjson.loads(run("verify", "--json")) == {"faults": [], "events": 3}


def test_verify_says_where_an_event_was_deleted_and_ends_with_1(three_views: Settings, engine: Engine) -> None:
    delete_the_second(engine)
    told = orjson.loads(run("verify", "--json", code=1))["faults"]
    assert told == [{"wrong": "deleted", "text": "these events are gone", "chain": 4, "first": 2, "last": 2}]
    assert "these events are gone" in run("verify", code=1)


def test_head_signs_what_verify_then_holds_the_trail_to(three_views: Settings, engine: Engine) -> None:
    (written,) = orjson.loads(run("head", "--json"))
    assert written["events"] == 3
    assert Path(written["file"]).parent == three_views.var / "audit" / "heads"
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("DELETE FROM audit_chain"))
    assert "sealed otherwise" in run("verify", code=1)


def test_each_row_is_looked_at_anew_where_that_is_asked_for(
    three_views: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("head")
    with monkeypatch.context() as unable:
        unable.delattr(Columns, "follow")
        assert "3 events, and nothing is wrong" in run("verify")
        with pytest.raises(AttributeError):
            run("verify", "--each-row")
    assert "3 events, and nothing is wrong" in run("verify", "--each-row")


def test_head_does_not_sign_a_trail_that_is_not_whole(three_views: Settings, engine: Engine) -> None:
    delete_the_second(engine)
    assert "run `pisano audit verify`" in run("head", code=1)
    assert not (three_views.var / "audit" / "heads").exists()


def test_whoever_keeps_heads_verifies_with_their_own_copies_and_key(three_views: Settings, tmp_path: Path) -> None:
    (written,) = orjson.loads(run("head", "--json"))
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "head.json").write_bytes(Path(written["file"]).read_bytes())
    ours = ("--heads", str(kept), "--public-key", written["public_key"])
    assert orjson.loads(run("verify", "--json", *ours))["faults"] == []
    other = ("--heads", str(kept), "--public-key", "ab" * 32)
    assert [fault["wrong"] for fault in orjson.loads(run("verify", "--json", *other, code=1))["faults"]] == [
        "signature"
    ]
    assert "64 hexadecimal digits" in run("verify", "--public-key", "abc", code=2)


def test_show_tells_who_saw_a_person_and_under_which_clauses(three_views: Settings) -> None:
    told = run("show", "--person", str(PERSON), "--most", "1")
    for expected in ("01 Jun 2026 10:33:00", "nurse.7", "community-nurse", "G-CN-1, G-CN-2", "X-SENS", "4/3"):
        assert expected in told
    assert "4/2" not in told


def test_show_tells_programs_all_that_an_event_says(three_views: Settings) -> None:
    told = orjson.loads(run("show", "--actor", NURSE.subject, "--issuer", NURSE.issuer, "--json"))
    assert [one["sequence"] for one in told] == [3, 2, 1]
    assert told[0]["permitted"] == {"G-CN-1 G-CN-2": ["RL4/medications/normal", "RL4/problems/normal"]}


def test_show_counts_days_as_london_does(three_views: Settings) -> None:
    day = ("--person", str(PERSON), "--json", "--since", "2026-06-01", "--until")
    assert len(orjson.loads(run("show", *day, "2026-06-02"))) == 3
    assert orjson.loads(run("show", *day, "2026-06-01")) == []


def test_show_is_told_to_the_trail_as_the_operators_reading(three_views: Settings) -> None:
    run("show", "--person", str(PERSON))
    (told,) = orjson.loads(run("show", "--actor", getuser(), "--issuer", COMMAND_LINE, "--json"))
    assert (told["kind"], told["person"]) == ("audit-read", str(PERSON))


def test_a_command_is_whose_the_place_was_told_that_it_is(
    three_views: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the operating system knows everybody as one user."""
    monkeypatch.setenv("PISANO_OPERATOR", "Jane Doe")
    settings.cache_clear()
    run("show", "--person", str(PERSON))
    (told,) = orjson.loads(run("show", "--actor", "Jane Doe", "--issuer", COMMAND_LINE, "--json"))
    assert (told["kind"], told["person"]) == ("audit-read", str(PERSON))


def test_show_of_nobody_in_particular_is_refused(place: Settings) -> None:
    assert "--person" in run("show", code=2)


@pytest.fixture
def old_views(place: Settings, engine: Engine) -> Settings:
    """The place, where a nurse saw a person three times ten years ago."""
    with transaction(engine) as connection:
        events = [view(number, at=AT.replace(year=AT.year - 10)) for number in (1, 2, 3)]
        record(connection, events, key=chain_key(place))
    return place


def test_forget_asks_first_and_deletes_what_the_agreement_keeps_no_longer(old_views: Settings) -> None:
    assert CliRunner().invoke(audit, ["forget"], input="n\n").exit_code == 1
    assert "0 events forgotten" in run("forget", "--before", "2016-06-01", "--yes")
    assert "3 events forgotten" in run("forget", "--yes")
    assert "nothing of that" in run("show", "--person", "00000000-0000-4000-8000-000000000002")
    assert orjson.loads(run("verify", "--json"))["faults"] == []


def test_forget_refuses_what_an_agreement_has_kept(three_views: Settings) -> None:
    with pytest.raises(KeptLonger):
        run("forget", "--before", "2026-06-02", "--yes")
    assert len(orjson.loads(run("show", "--person", str(PERSON), "--json"))) == 3


def test_a_party_that_holds_heads_alone_checks_an_export(three_views: Settings, engine: Engine, tmp_path: Path) -> None:
    (written,) = orjson.loads(run("head", "--json"))
    kept = ("--heads", str(Path(written["file"]).parent), "--public-key", written["public_key"], "--json")
    run("export", str(tmp_path / "whole"))
    assert orjson.loads(run("check", str(tmp_path / "whole"), *kept)) == {"faults": [], "events": 4, "heads": 1}
    with tampering(engine) as connection:
        connection.execute(text("DELETE FROM audit_event"))
        connection.execute(text("DELETE FROM audit_chain"))
    with transaction(engine) as connection:
        record(connection, [view(1), view(3), view(4)], key=chain_key(three_views))
    run("export", str(tmp_path / "rewritten"), "--with-events")
    told = orjson.loads(run("check", str(tmp_path / "rewritten"), *kept, code=1))
    assert [fault["wrong"] for fault in told["faults"]] == ["sealed otherwise"]


def test_receivers_and_parties_that_are_given_no_head_are_listed(place: Settings, tmp_path: Path) -> None:
    rows = orjson.loads(run("receivers", "--json"))
    assert {"receiver": "RL4", "last": "is given none", "waiting": None} in rows


def test_keys_are_made_once_and_the_public_one_is_told(place: Settings) -> None:
    made = run("keys")
    again = run("keys")
    assert (made.count("made "), again.count("made ")) == (2, 0)
    assert made.splitlines()[-1] == again.splitlines()[-1]
