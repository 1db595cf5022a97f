"""`pisano mdt`: the teams' steps and what they see, as somebody of a demonstration place."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

import orjson
import typer
import yaml
from pydantic import BaseModel

from app.audit.keys import chain_key
from app.commands.acting import As, InRole, What, acting_as
from app.console import AsJson, console, errors, print_json, show
from app.database.transactions import transaction
from app.errors import DomainError
from app.intake.front_door import place_engine
from app.mdt import case_studies, lists, referred, whole
from app.mdt.as_fhir.meeting import meeting_as_fhir
from app.mdt.case_finding import find as case_finding
from app.mdt.case_finding.as_json import case_list_json
from app.mdt.case_finding.find import MOST_NAMED
from app.mdt.clock import tend
from app.mdt.desk import MDT, Desk
from app.mdt.impact.export import charts_csv, findings_csv, measures_csv
from app.mdt.impact.measures import chart_row, measure_row, team_charts, team_measures
from app.mdt.impact.study import EVALUATION, report_row, study
from app.mdt.locality import read_localities
from app.mdt.minutes import signed_minutes
from app.mdt.notice import Notice
from app.mdt.office import unknown
from app.mdt.outbox import why_mail_waits
from app.mdt.pack import pack
from app.mdt.pack_paper import as_pdf
from app.mdt.steps import STEPS, Step, receipt
from app.mdt.store import notices
from app.mdt.tables import drawn, redrawn
from app.mdt.taking import Teams
from app.mdt.thing import Refusal
from app.record.access import Inquiry
from app.settings import settings
from app.vocabulary.london import london_date

mdt = typer.Typer(help="The multidisciplinary teams.", no_args_is_help=True)

Fields = Annotated[list[str] | None, typer.Argument(help="Fields of the form: name=value.", show_default=False)]
FormFile = Annotated[Path | None, typer.Option("--form", exists=True, dir_okay=False, help="The form as YAML or JSON.")]


class NotAForm(DomainError):
    """What was given is not fields of a form."""


def _command_of(step: Step) -> Callable[..., None]:
    def make(
        username: As, fields: Fields = None, form: FormFile = None, role: InRole = None, purpose: What = MDT,
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        _take(step, None, _said(fields, form), username, role, purpose, as_json)

    def change(
        id: Annotated[UUID, typer.Argument(help="Of what, by its id.")], username: As, fields: Fields = None,
        form: FormFile = None, role: InRole = None, purpose: What = MDT, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        _take(step, id, _said(fields, form), username, role, purpose, as_json)

    return make if step.makes else change


_GROUPS: Final = {
    name: typer.Typer(help=f"Steps of {name}.", no_args_is_help=True)
    for name in dict.fromkeys(one.things for one in STEPS)
}
for _name, _group in _GROUPS.items():
    mdt.add_typer(_group, name=_name)
for _step in STEPS:
    _GROUPS[_step.things].command(_step.event, help=_step.says)(_command_of(_step))


def _said(fields: list[str] | None, form: Path | None) -> dict[str, Any]:
    """The form: a file's, with single fields over it; `a.b=c` is a field of a field."""
    said = yaml.safe_load(form.read_text(encoding="utf-8")) if form else {}
    if not isinstance(said, dict):
        raise NotAForm("a form is names with values; see `--help` and docs/mdt.md")
    for field in fields or []:
        name, is_named, value = field.partition("=")
        if not is_named:
            raise NotAForm("write each field as name=value, such as version=1")
        *outer, last = name.split(".")
        part = said
        for key in outer:
            part = part.setdefault(key, {})
        part[last] = list(filter(None, value.split(","))) if last in _LISTS else value
    return said


_LISTS: Final = frozenset({"segments", "items", "only", "options", "apologies", "objects_to", "uses", "read_back"})
"""Fields of forms that hold several values, which the command line parts by commas."""


def _take(
    step: Step, id: UUID | None, said: dict[str, Any], username: str, role: str | None, purpose: str, as_json: bool
) -> None:
    told = _at_desk(username, role, purpose, lambda desk, inquiry: desk.take(step, inquiry, id, said))
    done = receipt(told)
    rows = done if isinstance(done, list) else [done]
    show(rows, title=f"{step.things} {step.event}", as_json=as_json, empty="nothing to do")


def _at_desk(username: str, role: str | None, purpose: str, act: Callable[[Desk, Inquiry], Awaitable[Any]]) -> Any:
    """Act as somebody; ends with 1, having said why, where it is refused."""
    told = acting_as(username, role, purpose, lambda place, inquiry: act(place.desk, inquiry))
    if isinstance(told, Refusal):
        errors.print(told.text, markup=False, highlight=False)
        raise typer.Exit(1)
    return told


