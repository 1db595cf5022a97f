"""Where references lead: within the bundle, within the resource, to what is held here, or elsewhere. Pure.

What is stored must lead somewhere when it is read: a reference to another entry of the bundle becomes one by business
identifier; what is about nobody (a practice, a ward) is kept inside whatever refers to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.adapters.fhir_bundle.bundle import Part
from app.adapters.fhir_bundle.keys import identifier_of
from app.profiles.check import SUPPORTING
from app.profiles.issue import Issue, error
from app.vocabulary.statement import Resource, Subject

_OURS: Final = re.compile(
    r"(?:https?://[^?#]*/fhir/R4/)?([A-Z][A-Za-z]+)/([0-9]{1,19}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?:/_history/[0-9]+)?"
)
_CONDITIONAL: Final = re.compile(r"([A-Z][A-Za-z]+)\?identifier=([^|&]+)\|([^&]+)")
_NESTED: Final = frozenset({dict, list})
_REFUSED: Final = "a reference leads to an entry that is refused; mend that one"
_NOWHERE: Final = "a reference leads nowhere: neither into the bundle, nor to what is held here"
_ABSOLUTE: Final = re.compile(r"https?://.+")


class Directory:
    """The entries of one bundle, by whatever a reference may call them.

    `subjects` are its Patients by their lines, each read once, as most entries are about one of them. Nothing leads to
    what is `refused`, which is known so that whoever refers to it is told why.
    """

    def __init__(self, parts: Sequence[Part], refused: Sequence[Part] = ()) -> None:
        self._refused = Directory(refused) if refused else None
        self.subjects: dict[int, Subject] = {}
        self._by_address: dict[str, Part] = {}
        self._by_id: dict[str, list[Part]] = {}
        self._patients: dict[tuple[str, str], list[Part]] = {}
        for part in parts:
            if part.resource is None:
                continue
            if part.full_url:
                self._by_address[part.full_url] = part
            if "id" in part.resource:
                self._by_id.setdefault(f"{part.type}/{part.resource['id']}", []).append(part)
            for one in part.resource.get("identifier", ()) if part.type == "Patient" else ():
                self._patients.setdefault((one.get("system", ""), one.get("value", "")), []).append(part)

    def find(self, told: str, full_url: str) -> Part | None:
        """The entry to which a reference leads in the entry of a `full_url` (FHIR R4, Bundle §Resolving references).

        Servers of two partners may give one id to two people: an absolute address is another server's where the
        entry's is absolute too, and what several are called leads to none of them.
        """
        told = told.split("/_history/", 1)[0]
        is_absolute = _ABSOLUTE.fullmatch(told) is not None
        name = "/".join(told.rsplit("/", 2)[-2:])
        if not is_absolute and _ABSOLUTE.fullmatch(full_url):
            told = "/".join([*full_url.split("/")[:-2], name])
        if found := self._by_address.get(told):
            return found
        called = [one for one in self._by_id.get(name, ()) if not (is_absolute and _ABSOLUTE.fullmatch(one.full_url))]
        return called[0] if len(called) == 1 else None

    def refuses(self, told: str, full_url: str) -> bool:
        """Whether a reference leads to an entry that is refused."""
        return self._refused is not None and self._refused.find(told, full_url) is not None

    def patients(self, system: str, value: str) -> Sequence[Part]:
        """The Patients of the bundle that have an identifier."""
        return self._patients.get((system, value), ())


@dataclass(frozen=True, slots=True)
class HeldResource:
    """A resource that is said to be held here: its type, and the id that it was given here."""

    type: str
    id: str


def held_here(told: str) -> HeldResource | None:
    """What a reference of the shape that we give out names; whether it is there is for whoever holds it to say."""
    found = _OURS.fullmatch(told)
    return HeldResource(found[1], found[2]) if found else None


@dataclass(slots=True)
class Rewriting:
    """One resource on its way from the bundle's references to ones that last.

    `person` are the entries (by line) and contained Patients (by id) that are the subject: a reference to another
    person is refused.
    `documents` are the entries whose content is kept with it.
    """

    directory: Directory
    path: str
    full_url: str
    contained: dict[str, Resource]
    person: frozenset[int | str] = frozenset()
    issues: list[Issue] = field(default_factory=list)
    held: list[HeldResource] = field(default_factory=list)
    taken_in: dict[int, str] = field(default_factory=dict)
    documents: set[int] = field(default_factory=set)

    def rewrite(self, value: Any) -> Any:
        """The same value, whose references last; what is wrong with any is in `issues`."""
        if isinstance(value, dict):
            self.refuse_modifiers(value)
            if isinstance(value.get("reference"), str):
                return self._reference(value)
            return {name: self.rewrite(member) if type(member) in _NESTED else member for name, member in value.items()}
        return [self.rewrite(one) if type(one) in _NESTED else one for one in value] if type(value) is list else value

    def refuse_modifiers(self, value: Resource) -> None:
        """An element that could turn the meaning of what holds it round is not taken, as nothing here heeds it."""
        if "modifierExtension" in value or "implicitRules" in value:
            text = "it holds a modifier, which could turn its meaning round; modifiers are not taken"
            self.issues.append(error("extension", "modifier", self.path, text))
        if value.get("doNotPerform") is True:
            text = "what is not to be done would be read here as to be done; say it as an alert (Flag)"
            self.issues.append(error("business-rule", "modifier", f"{self.path}.doNotPerform", text))

    def _reference(self, reference: Resource) -> Resource:
        told = reference["reference"]
        if told.startswith("#"):
            return self._inward(reference, told[1:])
        part = self.directory.find(told, self.full_url)
        if part is not None:
            return self._to_part(reference, part)
        if held := held_here(told):
            self.held.append(held)
            return {**reference, "reference": f"{held.type}/{held.id}"}
        if found := _CONDITIONAL.fullmatch(told):
            return _by_identifier(reference, found[1], {"system": found[2], "value": found[3]})
        if not _ABSOLUTE.fullmatch(told):
            self._leads_nowhere(_REFUSED if self.directory.refuses(told, self.full_url) else _NOWHERE)
        return reference

    def _inward(self, reference: Resource, name: str) -> Resource:
        if name and name not in self.contained:
            self._leads_nowhere()
        elif name and self.contained[name]["resourceType"] == "Patient":
            return self._to_patient(reference, name)
        return reference

    def _to_part(self, reference: Resource, part: Part) -> Resource:
        assert part.resource is not None  # noqa: S101  # as the directory holds no others
        if part.type == "Patient":
            return self._to_patient(reference, part.line)
        if part.type in SUPPORTING:
            return {**reference, "reference": f"#{self._take_in(part)}"}
        identifier = identifier_of(part.resource)
        if identifier is None:
            self._leads_nowhere()
            return reference
        return _by_identifier(reference, part.type, identifier)

    def _to_patient(self, reference: Resource, which: int | str) -> Resource:
        if which not in self.person:
            text = "this refers to another person than the resource is about; send what is about each by itself"
            self.issues.append(error("business-rule", "two-people", self.path, text))
        return {"type": "Patient", "display": reference.get("display", "The person whom this is about")}

    def _take_in(self, part: Part) -> str:
        assert part.resource is not None  # noqa: S101  # as above
        if part.line not in self.taken_in:
            if "contained" in part.resource:
                text = "what is about nobody may contain nothing; send what it contains as entries of the bundle"
                self.issues.append(error("not-supported", "contained", f"Bundle.entry[{part.line - 1}].resource", text))
            name = self.taken_in[part.line] = f"pisano-{len(self.taken_in) + 1}"
            inner = {name: one for name, one in part.resource.items() if name not in ("id", "meta", "contained")}
            self.contained[name] = {**self.rewrite(inner), "id": name}
        return self.taken_in[part.line]

    def _leads_nowhere(self, text: str = _NOWHERE) -> None:
        if not any(one.rule == "reference" for one in self.issues):
            self.issues.append(error("not-found", "reference", self.path, text))


def contained_in(resource: Mapping[str, Any]) -> dict[str, Resource]:
    """What a resource contains, by id."""
    return {one["id"]: one for one in resource.get("contained", ()) if "id" in one}


def _by_identifier(reference: Resource, kind: str, identifier: Resource) -> Resource:
    kept = {name: value for name, value in reference.items() if name in ("display", "extension")}
    return {"type": kind, "identifier": identifier, **kept}
