"""Whom a team might help, and what it measures of itself, as commands."""

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from app.commands.acting import As, InRole
from app.commands.at_desk import at_desk
from app.console import AsJson, print_json, show
from app.mdt.case_finding import find as case_finding
from app.mdt.case_finding.as_json import case_list_json
from app.mdt.case_finding.find import MOST_NAMED
from app.mdt.desk import MDT, Desk
from app.mdt.impact.export import charts_csv, findings_csv, measures_csv
from app.mdt.impact.measures import chart_row, measure_row, team_charts, team_measures
from app.mdt.impact.study import EVALUATION, report_row, study
from app.mdt.reading import case_studies
from app.mdt.workflow.refusal import unknown
from app.record.inquiry import Inquiry
from app.vocabulary.london import london_date


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
        if found is None:
            raise unknown()
        return orjson.loads(case_list_json(found, inquiry.at))

    told = at_desk(username, role, case_finding.CASE_FINDING, find)
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
    told = at_desk(
        username, role, MDT, lambda desk, inquiry: team_measures(desk, inquiry, locality, first.date(), last.date())
    )
    if csv:
        typer.echo(measures_csv(told), nl=False)
    elif as_json:
        print_json([measure_row(one) for one in told])
    else:
        show([_in_short(measure_row(one)) for one in told], title="Measures", as_json=False)


def over_time_command(
    username: As,
    locality: Annotated[str | None, typer.Option(help="Of which locality; else of all that they belong to.")] = None,
    role: InRole = None,
    csv: Annotated[bool, typer.Option("--csv", help="As a file for a spreadsheet.")] = False,
) -> None:
    """The measures month by month, with the limits of chance and what is more than chance; as JSON."""
    last = london_date(datetime.now(UTC))
    told = at_desk(username, role, MDT, lambda desk, inquiry: team_charts(desk, inquiry, locality, last))
    if csv:
        typer.echo(charts_csv(told), nl=False)
    else:
        print_json([chart_row(one) for one in told])


def impact_command(
    username: As,
    role: InRole = None,
    csv: Annotated[bool, typer.Option("--csv", help="As a file for a spreadsheet.")] = False,
) -> None:
    """Use of hospital before and after, what was expected, and matched people beside; as JSON. Names nobody."""
    told = at_desk(username, role, EVALUATION, study)
    stories = at_desk(username, role, EVALUATION, case_studies.told)
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
