"""What `fhir_profiles/` says is what is enforced: an example that breaks one thing alone is refused for it."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.profiles.check import issues_of
from app.profiles.definitions import FOLDER, InvalidDefinition, definitions
from app.profiles.issue import Level
from app.profiles.strict_json import read_json

Resource = dict[str, Any]

WRITTEN = {path: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
STRUCTURES = [one for one in WRITTEN.values() if one["resourceType"] == "StructureDefinition"]
EXAMPLES = {path.stem: read_json(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("*.json"))}


class Asked(NamedTuple):
    """One thing that one element of a definition asks."""

    kind: str
    element: Resource
    what: str
    rule: Resource | None = None

    def __str__(self) -> str:
        return f"{self.element['id']} {self.rule['key'] if self.rule else self.what}"


def everything_asked() -> Iterator[Asked]:
    for structure in STRUCTURES:
        for element in structure["differential"]["element"]:
            for what in ("min", "max", "maxLength"):
                if element.get(what):
                    yield Asked(structure["type"], element, what)
            if element.get("binding", {}).get("strength") == "required":
                yield Asked(structure["type"], element, "binding")
            if any("targetProfile" in kind for kind in element.get("type", ())):
                yield Asked(structure["type"], element, "target")
            for rule in element.get("constraint", ()):
                yield Asked(structure["type"], element, "constraint", rule)


def elements_of(kind: str) -> dict[str, Resource]:
    [structure] = [one for one in STRUCTURES if one["type"] == kind]
    return {element["id"]: element for element in structure["differential"]["element"]}


def chosen(asked: Asked, value: Any, id_so_far: str, slice_name: str) -> Any:
    """Of a repeating element, the repetition that the path means."""
    if not isinstance(value, list):
        return value
    if not slice_name:
        return value[0]
    elements = elements_of(asked.kind)
    unsliced = id_so_far.removesuffix(f":{slice_name}")
    [discriminator] = elements[unsliced]["slicing"]["discriminator"]
    if discriminator["path"] == "$this":
        return value[0]
    pattern = elements[f"{id_so_far}.{discriminator['path']}"]["patternUri"]
    return next(one for one in value if one.get(discriminator["path"]) == pattern)


def parent_of(asked: Asked, resource: Resource) -> tuple[Any, str, str]:
    """What holds the element, the element's name, and its slice."""
    kind, *parts = asked.element["id"].split(".")
    here: Any = resource
    id_so_far = kind
    for part in parts[:-1]:
        name, slice_name = parted(part)
        id_so_far = f"{id_so_far}.{part}"
        here = chosen(asked, here[name], id_so_far, slice_name)
    return here, *parted(parts[-1])


def parted(part: str) -> tuple[str, str]:
    """An element's name and its slice; a slice by type is an element of its own in a resource."""
    name, _, slice_name = part.partition(":")
    return (slice_name, "") if name.endswith("[x]") else (name, slice_name)


