"""What somebody of a team may see, as commands: lists, single things, a pack, an invitation."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from app.commands.acting import As, InRole
from app.commands.at_desk import at_desk, look
from app.commands.team_steps import NotAForm
from app.console import AsJson, console, print_json, show
from app.mdt.as_fhir.meeting import meeting_as_fhir
from app.mdt.desk import MDT
from app.mdt.packs.minutes import as_pdf as minutes_as_pdf
from app.mdt.packs.minutes import minutes
from app.mdt.packs.pack import pack
from app.mdt.packs.paper import as_pdf
from app.mdt.reading import case_studies, diary, discussed, lists, referred, whole
from app.mdt.reading.minutes import signed_minutes
from app.vocabulary.london import london_date


def pack_command(
    meeting: Annotated[UUID, typer.Argument(help="A meeting, by its id.")],
    username: As,
    pdf: Annotated[Path | None, typer.Option(help="Write it on paper, into this file.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="With all that the record holds behind each leaf.")] = False,
    role: InRole = None,
) -> None:
    """Show a meeting's pack as somebody may see it, as JSON, or write it as PDF with their name across each page."""
    if pdf is None:
        print_json(look(username, role, pack, meeting))
        return
    told = at_desk(username, role, MDT, lambda desk, inquiry: pack(desk, inquiry, meeting, on_paper=True))
    pdf.write_bytes(as_pdf(told, whole=whole))
    console.print(f"{len(told.pages)} people, in {pdf}")


def minutes_command(
    meeting: Annotated[UUID, typer.Argument(help="A meeting, by its id.")],
    username: As,
    pdf: Annotated[Path | None, typer.Option(help="Write them on paper, into this file.")] = None,
    role: InRole = None,
) -> None:
    """Show what was signed of a meeting, as JSON, or write its minutes as PDF with the reader's name across."""
    if pdf is None:
        print_json(look(username, role, signed_minutes, meeting))
        return
    told = at_desk(username, role, MDT, lambda desk, inquiry: minutes(desk, inquiry, meeting))
    pdf.write_bytes(minutes_as_pdf(told))
    console.print(f"written to {pdf}")


def invitation_command(
    meeting: Annotated[UUID, typer.Argument(help="A meeting, by its id.")],
    username: As,
    ics: Annotated[Path | None, typer.Option(help="Write it for a diary, into this calendar file.")] = None,
    role: InRole = None,
) -> None:
    """Show a meeting as it is told to whoever takes part: when and where, and nothing of whom it is about."""
    if ics is None:
        typer.echo(at_desk(username, role, MDT, lambda desk, asked: diary.invitation_text(desk, asked, meeting)))
        return
    ics.write_bytes(at_desk(username, role, MDT, lambda desk, asked: diary.calendar(desk, asked, meeting)))
    console.print(f"written to {ics}")


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
        _rows(what, look(username, role, own[what]), as_json)
    elif what in of_locality and locality:
        _rows(what, look(username, role, of_locality[what], locality), as_json)
    elif what == "meetings" and locality:
        today = london_date(datetime.now(UTC))
        around = (today.replace(year=today.year - 1), today.replace(year=today.year + 1))
        _rows(what, look(username, role, lists.meetings, locality, *around), as_json)
    else:
        raise NotAForm(f"say which of {', '.join([*of_locality, 'meetings', *own])}, and --locality for the first four")


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
        "proposal": whole.proposal, "item": discussed.item, "screen": discussed.screen,
        "action": whole.action, "minutes": signed_minutes,
        "fhir": meeting_as_fhir, "case-study": case_studies.case_study, "path": case_studies.path,
    }  # fmt: skip
    if what not in questions:
        raise NotAForm(f"say which of {', '.join(questions)}")
    print_json(look(username, role, questions[what], id))


def _rows(title: str, told: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        show([{name: _short(value) for name, value in row.items()} for row in told], title=title, as_json=False)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("title") or value.get("name") or "…"
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value
