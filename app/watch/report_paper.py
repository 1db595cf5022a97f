"""The weekly report as text, as JSON, as PDF and for a page: one wording for all."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from app.printing import pdf
from app.vocabulary.plain_time import plain_date, plain_time
from app.watch.report import FEWEST_TOLD, Line, Report

_TEMPLATE: Final = resources.files("app.watch").joinpath("templates/report.typ")
_USE: Final = {
    "accounts": "Accounts that were used",
    "looks": "Looks at people's records",
    "refused": "Looks refused",
    "openings": "Emergency accesses",
    "searches": "Searches that showed somebody",
}
_ELSEWHERE: Final = {
    "partners": "Partners that used it",
    **_USE,
    "alerts": "Alerts raised",
    "misuse": "Found to be misuse",
}
_COLUMNS: Final = ("Raised", "At once", "Open", "Justified", "False alarm", "Misuse", "Passed on")


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs; `null` is a number that is not told."""
    said = asdict(report)
    said |= {"week": str(report.week), "partner": str(report.partner), "use": report.use._asdict()}
    said |= {"earlier": report.earlier._asdict() if report.earlier else None}
    said |= {"alerts": [line._asdict() for line in report.alerts], "raised": report.raised, "misuse": report.misuse}
    return said


def as_text(report: Report) -> str:
    """The report for a terminal or a mail, of some 100 characters a line but for names and notes."""
    said = in_words(report)
    lines = [said["title"], f"{said['when']} {said['written']}", "", *(f"- {line}" for line in said["summary"])]
    for table in said["tables"]:
        lines += ["", table["title"], *_rows([table["head"], *table["rows"]])]
    return "\n".join([*lines, "", *said["notes"]])


def as_pdf(report: Report) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same report."""
    return pdf(_TEMPLATE, in_words(report), at=report.at)


def _rows(rows: list[list[str]]) -> Iterator[str]:
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    for term, *cells in rows:
        numbers = "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"  {term:<{first}}{numbers}"


def in_words(report: Report, *, roles: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """`{title, when, written, summary, tables: [{title, head, rows}], notes}`; `roles` names roles by code."""
    monday, sunday = report.week.monday, report.week.end - timedelta(days=1)
    return {
        "title": f"Use of the shared record by {report.name}",
        "when": f"From Monday {plain_date(monday)} to Sunday {plain_date(sunday)}.",
        "written": f"Written on {plain_time(report.at)}.",
        "summary": list(_summary(report)),
        "tables": list(_tables(report, roles)),
        "notes": [
            "Of other partners, a number from 1 to 4 is told as fewer than 5, and nothing is told of fewer than 3.",
            "“At once” is what nothing explained. The others could wait for this report: care or a shift would explain"
            " them, and there was no other sign of that account on that day.",
            "An alert says that something is odd, not that anybody did wrong; most have an innocent explanation.",
        ],
    }


def _summary(report: Report) -> Iterator[str]:
    """What a reader must know, the most pressing first."""
    if report.misuse:
        yield f"{_count(report.misuse, 'alert')} of this week found to be misuse."
    if report.overdue and report.oldest_overdue:
        oldest = plain_date(report.oldest_overdue)
        yield f"{_count(report.overdue, 'review')} overdue, the oldest since {oldest}: decide on these first."
    else:
        yield "No review is overdue."
    yield _raised(report)
    use = report.use
    yield (
        f"{_count(use.accounts, 'account')} made {_count(use.looks, 'look')} at people's records."
        if use.looks
        else "Nobody looked at a person's record."
    )
    yield f"{_count(use.openings, 'record')} opened in an emergency or with a reason given."


def _raised(report: Report) -> str:
    if not report.raised:
        return "No alerts raised in the week."
    still = sum(line.open for line in report.alerts)
    at_once = sum(line.at_once for line in report.alerts)
    return (
        f"{_count(report.raised, 'alert')} raised in the week, of which {at_once} to be looked at at once"
        f" and {still} still to be decided."
    )


def _count(count: int, what: str) -> str:
    return f"{f'{count:,}' if count else 'No'} {what}{'' if count == 1 else 's'}"


def _tables(report: Report, roles: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    earlier = report.earlier._asdict() if report.earlier else {}
    rows = [[title, str(getattr(report.use, name)), str(earlier.get(name, "–"))] for name, title in _USE.items()]
    yield {"title": "Use", "head": ["", "This week", "Average of the 4 before"], "rows": rows}
    if report.alerts:
        yield {"title": "Alerts", "head": ["", *_COLUMNS], "rows": [_row(line) for line in report.alerts]}
    if report.by_role:
        rows = [[roles.get(role, role), str(looks)] for role, looks in report.by_role.items()]
        yield {"title": "Looks by role", "head": ["", "This week"], "rows": rows}
    if report.elsewhere:
        rows = [[title, _told(report.elsewhere[name])] for name, title in _ELSEWHERE.items()]
        yield {"title": "All other partners together", "head": ["", "This week"], "rows": rows}


def _row(line: Line) -> list[str]:
    counts = (line.raised, line.at_once, line.open, line.justified, line.false_alarm, line.misuse, line.passed_on)
    return [line.title, *map(str, counts)]


def _told(count: int | None) -> str:
    return f"fewer than {FEWEST_TOLD}" if count is None else str(count)
