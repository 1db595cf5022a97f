"""An agreement as Cedar policies, and a question as a Cedar request: an oracle that others wrote.

Cedar has no calendar and cannot look through a set for what holds just now, so that what holds at the instant asked
about is worked out beforehand, by the reference, and given as context.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from app.sharing.document import Agreement, EmergencyAccess, Grant, GuestProfile, Prohibition
from app.vocabulary.label import Label
from app.vocabulary.token import READ, Action, Purpose
from tests.sharing.reference import (
    YEARS,
    Question,
    has_invitation,
    has_opening,
    has_relationship,
    is_recent,
    is_trained,
    raisers,
    upheld,
)


def policies(agreement: Agreement) -> str:
    """One permit for each clause, purpose and role; one forbid for each prohibition."""
    return "\n".join([*_permits(agreement), *_forbids(agreement)])


def _permits(agreement: Agreement) -> Iterator[str]:
    for grant in agreement.grants:
        yield from _permit(grant, grant.actions, agreement)
    if agreement.emergency_access:
        yield from _permit(agreement.emergency_access, agreement.emergency_access.actions, agreement)
    for guest in agreement.guests:
        yield from _permit(guest, (READ,), agreement)


def _permit(
    clause: Grant | EmergencyAccess | GuestProfile, actions: Iterable[Action], agreement: Agreement
) -> Iterator[str]:
    for purpose in clause.purposes:
        lawful = [basis.parties for basis in agreement.purposes[purpose].bases]
        parties = {code for each in lawful for code in agreement.organisations(each)}
        for role in clause.roles:
            held_at = agreement.organisations(agreement.roles[role].at)
            conditions = [
                f'context.role == "{role}"',
                f'context.purpose == "{purpose}"',
                f"{_set(actions)}.contains(context.action)",
                f"{_set(parties & held_at & agreement.organisations(clause.to))}.contains(context.organisation)",
                f"{_set(parties & agreement.organisations(clause.from_))}.contains(resource.controller)",
                f"{_set(agreement.expand(clause.categories))}.contains(resource.category)",
                f"{_set(clause.sensitivities or agreement.ordinary)}.contains(resource.sensitivity)",
                *_conditions(clause, purpose, agreement),
            ]
            yield f'@id("{clause.id}")\npermit (principal, action, resource) when {{ {" && ".join(conditions)} }};'


def _conditions(
    clause: Grant | EmergencyAccess | GuestProfile, purpose: Purpose, agreement: Agreement
) -> Iterator[str]:
    terms = agreement.purposes[purpose]
    match clause:
        case Grant():
            yield f"{_set(clause.relationships or terms.relationships)}.containsAny(context.relationships)"
            if clause.max_age:
                yield f"!context.too_old_for.contains({clause.max_age.months // 12})"
        case EmergencyAccess():
            yield "context.opened"
        case GuestProfile():
            yield f'context.profiles.contains("{clause.profile}")'
    if "training" in (clause.requires if isinstance(clause, EmergencyAccess) else terms.requires):
        yield "context.trained"


def _forbids(agreement: Agreement) -> Iterator[str]:
    for prohibition in agreement.prohibitions:
        conditions = " && ".join(["true", *_triggers(prohibition, agreement)])
        yield f'@id("{prohibition.id}")\nforbid (principal, action, resource) when {{ {conditions} }};'


def _triggers(prohibition: Prohibition, agreement: Agreement) -> Iterator[str]:
    when = prohibition.when
    yield f"!{_set(prohibition.gives_way_to)}.contains(context.purpose)" if prohibition.gives_way_to else "true"
    if when.sensitivity:
        yield f"{_set(when.sensitivity)}.contains(resource.sensitivity)"
    if when.own_record:
        yield "context.own_record"
    if when.objection:
        yield (
            "(context.objects_to_all || context.objects_to_categories.contains(resource.category)"
            " || context.objects_to_sources.contains(resource.controller))"
        )
    if when.flag and when.controller == "raised-by":
        yield "context.dissents_from.contains(resource.controller)"
    elif when.flag:
        yield f'context.flags.contains("{prohibition.id}")'


def _set(words: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in sorted(words)) + "]"


def resources(labels: Iterable[Label]) -> list[dict[str, Any]]:
    """The labels, as entities that policies speak of."""
    return [
        {
            "uid": {"type": "Label", "id": str(label)},
            "attrs": {
                "controller": label.controller,
                "category": label.category,
                "sensitivity": str(label.sensitivity),
            },
            "parents": [],
        }
        for label in labels
    ]


def request(question: Question, label: Label, occurred_on: date | None) -> dict[str, Any]:
    """One question about one label."""
    return {
        "principal": 'Requester::"one"',
        "action": 'Action::"ask"',
        "resource": {"type": "Label", "id": str(label)},
        "context": _context(question, occurred_on),
    }


def _context(question: Question, occurred_on: date | None) -> dict[str, Any]:
    (agreement,) = question.documents
    requester, facts = question.requester, question.facts
    objections = [each for each in upheld(question) if each.scope in ("category", "source")]
    return {
        "organisation": requester.organisation,
        "role": requester.role,
        "purpose": question.purpose,
        "action": question.action,
        "relationships": [kind for kind in agreement["relationships"] if has_relationship([kind], question)],
        "trained": is_trained(["training"], question),
        "opened": has_opening(agreement["emergency_access"], question),
        "profiles": [guest["profile"] for guest in agreement["guests"] if has_invitation(guest, question)],
        "own_record": requester.nhs_number in facts.nhs_numbers,
        "objects_to_all": any(
            each.scope == "all"
            or (each.scope == "recipient" and each.organisation == requester.organisation)
            or (each.scope == "user" and each.account == (requester.issuer, requester.subject))
            for each in upheld(question)
        ),
        "objects_to_categories": [each.category for each in objections if each.scope == "category"],
        "objects_to_sources": [each.organisation for each in objections if each.scope == "source"],
        "dissents_from": sorted(raisers({"flag": "dissent"}, question)),
        "flags": [
            each["id"]
            for each in agreement["prohibitions"]
            if "flag" in each["when"] and raisers(each["when"], question)
        ],
        "too_old_for": [
            years for age, years in YEARS.items() if not is_recent({"max_age": age}, occurred_on, question.today)
        ],
    }
