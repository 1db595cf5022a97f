"""What pages of the multidisciplinary team share: the team's purpose, forms as they came, and refusals."""

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from app.mdt.desk import MDT, Desk
from app.mdt.steps.relations import team_relations
from app.mdt.workflow.caseload import Named
from app.mdt.workflow.lifecycles.relation import ARRANGERS, Relation
from app.mdt.workflow.locality import LocalityDocument, Staff
from app.mdt.workflow.refusal import Refusal, Why, unless_refused
from app.record.inquiry import Inquiry
from app.web.frame.viewing import Viewing
from app.web.frame.words.labels import said_of
from app.web.frame.words.wording import begun_large, sentence

_STATUS: Final = {Why.NOT_YOURS: 403, Why.NOT_NOW: 409, Why.CONFLICT: 409, Why.INVALID: 422}

RowT = TypeVar("RowT")

Labels = Mapping[str, str]
"""What each field of a form is called; a field stands under an id of its own name, with dashes for dots."""


def for_team(looking: Viewing) -> Inquiry:
    """What is asked for the team, whatever the viewer looks at people for."""
    return replace(looking.asked, purpose=MDT)


async def rows(told: Awaitable[list[RowT]]) -> list[RowT]:
    """What a list holds; nothing where the viewer has no part in it."""
    return await unless_refused(told) or []


def status(refused: Refusal | None) -> int:
    """The status of a page that tells of a refusal."""
    return _STATUS.get(refused.why, 404) if refused else 200


def own_localities(desk: Desk, looking: Viewing) -> list[LocalityDocument]:
    """The localities whose team the viewer is of, by title."""
    theirs = [one for one in desk.localities.by_id.values() if Relation.MEMBER in team_relations(looking.asked, one)]
    return sorted(theirs, key=lambda one: one.title)


def arranged_localities(desk: Desk, looking: Viewing) -> list[LocalityDocument]:
    """Those whose meetings the viewer chairs or coordinates."""
    every = desk.localities.by_id.values()
    return [one for one in every if not team_relations(looking.asked, one).isdisjoint(ARRANGERS)]


def staff_of(localities: Iterable[LocalityDocument]) -> list[Staff]:
    """Everybody whom the localities name, each once for each organisation, by name."""
    everyone = {(one.as_account, one.organisation): one for each in localities for one in each.everyone}
    return sorted(everyone.values(), key=lambda one: (one.name, one.organisation))


def who(said: Any, staff: Iterable[Staff]) -> Any:
    """Somebody as a form names them: one of the staff, by `of`, or whoever is named beside."""
    if not isinstance(said, dict) or "of" not in said:
        return said
    chosen = next((one for one in staff if staff_key(one) == said["of"]), None)
    if chosen is None:
        return {name: value for name, value in said.items() if name != "of"}
    return {
        "name": chosen.name, "organisation": chosen.organisation, "issuer": chosen.issuer, "account": chosen.account,
    }  # fmt: skip


def staff_key(one: Staff) -> str:
    """By what a form tells one of the staff from another."""
    return f"{one.issuer}/{one.account}/{one.organisation}"


def is_named(one: Staff, held: Named) -> bool:
    """Whether somebody who was named is one of the staff."""
    return (one.name, one.organisation) == (held.name, held.organisation)


def errors_of(refused: Refusal | None, labels: Labels) -> list[dict[str, str]]:
    """What a refusal says: `{field, href, text}` each, in the order of the labels.

    A field that the form does not show leads nowhere, and stands first.
    """
    if refused is None:
        return []
    problems = refused.detail.get("problems", ()) if isinstance(refused.detail, dict) else ()
    places = {"": -1} | {name: place for place, name in enumerate(labels)}
    told = [_error(one["field"], one["problem"], labels) for one in problems]
    return sorted(told, key=lambda one: places[one["field"]]) or [
        {"field": "", "href": "", "text": sentence(refused.text)}
    ]


def _error(field: str, problem: str, labels: Labels) -> dict[str, str]:
    outer, parts = field.rpartition(".")[0], (name for name in labels if name.startswith(f"{field}."))
    shown = next((name for name in (field, outer, *parts) if name in labels), "")
    label = labels[shown] if shown.startswith(field) else begun_large(field.replace(".", " ").replace("_", " "))
    return {
        "field": shown,
        "href": f"#{shown.replace('.', '-')}" if shown else "",
        "text": said_of(label, problem),
    }