def _look(username: str, role: str | None, question: Callable[..., Awaitable[Any]], *about: Any) -> Any:
    told = _at_desk(username, role, MDT, lambda desk, inquiry: question(desk, inquiry, *about))
    return orjson.loads(orjson.dumps(told, default=_plain, option=orjson.OPT_NON_STR_KEYS))


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def _rows(title: str, told: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        show([{name: _short(value) for name, value in row.items()} for row in told], title=title, as_json=False)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("title") or value.get("name") or "…"
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value


@mdt.command("localities")
def localities_command(as_json: AsJson = False) -> None:
    """Check the localities, and say how each team works; what is wrong is told with its line, and ends with 2."""
    known = read_localities(settings().localities_folder)
    rows = [
        {
            "locality": one.locality, "title": one.title, "host": one.host, "cadence": one.cadence.rule,
            "at": str(one.cadence.at), "slots": one.agenda.slots, "seats": len(one.core),
            "quorum": one.quorum.at_least, "consent": one.consent.practice,
        }
        for one in known.by_id.values()
    ]  # fmt: skip
    show(rows, title="Localities", as_json=as_json, empty="none; set PISANO_LOCALITIES to their folder")


@mdt.command("pack")
def pack_command(
    meeting: Annotated[UUID, typer.Argument(help="A meeting, by its id.")],
    username: As,
    pdf: Annotated[Path | None, typer.Option(help="Write it on paper, into this file.")] = None,
    role: InRole = None,
) -> None:
    """Show a meeting's pack as somebody may see it, as JSON, or write it as PDF with their name across each page."""
    if pdf is None:
        print_json(_look(username, role, pack, meeting))
        return
    told = _at_desk(username, role, MDT, lambda desk, inquiry: pack(desk, inquiry, meeting, on_paper=True))
    pdf.write_bytes(as_pdf(told))
    console.print(f"{len(told.pages)} people, in {pdf}")


def _unreached(notice: Notice) -> str:
    return f"no address is known of {notice.subject}" if notice.subject else "no address is known"


@mdt.command("outbox")
def outbox_command(limit: Annotated[int, typer.Option(min=1)] = 50, as_json: AsJson = False) -> None:
    """Show the newest notices, and what became of them: those without an address were given up at once."""
    with place_engine(settings()) as engine, transaction(engine) as connection:
        told = notices(connection, limit=limit)
    rows = [
        {
            "created_at": one.created_at, "kind": one.kind, "recipient": one.recipient or _unreached(one),
            "sent_at": one.sent_at, "attempts": one.attempts, "given_up_at": one.given_up_at,
        }
        for one in told
    ]  # fmt: skip
    show(rows, title="Notices", as_json=as_json, empty="none")
    if why := why_mail_waits(settings()):
        errors.print(why, markup=False, highlight=False)


@mdt.command("tend")
def tend_command() -> None:
    """Do what the teams' clock does each minute in the worker: plan, lock, remind, escalate."""
    place = settings()
    teams = Teams(
        localities=read_localities(place.localities_folder), parties=frozenset(), key=chain_key(place), new_id=uuid4
    )
    with place_engine(place) as engine:
        tend(engine, teams, at=datetime.now(UTC))


@mdt.command("tables")
def tables_command(
    into: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Redraw them in this document.")
    ] = None,
) -> None:
    """Print the lifecycles as tables, or redraw them in a document."""
    if into is None:
        typer.echo(drawn())
    else:
        into.write_text(redrawn(into.read_text(encoding="utf-8")), encoding="utf-8")


@mdt.command("list")
def list_command(
    what: Annotated[str, typer.Argument(help="referrals, caseload, meetings, actions, or own-actions and the like.")],
    username: As,
    locality: Annotated[str | None, typer.Option(help="Of which locality.")] = None,
    role: InRole = None,
    as_json: AsJson = False,
) -> None:
    """List what somebody may see: of a locality, or with own-referrals, own-actions and the like their own."""
    own: dict[str, Callable[..., Awaitable[Any]]] = {
        "own-referrals": lists.own_referrals, "own-actions": lists.own_actions,
        "own-invitations": lists.own_invitations, "case-studies": case_studies.case_studies,
    }  # fmt: skip
    of_locality: dict[str, Callable[..., Awaitable[Any]]] = {
        "referrals": lists.referrals, "caseload": lists.caseload, "actions": lists.actions,
    }  # fmt: skip
    if what in own:
        _rows(what, _look(username, role, own[what]), as_json)
    elif what in of_locality and locality:
        _rows(what, _look(username, role, of_locality[what], locality), as_json)
    elif what == "meetings" and locality:
        today = london_date(datetime.now(UTC))
        around = (today.replace(year=today.year - 1), today.replace(year=today.year + 1))
        _rows(what, _look(username, role, lists.meetings, locality, *around), as_json)
    else:
        raise NotAForm(f"say which of {', '.join([*of_locality, 'meetings', *own])}, and --locality for the first four")


@mdt.command("show")
def show_command(
    what: Annotated[
        str,
        typer.Argument(
            help="referral, caseload, path, meeting, minutes, fhir, proposal, item, screen, action, case-study."
        ),
    ],
    id: Annotated[
        UUID, typer.Argument(help="By its id; a meeting's for its proposal and minutes, an item's for its screen.")
    ],
    username: As,
    role: InRole = None,
) -> None:
    """Show one thing as somebody may see it, as JSON."""
    questions: dict[str, Callable[..., Awaitable[Any]]] = {
        "referral": referred.referral, "caseload": whole.caseload_entry, "meeting": whole.meeting,
        "proposal": whole.proposal, "item": whole.item, "screen": whole.screen,
        "action": whole.action, "minutes": signed_minutes,
        "fhir": meeting_as_fhir, "case-study": case_studies.case_study, "path": case_studies.path,
    }  # fmt: skip
    if what not in questions:
        raise NotAForm(f"say which of {', '.join(questions)}")
    print_json(_look(username, role, questions[what], id))


