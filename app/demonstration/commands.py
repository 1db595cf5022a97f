"""`pisano demo`: the demonstration place, made, filled and served."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Engine

from app.console import AsJson, console, errors, print_json, show
from app.database import open_engine
from app.demonstration.loading import (
    DEFAULT_PEOPLE,
    MOST_PEOPLE,
    Making,
    furnish,
    let_in,
    password_of,
    paths,
    today,
    written,
)
from app.demonstration.place import staff
from app.demonstration.teams import tell_year
from app.errors import DomainError
from app.identity.tokens import issue, token_key
from app.intake.front_door import bars, load_file, process_all
from app.intake.inbox import State
from app.migrate import upgrade
from app.place import open_place
from app.postgres import database_address
from app.serving import serve
from app.settings import SETTINGS_FILE, Settings, settings
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

demo = typer.Typer(help="A place with synthetic people, to see and test Pisano with.", invoke_without_command=True)


class NoDemonstration(DomainError):
    """What was asked for exists in a demonstration place only."""


@demo.callback()
def demo_command(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=3, max=MOST_PEOPLE, help="How many people.")] = DEFAULT_PEOPLE,
    seed: Annotated[int, typer.Option(help="What chance begins from: the same seed makes the same people.")] = 1,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The place's day, if not today.")] = None,
    port: Annotated[int, typer.Option(help="Where to serve.")] = 8000,
    without_serving: Annotated[bool, typer.Option("--no-serve", help="Make the place, and return.")] = False,
) -> None:
    """Make the place, or pick it up where it was; then serve it."""
    if context.invoked_subcommand is not None:
        return
    place = _demonstration(settings())
    with database_address(place) as url:
        upgrade(url)
        engine = open_engine(url)
        try:
            making = _make(place, engine, people, seed, on.date() if on else None)
        finally:
            engine.dispose()
        asyncio.run(_meet(place, url, making))
        _introduce(port, password_of(place))
        if not without_serving:
            serve(place, url, port=port)


def _demonstration(place: Settings) -> Settings:
    """The same settings, as a demonstration's; raises pydantic's `ValidationError` beside a real sign-in."""
    checked = Settings.model_validate({**place.model_dump(), "demonstration": True})
    place.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place.var / SETTINGS_FILE).write_text("PISANO_DEMONSTRATION=true\n")
    return checked


async def _meet(settings: Settings, url: str, making: Making) -> None:
    """Let the place's teams have met for a year, unless they have."""
    async with open_place(settings, url) as place:
        with errors.status("teams meeting"):
            await tell_year(place, people=making.people, seed=making.seed, on=making.on)


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
    with bars() as progress:
        for path, partner, adapter in paths(folder):
            load_file(engine, path, OdsCode(partner), adapter, progress)
        refused = [one for one in process_all(engine, place, progress) if one.state is not State.PROCESSED]
    for one in refused:
        errors.print(f"message {one.message} of {one.partner} is {one.state}; see `pisano feed status`")
    return making


def _introduce(port: int, password: str) -> None:
    rows = [
        {"sign_in_as": one.username, "name": one.name, "organisation": one.organisation, "roles": ", ".join(one.roles)}
        for one in staff(today())
    ]
    show(rows, title=f"Pisano: http://127.0.0.1:{port}", as_json=False)
    console.print(f"The password of each:  {password}", markup=False, highlight=False)
    console.print("A token for scripts:  pisano demo token --as nurse")
    console.print(
        "A record:             pisano person show --nhs-number '999 000 0018' --as nurse --purpose direct-care"
    )


@demo.command("token")
def token_command(
    username: Annotated[str, typer.Option("--as", help="Whose.")],
    role: Annotated[str | None, typer.Option(help="In which of their roles, if not the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a bearer token for scripts, good for twelve hours. Works in a demonstration place only."""
    place = settings()
    if not place.demonstration:
        raise NoDemonstration("this is no demonstration place; make one with `pisano demo`, or sign in")
    token = issue(token_key(place), username, role=Role(role) if role else None, at=datetime.now(UTC))
    if as_json:
        print_json({"token": token})
    else:
        typer.echo(token)
