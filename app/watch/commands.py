"""`pisano watch`: watching by hand, what is told to the watch, and what it tells each partner."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import orjson
import typer

from app.audit.event import Kind
from app.audit.telling import Reading
from app.console import AsJson, console, print_json, show
from app.database.place_engine import place_engine
from app.database.transactions import Role
from app.errors import DomainError
from app.governance.alerts.store import alert_steps, hold_alert
from app.governance.commands.acting import acting_here
from app.governance.commands.alerts import NoSuchAlert
from app.governance.handling import named_by
from app.settings import settings
from app.sharing.checked.agreement import read_agreements
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.watch import daily, store
from app.watch.files import read_rota, read_staff
from app.watch.report import Report
from app.watch.report_paper import as_json, as_pdf, as_text
from app.watch.reporting import report_here
from app.watch.sign import Sign, explained
from app.watch.week import Week

watch = typer.Typer(help="Looking that is odd.", no_args_is_help=True)
_DAY: Final = ["%Y-%m-%d"]

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, with a line of headings.")]


class NobodyOfThatNumber(DomainError):
    """Nobody is put on the news list."""


@watch.command("run")
def run_command() -> None:
    """Watch every day that is over and was not watched yet, as the worker does by itself."""
    place = settings()
    agreements = read_agreements(place.agreements)
    with acting_here(Role.WORKER) as (_, acting):
        watching = daily.Watching(agreements=agreements, key=acting.key, new_id=acting.new_id, keep=place.watch_keep)
    with place_engine(place, Role.WORKER) as engine:
        raised = daily.watch(engine, watching, at=acting.at)
    console.print(f"{raised} alerts raised")


@watch.command("explain")
def explain_command(
    number: Annotated[UUID, typer.Argument(metavar="ALERT", help="Its id, as `alert list` tells it.")],
    as_json: AsJson = False,
) -> None:
    """Say what was seen, why that is odd, what is often innocent about it, and what was done about it since."""
    with acting_here(Role.WORKER) as (connection, acting):
        alert, steps = hold_alert(connection, number), alert_steps(connection, number)
        acting.tell(connection, Kind.AUDIT_READ, other=number, reason=Reading.ALERT)
    if alert is None or alert.kind not in set(Sign) or alert.evidence is None:
        raise NoSuchAlert("the watch raised no such alert; `pisano alert list` tells them")
    said = explained(Sign(alert.kind), alert.evidence)._asdict()
    said |= {"on": str(alert.on), "account": alert.subject, "state": alert.state}
    said |= {"events": ", ".join(alert.evidence["events"])}
    said |= {"steps": "; ".join(f"{step.at:%Y-%m-%d} {step.state}" for step in steps)}
    if as_json:
        print_json(said)
    else:
        show([{"part": part, "said": text} for part, text in said.items()], title="An alert", as_json=False)


@watch.command("news")
def news_command(
    nhs_number: Annotated[str, typer.Option(prompt="NHS number", help="Of whom; asked for where it is left out.")],
    until: Annotated[datetime, typer.Option(formats=_DAY, help="The day from which they are on the list no longer.")],
    since: Annotated[datetime | None, typer.Option(formats=_DAY, help="The first day; today if left out.")] = None,
) -> None:
    """Put somebody who is talked about on the news list: each look at them is told of."""
    with acting_here(Role.WORKER) as (connection, acting):
        person = named_by(connection, _number(nhs_number))
        if person is None:
            raise NobodyOfThatNumber("nobody here has that NHS number; see that it is theirs")
        first = since.date() if since else london_date(acting.at)
        store.put_news(connection, person, since=first, until=_after(first, until.date()))
        acting.tell(connection, Kind.WATCH_CHANGED, person=person, reason="news")
    console.print(f"on the news list until {until:%d %B %Y}")


@watch.command("staff")
def staff_command(file: File) -> None:
    """Say which person each account is, with columns issuer, subject, organisation and nhs_number."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        members = read_staff(lines)
    with acting_here(Role.WORKER) as (connection, acting):
        store.put_staff(connection, members)
        acting.tell(connection, Kind.WATCH_CHANGED, reason="staff")
    console.print(f"{len(members)} accounts kept")


@watch.command("rota")
def rota_command(file: File) -> None:
    """Say who works when, with columns issuer, subject, starts and ends, in London's time."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        duties = read_rota(lines)
    with acting_here(Role.WORKER) as (connection, acting):
        store.put_duties(connection, duties)
        acting.tell(connection, Kind.WATCH_CHANGED, reason="rota")
    console.print(f"{sum(map(len, duties.values()))} shifts of {len(duties)} accounts kept")


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    PDF = "pdf"


@watch.command("report")
def report_command(
    partner: Annotated[str, typer.Option(help="The ODS code of the partner.")],
    week: Annotated[str | None, typer.Option(help="Such as 2026-W47; the last whole one if left out.")] = None,
    written_as: Annotated[Format, typer.Option("--format", help="As what.")] = Format.TEXT,
    out: Annotated[Path | None, typer.Option(help="Into which file; a PDF needs one.")] = None,
) -> None:
    """Tell a partner's week: accesses, emergency accesses, alerts and what came of them, overdue reviews."""
    agreements = read_agreements(settings().agreements)
    with acting_here(Role.WORKER) as (connection, acting):
        report = report_here(
            connection,
            _partner(partner),
            Week.read(week) if week else Week.of(london_date(acting.at) - timedelta(days=7)),
            agreements,
            acting,
        )
    content = _written(report, written_as)
    if out is not None:
        out.write_bytes(content)
    elif written_as is Format.PDF:
        raise typer.BadParameter("a PDF goes into a file; say which by --out")
    else:
        typer.echo(content.decode())


def _written(report: Report, written_as: Format) -> bytes:
    if written_as is Format.PDF:
        return as_pdf(report)
    if written_as is Format.JSON:
        return orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2)
    return as_text(report).encode()


def _partner(text: str) -> OdsCode:
    try:
        return OdsCode(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _number(text: str) -> NHSNumber:
    try:
        return NHSNumber.parse(text)
    except ValueError as error:
        raise NobodyOfThatNumber(str(error)) from None


def _after(first: date, until: date) -> date:
    if until - first < timedelta(days=1):
        raise typer.BadParameter("the list ends before it begins; give a later --until")
    return until