@mdt.command("form")
def form_command(
    things: Annotated[str, typer.Argument(help="Such as referrals.")],
    event: Annotated[str, typer.Argument(help="Such as new.")] = "new",
) -> None:
    """Print what a step's form asks for, as JSON Schema."""
    found = next((one for one in STEPS if (one.things, one.event) == (things, event)), None)
    if found is None:
        raise NotAForm("there is no such step; `pisano mdt --help` lists them")
    console.print_json(data=found.form.model_json_schema())


@mdt.command("case-finding")
def case_finding_command(
    username: As,
    locality: Annotated[str | None, typer.Option(help="Of which locality.")] = None,
    segment: Annotated[str | None, typer.Option(help="Only of this segment, such as complex-lives.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason, such as safeguarding.")] = None,
    most: Annotated[int, typer.Option(min=1, max=MOST_NAMED, help="How many at most.")] = 50,
    role: InRole = None,
    as_json: AsJson = False,
) -> None:
    """List who might be helped, and why; each name is told to the trail."""
    wanted = case_finding.Asked(locality=locality, segment=segment, reason=reason, most=most)

    async def find(desk: Desk, inquiry: Inquiry) -> Any:
        found = await case_finding.find_cases(desk.record, inquiry, wanted, locality_of=desk.localities.named)
        return orjson.loads(case_list_json(found, inquiry.at)) if found else unknown()

    told = _at_desk(username, role, case_finding.CASE_FINDING, find)
    if as_json:
        print_json(told)
        return
    rows = [
        {
            "person": one["id"],
            "locality": one["locality"] or "",
            "why": "; ".join(reason["title"] for reason in one["reasons"]),
            "from": ", ".join(sorted({source["partner"] for why in one["reasons"] for source in why["sources"]})),
            "segments": ", ".join(segment["title"] for segment in one["segments"]),
        }
        for one in told["cases"]
    ]
    title = f"{told['listed']} of {told['considered']} people"
    show(rows, title=title, as_json=False, empty="nothing speaks for looking at anyone")


@mdt.command("measures")
def measures_command(
    username: As,
    first: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
    last: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    locality: Annotated[str | None, typer.Option(help="Of which locality; else of all that they belong to.")] = None,
    role: InRole = None,
    csv: Annotated[bool, typer.Option("--csv", help="As a file for a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """What a team measures of itself in a period, each by its definition; with 95% intervals."""
    told = _at_desk(
        username, role, MDT, lambda desk, inquiry: team_measures(desk, inquiry, locality, first.date(), last.date())
    )
    if csv:
        typer.echo(measures_csv(told), nl=False)
    elif as_json:
        print_json([measure_row(one) for one in told])
    else:
        show([_in_short(measure_row(one)) for one in told], title="Measures", as_json=False)


@mdt.command("over-time")
def over_time_command(
    username: As,
    locality: Annotated[str | None, typer.Option(help="Of which locality; else of all that they belong to.")] = None,
    role: InRole = None,
    csv: Annotated[bool, typer.Option("--csv", help="As a file for a spreadsheet.")] = False,
) -> None:
    """The measures month by month, with the limits of chance and what is more than chance; as JSON."""
    last = london_date(datetime.now(UTC))
    told = _at_desk(username, role, MDT, lambda desk, inquiry: team_charts(desk, inquiry, locality, last))
    if csv:
        typer.echo(charts_csv(told), nl=False)
    else:
        print_json([chart_row(one) for one in told])


@mdt.command("impact")
def impact_command(
    username: As,
    role: InRole = None,
    csv: Annotated[bool, typer.Option("--csv", help="As a file for a spreadsheet.")] = False,
) -> None:
    """Use of hospital before and after, what was expected, and matched people beside; as JSON. Names nobody."""
    told = _at_desk(username, role, EVALUATION, study)
    stories = _at_desk(username, role, EVALUATION, case_studies.told)
    if csv:
        typer.echo(findings_csv(told, stories), nl=False)
    else:
        print_json(report_row(told, stories))


def _in_short(row: dict[str, Any]) -> dict[str, Any]:
    share, middle = row.get("share") or {}, row.get("middle") or {}
    has_share = share.get("value") is not None
    return {
        "measure": row["title"],
        "of": f"{share['achieved']} of {share['of']}" if has_share else "",
        "share": f"{share['value']:.0%} ({share['low']:.0%} to {share['high']:.0%})" if has_share else "",
        "not known": share.get("unknown") or "",
        "median": middle.get("median") if middle.get("median") is not None else "",
        "counts": "; ".join(f"{name} {count}" for name, count in row.get("counts", {}).items()),
        "cannot be told": row.get("untold", ""),
    }
