"""The words of a pack: a line of the record, an action, a score, what is missing and how old a source is. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import orjson

from app.mdt.case_finding.scores import KnownScore
from app.mdt.workflow.action import Action
from app.mdt.workflow.agenda import ItemContent
from app.mdt.workflow.referral import Informed, Stance
from app.record.merge import Line, grouped
from app.record.repeats import Saying, repeated
from app.risk.algorithm import ALGORITHMS
from app.sharing.names import Names
from app.vocabulary.category import Category
from app.vocabulary.contact_point import holding
from app.vocabulary.feed_title import feed_title
from app.vocabulary.plain_time import plain_date, plain_time

AT_A_GLANCE: Final = (
    "alerts", "staff-safety", "safeguarding", "problems", "medications", "allergies", "end-of-life", "about-me",
    "contacts", "requirements", "care-packages", "social-context", "home", "tenancy", "tenancy-risk", "risks",
    "care-team",
)  # fmt: skip
"""The headings of the page itself, where the reader may see them; all others are in the detail."""

MOST_AT_A_GLANCE: Final = 5  # lines of each heading


def score_said(score: KnownScore) -> str:
    """A score at a discharge, with its parts, what is not known, and what its trend does not mean."""
    parts = ", ".join(f"{one.name} {one.points}" for one in score.used)
    band = f", {score.band}" if score.band else ""
    missing = f"; not known: {', '.join(score.missing)}" if score.missing else ""
    return "".join(
        (
            f"{score.title} {score.said}{band} ({score.version}, at the discharge on {plain_date(score.on)})",
            f": {parts}" if parts else "",
            missing,
            *(f"; {limit}" for limit in score.limits),
            f". {score.over_time}",
        )
    )


def informed(said: Informed, stance: Stance) -> str:
    """Whether the person was told, and what they say to it."""
    return f"Told on {plain_date(said.on)}; {stance}" if said.was and said.on else f"Not told; {stance}"


def concluded(item: ItemContent) -> str:
    """What came of somebody's discussion."""
    return f"{str(item.outcome).replace('-', ' ')}: {item.summary or 'no summary'}"


def looked_at_again(item: ItemContent) -> str:
    """When the team does so, "" where it need not."""
    return f"Looked at again on {plain_date(item.review_on)}" if item.review_on else ""


def action_said(action: Action, names: Names) -> str:
    """An action, by the day that it was first due."""
    owner = action.content.owner.name if action.content.owner else "nobody"
    of, due = names.partner(action.organisation), plain_date(action.original_due)
    return f"{action.content.what}: {owner} ({of}), due {due}, {action.state}"


def at_a_glance(lines: Iterable[Line], names: Names, *, on: date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The first lines that hold of each heading, each thing once; of more no more than what they are called."""
    under: dict[str, list[Line]] = {}
    for line in lines:
        if line.standing == "current":
            under.setdefault(line.label.category, []).append(line)
    return tuple(
        (
            Category(code).heading,
            tuple(_at_a_glance([group.lines[0] for group in grouped(under[code])], names, on)),
        )
        for code in AT_A_GLANCE
        if code in under
    )


def _at_a_glance(lines: Sequence[Line], names: Names, on: date) -> Iterator[str]:
    for line in lines[:MOST_AT_A_GLANCE]:
        yield line_said(line, names, on=on)
    if more := [names.told(orjson.loads(line.summary)["title"]) for line in lines[MOST_AT_A_GLANCE:]]:
        yield f"Also: {'; '.join(dict.fromkeys(more))}"


def newest_scores(lines: Iterable[Line], names: Names, *, on: date) -> tuple[str, ...]:
    """The newest of each risk score, of lines that are newest first, each with what its trend does not mean."""
    overs = {one.title: one.over_time for one in ALGORITHMS.values()}
    newest: dict[str, str] = {}
    for line in lines:
        told = orjson.loads(line.summary)
        name = told["title"].rpartition(" ")[0]
        if told["type"] == "RiskAssessment" or (told["type"] == "Observation" and name in overs):
            newest.setdefault(name, f"{line_said(line, names, on=on)}{f'. {overs[name]}' if name in overs else ''}")
    return tuple(newest.values())


def each_once(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines, without reports that only repeat their one result."""
    told = [orjson.loads(line.summary) for line in lines]
    sayings = [
        Saying((line.label.controller, line.label.category), line.started, one["title"], one["detail"])
        for line, one in zip(lines, told, strict=True)
    ]
    reports = repeated(sayings)
    return (line for place, line in enumerate(lines) if place not in reports)


def line_said(line: Line, names: Names, *, on: date) -> str:
    """A line in words: what, since when, by whose account; of ways to reach somebody, those that hold on a day."""
    summary = orjson.loads(line.summary)
    when = f" ({plain_date(line.started)})" if line.started else ""
    words = holding(summary["detail"], summary.get("lapses", ()), on=on)
    detail = f": {names.told(words)}" if words else ""
    return f"{names.told(summary['title'])}{detail}{when}, {names.partner(line.label.controller)}"


def gaps(view: dict[str, Any], names: Names) -> tuple[str, ...]:
    """What of the page's headings nobody states, and why."""
    found = []
    for heading in view["headings"]:
        if heading["category"] in AT_A_GLANCE and not heading["entries"]:
            why = _why_silent(heading["silent"], names)
            found.append(f"{heading['heading']} ({why})" if why else heading["heading"])
    return tuple(found)


def _why_silent(silent: Mapping[str, Collection[str]], names: Names) -> str:
    """Of those that send it, who recorded nothing or is late; the others are many, and are not named."""
    said = [f"{state.replace('_', ' ')}: {', '.join(map(names.partner, who))}" for state, who in silent.items()
            if who and state != "no_feed"]  # fmt: skip
    if silent.get("no_feed"):
        said.append("the others do not send it" if said else "no partner sends it")
    return "; ".join(said)


def source_said(source: dict[str, Any], names: Names) -> str:
    """How old what one feed told is."""
    heard = source["last_message_at"]
    as_at = f"as at {plain_time(heard)}" if heard else "never heard from"
    late = ", late" if source["late_since"] else ""
    return f"{names.partner(source['partner'])} ({feed_title(source['feed'])}): {as_at}{late}"
