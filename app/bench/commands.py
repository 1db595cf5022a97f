"""`pisano bench`: figures, each beside its floor, measured in one run on a place made for it."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from app.audit.keys import chain_key
from app.bench import agreement, fhir, intake, mdt, pushing, trail, view
from app.bench.pack import measure_pack
from app.bench.watch_year import Year
from app.bench.watching import watch_year
from app.console import AsJson, errors, show
from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres
from app.database.transactions import opened_engine
from app.demonstration.loading import furnish, today
from app.demonstration.partners.files import write_files
from app.place import law_and_key
from app.settings import Settings, settings

bench = typer.Typer(help="Figures, each beside its floor; docs/performance.md tells how to read them.")
DAY = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class BenchPlace:
    """A place made for one run, its files written and nothing sent yet."""

    settings: Settings
    url: str
    engine: Engine

    def fill(self) -> None:
        """Send its files through the front door."""
        errors.print("filling the place through the front door")
        intake.load(self.engine, self.settings.var / "files", chain_key(self.settings))
        self.settle()

    def settle(self) -> None:
        """Let nothing of what was done be left for a measurement."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")


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
            with opened_engine(postgres.url) as engine:
                furnish(engine, today())
                yield BenchPlace(place, postgres.url, engine)
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
            place.fill()
            measured = view.measure(place.settings, place.url, rounds=rounds, duration=seconds)
            lock = round(view.lock_ratio(measured.of_unlocked), 2)
            rows.append({**_view_row(count, measured.beside), "processor_of_unlocked": lock})
    show(rows, title="Views: the service beside its floor, 16 clients", as_json=as_json)


