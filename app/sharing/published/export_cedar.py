"""An agreement as Cedar policies with their schema, for those who check or carry out policies in Cedar.

Cedar has no calendar for this and cannot look through a set for what holds just now, so whoever asks works out what
holds at the instant asked about, and gives it as context: see `schema`.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from app.sharing.written.document import (
    EMERGENCY_ACCESS,
    Agreement,
    EmergencyAccess,
    Grant,
    GuestProfile,
    Prohibition,
    When,
)
from app.sharing.written.duration import Duration
from app.vocabulary.flag import FlagKind
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ, Action, Purpose, Role

_Giving = Grant | EmergencyAccess | GuestProfile
_TEXT: Final = {"type": "String"}
_TEXTS: Final = {"type": "Set", "element": {"type": "String"}}
_BOOLEAN: Final = {"type": "Boolean"}

CONTEXT: Final = {
    "purpose": _TEXT,
    "relationships": _TEXTS,  # the kinds that cover the requester
    "trained": _BOOLEAN,
    "opened": _BOOLEAN,  # the requester opened this record in an emergency, and the agreement's time is not over
    "profiles": _TEXTS,  # guest profiles by which the requester is invited for this person, accepted and near
    "own_record": _BOOLEAN,
    "objects_to_all": _BOOLEAN,  # upheld: to everything, to this organisation, or to this user
    "objects_to_categories": _TEXTS,
    "objects_to_sources": _TEXTS,  # ODS codes
    "flags": _TEXTS,  # `flag`, `flag/ODS` for each partner that raised it; with `/P90D` once that long has passed
    "too_old_for": _TEXTS,  # the greatest ages that the entry exceeds, as the agreement writes them
}
"""What whoever asks Cedar must work out."""


def schema(agreement: Agreement) -> dict[str, Any]:
    """The schema of `policies` in Cedar's JSON form."""
    applies = {
        "appliesTo": {
            "principalTypes": ["Requester"],
            "resourceTypes": ["Label"],
            "context": {"type": "Record", "attributes": CONTEXT},
        }
    }
    return {
        "": {
            "entityTypes": {"Requester": _attributes("organisation", "role"), "Label": _attributes(*_LABEL)},
            "actions": {str(action): applies for action in sorted(agreement.actions)},
        }
    }


_LABEL: Final = ("controller", "category", "sensitivity")


def _attributes(*names: str) -> dict[str, Any]:
    return {"shape": {"type": "Record", "attributes": dict.fromkeys(names, _TEXT)}}


def policies(agreement: Agreement) -> str:
    """One permit for each clause, purpose and role; one forbid for each prohibition; each with the clause's id."""
    permits = [
        _policy(clause.id, "permit", conditions)
        for clause, actions in _giving(agreement)
        for conditions in _permits(clause, actions, agreement)
    ]
    return "\n".join([*permits, *(_forbid(prohibition, agreement) for prohibition in agreement.prohibitions)])


def _policy(clause: str, effect: str, conditions: Iterable[str]) -> str:
    return f'@id("{clause}")\n{effect} (principal, action, resource) when {{ {" && ".join(conditions)} }};'


def _giving(agreement: Agreement) -> Iterator[tuple[_Giving, Iterable[Action]]]:
    yield from ((grant, grant.actions) for grant in agreement.grants)
    if agreement.emergency_access:
        yield agreement.emergency_access, agreement.emergency_access.actions
    yield from ((guest, (READ,)) for guest in agreement.guests)


def _permits(clause: _Giving, actions: Iterable[Action], agreement: Agreement) -> Iterator[list[str]]:
    for purpose in clause.purposes:
        for role in clause.roles:
            conditions = _permit(clause, actions, purpose, role, agreement)
            if all("[]" not in condition for condition in conditions):  # one that nobody meets is none
                yield conditions


def _permit(
    clause: _Giving, actions: Iterable[Action], purpose: Purpose, role: Role, agreement: Agreement
) -> list[str]:
    bases = agreement.purposes[purpose].bases
    lawful = frozenset().union(*(agreement.organisations(basis.parties) for basis in bases))
    recipients = lawful & agreement.organisations(agreement.roles[role].at) & agreement.organisations(clause.to)
    return [
        f'principal.role == "{role}"',
        f'context.purpose == "{purpose}"',
        f"action in {_set(actions, 'Action::')}",
        f"{_set(recipients)}.contains(principal.organisation)",
        f"{_set(lawful & agreement.organisations(clause.from_))}.contains(resource.controller)",
        f"{_set(agreement.expand(clause.categories))}.contains(resource.category)",
        f"{_set(clause.sensitivities or agreement.ordinary)}.contains(resource.sensitivity)",
        *_conditions(clause, purpose, agreement),
    ]


def _conditions(clause: _Giving, purpose: Purpose, agreement: Agreement) -> Iterator[str]:
    terms = agreement.purposes[purpose]
    match clause:
        case Grant():
            yield f"{_set(clause.relationships or terms.relationships)}.containsAny(context.relationships)"
            if clause.max_age:
                yield f'!context.too_old_for.contains("{clause.max_age}")'
        case EmergencyAccess():
            yield "context.opened"
        case GuestProfile():
            yield f'context.profiles.contains("{clause.profile}")'
    if "training" in (clause.requires if isinstance(clause, EmergencyAccess) else terms.requires):
        yield "context.trained"


def _forbid(prohibition: Prohibition, agreement: Agreement) -> str:
    conditions = list(_triggers(prohibition.when, agreement)) or ["true"]
    purposes = prohibition.gives_way_to - {EMERGENCY_ACCESS}
    if purposes:
        conditions.append(f"!{_set(purposes)}.contains(context.purpose)")
    emergency = agreement.emergency_access
    if EMERGENCY_ACCESS in prohibition.gives_way_to and emergency:
        given = [" && ".join(each) for each in _permits(emergency, emergency.actions, agreement)]
        conditions += [f"!({each})" for each in given]
    return _policy(prohibition.id, "forbid", conditions)


def _triggers(when: When, agreement: Agreement) -> Iterator[str]:
    if when.own_record:
        yield "context.own_record"
    if when.objection:
        yield (
            "(context.objects_to_all || context.objects_to_categories.contains(resource.category)"
            " || context.objects_to_sources.contains(resource.controller))"
        )
    if when.flag and when.controller == "raised-by":
        raised = [
            f'(resource.controller == "{code}" && context.flags.contains("{flag_token(when.flag, code, when.after)}"))'
            for code in sorted(agreement.organisations("all"))
        ]
        yield f"({' || '.join(raised)})"
    elif when.flag:
        yield f'context.flags.contains("{flag_token(when.flag, None, when.after)}")'
    if when.category:
        yield f"{_set(agreement.expand(when.category))}.contains(resource.category)"
    if when.sensitivity:
        yield f"{_set(when.sensitivity)}.contains(resource.sensitivity)"
    if when.controller not in (None, "raised-by"):
        yield f"{_set(agreement.organisations(when.controller or ()))}.contains(resource.controller)"
    if when.to:
        yield f"{_set(agreement.organisations(when.to))}.contains(principal.organisation)"


def flag_token(flag: FlagKind, partner: OdsCode | None, after: timedelta | None) -> str:
    """How `flags` names a raised flag: `deceased`, `dissent/RL4`, `deceased/P90D` once ninety days have passed."""
    return "/".join(filter(None, (flag, partner, str(Duration(0, after)) if after else None)))


def _set(words: Iterable[str], kind: str = "") -> str:
    return "[" + ", ".join(f'{kind}"{word}"' for word in sorted(words)) + "]"
