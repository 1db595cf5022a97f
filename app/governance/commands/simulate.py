"""`pisano isa simulate OLD NEW`: what a change of agreement would do, before anyone signs it."""

from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.console import AsJson, console, print_json, show
from app.database.place_engine import place_engine
from app.database.transactions import Role
from app.governance.commands.sign import move_to
from app.governance.proving.comparison import Change, by_heading
from app.governance.proving.population import safe_number
from app.governance.proving.simulate import Replayed, Simulation, simulate
from app.governance.signing.lifecycle import Step
from app.settings import settings
from app.sharing.commands.writing import WhichAgreement, one_agreement
from app.sharing.written.document import Agreement
from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode

Files = Annotated[
    list[Path], typer.Argument(help="OLD and NEW; or NEW alone, against nothing at all.", exists=True, dir_okay=False)
]
_MOST_ROWS: Final = 40
_COUNTED: Final = ("decisions", "beyond", "refused", "less", "more")


def simulate_command(
    files: Files,
    days: Annotated[int, typer.Option(help="How many days of real decisions to make again.", min=1)] = 90,
    place: Annotated[bool, typer.Option(help="Ask the place's trail and people too.")] = True,
    keep: Annotated[bool, typer.Option("--record", help="Keep that NEW was simulated: it can then be signed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what NEW would newly show and hide; ends with 1 where an example of OLD no longer holds."""
    before, after, at = *_both(files), datetime.now(UTC)
    since = at - timedelta(days=days)
    if place:
        with place_engine(settings(), Role.SERVICE) as engine, engine.connect() as connection:
            told = simulate(before, after, connection=connection, since=since, at=at)
    else:
        told = simulate(before, after, connection=None, since=since, at=at)
    if as_json:
        print_json(_as_json(told))
    else:
        _print(told, days)
    if keep:
        move_to(Step.SIMULATE, after)
    raise typer.Exit(1 if told.broken_examples else 0)


def _both(files: list[Path]) -> tuple[Agreement, Agreement]:
    if len(files) > 2:
        raise WhichAgreement("a change is from one agreement to another; name OLD and NEW, or NEW alone")
    new = one_agreement(files[-1])
    nothing = {"grants": (), "guests": (), "emergency_access": None, "examples": ()}
    return (one_agreement(files[0]) if len(files) == 2 else new.model_copy(update=nothing)), new


def _as_json(told: Simulation) -> dict[str, Any]:
    return {
        "cells": told.comparison.cells,
        "changes": [_change(each) for each in told.comparison.changes],
        "broken_examples": told.broken_examples,
        "warnings": told.warnings,
        "told_to_the_person": [difference._asdict() for difference in told.themselves],
        "told_to_viewers": [difference._asdict() for difference in told.notices],
        "replayed": told.replayed and _replayed(told.replayed),
        "people": told.affected and {name: safe_number(count) for name, count in asdict(told.affected).items()},
    }


def _change(change: Change) -> dict[str, Any]:
    ask, ground, circumstance = change.situation
    parts = {"gained": change.gained, "lost": change.lost}
    parts |= {"from_earlier": change.from_earlier, "from_later": change.from_later}
    labels = {name: [str(label) for label in found] for name, found in parts.items() if found}
    return {**ask._asdict(), "ground": ground, "circumstance": circumstance, **labels}


def _replayed(replayed: Replayed) -> dict[str, Any]:
    return {
        **{name: safe_number(getattr(replayed, name)) for name in _COUNTED},
        "people": safe_number(len(replayed.people)),
        "by_role": [
            {"role": role, "purpose": purpose, "decisions": safe_number(count)}
            for (role, purpose), count in sorted(replayed.by_role.items())
        ],
    }


def _print(told: Simulation, days: int) -> None:
    rows = _rows(told.comparison.changes)
    show(rows[:_MOST_ROWS], title=f"Changes, of {told.comparison.cells:,} cells", as_json=False, empty="none")
    if len(rows) > _MOST_ROWS:
        _say(f"and {len(rows) - _MOST_ROWS} more rows: --json prints all of them")
    if told.affected:
        numbers = {name: safe_number(count) for name, count in asdict(told.affected).items()}
        _say("people, of {people}: more of {more}, less of {less}, either of {either}".format(**numbers))
    if told.replayed:
        _say(_told(told.replayed, days))
    for difference in told.themselves:
        _say(f"told to the person: {difference}")
    for difference in told.notices:
        _say(f"told to viewers: {difference}")
    for says in told.broken_examples:
        _say(f"no longer so: {says}")
    for warning in told.warnings:
        _say(f"warning: {warning}")


def _told(replayed: Replayed, days: int) -> str:
    told = {name: safe_number(getattr(replayed, name)) for name in _COUNTED}
    return (
        "of {decisions} decisions in {days} days, {refused} would show nothing of what they showed, {less} less, and"
        " {more} could show more, about {people} people; {beyond} rested on what is not kept as it was"
    ).format(**told, days=days, people=safe_number(len(replayed.people)))


def _rows(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    """Changes as people read them: organisations that fare alike together, labels by heading."""
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for change in changes:
        ask, ground, circumstance = change.situation
        said = [_headings(labels) for labels in (change.gained, change.lost, change.from_earlier, change.from_later)]
        alike[ask.role, ask.purpose, ask.action, ground, circumstance, *said].append(ask.organisation)
    columns = ("role", "purpose", "action", "by", "where", "newly shown", "newly hidden", "from earlier", "from later")
    return [
        {"at": " ".join(organisations), **dict(zip(columns, said, strict=True))}
        for said, organisations in sorted(alike.items())
    ]


def _headings(labels: tuple[Label, ...]) -> str:
    sources: defaultdict[tuple[OdsCode, ...], list[str]] = defaultdict(list)
    for heading, controllers in by_heading(labels).items():
        sources[controllers].append(heading)
    return "; ".join(f"{', '.join(headings)} from {' '.join(codes)}" for codes, headings in sources.items())


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
