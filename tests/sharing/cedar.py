"""A question as a Cedar request, to be asked of what is exported: an oracle that others wrote.

Cedar has no calendar and cannot look through a set for what holds just now, so that what holds at the instant asked
about is worked out beforehand, by the reference, and given as context.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from app.sharing.published.export_cedar import flag_token
from app.sharing.written.document import Agreement, Prohibition
from app.sharing.written.duration import Duration
from app.vocabulary.label import Label
from app.vocabulary.ods_code import OdsCode
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


def requesters(agreement: Agreement) -> list[dict[str, Any]]:
    """Whoever may ask: each role at each party."""
    return [
        {
            "uid": {"type": "Requester", "id": f"{code}/{role}"},
            "attrs": {"organisation": code, "role": role},
            "parents": [],
        }
        for code in sorted(agreement.organisations("all"))
        for role in agreement.roles
    ]


def request(question: Question, label: Label, occurred_on: date | None) -> dict[str, Any]:
    """One question about one label, of `requester`."""
    return {
        "principal": f'Requester::"{question.requester.organisation}/{question.requester.role}"',
        "action": f'Action::"{question.action}"',
        "resource": {"type": "Label", "id": str(label)},
        "context": _context(question, occurred_on),
    }


def _context(question: Question, occurred_on: date | None) -> dict[str, Any]:
    (agreement,) = question.documents
    requester, facts = question.requester, question.facts
    objections = [each for each in upheld(question) if each.scope in ("category", "source")]
    return {
        "purpose": question.purpose,
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
        "flags": sorted(_flags(question)),
        "too_old_for": [
            str(Duration.parse(age)) for age in YEARS if not is_recent({"max_age": age}, occurred_on, question.today)
        ],
    }


def _flags(question: Question) -> set[str]:
    """Every flag that some prohibition waits for and that has been raised for as long as it waits."""
    (agreement,) = question.documents
    tokens = set()
    for each in agreement["prohibitions"]:
        if "flag" in each["when"]:
            when = Prohibition.model_validate(each).when
            by = raisers(each["when"], question)
            assert when.flag is not None
            tokens |= {flag_token(when.flag, OdsCode(code), when.after) for code in by}
            tokens |= {flag_token(when.flag, None, when.after)} if by else set()
    return tokens