def _view_row(people: int, beside: view.Beside) -> dict[str, Any]:
    pairs, last = beside.of_floor, beside.of_floor[-1]
    return {
        "people": people,
        "kilobytes": round(last.service.mean_bytes / 1000, 1),
        "throughput_of_floor": round(view.throughput_ratio(pairs), 2),
        "processor_of_floor": round(view.processor_ratio(pairs), 2),
        "p99_of_floor": round(view.tail_ratio(pairs), 2),
        "throughput_of_as_many": round(view.throughput_ratio(beside.of_floors), 2),
        "p99_of_as_many": round(view.tail_ratio(beside.of_floors), 2),
        "views_a_second": round(last.service.rate),
        "floor_a_second": round(last.floor.rate),
        "as_many_a_second": round(beside.of_floors[-1].floor.rate),
        "processor_us": round(last.service.processor * 1e6),
        "postgres_us": round(last.service.database * 1e6),
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
    """What a partner's system pulls, against a bare handler of the same bytes; what it pushes, against intake."""
    with _place(people) as place:
        errors.print("filling the place, and measuring that")
        taken = intake.all_of_them(intake.measure(place.settings, place.url))
        place.settle()
        pushed = pushing.measure_pushing(place.settings, place.url, place.engine, people=people, duration=seconds)
        show([_pushed_row(taken, pushed)], title="Bundles of 50 entries pushed by 8 clients", as_json=as_json)
        pulled = fhir.measure_pulling(place.settings, place.url, rounds=rounds, duration=seconds)
    rows = [{"asked": asked, **_view_row(people, beside)} for asked, beside in pulled.items()]
    show(rows, title="FHIR: the service beside its floor, 16 clients", as_json=as_json)


def _pushed_row(taken: intake.FeedCost, pushed: pushing.Pushing) -> dict[str, Any]:
    rate = taken.entries / taken.intake.seconds
    return {
        "entries_a_second": round(pushed.rate),
        "of_intake": round(pushed.rate / rate, 2),
        "intake_entries_a_second": round(rate),
        "of_intake_by_processor": round(taken.intake.processor / taken.entries / pushed.processor, 2),
        "processor_us": round(pushed.processor * 1e6),
        "intake_processor_us": round(taken.intake.processor / taken.entries * 1e6),
        "median_ms": round(pushed.median * 1000),
        "p99_ms": round(pushed.p99 * 1000),
    }


@bench.command("intake")
def intake_command(
    people: Annotated[list[int], typer.Option(help="How many people; twice, to compare the memory.")] = [2_000, 10_000],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Entries a second through inbox, adapter, match, merge and store, against COPY of the same rows."""
    rows = []
    for count in people:
        with _place(count) as place:
            errors.print("sending each file, and COPYing what it left")
            place.settle()
            feeds = intake.measure(place.settings, place.url)
            rows += [_feed_row(count, feed) for feed in (*feeds, intake.all_of_them(feeds))]
    show(rows, title="Intake: each file beside COPY of the rows that it leaves", as_json=as_json)


def _feed_row(people: int, feed: intake.FeedCost) -> dict[str, Any]:
    return {
        "people": people,
        "adapter": feed.adapter,
        "entries": feed.entries,
        "a_second": round(feed.entries / feed.intake.seconds),
        "copy_a_second": round(feed.rows / feed.copy.seconds),
        "of_copy": round(feed.of_copy(lambda cost: cost.seconds), 2),
        "of_copy_by_processor": round(feed.of_copy(lambda cost: cost.processor), 2),
        "adapters_share": f"{feed.reading.here / feed.intake.processor:.0%}",
        "us_an_entry": round(feed.intake.processor / feed.entries * 1e6),
        "of_it_in_postgresql": round(feed.intake.database / feed.entries * 1e6),
        "most_memory_mb": round(feed.memory / 1e6),
        "before_mb": round(feed.before / 1e6),
    }


@bench.command("mdt")
def mdt_command(
    people: Annotated[int, typer.Option(help="Among how many people cases are found.")] = 100_000,
    whole: Annotated[
        int, typer.Option(help="How many of them come through the front door; the others are copies.")
    ] = 2000,
    as_json: AsJson = False,
) -> None:
    """Case finding among many people, with the memory that it holds; and the measures of a year of every locality."""
    with _place(whole) as place:
        place.fill()
        packed = asyncio.run(measure_pack(place.settings, place.url, people=whole))
        errors.print(f"copying them until there are {people}")
        looked = mdt.figures(place.settings, place.url, people=people)
        discussions, seconds = asyncio.run(mdt.measure_year(place.settings, place.url, place.engine, year=today().year))
    rows = [
        {
            "people": one.people,
            "listed": one.listed,
            "named": one.named,
            "seconds": round(one.seconds, 1),
            "most_memory_mb": round(one.memory / 1e6),
        }
        for one in looked
    ]
    show(rows, title="Case finding, as a practice's GP asks for it", as_json=as_json)
    errors.print(f"the measures of {discussions} discussions: {seconds:.2f} s")
    errors.print(
        f"a pack of {packed.people} people: {packed.pack * 1e3:.0f} ms,"
        f" {packed.times:.1f} times as many bare views ({packed.views * 1e3:.0f} ms)"
    )


@bench.command("agreement")
def agreement_command(
    people: Annotated[int, typer.Option(help="How many people a change is weighed over.")] = 1_000_000,
    decisions: Annotated[int, typer.Option(help="How many past decisions are made again.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """A change of agreement compared over everyone, and past decisions made again after what is known changed."""
    with _place(1) as place:
        errors.print(f"making {people} people")
        agreement.populate(place.engine, people)
        agreements, key = law_and_key(place.settings, at=datetime.now(UTC))
        proof = agreement.prove(place.engine, agreements, people=people, decisions=decisions, key=key)
    seconds = {"comparing", "counting", "replaying"}
    row = {name: round(value, 1) if name in seconds else value for name, value in asdict(proof).items()}
    show([row], title="Proving an agreement, in seconds", as_json=as_json)


@bench.command("trail")
def trail_command(
    rows: Annotated[int, typer.Option(help="How many events the trail holds.")] = 10_000_000,
    rounds: Annotated[int, typer.Option(help="How many of each, in turn; the best counts.")] = 3,
    as_json: AsJson = False,
) -> None:
    """`audit verify` of a whole trail, against PostgreSQL streaming the same rows to nobody."""
    with _place(1) as place:
        errors.print(f"writing {rows} events")
        key = chain_key(place.settings)
        sealed = trail.fill(place.engine, rows, key)
        place.settle()
        checked = trail.measure(place.engine, rows, key, sealed, rounds=rounds)
    row = {
        "rows": checked.rows,
        "verified_a_second": round(rows / checked.verifying),
        "streamed_a_second": round(rows / checked.streaming.clock),
        "of_streaming": round(checked.of_streaming, 2),
        "of_streaming_by_processor": round(checked.of_streaming_by_processor, 2),
        "processor_us": round(checked.alone.processor / rows * 1e6, 1),
        "megabytes": round(checked.bytes / 1e6),
    }
    show([row], title="Checking the trail, beside streaming it", as_json=as_json)


@bench.command("watch")
def watch_command(
    staff: Annotated[int, typer.Option(help="How many people work there.")] = 100,
    people: Annotated[int, typer.Option(help="Of how many.")] = 12_000,
    days: Annotated[int, typer.Option(help="For how long; habits are learnt in the first 56.")] = 365,
    of_each: Annotated[int, typer.Option(help="How many times somebody snoops, for each sign.")] = 10,
    seed: Annotated[int, typer.Option(help="Another one is another year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Recall and precision of the watch, on a made-up year of honest work in which it is known who snooped."""
    watched = watch_year(Year(seed=seed, staff=staff, people=people, days=days, of_each=of_each))
    rows = [
        {
            "sign": each.sign,
            "snooped": each.snooped,
            "told_by_it": each.told_by_it,
            "told_by_any": each.told_by_any,
            "told_today": each.told_today,
            "alerts": each.alerts,
            "right": each.right,
            "today": each.today,
            "right_today": each.right_today,
        }
        for each in watched.signs
    ]
    show(rows, title=f"{watched.acts} acts of {watched.staff} people in {watched.days} days", as_json=as_json)
    errors.print(
        f"recall {watched.recall:.2f}, precision {watched.precision:.2f},"
        f" {watched.a_week:.1f} alerts a week for each hundred of staff;"
        f" to look at at once: recall {watched.recall_today:.2f}, precision {watched.precision_today:.2f},"
        f" {watched.today_a_week:.1f} a week;"
        f" of those that wait for the weekly report: precision {watched.precision_weekly:.2f}"
    )
