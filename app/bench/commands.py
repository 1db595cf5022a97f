"""`pisano bench`: figures, each beside its floor, measured in one run on a place made for it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.bench import fhir, intake, view
from app.console import AsJson, errors, show
from app.database import open_engine
from app.demonstration.files import write_files
from app.demonstration.loading import furnish, today
from app.migrate import upgrade
from app.postgres import EmbeddedPostgres
from app.settings import Settings, settings

bench = typer.Typer(help="Figures, each beside its floor; docs/performance.md tells how to read them.")
DAY = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class BenchPlace:
    """A place made for one run, with what filling it took."""

    settings: Settings
    url: str
    engine: Engine
    feeds: list[intake.FeedTime]


@contextmanager
def _place(people: int) -> Iterator[BenchPlace]:
    """A durable, embedded PostgreSQL with that many people, in a folder of its own that goes afterwards."""
    parent = settings().var
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        place = Settings(var=Path(folder), demonstration=True)
        errors.print(f"writing {people} people")
        write_files(place.var / "files", people, seed=1, on=DAY)
        with EmbeddedPostgres(place.var / "postgres") as postgres:
            upgrade(postgres.url)
            engine = open_engine(postgres.url)
            try:
                furnish(engine, today())
                errors.print("filling the place through the front door")
                feeds = intake.load(engine, place.var / "files", chain_key(place))
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE")
                    connection.exec_driver_sql("CHECKPOINT")  # not in the middle of a measurement
                yield BenchPlace(place, postgres.url, engine, feeds)
            finally:
                engine.dispose()
        shutil.rmtree(place.var / "files")


@bench.command("view")
def view_command(
    people: Annotated[list[int], typer.Option(help="How many people; twice, to compare.")] = [10_000, 100_000],  # noqa: B006
    rounds: Annotated[int, typer.Option(help="How many pairs of measurements.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each measurement lasts.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """A person's record with sign-in, decision and committed audit on, against a bare handler that reads its bytes."""
    rows = []
    for count in people:
        with _place(count) as place:
            pairs = view.measure(place.settings, place.url, rounds=rounds, duration=seconds)
            rows.append(_view_row(count, pairs))
    show(rows, title="Views: the service beside its floor, 16 clients", as_json=as_json)


def _view_row(people: int, pairs: list[view.Pair]) -> dict[str, Any]:
    last = pairs[-1]
    return {
        "people": people,
        "kilobytes": round(last.service.mean_bytes / 1000, 1),
        "throughput_of_floor": round(view.throughput_ratio(pairs), 2),
        "p99_of_floor": round(view.tail_ratio(pairs), 2),
        "views_a_second": round(last.service.rate),
        "floor_a_second": round(last.floor.rate),
        "p99_ms": round(last.service.p99 * 1000, 1),
        "floor_p99_ms": round(last.floor.p99 * 1000, 1),
    }


@bench.command("fhir")
def fhir_command(
    people: Annotated[int, typer.Option(help="How many people.")] = 10_000,
    rounds: Annotated[int, typer.Option(help="How many pairs of measurements.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long each measurement lasts.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """What a partner's system pulls, with everything on, against a bare handler that reads the same bytes."""
    with _place(people) as place:
        pulled = fhir.measure_pulling(place.settings, place.url, rounds=rounds, duration=seconds)
    rows = [{"asked": asked, **_view_row(people, pairs)} for asked, pairs in pulled.items()]
    show(rows, title="FHIR: the service beside its floor, 16 clients", as_json=as_json)


@bench.command("intake")
def intake_command(
    people: Annotated[int, typer.Option(help="How many people.")] = 10_000, as_json: AsJson = False
) -> None:
    """Entries a second through inbox, adapter, match, merge and store, against COPY of the same rows."""
    with _place(people) as place:
        held = intake.peak_memory()  # before COPY, whose rows are all in memory
        copied, rate = intake.copy_rate(place.url)
        rows = [_feed_row(feed, rate) for feed in place.feeds]
        entries, seconds = sum(feed.entries for feed in place.feeds), sum(feed.seconds for feed in place.feeds)
        alone = sum(feed.adapter_seconds for feed in place.feeds)
        rows.append(_feed_row(intake.FeedTime("all of them", entries, seconds, alone), rate))
    show(rows, title=f"Intake beside COPY of its {copied} rows at {rate:,.0f} a second", as_json=as_json)
    errors.print(f"most memory held while filling: {held / 1e6:.0f} MB")


def _feed_row(feed: intake.FeedTime, copy_rate: float) -> dict[str, Any]:
    return {
        "adapter": feed.adapter,
        "entries": feed.entries,
        "entries_a_second": round(feed.rate),
        "of_copy": round(feed.rate / copy_rate, 2),
        "adapters_share": f"{feed.adapter_seconds / feed.seconds:.0%}",
    }
