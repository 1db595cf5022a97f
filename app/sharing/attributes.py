"""Whether everything that a decision reads is there, of its type and known: what is not, denies with an alarm."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timezone
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from app.identity.requester import Requester
from app.sharing.facts import FlagKind, Objection, ObjectionScope, PersonFacts
from app.sharing.law import Agreements
from app.vocabulary.token import Action, Purpose

_Check = Callable[[Any], bool]

_YEARS: Final = range(1900, 2200)  # beyond these, an instant overflows when it is moved
_FLAGS: Final = frozenset(FlagKind)
_DETAIL: Final = {
    ObjectionScope.ALL: None,
    ObjectionScope.CATEGORY: "category",
    ObjectionScope.SOURCE: "organisation",
    ObjectionScope.RECIPIENT: "organisation",
    ObjectionScope.USER: "account",
}
"""The attribute by which an objection of each scope says what it covers."""


def ill_typed(
    *, requester: object, action: object, purpose: object, facts: object, agreements: object, at: object
) -> Iterator[str]:
    """Name what is missing or of a wrong type, never its value."""
    if not _is_requester(requester):
        yield "ill-typed requester"
    if not isinstance(action, Action):
        yield "ill-typed action"
    if not isinstance(purpose, Purpose):
        yield "ill-typed purpose"
    if not _are_facts(facts):
        yield "ill-typed facts"
    if not isinstance(agreements, Agreements):
        yield "ill-typed agreements"
    if not _is_instant(at):
        yield "ill-typed time"


def unknown(
    requester: Requester, *, action: Action, purpose: Purpose, facts: PersonFacts, agreements: Agreements
) -> Iterator[str]:
    """Name what no agreement of the place, in force or not, speaks of."""
    if requester.organisation not in agreements.lattice.of_controller:
        yield "unknown organisation"
    if requester.role not in agreements.roles:
        yield "unknown role"
    if action not in agreements.actions:
        yield "unknown action"
    if purpose not in agreements.purposes:
        yield "unknown purpose"
    if any(flag.kind not in _FLAGS for flag in facts.flags):
        yield "unknown flag"
    if not all(_says_what_it_covers(objection, agreements) for objection in facts.objections):
        yield "unknown objection"


def _says_what_it_covers(objection: Objection, agreements: Agreements) -> bool:
    if objection.scope not in _DETAIL:
        return False
    detail = _DETAIL[ObjectionScope(objection.scope)]
    return detail is None or getattr(objection, detail) is not None


@cache
def _well_typed(kind: Any) -> _Check:
    """A check that a value, and all within it, is what an annotation says."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _any_of([_well_typed(argument) for argument in arguments])
    if origin in (tuple, frozenset):
        return _all_in(origin, _well_typed(arguments[0]))
    if kind is datetime:
        return _is_instant
    if kind is date:
        return lambda value: type(value) is date  # a datetime is a date too, and cannot be compared with one
    if is_dataclass(kind):
        return _with(kind, [field.name for field in fields(kind)])
    if hasattr(kind, "_fields"):
        return _with(kind, kind._fields)
    return lambda value: isinstance(value, kind)


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and isinstance(value.tzinfo, timezone | ZoneInfo) and value.year in _YEARS


def _any_of(checks: list[_Check]) -> _Check:
    return lambda value: any(check(value) for check in checks)


def _all_in(collection: type[Collection[Any]], check: _Check) -> _Check:
    return lambda value: isinstance(value, collection) and all(map(check, value))


def _with(kind: Any, names: list[str]) -> _Check:
    hints = get_type_hints(kind)
    checks = [(attrgetter(name), _well_typed(hints[name])) for name in names]

    def check(value: object) -> bool:
        try:
            return isinstance(value, kind) and all(holds(get(value)) for get, holds in checks)
        except AttributeError:  # it was made without one of its attributes
            return False

    return check


_is_requester: Final = _well_typed(Requester)
_are_facts: Final = _well_typed(PersonFacts)
