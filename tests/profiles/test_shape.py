"""What is let pass without building a model, the models of `fhir.resources` let pass as well: they are the oracle."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.profiles import check, structure
from app.profiles.check import issues_of
from app.profiles.definitions import FOLDER
from app.profiles.shape import _PRIMITIVES, shape_of
from app.profiles.strict_json import read_json

EXAMPLES = {path.stem: read_json(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("*.json"))}
TEXTS = [
    "", " ", "\u00a0", "\u2003\t", "a", "a b", "a  b", " a", "a\n", "é", "final", "Patient/1", "#a", "urn:uuid:1",
    "urn:uuid:6a2f3f5e-2f3b-4d0c-9a55-0b8d6e1f0001", "https://a.example/b c", "1750-01-01", "1900", "2026-02",
    "2026-13", "2026-02-28", "2026-02-30", "2000-02-29", "1900-02-29", "2026-W01-1", "2026-01-01T10:00:00Z",
    "2026-01-01T10:00:00", "2026-01-01T23:59:60Z", "2026-02-30T10:00:00Z", "2026-01-01T10:00:00.1234567Z",
    "2026-01-01T10:00:00.5+01:00", "2026-01-01T10:00:00+14:00", "2026-01-01T24:00:00Z", "2026-01-01T10:00Z",
    "10:00:00", "10:00", "24:00:00", "x" * 300,
]  # fmt: skip
NUMBERS = [0, -1, 1, 1 << 31, -(1 << 31), 10**17, Decimal("12.50"), Decimal("1E+5"), Decimal("-0.0"), Decimal("1E-20")]
WHEN = (
    r"(1[789]|20)[0-9]{2}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
scalars = st.one_of(
    st.sampled_from([*TEXTS, *NUMBERS]),
    st.booleans(),
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.from_regex(WHEN, fullmatch=True),
    st.integers(-(1 << 40), 1 << 40),
    st.decimals(allow_nan=False, allow_infinity=False),
)  # fmt: skip


def is_taken(kind: str, resource: Any) -> bool:
    """Whether the model of its type takes it."""
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except (ValidationError, LookupError, TypeError, ValueError, AttributeError, AssertionError):
        return False
    return True


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_a_sound_resource_passes_without_a_model(kind: str) -> None:
    assert shape_of(kind)(EXAMPLES[kind]) == ("base64" not in str(EXAMPLES[kind]) and not has_document(EXAMPLES[kind]))
    assert is_taken(kind, EXAMPLES[kind])


def has_document(resource: Any) -> bool:
    return resource["resourceType"] == "DocumentReference" and "data" in resource["content"][0]["attachment"]


def named(kind: Any) -> str:
    """After the primitive alone: where one lies in memory differs between the processes that share these tests."""
    return type(kind.__metadata__[0]).__name__ if hasattr(kind, "__metadata__") else str(kind)


@pytest.mark.parametrize("kind", list(_PRIMITIVES), ids=named)
@given(value=scalars)
@settings(max_examples=60, deadline=None)
def test_a_value_that_passes_is_one_of_its_primitive_type(kind: Any, value: Any) -> None:
    if _PRIMITIVES[kind](value):
        TypeAdapter(kind).validate_python(value)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a resource."""
    yield path
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(one, (*path, name))


PLACES = {kind: list(places(one))[1:] for kind, one in EXAMPLES.items()}
NAMES = sorted({str(path[-1]) for paths in PLACES.values() for path in paths if isinstance(path[-1], str)} | {
    "valueString", "valueBoolean", "onsetString", "effectivePeriod", "deceasedBoolean", "multipleBirthInteger",
    "resource_type", "value__ext", "class_fhir", "fhir_comments", "_status", "extension", "modifierExtension",
    "contained", "implicitRules", "unknown"})  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """An example in which one or two things were changed, such that some are sound still."""
    kind = draw(st.sampled_from(sorted(EXAMPLES)))
    resource = copy.deepcopy(EXAMPLES[kind])
    for _ in range(draw(st.integers(1, 2))):
        *above, last = draw(st.sampled_from(PLACES[kind]))
        holder: Any = resource
        for step in above:
            holder = _within(holder, step)
        if not isinstance(holder, dict if isinstance(last, str) else list) or _within(holder, last) is None:
            continue
        spoil(holder, last, draw)
    return kind, resource


def _within(holder: Any, step: Any) -> Any:
    try:
        return holder[step]
    except (KeyError, IndexError, TypeError):
        return None


def spoil(holder: Any, last: Any, draw: st.DrawFn) -> None:
    held = holder[last]
    match draw(st.sampled_from(["value", "list", "first", "gone", "added", "moved"])):
        case "value":
            holder[last] = draw(scalars)
        case "list":
            holder[last] = [held, draw(st.one_of(st.just(held), scalars))]
        case "first":
            holder[last] = held[0] if isinstance(held, list) else {"value": held}
        case "gone":
            del holder[last]
        case "added" if isinstance(holder, dict):
            name = draw(st.sampled_from(NAMES))
            holder[name] = draw(st.one_of(scalars, st.just(held), st.just(copy.deepcopy(holder))))
        case "moved" if isinstance(holder, dict):
            holder[draw(st.sampled_from(NAMES))] = holder.pop(last)


