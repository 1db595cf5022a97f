"""Whatever a partner sends or a machine does: a clear error that says what to do, and nothing lost."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.adapters.caseload import FIELDS
from app.cli import main
from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres
from app.database.postgres.lock import exclusively
from app.database.transactions import open_engine
from app.intake.arriving.inbox import State
from app.intake.process import Processed
from app.intake.quality.status import unfinished
from app.settings import ROOT, Settings, settings
from app.vocabulary.london import london_midnight
from app.worker import shift
from tests.adapters.mhsds_extract import needed, zipped
from tests.conftest import PATIENCE
from tests.intake.feed import column, findings, process, send, states
from tests.intake.test_worker import acknowledged, admission, place, until, working
from tests.person.people import COUNCIL

__all__ = ["place"]  # a fixture

HEADINGS = ",".join(FIELDS.values()) + "\n"
IVY = "C1,999 000 0018,01,Ashe,Ivy,1940-02-29,ZX1 1AA,caseload,Northgate nurses,01632 960200,2026-04-01,,2026-06-30\n"
ZOE = IVY.replace("C1,999 000 0018", "C2,999 000 0026").replace("Ivy", "Zoë")
LIST = (HEADINGS + IVY).encode()


def loaded(engine: Engine, adapter: str, content: bytes) -> Processed:
    send(engine, content, adapter=adapter, partner=COUNCIL)
    processed = process(engine)
    assert processed is not None
    return processed


# What partners send


def packed(**members: bytes) -> bytes:
    return zipped({**needed(), **members})


def bomb() -> bytes:
    return packed(MHS009CarePlanAgreement=b"CarePlanID,CarePlanContentAgreedBy\n" + b"0" * 50_000_000)


def climbing() -> bytes:
    content = io.BytesIO(zipped(needed()))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("../../etc/cron.d/pisano", "* * * * * root true\n")
    return content.getvalue()


REFUSED_WHOLE = {
    "a message that is no HL7": ("acute-hl7v2", b"Dear colleague,\r", "not-hl7", "send HL7 v2 in ER7"),
    "HL7 in XML": ("acute-hl7v2", b"<?xml version='1.0'?><ADT_A01/>", "not-hl7", "send HL7 v2 in ER7"),
    "an empty message": ("acute-hl7v2", b"", "empty", "send it again"),
    "a table cut off": ("caseload", LIST[:-20], "csv-truncated", "send it again"),
    "a document cut off": ("housing-json", b'{"household": [{"household_id": "1"', "json-truncated", "send it again"),
    "a ZIP cut off": ("mental-health-mhsds", zipped(needed())[:-30], "mhsds-zip", "send"),
    "a table in another encoding": (
        "caseload",
        (HEADINGS + ZOE).encode("cp1252"),
        "csv-encoding",
        "save it as CSV UTF-8",
    ),
    "a table in UTF-16": ("caseload", (HEADINGS + IVY).encode("utf-16"), "csv-encoding", "save it as CSV UTF-8"),
    "a message in UTF-16": ("acute-hl7v2", admission("V1").encode("utf-16"), "character-set", "send it in UTF-8"),
    "a table without a heading": (
        "caseload",
        LIST.replace(b"Team,", b"", 1),
        "csv-headings",
        "headings are missing: Team",
    ),
    "an empty table": ("caseload", b"", "csv-empty", "send it again"),
    "a field of a megabyte": (
        "caseload",
        LIST + b'"' + b"A" * (1 << 20),
        "csv-row-length",
        "look for an unpaired quotation",
    ),
    "a ZIP bomb": ("mental-health-mhsds", bomb(), "mhsds-zip", "far more"),
    "a ZIP that climbs out of its folder": ("mental-health-mhsds", climbing(), "mhsds-zip", "outside"),
}


@pytest.mark.parametrize(("adapter", "content", "rule", "words"), REFUSED_WHOLE.values(), ids=REFUSED_WHOLE)
def test_what_cannot_be_trusted_is_refused_whole_and_says_what_to_do(
    engine: Engine, adapter: str, content: bytes, rule: str, words: str
) -> None:
    told = loaded(engine, adapter, content)

    assert told.state is State.REFUSED
    assert b"".join(column(engine, "SELECT bytes FROM inbox_part ORDER BY part")) == content
    assert column(engine, "SELECT count(*) FROM entry UNION ALL SELECT count(*) FROM person") == [0, 0]
    with engine.connect() as connection:
        (message,) = unfinished(connection)
    assert (message["state"], message["rule"]) == ("refused", rule)
    assert words in message["text"]


MONTH_13 = IVY.replace("C1,", "C3,").replace("2026-04-01", "2026-13-01")
MANGLED = IVY.replace("C1,999 000 0018", "C4,9.99E+09")


def test_a_date_in_month_13_refuses_its_row_and_no_other(engine: Engine) -> None:
    told = loaded(engine, "caseload", (HEADINGS + IVY + MONTH_13 + ZOE).encode())

    assert (told.state, told.counts.new, told.counts.refused) == (State.PROCESSED, 2, 1)
    assert findings(engine)[0] == ("caseload-started", "refused", 3)


def test_a_number_that_a_spreadsheet_rounded_is_told_and_its_person_waits(engine: Engine) -> None:
    told = loaded(engine, "caseload", (HEADINGS + IVY + MANGLED.replace("1940", "1941")).encode())

    assert (told.counts.new, told.counts.waiting) == (1, 1)
    assert findings(engine) == [("nhs-number", "warning", 3)]
    assert column(engine, "SELECT text FROM finding") == [
        "a spreadsheet has rounded the NHS number; export the column as text"
    ]


@pytest.mark.parametrize(
    ("adapter", "content"), [("caseload", LIST), ("acute-hl7v2", admission("V1").encode())], ids=["CSV", "HL7"]
)
def test_a_byte_order_mark_changes_nothing(engine: Engine, adapter: str, content: bytes) -> None:
    told = loaded(engine, adapter, b"\xef\xbb\xbf" + content)

    assert told.state is State.PROCESSED
    assert told.counts.new > 0
    assert findings(engine) == []


def test_a_field_of_200_megabytes_passes_through_a_few(engine: Engine, module_database_url: str) -> None:
    command = [sys.executable, "-m", "tests.intake.large_field", module_database_url, "200"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert told[1] == "processed"
    assert int(told[0]) < 80  # the adapter holds no more than 32 of them, in two forms
    assert ("unreadable", "refused", 1) in findings(engine)


# What machines do


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, to be killed."""
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as server:
        upgrade(server.url)
        yield server


