"""`pisano watch`, as an operator or an IG lead types it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from app.audit.keys import chain_key
from app.audit.trail import record
from app.cli import app
from app.database.transactions import transaction
from app.errors import DomainError
from app.governance.alerts.store import alerts
from app.settings import Settings, settings
from app.watch import store
from app.watch.daily import watch
from app.watch.files import NotRead, read_rota, read_staff
from tests.watch.test_daily import NEIGHBOUR, NIGHT_AFTER, NINE, NUMBERS, WATCHING, seen

STAFF = "issuer,subject,organisation,nhs_number\nhttps://sign-in.example,nurse.7,RL4C,999 000 0018\n"
ROTA = "issuer,subject,starts,ends\nhttps://sign-in.example,nurse.7,2026-06-10T20:00,2026-06-11T08:00\n"


@pytest.fixture
def place(database_url: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A demonstration place in which one person is known."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("PISANO_DEMONSTRATION", "true")
    settings.cache_clear()
    with transaction(engine) as connection:
        connection.execute(text("INSERT INTO person (id, created_at) VALUES (:id, now())"), {"id": NEIGHBOUR})
        connection.execute(
            text("INSERT INTO person_nhs_number VALUES (:number, :id, now())"),
            {"number": NUMBERS[NEIGHBOUR], "id": NEIGHBOUR},
        )
    yield settings()
    settings.cache_clear()


def run(*arguments: str, code: int = 0, typed: str | None = None) -> str:
    result = CliRunner().invoke(app, ["watch", *arguments], input=typed)
    assert result.exit_code == code, result.output
    return result.output


def test_what_the_watch_is_told_is_kept_and_told_to_the_trail(place: Settings, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(STAFF)
    (tmp_path / "rota.csv").write_text(ROTA)
    assert "1 accounts" in run("staff", str(tmp_path / "staff.csv"))
    assert "1 shifts" in run("rota", str(tmp_path / "rota.csv"))
    run("news", "--since", "2026-06-01", "--until", "2026-07-01", typed=f"{NUMBERS[NEIGHBOUR]}\n")
    with engine.connect() as connection:
        assert len(store.staff(connection)) == 1
        assert store.in_the_news(connection, NINE.date()) == {NEIGHBOUR}
        told = connection.execute(
            text("SELECT event->>'reason', event->>'person' FROM audit_event WHERE event->>'kind' = 'watch-changed'")
        ).all()
    assert sorted(map(tuple, told), key=str) == [("news", str(NEIGHBOUR)), ("rota", None), ("staff", None)]


def test_an_alert_is_explained_with_its_events(place: Settings, engine: Engine) -> None:
    with transaction(engine) as connection:
        record(connection, [seen(NEIGHBOUR, NINE)], key=chain_key(place))
    run("news", "--since", "2026-06-01", "--until", "2026-07-01", "--nhs-number", NUMBERS[NEIGHBOUR])
    watch(engine, replace(WATCHING, key=chain_key(place)), at=NIGHT_AFTER)
    with engine.connect() as connection:
        (alert,) = alerts(connection)
    said = orjson.loads(run("explain", str(alert.id), "--json"))
    assert "news list names" in said["seen"]
    assert (said["account"], said["state"], said["events"]) == ("nurse.7", "raised", "4/1")
    assert NUMBERS[NEIGHBOUR] not in str(said)


def test_a_partners_week_is_printed(place: Settings, tmp_path: Path) -> None:
    assert "Wulfrun Homes" in run("report", "--partner", "WH100", "--week", "2026-W24")
    said = orjson.loads(run("report", "--partner", "WH100", "--week", "2026-W24", "--format", "json"))
    assert (said["partner"], said["week"], said["raised"]) == ("WH100", "2026-W24", 0)
    run("report", "--partner", "WH100", "--week", "2026-W24", "--format", "pdf", "--out", str(tmp_path / "week.pdf"))
    assert (tmp_path / "week.pdf").read_bytes().startswith(b"%PDF-")
    run("report", "--partner", "X99", "--week", "2026-W24", code=1)


@pytest.mark.parametrize(
    ("read", "written", "told"),
    [
        (read_staff, "issuer,subject\n", "these columns"),
        (read_staff, STAFF.replace("0018", "0019"), "line 2: "),
        (read_staff, STAFF.replace("nurse.7", ""), "line 2: .* must all be filled"),
        (read_rota, ROTA.replace("2026-06-11T08:00", "tomorrow"), "line 2: .* write it as 2026-06-10T20:00"),
        (read_rota, ROTA.replace("2026-06-11", "2026-06-09"), "line 2: the shift ends before it begins"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(read: object, written: str, told: str) -> None:
    with pytest.raises(NotRead, match=told) as refused:
        read(written.splitlines())  # type: ignore[operator]
    assert isinstance(refused.value, DomainError)
    assert "0019" not in str(refused.value)


def test_a_rota_is_in_londons_time() -> None:
    ((duty,),) = read_rota(ROTA.splitlines()).values()
    assert (duty.starts.hour, duty.ends.hour, (duty.ends - duty.starts).total_seconds() / 3600) == (19, 7, 12)


def test_nobody_is_put_on_the_news_list_by_a_wrong_number(place: Settings) -> None:
    run("news", "--until", "2027-01-01", "--nhs-number", "9990000018", code=1)
