"""Why somebody could, or could not, see something, in words for an information governance lead. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.governance.oversight.why import Reasoning
from app.sharing.explain import Explanation
from app.sharing.facts import PersonFacts
from app.sharing.law import Agreements
from app.sharing.names import Names
from app.vocabulary.label import Sensitivity
from app.vocabulary.plain_time import plain_time

_DID: Final[Mapping[str, str]] = {"find": "searched", "read": "asked to read", "export": "asked for a copy"}
_FLAGS: Final[Mapping[str, str]] = {
    "location-restricted": "their location is restricted",
    "dissent": "they told this partner not to share",
    "deceased": "they have died",
    "sealed": "their record is sealed",
    "staff-or-vip": "their record asks for a reason",
    "child": "they are under 18",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What partners alike state under the heading: whether it may be seen, by which clauses, and on what facts."""

    partners: tuple[str, ...]
    permitted: bool
    clauses: tuple[tuple[str, str], ...]  # each of an agreement, by its id
    facts: tuple[str, ...]
    missing: tuple[str, ...]
    turning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One asking, or several that came out alike; `at` tells when."""

    at: str
    asked: bool
    did: str
    role: str
    organisation: str
    purpose: str
    agreements: tuple[str, ...]
    shown: bool
    could: bool
    same: bool
    unmet: bool
    rows: tuple[Row, ...]


def reasons(found: Iterable[Reasoning], names: Names) -> list[Reason]:
    """Each asking in words, those that came out alike as one."""
    alike: dict[Reason, list[datetime]] = {}
    for one in found:
        alike.setdefault(_reason(one, names), []).append(one.at)
    return [replace(told, at=_when(times)) for told, times in alike.items()]


def _when(times: Sequence[datetime]) -> str:
    first, last = min(times), max(times)
    if len(times) == 1:
        return f"on {plain_time(first)}"
    return f"{len(times)} times, first on {plain_time(first)} and last on {plain_time(last)}"


def _reason(one: Reasoning, names: Names) -> Reason:
    who = one.past.requester
    return Reason(
        at="",
        asked=one.asked,
        did=_DID.get(one.past.action, one.past.action),
        role=names.role(who.role),
        organisation=names.partner(who.organisation),
        purpose=names.purpose(one.past.purpose),
        agreements=tuple(version.partition("#")[0].replace("@", " ") for version in one.past.agreements),
        shown=not one.past.denied
        and any(label.category == one.explained[0].label.category for label in one.past.labels),
        could=any(each.permitted for each in one.explained),
        same=one.same,
        unmet=one.past.reason.startswith("unmet"),
        rows=_rows(one.explained, facts_in_words(one.facts, _kinds(one.agreements), names), names),
    )


def _kinds(agreements: Agreements) -> dict[str, str]:
    return {kind: title for document in agreements.documents for kind, title in document.relationships.items()}


def _rows(explained: Sequence[Explanation], facts: Mapping[str, str], names: Names) -> tuple[Row, ...]:
    alike: dict[tuple[object, ...], list[str]] = {}
    told: dict[tuple[object, ...], Explanation] = {}
    for each in explained:
        key = (each.permitted, each.deciding, each.facts, each.near_misses, str(each.counterfactual))
        partner = names.partner(each.label.controller)
        special = "" if each.label.sensitivity is Sensitivity.NORMAL else f" ({each.label.sensitivity})"
        alike.setdefault(key, []).append(partner + special)
        told.setdefault(key, each)
    rows = [_row(each, tuple(alike[key]), facts) for key, each in told.items()]
    return tuple(sorted(rows, key=lambda row: not row.permitted))


def _row(each: Explanation, partners: tuple[str, ...], facts: Mapping[str, str]) -> Row:
    return Row(
        partners=partners,
        permitted=each.permitted,
        clauses=tuple(_clause(clause) for clause in each.deciding),
        facts=tuple(facts.get(fact, fact) for fact in each.facts),
        missing=tuple(f"{_clause(near.clause)[1]} lacked {' and '.join(near.missing)}" for near in each.near_misses),
        turning=_turning(each, facts),
    )


def _clause(text: str) -> tuple[str, str]:
    isa, _, clause = text.rpartition("/")
    return isa, clause


def _turning(each: Explanation, facts: Mapping[str, str]) -> str:
    if each.counterfactual is None:
        return ""
    without = [f"without this: {facts.get(fact, fact)}" for fact in each.counterfactual.without]
    return "; ".join([*without, *(f"with {need}" for need in each.counterfactual.needs)])


def facts_in_words(facts: PersonFacts, kinds: Mapping[str, str], names: Names) -> dict[str, str]:
    """Each fact that decisions name, in words, as it was."""
    told = {
        f"relationship/{one.id}": f"{kinds.get(one.kind, one.kind)}: {names.partner(one.organisation)}"
        f"{f', {one.team}' if one.team else ''}, {_while(one.started, one.ended)}"
        for one in facts.relationships
    }
    told |= {
        f"flag/{one.id}": f"{names.partner(one.partner)} says: {_FLAGS.get(one.kind, one.kind)}" for one in facts.flags
    }
    told |= {
        f"objection/{one.id}": f"the person objected ({one.scope}), {_while(one.started, one.ended)}"
        for one in facts.objections
    }
    told |= {f"opening/{one.id}": f"opened in an emergency, {_while(one.started, one.ended)}" for one in facts.openings}
    return {**told, "own-record": "it is their own record"}


def _while(started: datetime, ended: datetime | None) -> str:
    return f"{plain_time(started)} to {plain_time(ended)}" if ended else f"since {plain_time(started)}"
