"""`pisano feed` and `pisano worklist`, as a data manager types them."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from app.adapters.caseload import FIELDS
from app.cli import app
from app.console import console
from app.database.transactions import transaction
from app.errors import DomainError
from app.settings import settings
from tests.intake.feed import column, rows

HEADINGS = ",".join(FIELDS.values())
IVY = "C1,999 000 0018,01,Ashe,Ivy,1940-02-29,ZX1 1AA,caseload,Northgate nurses,01632 960200,2026-04-01,,2026-06-30"
UNTRACED = IVY.replace("C1,999 000 0018,01", "C2,,").replace("1940-02-29", "1941-02-28")


@pytest.fixture(autouse=True)
def _of_this_place(module_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", module_database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")  # so that keys are made
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(*lines: str, name: str = "caseload.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in (HEADINGS, *lines)), encoding=encoding)
        return str(path)

    return write


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def told(*words: object) -> Any:
    answer = run(*words, "--json")
    assert answer.exit_code in (0, 1), answer.output
    return orjson.loads(answer.stdout)


def load(*files: str) -> Any:
    return told("feed", "load", "--partner", "RL4C", "--adapter", "caseload", *files)


def test_a_file_is_loaded_and_what_it_did_is_told(engine: Engine, file: Callable[..., str]) -> None:
    (message,) = load(file(IVY, UNTRACED))

    assert (message["partner"], message["adapter"], message["state"]) == ("RL4C", "caseload", "processed")
    assert (message["statements"], message["new"], message["waiting"]) == (2, 1, 1)


def test_a_file_that_was_loaded_before_is_told_of_as_it_was(engine: Engine, file: Callable[..., str]) -> None:
    first = load(file(IVY))

    assert load(file(IVY)) == first
    assert column(engine, "SELECT count(*) FROM inbox_message") == [1]


def test_loading_ends_with_1_where_a_file_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague\n")
    answer = run("feed", "load", "--partner", "RL4C", "--adapter", "caseload", tmp_path / "letter.txt")

    assert answer.exit_code == 1
    assert "is refused: headings are missing: Person reference" in " ".join(answer.stderr.split())
    (message,) = column(engine, "SELECT id FROM inbox_message")
    (finding,) = told("feed", "findings", message)
    assert (finding["rule"], finding["severity"]) == ("csv-headings", "refused")
    assert finding["text"].startswith("headings are missing: Person reference, ")
    [unfinished] = told("feed", "status")["not_processed"]
    assert (unfinished["message"], unfinished["rule"]) == (message, "csv-headings")
    monkeypatch.setattr(console, "width", 80)
    shown = run("feed", "status").stdout
    assert f"Messages not processed\nmessage {message} · partner RL4C · adapter caseload · state refused" in shown
    assert max(map(len, shown.splitlines())) <= 80  # and no word breaks


def test_what_every_feed_brought_is_told(engine: Engine, file: Callable[..., str]) -> None:
    run("feed", "expect", "--partner", "RL4C", "--adapter", "caseload", "--every", 36)
    run("feed", "expect", "--partner", "M92001", "--adapter", "caseload", "--every", 36)
    load(file(IVY, UNTRACED, IVY.replace("caseload,N", "friend,N"), name="1.csv"))

    silent, spoke = told("feed", "status")["feeds"]
    assert (silent["partner"], silent["last_message_at"], silent["late_since"]) == ("M92001", None, None)
    assert {name: spoke[name] for name in ("processed", "new", "refused", "waiting", "stuck")} == {
        "processed": 1,
        "new": 1,
        "refused": 1,
        "waiting": 1,
        "stuck": 0,
    }


def test_findings_are_told_by_rule(engine: Engine, file: Callable[..., str]) -> None:
    load(file(IVY, *[IVY.replace("caseload,N", "friend,N")] * 2))

    first, _ = told("feed", "findings")
    assert (first["rule"], first["times"], first["first_line"]) == ("caseload-kind", 2, 3)


def test_a_file_that_is_held_back_is_told_and_accepted(engine: Engine, file: Callable[..., str]) -> None:
    teams = [IVY.replace("Northgate nurses", f"Team {number}") for number in range(10)]
    load(file(*teams, name="whole.csv"))
    later = [one.replace("2026-06-30", "2026-07-01") for one in teams[:2]]
    (message,) = load(file(*later, name="cut.csv"))
    assert (message["closed"], message["held_back"]) == (0, 8)
    [held] = told("feed", "status")["held_back"]
    assert (held["message"], held["missing"], held["open_before"]) == (message["message"], 8, 10)
    assert "Files that are held back" in run("worklist").stdout

    assert "has ended" in run("worklist", "accept", message["message"]).stdout
    assert column(engine, "SELECT count(*) FROM entry WHERE ended IS NOT NULL") == [8]
    assert told("feed", "status")["held_back"] == []


def test_what_a_partner_pushes_relates_it_once_somebody_says_so_and_no_more_once_they_say_not(engine: Engine) -> None:
    held = "INSERT INTO relationship (person_id, partner, key, message, kind, organisation, started)"
    with transaction(engine) as connection:
        for key in ("fhir-bundle/Encounter/1", "Encounter/1"):
            connection.exec_driver_sql(
                f"{held} VALUES (gen_random_uuid(), 'RL4', %s, 1, 'admission', 'RL4', '2026-01-05')", (key,)
            )
    assert "relates it to its people" in run("feed", "relate", "--partner", "RL4").stdout
    assert column(engine, "SELECT relates FROM feed WHERE partner = 'RL4'") == [True]
    assert "what it related before ended: 1" in run("feed", "relate", "--partner", "RL4", "--ignore").stdout
    assert column(engine, "SELECT relates FROM feed WHERE partner = 'RL4'") == [False]
    assert column(engine, "SELECT key FROM relationship WHERE ended IS NULL") == ["Encounter/1"]  # told otherwise
    told = column(engine, "SELECT event ->> 'reason' FROM audit_event ORDER BY event ->> 'at'")
    assert told == ["relationships-heeded", "relationships-ended"]
    assert column(engine, "SELECT DISTINCT event ->> 'changed' FROM audit_event") == ["RL4/fhir-bundle"]


def test_a_message_is_read_again(engine: Engine, file: Callable[..., str]) -> None:
    (message,) = load(file(IVY))
    (again,) = told("feed", "replay", message["message"])

    assert (again["state"], again["unchanged"]) == ("processed", 1)


def test_with_nothing_sent_there_is_nothing_to_tell(engine: Engine) -> None:
    assert "no partner has sent anything yet" in run("feed", "status").stdout
    assert "nothing was wrong" in run("feed", "findings").stdout
    with pytest.raises(DomainError, match="there is no message 999"):
        run("feed", "findings", 999)
    assert "nothing waits" in run("worklist").stdout
    assert "nobody was joined" in run("worklist", "merges").stdout


# How a partner writes its files


def mapping(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "columns.json"
    path.write_bytes(orjson.dumps(content))
    return path


def test_a_partners_own_headings_and_encoding_are_kept_with_its_feed(
    engine: Engine, file: Callable[..., str], tmp_path: Path
) -> None:
    columns = mapping(tmp_path, {"person_reference": "Réf"})
    run("feed", "map", "--partner", "RL4C", "--adapter", "caseload", "--columns", columns, "--encoding", "cp1252")
    path = Path(file(IVY.replace("Ivy", "Zoë"), encoding="cp1252"))
    path.write_bytes(path.read_bytes().replace(b"Person reference", "Réf".encode("cp1252")))

    (message,) = load(str(path))
    assert message["new"] == 1
    assert column(engine, "SELECT given_names FROM person_identity") == ["Zoë"]


def test_an_encoding_alone_may_be_declared(engine: Engine) -> None:
    run("feed", "map", "--partner", "RL4C", "--adapter", "caseload", "--encoding", "cp1252")

    assert rows(engine, "SELECT encoding, convert_from(columns, 'UTF8') FROM feed") == [("cp1252", "{}")]


@pytest.mark.parametrize(
    ("content", "adapter", "why"),
    [
        (
            {"person_refrence": "Ref"},
            "caseload",
            "`caseload` has no field person_refrence; its fields: as_at, birth_date",
        ),
        ({"a": "b"}, "acute-hl7v2", "`acute-hl7v2` has no field a; its fields: none that can be mapped"),
        (["person_reference"], "caseload", "maps no columns; write"),
        ({"a": "b"}, "caselaod", "no adapter is called `caselaod`; there are: acute-hl7v2, "),
    ],
)
def test_a_mapping_with_a_slip_in_it_is_refused(
    engine: Engine, tmp_path: Path, content: object, adapter: str, why: str
) -> None:
    with pytest.raises(DomainError) as refused:
        run("feed", "map", "--partner", "RL4C", "--adapter", adapter, "--columns", mapping(tmp_path, content))

    assert why in str(refused.value)
    assert rows(engine, "SELECT * FROM feed") == []


def test_a_partner_is_named_by_its_ods_code(engine: Engine, file: Callable[..., str]) -> None:
    answer = run("feed", "load", "--partner", "the trust", "--adapter", "caseload", file(IVY))

    assert answer.exit_code == 2
    assert "an ODS code is two to ten capital" in answer.stderr


# The worklist


@pytest.fixture
def number(engine: Engine, file: Callable[..., str]) -> int:
    """Someone's place on a caseload, without their NHS number."""
    load(file(IVY, name="known.csv"))
    load(file(UNTRACED, name="unknown.csv"))
    (waits,) = told("worklist")
    assert (waits["partner"], waits["reason"]) == ("RL4C", "trace-required")
    number: int = waits["number"]
    return number


