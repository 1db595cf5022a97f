"""`pisano person`: one person's record, as someone of a demonstration place would see it."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import uuid4

import orjson
import typer
from rich.table import Table

from app.console import AsJson, console, errors, print_json
from app.database.postgres import database_address
from app.errors import DomainError
from app.identity.account import LocalAccount
from app.identity.requester import Requester
from app.place import Place, open_place
from app.record.inquiry import Inquiry
from app.record.read.foremost import death, person_name
from app.settings import Settings, settings
from app.sharing.decision import REFUSAL
from app.sharing.names import Names
from app.vocabulary.london import LONDON, instant_told, london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import Purpose, Role

_BY_CODE: Final = Names({}, {}, {})

person = typer.Typer(help="One person's record.", no_args_is_help=True)


class NobodyAsks(DomainError):
    """There is no such account here, or it does not hold that role."""


@person.callback()
def person_command() -> None:
    """Keeps `show` a command of its own."""


@person.command("show")
def show_command(
    nhs_number: Annotated[str, typer.Option(help="Of whom, in any spacing.")],
    username: Annotated[str, typer.Option("--as", help="Who looks: an account of a demonstration place.")],
    purpose: Annotated[str, typer.Option(help="What for, such as direct-care.")],
    role: Annotated[str | None, typer.Option(help="In which of their roles, if not the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a record as one account may see it, and tell the trail; ends with 1 where there is nothing to show."""
    place = settings()
    if not place.demonstration:
        raise NobodyAsks("only a demonstration place lets the command line look as somebody; sign in instead")
    number, selected, why = _number(nhs_number), Role(role) if role else None, Purpose(purpose)
    with database_address(place) as url:
        seen = asyncio.run(_look(place, url, number, username, selected, why))
    if seen is None:
        errors.print(REFUSAL)
        raise typer.Exit(1)
    if as_json:
        print_json(seen)
    else:
        _show(seen)


def _number(text: str) -> NHSNumber:
    try:
        return NHSNumber.parse(text)
    except ValueError as error:
        raise NobodyAsks(str(error)) from None


async def _look(
    settings: Settings, url: str, number: NHSNumber, username: str, role: Role | None, purpose: Purpose
) -> dict[str, Any] | None:
    async with open_place(settings, url) as place:
        asking = await _asking(place, username, role)
        inquiry = Inquiry(id=uuid4(), requester=asking, purpose=purpose, at=datetime.now(UTC))
        person_id = await place.record.finding.by_nhs_number(inquiry, number)
        view = await place.record.view(inquiry, person_id) if person_id else None
        seen: dict[str, Any] | None = orjson.loads(view.json()) if view else None
        return seen


async def _asking(place: Place, username: str, role: Role | None) -> Requester:
    account: LocalAccount | None = await place.account(username)
    asking = account.asking(role) if account else None
    if asking is None:
        raise NobodyAsks("no account of that name holds that role; `pisano demo` lists the accounts")
    return asking


def _show(seen: dict[str, Any]) -> None:
    console.print(f"[bold]{_name(seen['identity'])}[/bold]")
    if died := death(seen, _BY_CODE).said:
        console.print(f"Died: {died}")
    for source in seen["sources"]:
        late = f", late since {_moment(source['late_since'])}" if source["late_since"] else ""
        spoke = _moment(source["last_message_at"])
        console.print(f"  {source['partner']} {source['feed']}: last spoke {spoke}{late}", style="dim")
    now = set(seen["now"])
    for heading in seen["headings"]:
        table = Table(title=heading["heading"], title_justify="left", show_header=False, box=None, padding=(0, 2))
        for entry in heading["entries"]:
            marks = ("now " if any(one["id"] in now for one in entry["statements"]) else "") + (
                "disagrees" if entry["disagree"] else ""
            )
            for (day, title, detail), partners in _said_once(entry["statements"]).items():
                table.add_row(day, title, detail, ", ".join(partners), marks)
        for state, partners in heading["silent"].items():
            table.add_row("", f"[dim]{state.replace('_', ' ')}[/dim]", "", ", ".join(partners), "")
        console.print(table)
    console.print(seen["notices"]["banner"], style="italic")


def _said_once(statements: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[str]]:
    """What several say alike, with all who say it."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for one in statements:
        day = str(london_date(instant_told(one["started"]))) if one["started"] else ""
        partners = said.setdefault((day, one["title"], one["detail"]), [])
        if one["source"]["partner"] not in partners:
            partners.append(one["source"]["partner"])
    return said


def _moment(instant: str | None) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(LONDON):%d %b %Y %H:%M}" if instant else "never"


def _name(identity: dict[str, Any] | None) -> str:
    if identity is None:
        return "No name is shown to this role"
    return f"{person_name(identity)}, born {identity.get('birthDate', 'on an unknown date')}"
