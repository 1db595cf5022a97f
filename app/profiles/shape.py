"""What surely has the shape of its FHIR R4 type, told without building anything. Pure.

The checks are made of the very models of `fhir.resources`, once for each type, and are stricter than those: whatever
these let pass, the models would. What they do not let pass, or do not understand, is for the models to judge.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin

from fhir.resources.R4B import fhirtypes, get_fhir_model_class
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from fhir_core.types import FhirBase, FhirElementOrResourceBase
from pydantic.fields import FieldInfo

from app.profiles.definitions import definitions
from app.profiles.invariants import invariants_of
from app.vocabulary.fhir_elements import WHOLE_DAY

Check = Callable[[Any], bool]
Model = type[FHIRAbstractModel]

_CODE: Final = re.compile(r"[!-~]+(?: [!-~]+)*")
_WITHIN: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY: Final = r"(?:1[89]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]"
_MONTH: Final = re.compile(r"(?:1[89]|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2]))?")
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_MOMENT: Final = re.compile(rf"{_DAY}T{_CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])")
_UNBROKEN: Final = re.compile(r"\S*")
_COMPARATORS: Final = frozenset({"<", "<=", ">=", ">"})  # FHIR R4, quantity-comparator: the model lists none
_AND_MORE: Final = frozenset({"+", "etc."})
"""What the list of a model ends with that does not hold all codes."""
_BOUND_AS: Final = {("EncounterStatusHistory", "status"): "Encounter.status"}
"""Which element is bound to the same codes, of one that no definition speaks of."""

_VALIDATORS: Final = {"reject_null_complex_elements", "validate_after_model_construction"}
"""Whatever every model checks beside its fields, and what is made up for here."""


def shape_of(kind: str) -> Check:
    """Whether a resource of a type surely has its shape; it holds no half of a surrogate pair, as `read_json` sees to.

    Raises what `get_fhir_model_class` does.
    """
    return _of_resource(get_fhir_model_class(kind))


def _is_text(value: Any) -> bool:
    return type(value) is str and value != "" and not value.isspace()


def _is_any_text(value: Any) -> bool:
    return type(value) is str


def _is_number(value: Any) -> bool:
    return (type(value) is Decimal and value.is_finite()) or type(value) is int


def _is_day(value: Any) -> bool:
    if type(value) is not str:
        return False
    if len(value) != WHOLE_DAY:
        return _MONTH.fullmatch(value) is not None
    return value[:2] in ("18", "19", "20") and _is_on_calendar(value)


def _is_date_time(value: Any) -> bool:
    return _is_moment(value) or _is_day(value)


def _is_moment(value: Any) -> bool:
    return type(value) is str and _MOMENT.fullmatch(value) is not None and _is_on_calendar(value[:WHOLE_DAY])


def _is_on_calendar(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _written(pattern: re.Pattern[str]) -> Check:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _counted(least: int) -> Check:
    return lambda value: type(value) is int and least <= value < 1 << 31


def _is_unsure(_: Any) -> bool:
    return False


FORMS: Final[Mapping[Any, re.Pattern[str]]] = {
    fhirtypes.IdType: re.compile(r"[A-Za-z0-9.-]{1,64}"),
    fhirtypes.UriType: _UNBROKEN,
    fhirtypes.UrlType: _UNBROKEN,
    fhirtypes.CanonicalType: _UNBROKEN,
}
"""How FHIR R4 has primitives written, of those that the models let pass however they are."""

_PRIMITIVES: Final[Mapping[Any, Check]] = {
    fhirtypes.BooleanType: lambda value: type(value) is bool,
    fhirtypes.StringType: _is_text,
    fhirtypes.CodeType: _written(_CODE),
    fhirtypes.IdType: _written(FORMS[fhirtypes.IdType]),
    fhirtypes.UriType: _written(_UNBROKEN),
    fhirtypes.CanonicalType: _written(_UNBROKEN),
    fhirtypes.MarkdownType: _is_any_text,
    fhirtypes.XhtmlType: _is_any_text,
    fhirtypes.UrlType: _written(_WITHIN),
    fhirtypes.DecimalType: _is_number,
    fhirtypes.IntegerType: _counted(-(1 << 31)),
    fhirtypes.UnsignedIntType: _counted(0),
    fhirtypes.PositiveIntType: _counted(1),
    fhirtypes.DateType: _is_day,
    fhirtypes.DateTimeType: _is_date_time,
    fhirtypes.InstantType: _is_moment,
    fhirtypes.TimeType: _written(re.compile(_CLOCK)),
}
"""By the type of a field; of base64, OIDs and UUIDs the models are asked each time."""


@cache
def _of_resource(model: Model) -> Check:
    has_members, kind = _of_model(model), model.__resource_type__

    def check(value: Any) -> bool:
        return type(value) is dict and value.get("resourceType") == kind and has_members(value)

    return check


def _is_contained(value: Any) -> bool:
    """Whether any resource has the shape that it says; of a type that is not known the models are asked."""
    try:
        model = get_fhir_model_class(value["resourceType"])
    except (KeyError, LookupError, TypeError, ValueError):
        return False
    return model.has_resource_base() and _of_resource(model)(value)


@cache
def _of_element(model: Model) -> Check:
    """One that is made when it is first needed, as types hold each other."""
    made: list[Check] = []

    def check(value: Any) -> bool:
        if not made:
            made.append(_of_model(model))
        return type(value) is dict and made[0](value)

    return check


@cache
def _of_model(model: Model) -> Check:
    if _does_more(model):
        return _is_unsure
    keeps_invariants = _every([one.is_kept for one in invariants_of(model)])
    members = {
        field.alias or name: _of_field(field, codes_of(model, field.alias or name, field))
        for name, field in model.model_fields.items()
    }
    if model.has_resource_base():
        members["resourceType"] = _is_any_text  # whose it is was seen already
    required = frozenset(_required(model))
    groups = tuple(frozenset(_aliases(model, names)) for names in model.get_one_of_many_fields(None).values())  # type: ignore[arg-type]
    demanded = tuple(group for group in groups if _is_demanded(model, group))
    choices = frozenset[str]().union(*groups)

    def check(value: dict[str, Any]) -> bool:
        for name, member in value.items():
            if name not in members or not members[name](member):
                return False
        if required and not required <= value.keys():
            return False
        if choices and not choices.isdisjoint(value):
            chosen = choices & value.keys()
            if len(chosen) > 1 and any(len(group & chosen) > 1 for group in groups):
                return False
        if demanded and any(group.isdisjoint(value) for group in demanded):
            return False
        return keeps_invariants(value)

    return check


def _every(rules: Sequence[Check]) -> Check:
    """Whether each holds, told by one that asks the next: a loop takes twice as long."""
    if not rules:
        return lambda _: True
    first, following = rules[0], _every(rules[1:])
    return first if len(rules) == 1 else lambda value: first(value) and following(value)


def _does_more(model: Model) -> bool:
    """Whether a model checks anything that is not made up for here."""
    decorators = model.__pydantic_decorators__
    return bool(
        decorators.validators
        or decorators.field_validators
        or decorators.root_validators
        or decorators.model_validators.keys() - _VALIDATORS
    )


def _required(model: Model) -> Iterator[str]:
    yield from (field.alias or name for name, field in model.model_fields.items() if field.is_required())
    named = {field.alias or name for name, field in model.model_fields.items()}
    for name, _ in model.get_required_fields(None):  # type: ignore[arg-type]
        yield name if name in named else (model.model_fields[name].alias or name)


def _aliases(model: Model, names: list[str]) -> Iterator[str]:
    return (model.model_fields[name].alias or name for name in names)


def _is_demanded(model: Model, group: frozenset[str]) -> bool:
    told = [field.json_schema_extra for name, field in model.model_fields.items() if (field.alias or name) in group]
    return any(isinstance(one, dict) and bool(one.get("one_of_many_required")) for one in told)


def codes_of(model: Model, name: str, field: FieldInfo) -> frozenset[str]:
    """The codes that FHIR R4 requires of an element; empty where neither the model nor a definition lists them all."""
    if (model.__name__, name) == ("Quantity", "comparator"):
        return _COMPARATORS
    told = field.json_schema_extra.get("enum_values") if isinstance(field.json_schema_extra, dict) else None
    codes = frozenset(map(str, told)) if isinstance(told, list) else frozenset[str]()
    return _in_full(model.__name__, name) if codes & _AND_MORE else codes


def _in_full(kind: str, name: str) -> frozenset[str]:
    """The codes of an element of which the model lists the first, as the definition of its type binds it."""
    bound = _BOUND_AS.get((kind, name), f"{kind}.{name}")
    definition = definitions().get(bound.partition(".")[0])
    told = [one.codes for one in definition.elements if one.id == bound and one.codes] if definition else []
    return frozenset(code for codes in told for _, code in codes)


def type_of(field: FieldInfo) -> Any:
    """The type of each value of a field."""
    kind = _but_none(field.annotation)
    return _but_none(get_args(kind)[0]) if get_origin(kind) is list else kind


def repeats(field: FieldInfo) -> bool:
    """Whether a field holds a list."""
    return get_origin(_but_none(field.annotation)) is list


def _of_field(field: FieldInfo, codes: frozenset[str]) -> Check:
    of_each = _listed(codes) if codes else _of_type(type_of(field))
    if not repeats(field):
        return of_each

    def check(value: Any) -> bool:
        return type(value) is list and (of_each(value[0]) if len(value) == 1 else all(map(of_each, value)))

    return check


def _listed(codes: frozenset[str]) -> Check:
    return lambda value: type(value) is str and value in codes


def _but_none(kind: Any) -> Any:
    """The type of a value that may be missing; nothing that is there is null."""
    kinds = [one for one in get_args(kind) if one is not NoneType]
    return kinds[0] if len(kinds) == 1 and NoneType in get_args(kind) else kind


def _of_type(kind: Any) -> Check:
    if isinstance(kind, type) and issubclass(kind, FhirElementOrResourceBase):
        return _is_contained if kind is fhirtypes.ResourceType else _is_unsure
    if isinstance(kind, type) and issubclass(kind, FhirBase):
        return _of_element(kind.get_model_klass())
    return _PRIMITIVES.get(kind, _is_unsure)
