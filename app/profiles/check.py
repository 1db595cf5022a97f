"""What a definition finds wrong with a resource whose shape is sound. Pure, and once a resource."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from app.profiles.definitions import Codes, Element, Slice, Step, definitions
from app.profiles.issue import Issue, Level, error
from app.profiles.narrative import is_harmless
from app.profiles.rules import RULES, Keeps, listed
from app.profiles.structure import broken_rules, is_surely_sound, structure_issues, structure_of

SUPPORTING = frozenset(
    {"HealthcareService", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole", "Specimen",
     "Device"}
)  # fmt: skip
"""Types that are about nobody: they are kept inside whatever refers to them."""

CARRIERS = frozenset({"Binary", "MessageHeader"})
"""What comes with a bundle and is nobody's entry: a document, and the envelope of a message."""


_MOST_LISTED: Final = 30
"""Codes that a refusal names: more than most value sets have."""


class _Node(NamedTuple):
    """An element that is there, and where."""

    value: Any
    path: str


def load() -> None:
    """Make ready whatever is checked against: half a second once, which the first push would wait for otherwise.

    Raises `InvalidDefinition`.
    """
    for kind in (*definitions(), *SUPPORTING, *CARRIERS):
        structure_of(kind)


def is_known(kind: str) -> bool:
    """Whether resources of a type are taken at all."""
    return kind in definitions() or kind in SUPPORTING or kind in CARRIERS


