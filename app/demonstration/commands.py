"""`pisano demo`: the demonstration place, made, filled and served."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.console import AsJson, console, errors, print_json, show
from app.database.postgres import database_address
from app.database.postgres.lock import exclusively
from app.demonstration.loading import (
    DEFAULT_PEOPLE,
    MOST_PEOPLE,
    Making,
    password_of,
    today,
)
from app.demonstration.making import as_demonstration, make_place
from app.demonstration.place import staff, themselves
from app.demonstration.sandbox import sandbox_command
from app.demonstration.teams.year import tell_year
from app.errors import DomainError
from app.identity.store import accounts
from app.identity.tokens import issue, token_key
from app.place import open_place
from app.serving import demand_port, serve
from app.settings import Settings, settings
from app.sign_in.operator import seen
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
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve.")] = 8000,
    without_serving: Annotated[bool, typer.Option("--no-serve", help="Make the place, and return.")] = False,
) -> None:
    """Make the place, or pick it up where it was; then serve it."""
    if context.invoked_subcommand is not None:
        return
    if not without_serving:
        demand_port("127.0.0.1", port)
    place = as_demonstration(settings())
    with database_address(place) as url:
        with _alone(place):
            making = make_place(place, url, people=people, seed=seed, on=on.date() if on else None)
            asyncio.run(_meet(place, url, making))
        _introduce(port, password_of(place))
        if not without_serving:
            serve(place, url, port=port)


@contextmanager
def _alone(place: Settings) -> Iterator[None]:
    """Wait for whoever makes the place in the same folder: each would find half of what the other does."""
    with ExitStack() as held:
        with errors.status("waiting for whoever makes this place already"):
            held.enter_context(exclusively(place.var / "demonstration.lock"))
        yield


async def _meet(settings: Settings, url: str, making: Making) -> None:
    """Let the place's teams have met for a year, unless they have."""
    async with open_place(settings, url) as place:
        with errors.status("teams meeting"):
            await tell_year(place, people=making.people, seed=making.seed, on=making.on)


def _introduce(port: int, password: str) -> None:
    rows = [
        {
            "sign_in_as": one.username,
            "name": one.name,
            "organisation": one.organisation,
            "roles": ", ".join(one.roles) or "sees who looked at their own record",
        }
        for one in (*staff(today()), *themselves())
    ]
    show(rows, title=f"Pisano: http://127.0.0.1:{port}", as_json=False)
    console.print(f"The password of each:  {password}", markup=False, highlight=False)
    console.print("A token for scripts:  pisano demo token --as nurse")
    console.print(
        "A record:             pisano person show --nhs-number '999 000 0018' --as nurse --purpose direct-care",
        soft_wrap=True,  # so that it can be copied from a narrow screen
    )


demo.command("sandbox")(sandbox_command)


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
    if username not in seen(place, lambda connection: {one.username for one in accounts(connection)}):
        raise NoDemonstration("no account of that name is here; `pisano demo` lists the accounts")
    token = issue(token_key(place), username, role=Role(role) if role else None, at=datetime.now(UTC))
    if as_json:
        print_json({"token": token})
    else:
        typer.echo(token)