@given(one=spoilt())
@example(one=("Observation", {**EXAMPLES["Observation"], "valueString": "both"}))
@example(one=("Patient", {**EXAMPLES["Patient"], "contained": [{**EXAMPLES["Patient"], "resourceType": "Coding"}]}))
@example(one=("Patient", {**EXAMPLES["Patient"], "resourceType": "Observation"}))
@settings(max_examples=600, deadline=None)
def test_whatever_passes_without_a_model_the_model_takes(one: tuple[str, Any]) -> None:
    kind, resource = one
    if shape_of(kind)(resource):
        assert is_taken(kind, resource)


def has_null(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_null, value.values() if isinstance(value, dict) else value))
    return value is None


@given(one=spoilt())
@example(one=("Patient", {**EXAMPLES["Patient"], "contained": [{**EXAMPLES["Patient"], "resourceType": False}]}))
@settings(max_examples=120, deadline=None)
def test_the_findings_are_those_of_the_models_and_of_each_element_walked(one: tuple[str, Any]) -> None:
    _, resource = one
    assume(not has_null(resource))  # which no resource holds that was read
    with pytest.MonkeyPatch.context() as patch:
        told = issues_of(resource)
        patch.setattr(structure, "shape_of", lambda _: lambda _: False)
        patch.setattr(check, "_keeping", lambda _: lambda _: False)
        check._kept_by.cache_clear()
        assert told == issues_of(resource)
    check._kept_by.cache_clear()


@pytest.mark.parametrize("value", [1577836800, 1.5, True])
def test_a_number_is_no_date_though_the_models_take_it_for_one(value: object) -> None:
    resource = {**EXAMPLES["CarePlan"], "period": {"start": value}}
    assert [one.path for one in issues_of(resource)] == ["CarePlan.period.start"]


def test_a_text_is_no_truth_and_no_number() -> None:
    resource = {**EXAMPLES["Patient"], "active": "true", "multipleBirthInteger": "2"}
    assert {one.path for one in issues_of(resource)} >= {"Patient.active", "Patient.multipleBirthInteger"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": "a" * 65}, "Condition.id"),
        ({"meta": {"profile": ["not a uri"]}}, "Condition.meta.profile[0]"),
        ({"code": {"text": "A", "coding": [{"system": "no uri", "code": "1"}]}}, "Condition.code.coding[0].system"),
        ({"extension": [{"url": "https://a.example/e", "valueUrl": "https://a.example/b c"}]},
         "Condition.extension[0].valueUrl"),
    ],
)  # fmt: skip
def test_a_primitive_is_written_as_fhir_has_it_though_the_models_let_it_pass(changes: Any, path: str) -> None:
    [found] = issues_of({**EXAMPLES["Condition"], **changes})
    assert (found.code, found.path) == ("value", path)


@pytest.mark.parametrize(
    ("kind", "changes", "path", "asked"),
    [
        ("Condition", {"onsetDateTime": "5/1/2026"}, ".onsetDateTime", "a date of the calendar, such as 2026-01-05"),
        ("Observation", {"effectiveDateTime": "2026-02-30"}, ".effectiveDateTime", "a date of the calendar"),
        ("Observation", {"issued": "2026-01-05"}, ".issued", "a time with its zone, such as 2026-01-05T10:00:00Z"),
        ("Patient", {"active": "true"}, ".active", "true or false, without quotes"),
        ("Observation", {"valueQuantity": {"value": "5"}}, ".valueQuantity.value", "a number, without quotes"),
        ("Condition", {"code": "stroke"}, ".code", "an object"),
        ("Condition", {"note": {"text": "A"}}, ".note", "in a list, even if it is alone"),
        ("CarePlan", {"period": [{"start": "2026"}]}, ".period", "alone, and in no list"),
        ("Condition", {"contained": [{"resourceType": "Observation", "id": "o", "status": "final",
                                      "code": {"text": "A"}, "issued": "2026"}]},
         ".contained[0].issued", "a time with its zone"),
    ],
)  # fmt: skip
def test_whoever_sends_something_else_is_told_what_stands_there(kind: str, changes: Any, path: str, asked: str) -> None:
    [found] = issues_of({**EXAMPLES[kind], **changes})
    assert (found.code, found.path) == ("value", f"{kind}{path}")
    assert found.text.startswith(f"this must be {asked}")


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("Condition", {"onsetString": "Lately"}, "give one of these alone: onsetAge, onsetDateTime, "),
        ("Immunization", {"occurrenceDateTime": None}, "one of these is required: occurrenceDateTime, "),
    ],
)
def test_an_element_of_several_forms_is_told_with_each_of_them(kind: str, changes: Any, told: str) -> None:
    resource = EXAMPLES[kind] | changes
    [found] = issues_of({name: one for name, one in resource.items() if one is not None})
    assert found.text.startswith(told)