def ivy(engine: Engine) -> UUID:
    (person,) = column(engine, "SELECT id FROM person")
    assert isinstance(person, UUID)
    return person


def test_what_waits_is_filed_under_a_person(engine: Engine, number: int) -> None:
    assert run("worklist", "file", number, ivy(engine)).stdout == "filed 1 waiting statement\n"
    assert told("worklist") == []


def test_a_number_is_admitted(engine: Engine, file: Callable[..., str]) -> None:
    load(file(IVY.replace(",01,", ",02,"), IVY.replace(",01,", ",02,").replace("Northgate", "Penn")))
    first, _ = told("worklist")

    assert run("worklist", "admit", first["number"]).stdout == "filed 2 waiting statements\n"


def test_what_waits_is_dismissed(engine: Engine, number: int) -> None:
    run("worklist", "dismiss", number)
    assert told("worklist") == []


def test_people_are_joined_looked_up_and_parted(engine: Engine, file: Callable[..., str]) -> None:
    load(file(IVY, IVY.replace("C1,999 000 0018", "C3,999 000 0026")))
    first, second = column(engine, "SELECT id FROM person ORDER BY id")
    assert run("worklist", "merge", first, second).stdout.startswith("joined by link ")

    (link,) = told("worklist", "merges")
    assert (link["survivor"], link["retired"], link["kind"]) == (str(first), str(second), "person")
    assert run("worklist", "undo-merge", link["id"]).stdout == "parted; 1 entries went back\n"
    assert told("worklist", "merges") == []


def test_the_master_person_service_is_asked_by_file_and_its_answer_read_back(engine: Engine, number: int) -> None:
    assert "1 waited; 0 of them were found and filed" in run("worklist", "trace").stdout
    mps = settings().var / "mps"
    (request,) = (mps / "requests").iterdir()
    (question,) = csv.DictReader(io.StringIO(request.read_text()))
    assert question["FAMILY_NAME"] == "Ashe"
    answer = {
        "UNIQUE_REFERENCE": question["UNIQUE_REFERENCE"],
        "ERROR_SUCCESS_CODE": "00",
        "MATCHED_NHS_NO": "9990000026",
        "MATCHED_CONFIDENCE_PERCENTAGE": "100",
        "SENSITIVTY_FLAG": "",
    }
    with (mps / "responses" / "answer.csv").open("w", newline="") as response:
        writer = csv.DictWriter(response, list(answer))
        writer.writeheader()
        writer.writerow(answer)

    assert "1 waited; 1 of them were found and filed" in run("worklist", "trace").stdout
    assert told("worklist") == []
    assert column(engine, "SELECT count(*) FROM person_nhs_number") == [2]
