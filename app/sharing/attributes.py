"""Whether everything that a decision reads is there, of its type and known: what is not, denies with an alarm.

The checks are written out, one line an attribute, because every decision runs them all.
"""

from datetime import date, datetime, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.identity.requester import Requester
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    Flag,
    Invitation,
    Objection,
    ObjectionScope,
    PersonFacts,
    Relationship,
)
from app.sharing.law import Agreements
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role

_ZONES: Final = frozenset((timezone, ZoneInfo))  # others may raise when compared
_YEARS: Final = range(1900, 2200)  # beyond these, an instant overflows when it is moved
_FLAGS: Final = frozenset(FlagKind)
_DETAIL: Final = {
    ObjectionScope.ALL: "scope",
    ObjectionScope.CATEGORY: "category",
    ObjectionScope.SOURCE: "organisation",
    ObjectionScope.RECIPIENT: "organisation",
    ObjectionScope.USER: "account",
    ObjectionScope.MEETING: "meeting",
}
"""The attribute by which an objection of each scope says what it covers."""


def ill_typed(
    requester: object, *, action: object, purpose: object, facts: object, agreements: object, at: object
) -> list[str]:
    """Name what is missing or of a wrong type, never its value."""
    wrong = []
    if not _holds(_is_requester, requester):
        wrong.append("ill-typed requester")
    if not isinstance(action, Action):
        wrong.append("ill-typed action")
    if not isinstance(purpose, Purpose):
        wrong.append("ill-typed purpose")
    if not _holds(_are_facts, facts):
        wrong.append("ill-typed facts")
    if not isinstance(agreements, Agreements):
        wrong.append("ill-typed agreements")
    if not (_is_instant(at) and at.year in _YEARS):  # type: ignore[attr-defined]  # it is a datetime by then
        wrong.append("ill-typed time")
    return wrong


def unknown_words(requester: Requester, *, action: Action, purpose: Purpose, agreements: Agreements) -> list[str]:
    """Name what no agreement of the place, in force or not, speaks of."""
    known = {
        "unknown organisation": requester.organisation in agreements.lattice.of_controller,
        "unknown role": requester.role in agreements.roles,
        "unknown action": action in agreements.actions,
        "unknown purpose": purpose in agreements.purposes,
    }
    return [word for word, is_known in known.items() if not is_known]


def unknown_facts(facts: PersonFacts) -> list[str]:
    """Name what might forbid, if one knew what it means."""
    wrong = ["unknown flag" for flag in facts.flags if flag.kind not in _FLAGS]
    wrong += ["unknown objection" for objection in facts.objections if not _says_what_it_covers(objection)]
    return wrong


def _says_what_it_covers(objection: Objection) -> bool:
    detail = _DETAIL.get(objection.scope)  # type: ignore[call-overload]  # a text that is no scope is found under none
    return detail is not None and getattr(objection, detail) is not None


def _holds(check: Any, value: object) -> bool:
    try:
        return bool(check(value))
    except AttributeError:  # it was made without one of its attributes
        return False


def _is_instant(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo.__class__ in _ZONES


def _is_requester(value: Any) -> bool:
    return (
        isinstance(value, Requester)
        and isinstance(value.subject, str)
        and isinstance(value.issuer, str)
        and isinstance(value.name, str)
        and isinstance(value.organisation, OdsCode)
        and isinstance(value.role, Role)
        and isinstance(value.teams, frozenset)
        and _all(value.teams, str)
        and (value.nhs_number is None or isinstance(value.nhs_number, NHSNumber))
        and (value.training_until is None or type(value.training_until) is date)  # a datetime would not compare
        and isinstance(value.session, str)
    )


def _are_facts(value: Any) -> bool:
    return (
        isinstance(value, PersonFacts)
        and isinstance(value.nhs_numbers, frozenset)
        and _all(value.nhs_numbers, NHSNumber)
        and _are(_is_relationship, value.relationships)
        and _are(_is_objection, value.objections)
        and _are(_is_flag, value.flags)
        and _are(_is_opening, value.openings)
        and _are(_is_invitation, value.invitations)
    )


def _all(values: frozenset[Any], kind: type) -> bool:
    for value in values:  # noqa: SIM110  # a generator would take twice the time
        if not isinstance(value, kind):
            return False
    return True


def _are(check: Any, values: Any) -> bool:
    return isinstance(values, tuple) and (not values or all(map(check, values)))


def _is_relationship(value: Any) -> bool:
    return (
        isinstance(value, Relationship)
        and isinstance(value.id, str)
        and isinstance(value.kind, str)
        and isinstance(value.organisation, OdsCode)
        and _is_instant(value.started)
        and (value.ended is None or _is_instant(value.ended))
        and (value.revoked is None or _is_instant(value.revoked))
        and (value.team is None or isinstance(value.team, str))
        and (value.account is None or _is_account(value.account))
    )


def _is_objection(value: Any) -> bool:
    return (
        isinstance(value, Objection)
        and isinstance(value.id, str)
        and isinstance(value.scope, str)
        and isinstance(value.upheld, bool)
        and _is_instant(value.started)
        and (value.ended is None or _is_instant(value.ended))
        and (value.category is None or isinstance(value.category, Category))
        and (value.organisation is None or isinstance(value.organisation, OdsCode))
        and (value.account is None or _is_account(value.account))
        and (value.meeting is None or isinstance(value.meeting, str))
        and (value.team is None or isinstance(value.team, str))
    )


def _is_flag(value: Any) -> bool:
    return (
        isinstance(value, Flag)
        and isinstance(value.kind, str)
        and isinstance(value.partner, OdsCode)
        and _is_instant(value.since)
    )


def _is_opening(value: Any) -> bool:
    return (
        isinstance(value, EmergencyOpening)
        and isinstance(value.id, str)
        and _is_account(value.account)
        and isinstance(value.organisation, OdsCode)
        and _is_instant(value.started)
        and _is_instant(value.ended)
    )


def _is_invitation(value: Any) -> bool:
    return (
        isinstance(value, Invitation)
        and isinstance(value.id, str)
        and isinstance(value.profile, str)
        and _is_account(value.account)
        and isinstance(value.organisation, OdsCode)
        and _is_instant(value.started)
        and _is_instant(value.ended)
        and isinstance(value.accepted, bool)
        and isinstance(value.on_agenda, bool)
        and (value.meeting is None or isinstance(value.meeting, str))
    )


def _is_account(value: Any) -> bool:
    return isinstance(value, Account) and isinstance(value.issuer, str) and isinstance(value.subject, str)