def change_first(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [change(value[0]), *value[1:]] if isinstance(value, list) else change(value)


def without(*names: str) -> Callable[[Any], Any]:
    return lambda value: {name: one for name, one in value.items() if name not in names}


CODE = {"system": "https://nowhere.example", "code": "no-such-code", "display": "No such code"}


def another_code(value: Any) -> Any:
    if isinstance(value, str):
        return "no-such-code"
    return {**value, "coding": [CODE]} if "coding" in value else {**CODE}


def with_status(code: str) -> Callable[[Any], Any]:
    def change(identifier: Any) -> Any:
        changed = copy.deepcopy(identifier)
        changed["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = code
        return changed

    return change


BREAKS: dict[str, Callable[[Any], Any]] = {
    "pisano-key": lambda one: {**one, "identifier": _emptied(one["identifier"])},
    "pisano-document-key": lambda one: {**one, "masterIdentifier": {"value": "1"}},
    "pisano-identified": lambda one: {**one, "identifier": [{"value": "1"}]},
    "pisano-narrative": lambda one: {**one, "div": one["div"].replace("<p>", "<script>1</script><p>")},
    "pisano-nhs-digits": lambda _: "999 000 0018",
    "pisano-nhs-repeated": lambda _: "9999999999",
    "pisano-nhs-check": lambda _: "9990000019",
    "pisano-status-07": with_status("07"),
    "pisano-traced": without("extension"),
    "pisano-born": without("birthDate"),
    "pisano-named": lambda _: {"use": "official"},
    "pisano-words": lambda one: {"coding": [without("display")(one.get("coding", [CODE])[0])]},
    "pisano-meaning": lambda _: {"coding": [{"display": "Something"}]},
    "pisano-attendee": lambda one: {**one, "participant": one["participant"] * 2},
    "pisano-value": without("valueQuantity", "component"),
    "pisano-unit": without("unit"),
}


def _emptied(identifier: Any) -> Any:
    return [{"value": "1"}] if isinstance(identifier, list) else {"value": "1"}


def broken(asked: Asked) -> Any:
    """The example of the type, breaking this one thing."""
    resource = copy.deepcopy(EXAMPLES[asked.kind])
    if asked.element["id"] == asked.kind:
        assert asked.rule is not None
        return BREAKS[asked.rule["key"]](resource)
    parent, name, slice_name = parent_of(asked, resource)
    if "[x]:" in asked.element["id"] and name not in parent:
        for other in [one for one in parent if one.startswith(asked.element["path"].rpartition(".")[2][:-3])]:
            del parent[other]
        parent[name] = {"start": "2026-01-01", "end": "2026-02-01"}
    match asked.what:
        case "min":
            _take_out(asked, parent, name, slice_name)
        case "max":
            parent[name] = [*parent[name], copy.deepcopy(parent[name][0])]
        case "maxLength":
            parent[name] = "x" * (asked.element["maxLength"] + 1)
        case "binding" if slice_name:
            parent[name] = [another_code(one) for one in parent[name]]
        case "binding":
            parent[name] = change_first(another_code)(parent[name])
        case "target":
            wrong = {"type": "Substance", "identifier": {"system": "https://nowhere.example", "value": "1"}}
            parent[name] = change_first(lambda _: wrong)(parent[name])
        case "constraint":
            assert asked.rule is not None
            parent[name] = change_first(BREAKS[asked.rule["key"]])(parent[name])
    return resource


def _take_out(asked: Asked, parent: Any, name: str, slice_name: str) -> None:
    if slice_name:
        meant = chosen(asked, parent[name], asked.element["id"], slice_name)
        parent[name] = [one for one in parent[name] if one is not meant] or [{"text": "Another"}]
    else:
        del parent[name]


# The discriminator of a slice is there by what a slice is; an empty list or element is refused by its shape.
BY_ITS_SHAPE = {"Patient.identifier:nhsNumber.system",
                "Patient.identifier:nhsNumber.extension:nhsNumberVerificationStatus.url"}  # fmt: skip
ALL = [one for one in everything_asked() if one.element["id"] not in BY_ITS_SHAPE]


@pytest.mark.parametrize("asked", ALL, ids=str)
def test_an_example_that_breaks_one_thing_is_told_so_at_that_element(asked: Asked) -> None:
    level = Level(asked.rule["severity"]) if asked.rule else Level.ERROR
    found = [one for one in issues_of(broken(asked)) if one.level is level]

    element = "".join(f".{parted(part)[0]}" for part in asked.element["id"].split(".")[1:])
    assert found, "nothing was found"
    assert any(_plain(one.path).removeprefix(asked.kind) == element for one in found), [one.path for one in found]
    if asked.rule:
        assert asked.rule["key"] in {one.rule for one in found}


def _plain(path: str) -> str:
    return "".join(part.split("]")[-1] for part in path.split("["))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_is_taken_without_a_word(kind: str) -> None:
    assert issues_of(EXAMPLES[kind]) == []


def test_each_definition_has_an_example_and_asks_for_something() -> None:
    assert {one["type"] for one in STRUCTURES} == set(EXAMPLES) == set(definitions())
    assert {one.kind for one in ALL} == set(EXAMPLES)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_what_is_written_is_fhir_itself(path: Path) -> None:
    written = WRITTEN[path]
    get_fhir_model_class(written["resourceType"]).model_validate(written)
    assert path.stem == f"{written['resourceType']}-{written['id']}"


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda one: one["type"])
def test_what_a_definition_asks_stands_in_the_order_of_its_type(structure: Resource) -> None:
    """No other reader of definitions can make a snapshot of one that does not."""
    elements = [element["id"] for element in structure["differential"]["element"]]
    assert elements == sorted(elements, key=lambda id: place_of(id, elements))


def place_of(id: str, elements: list[str]) -> list[tuple[int, int]]:
    """Where an element of a definition stands: of each part of its path by its type, slices after what they are of."""
    kind, *parts = id.split(".")
    model, place, above = get_fhir_model_class(kind), list[tuple[int, int]](), kind
    for part in parts:
        above = f"{above}.{part}"
        name, _, slice_name = part.partition(":")
        names = [one for one in model.elements_sequence() if one == name or one.startswith(name.removesuffix("[x]"))]
        place.append((model.elements_sequence().index(names[0]), elements.index(above) if slice_name else -1))
        model = type_of(model, names[0])
    return place


def type_of(model: Any, name: str) -> Any:
    """The model of what an element holds, of one that has members of its own."""
    told = next(field.annotation for key, field in model.model_fields.items() if (field.alias or key) == name)
    while kinds := [one for one in getattr(told, "__args__", ()) if one is not type(None)]:
        told = kinds[0]
    return told.get_model_klass() if hasattr(told, "get_model_klass") else None


def test_a_narrative_is_judged_by_its_markup() -> None:
    """FHIR's `htmlChecks` tells of the markup: of the narrative that holds it, every other reader would say no."""
    narratives = [rule for asked in everything_asked() if (rule := asked.rule) and rule["key"] == "pisano-narrative"]
    assert {rule["expression"] for rule in narratives} == {"div.htmlChecks()"}


def test_what_is_asked_of_one_type_of_a_value_leaves_its_other_types_open() -> None:
    """A path that names a type allows no other, as other readers have it."""
    for structure in STRUCTURES:
        model: Any = get_fhir_model_class(structure["type"])
        of_types = {name for names in model.get_one_of_many_fields(None).values() for name in names}
        for element in structure["differential"]["element"]:
            _, _, name = element["path"].rpartition(".")
            assert name not in of_types, element["id"]
            if name.endswith("[x]"):
                assert element.get("slicing", {"rules": "open"})["rules"] == "open"


def test_a_slice_must_be_supported_where_what_it_is_of_must() -> None:
    for structure in STRUCTURES:
        supported = {one["id"]: one.get("mustSupport", False) for one in structure["differential"]["element"]}
        for id in supported:
            whole, _, slice_name = id.rpartition(":")
            assert "." in slice_name or not whole or supported[id] == supported[whole], id


def test_a_required_value_set_is_the_one_of_fhir() -> None:
    """Against the codes that the parser's own models list, as far as they list them."""
    compared = 0
    for structure in STRUCTURES:
        model: Any = get_fhir_model_class(structure["type"])
        listed = {field.alias or name: field.json_schema_extra or {} for name, field in model.model_fields.items()}
        for element in definitions()[structure["type"]].elements:
            codes = listed.get(element.steps[0].name, {}).get("enum_values") if len(element.steps) == 1 else None
            if codes and element.codes:
                ours = {code for _, code in element.codes}
                assert ours >= set(codes) - {"+"}
                assert "+" in codes or ours == set(codes), element.id
                compared += 1
    assert compared > 20


@pytest.mark.parametrize(
    "changed",
    [
        {"maxValueInteger": 3},
        {"constraint": [{"key": "pisano-unheard-of", "severity": "error", "human": "?"}]},
        {"binding": {"strength": "required", "valueSet": "https://nowhere.example"}},
        {"binding": {"strength": "preferred", "valueSet": "http://hl7.org/fhir/ValueSet/flag-status"}},
    ],
)
def test_a_definition_that_says_what_cannot_be_enforced_is_not_read(changed: Resource, tmp_path: Path) -> None:
    for path, written in WRITTEN.items():
        (tmp_path / path.name).write_text(json.dumps(written))
    flag = copy.deepcopy(next(one for one in STRUCTURES if one["type"] == "Flag"))
    flag["differential"]["element"][-1] |= changed
    (tmp_path / "StructureDefinition-Pisano-Flag.json").write_text(json.dumps(flag))
    with pytest.raises(InvalidDefinition):
        definitions(tmp_path)


def test_a_refusal_names_the_codes_that_would_be_taken() -> None:
    weighed = {"resourceType": "Observation", "status": "done", "code": {"text": "Body weight"}}
    told = {issue.rule: issue.text for issue in issues_of(weighed)}
    assert "final, preliminary, registered" in told["Observation.status"]
    assert "laboratory" in told["Observation.category:heading"]
    assert "vital-signs" in told["Observation.category:heading"]
