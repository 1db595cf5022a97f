"""Making the demonstration place and filling it through the front door, with progress to look at."""

from datetime import UTC, date, datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Engine

from app.console import errors
from app.database.migrate import upgrade
from app.database.transactions import opened_engine, transaction
from app.demonstration.deprivation import DIRECTORY, INDICES, write_deprivation
from app.demonstration.loading import Making, furnish, let_in, password_of, paths, today, written
from app.deprivation.load import load
from app.deprivation.store import editions
from app.intake.arriving.inbox import State
from app.intake.front_door import bars, load_file, process_all
from app.settings import SETTINGS_FILE, Settings
from app.vocabulary.ods_code import OdsCode


def make_place(place: Settings, url: str, *, people: int, seed: int = 1, on: date | None = None) -> Making:
    """Make the place in a database, or pick it up where it was; what it was made of."""
    upgrade(url)
    with opened_engine(url) as engine:
        return _make(place, engine, people, seed, on)


def as_demonstration(place: Settings) -> Settings:
    """The same settings, as a demonstration's; raises pydantic's `ValidationError` beside a real sign-in."""
    checked = Settings.model_validate({**place.model_dump(), "demonstration": True})
    place.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place.var / SETTINGS_FILE).write_text("PISANO_DEMONSTRATION=true\n")
    return checked


def _make(place: Settings, engine: Engine, people: int, seed: int, on: date | None) -> Making:
    folder = place.var / "demonstration"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors) as progress:
        bar = progress.add_task("writing people", total=people)
        making = written(
            folder,
            lambda made_on: Making(people, seed, on or made_on or today()),
            lambda: progress.advance(bar),
        )
        progress.update(bar, completed=people)
    furnish(engine, making.on)
    let_in(engine, password_of(place))
    tell_deprivation(engine, folder)
    with bars() as progress:
        for path, partner, adapter in paths(folder):
            load_file(engine, path, OdsCode(partner), adapter, progress)
        refused = [one for one in process_all(engine, place, progress) if one.state is not State.PROCESSED]
    for one in refused:
        errors.print(f"message {one.message} of {one.partner} is {one.state}; see `pisano feed status`")
    return making


def tell_deprivation(engine: Engine, folder: Path) -> None:
    """Write the indices' two files and load them as an operator does, unless that was done."""
    with transaction(engine) as connection:
        told = editions(connection)
    if not told:
        write_deprivation(folder)
        load(engine, postcodes=folder / DIRECTORY, indices=folder / INDICES, at=datetime.now(UTC))