async def hear(place: Settings, number: str) -> str:
    """The code with which one message is acknowledged."""
    ((code, _),) = await acknowledged(place, admission(number))
    return code


@pytest.mark.anyio
async def test_a_database_that_dies_under_a_worker_and_comes_back_loses_nothing(
    place: Settings, own_server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift, "PATIENCE", 0.05)
    engine = open_engine(own_server.url)
    async with working(place, engine):
        assert await hear(place, "V1") == "AA"
        await until(lambda: states(engine) == ["processed"])
        os.kill(int((own_server.folder / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        kept = 1
        while await hear(place, f"V{kept + 1}") == "AA":  # what served the worker outlives the server by a moment
            kept += 1
        await asyncio.to_thread(lambda: _await_keeper(own_server))
        with EmbeddedPostgres(own_server.folder, durable=False):
            async with asyncio.timeout(PATIENCE):
                while await hear(place, f"V{kept + 1}") != "AA":
                    await asyncio.sleep(0.05)
            await until(lambda: states(engine) == ["processed"] * (kept + 1))
    engine.dispose()  # not sooner: the worker goes on connecting until it is told to stop


def _await_keeper(server: EmbeddedPostgres) -> None:
    """Return once whoever kept the dead server has noticed."""
    with exclusively(server.folder / "keeper.lock"):
        pass


OWN_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def test_a_disk_that_is_full_loses_nothing_and_says_so(tmp_path: Path) -> None:
    if subprocess.run([*OWN_DISK, f"mount -t tmpfs none {tmp_path}"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk of their own")
    run = f"mount -t tmpfs -o size=300m none {tmp_path} && exec {sys.executable} -m tests.intake.full_disk {tmp_path}"
    told = subprocess.run([*OWN_DISK, run], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()

    assert told == [
        "kept",
        "not-kept",  # the disk is full: its sender is told, and sends it again
        "processed processed",
        f"the disk of `{tmp_path / 'postgres'}` is full; free at least 128 MB and start again",
        "started",
    ]


# What the calendar does


def test_a_relationship_ends_at_london_midnight_in_summer_and_in_winter(engine: Engine) -> None:
    summer, winter = date(2026, 7, 1), date(2026, 12, 1)
    ended = IVY.replace(",2026-04-01,,", ",2026-04-01,{},")
    loaded(
        engine,
        "caseload",
        (HEADINGS + ended.format(summer) + ended.replace("Northgate", "Penn").format(winter)).encode(),
    )

    instants = [datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)]
    assert [london_midnight(summer), london_midnight(winter)] == instants
    assert column(engine, "SELECT ended FROM relationship ORDER BY ended") == instants
    assert column(engine, "SELECT ended FROM entry ORDER BY ended") == instants
    assert column(engine, "SELECT occurred_on FROM entry ORDER BY ended") == [summer, winter]


def test_a_wall_clock_in_summer_is_an_hour_ahead(engine: Engine) -> None:
    summer = admission("V1").replace("202602091015", "202607010030")
    loaded(engine, "acute-hl7v2", summer.encode())

    assert column(engine, "SELECT started FROM relationship") == [datetime(2026, 6, 30, 23, 30, tzinfo=UTC)]


@pytest.fixture
def agreement(tmp_path: Path, module_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the demonstration place's agreement, which `pisano` is told to go by."""
    copy = tmp_path / "isa" / "wulfrun.yaml"
    copy.parent.mkdir()
    copy.write_bytes((ROOT / "isa/wulfrun.yaml").read_bytes())
    for name, value in {
        "DATABASE_URL": module_database_url,
        "PISANO_VAR": str(tmp_path / "var"),
        "PISANO_DEMONSTRATION": "true",
        "PISANO_AGREEMENTS": str(copy.parent),
        "COLUMNS": "400",
    }.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield copy
    settings.cache_clear()


def told_by(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The code with which a command ends."""
    monkeypatch.setattr(sys, "argv", ["pisano", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


AGREEMENTS = {
    "with a typing error": (
        ("purposes: [direct-care", "purposes: [direct-caer"),
        "`direct-caer` is no purpose",
        "did you mean `direct-care`?",
    ),
    "past its end": (
        ("effective: {from: 2025-04-01, to: 2035-04-01}", "effective: {from: 2025-04-01, to: 2026-04-01}"),
        "the agreement ended on 2026-04-01, so it permits nothing; agree a new version, or set status: ended",
        "no agreement is in force, so that nobody could be shown anything; run `pisano isa check`",
    ),
}


@pytest.mark.parametrize(("slip", "checked", "served"), AGREEMENTS.values(), ids=AGREEMENTS)
def test_nothing_is_served_under_an_agreement_that_does_not_hold(
    agreement: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    slip: tuple[str, str],
    checked: str,
    served: str,
) -> None:
    text = agreement.read_text()
    assert slip[0] in text
    agreement.write_text(text.replace(*slip, 1))

    assert told_by(monkeypatch, "isa", "check") == 1
    assert checked in capsys.readouterr().out
    assert told_by(monkeypatch, "serve") == 2
    assert served in capsys.readouterr().err