def issues_of(resource: dict[str, Any]) -> list[Issue]:
    """All that is wrong with one resource; of one whose shape is wrong, the shape alone."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return [error("structure", "resource-type", "", "this is no FHIR resource: it has no `resourceType`")]
    if not is_known(kind):
        return [error("not-supported", "resource-type", "", "resources of this type are not taken; see /metadata")]
    is_sure = is_surely_sound(resource)
    if not is_sure and (wrong := structure_issues(resource)):
        return wrong
    found = list(_breaches(resource, kind)) if kind in definitions() else []
    if not is_sure:
        told = {(issue.code, issue.path) for issue in found if issue.code == "code-invalid"}
        found += [issue for issue in broken_rules(resource) if (issue.code, issue.path) not in told]
    return [*found, *_narratives_within(resource)]


def _breaches(resource: dict[str, Any], kind: str) -> Iterator[Issue]:
    always, by_name = _kept_by(kind)
    broken = [element for element, is_kept in always if not is_kept(resource)]
    for name in by_name.keys() & resource.keys():
        broken += [element for element, is_kept in by_name[name] if not is_kept(resource)]
    if broken:
        told = {element.id for element in broken}
        for element in definitions()[kind].elements:
            if element.id in told:
                yield from _of_element(resource, kind, element)


_Kept = tuple[tuple[Element, Keeps], ...]


@cache
def _kept_by(kind: str) -> tuple[_Kept, Mapping[str, _Kept]]:
    """Elements that a type's definition speaks of, and whether a resource keeps each, told without any path.

    Those that its absence tells of first; the others by the member of the resource in which each stands.
    """
    kept = [(element, _keeping(element)) for element in definitions()[kind].elements]
    always = tuple(one for one in kept if one[0].least_of_root or not one[0].first)
    by_name: dict[str, _Kept] = {}
    for one in kept:
        if one not in always:
            by_name[one[0].first] = (*by_name.get(one[0].first, ()), one)
    return always, by_name


def _keeping(element: Element) -> Keeps:
    demands = [demand.holds for demand in _demands(element)]
    is_kept = demands[0] if len(demands) == 1 else _all_of(demands)
    if element.steps:
        *above, last = element.steps
        is_kept = _in_each(last, is_kept, least=element.least, most=element.most)
        for step in reversed(above):
            is_kept = _in_each(step, is_kept)
    return is_kept


def _all_of(demands: list[Keeps]) -> Keeps:
    return lambda value: all(demand(value) for demand in demands)


def _in_each(step: Step, is_kept: Keeps, *, least: int = 0, most: int | None = None) -> Keeps:
    name, among = step.name, step.among

    def is_kept_within(parent: Any) -> bool:
        value = parent.get(name) if type(parent) is dict else None
        if value is None:
            return least == 0
        found = value if type(value) is list else (value,)
        if among is not None or None in found:
            found = [one for one in found if _is_meant(one, step)]
        return least <= len(found) and (most is None or len(found) <= most) and all(map(is_kept, found))

    return is_kept_within


def _is_meant(value: Any, step: Step) -> bool:
    return value is not None and (step.among is None or _belongs(value, step.among))


def _of_element(resource: dict[str, Any], kind: str, element: Element) -> Iterator[Issue]:
    *above, last = element.steps or (None,)
    root = _Node(resource, kind)
    if last is None:
        yield from _of_node(root, element)
        return
    for parent in _along(root, above) if above else (root,):
        found = list(_children(parent, last))
        path = f"{parent.path}.{last.name}"
        if len(found) < element.least:
            yield error("required", element.id, path, f"this element is required here, and is missing{_meant(last)}")
        if element.most is not None and len(found) > element.most:
            yield error("structure", element.id, path, f"this element may be here at most {element.most} times")
        for node in found:
            yield from _of_node(node, element)


def _along(root: _Node, steps: list[Step]) -> Iterator[_Node]:
    if not steps:
        yield root
        return
    for child in _children(root, steps[0]):
        yield from _along(child, steps[1:])


def _children(parent: _Node, step: Step) -> Iterator[_Node]:
    value = parent.value.get(step.name) if isinstance(parent.value, dict) else None
    repeats = isinstance(value, list)
    for place, one in enumerate(listed(value)):
        if _is_meant(one, step):
            yield _Node(one, f"{parent.path}.{step.name}" + (f"[{place}]" if repeats else ""))


def _belongs(value: Any, among: Slice) -> bool:
    return _is_coded(value, among.codes) if among.by == "$this" else value.get(among.by) == among.value


def _meant(step: Step) -> str:
    """Which of several an element has to be, for whoever left that one out."""
    if step.among is None:
        return ""
    if step.among.by == "$this":
        return f": one that says {_listed(step.among.codes)}"
    return f": one whose {step.among.by} is {step.among.value}"


def _listed(codes: Codes) -> str:
    """Codes as a sender reads them; of many, the first."""
    told = sorted(code for _, code in codes)
    return ", ".join(told[:_MOST_LISTED]) + (", …" if len(told) > _MOST_LISTED else "")


def _is_coded(value: Any, codes: Codes) -> bool:
    """Whether a code, a Coding or a CodeableConcept is one of these; a bare code names no system."""
    if isinstance(value, str):
        return any(value == code for _, code in codes)
    return any((one.get("system"), one.get("code")) in codes for one in value.get("coding", (value,)))


class _Demand(NamedTuple):
    """What is asked of each value of an element, and what is told of one that does not keep it."""

    holds: Keeps
    code: str
    rule: str
    text: str
    level: Level = Level.ERROR


def _of_node(node: _Node, element: Element) -> Iterator[Issue]:
    for holds, code, rule, text, level in _demands(element):
        if not holds(node.value):
            yield Issue(level=level, code=code, rule=rule, path=node.path, text=text)


def _demands(element: Element) -> Iterator[_Demand]:
    codes, pattern, longest, targets = element.codes, element.pattern, element.longest, element.targets
    if codes is not None:
        text = f"this is none of the codes that are required here: {_listed(codes)}"
        yield _Demand(lambda value: _is_coded(value, codes), "code-invalid", element.id, text)
    if pattern is not None:
        yield _Demand(lambda value: bool(value == pattern), "value", element.id, f"this must be {pattern}")
    if longest is not None:
        text = f"this is longer than {longest} characters"
        yield _Demand(lambda value: len(value) <= longest, "too-long", element.id, text)
    if targets:
        text = f"this must refer to one of: {', '.join(sorted(targets))}"
        yield _Demand(lambda value: _leads_to(value, targets), "value", element.id, text)
    for key, level, words in element.rules:
        yield _Demand(RULES[key], "invariant", key, words, level)


def _leads_to(reference: dict[str, Any], targets: frozenset[str]) -> bool:
    """Whether a reference leads to one of some types, as far as it says; whoever resolves it knows the rest."""
    kind = reference.get("type")
    if kind is not None:
        return kind in targets
    told = reference.get("reference", "")
    if told.startswith(("#", "urn:")) or not told:
        return True
    named = told.split("?", 1)[0].split("/_history/", 1)[0].split("/")
    return named[-2] in targets if "?" not in told and len(named) > 1 else named[-1] in targets


def _narratives_within(resource: dict[str, Any]) -> Iterator[Issue]:
    """Narratives that no definition speaks of: of what it contains, and of what is about nobody."""
    if (
        resource["resourceType"] not in definitions()
        and "text" in resource
        and not is_harmless(resource["text"].get("div"))
    ):
        path = f"{resource['resourceType']}.text"
        yield error("invariant", "pisano-narrative", path, "the narrative is not the basic HTML that FHIR allows")
    for place, one in enumerate(resource.get("contained", ())):
        if "text" in one and not is_harmless(one["text"].get("div")):
            path = f"{resource['resourceType']}.contained[{place}].text"
            yield error("invariant", "pisano-narrative", path, "the narrative of a contained resource is not harmless")


def refused(issues: list[Issue]) -> bool:
    """Whether any of these refuses."""
    return any(one.level is Level.ERROR for one in issues)
