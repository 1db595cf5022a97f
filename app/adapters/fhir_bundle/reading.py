"""A whole bundle: checked against our profiles, told apart by person, and said as statements. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.adapters.discretion import strictest
from app.adapters.fhir_bundle.bundle import Bundle, Kind, Method, Part
from app.adapters.fhir_bundle.entries import Unfit, entries_of
from app.adapters.fhir_bundle.keys import key_of
from app.adapters.fhir_bundle.labels import HEADINGS
from app.adapters.fhir_bundle.patient import flags_of
from app.adapters.fhir_bundle.references import Directory, HeldResource, Rewriting
from app.adapters.fhir_bundle.relating import relationship_of
from app.adapters.fhir_bundle.subjects import Nobody, subject_of
from app.adapters.fhir_bundle.unkept import unkept
from app.profiles.check import CARRIERS, SUPPORTING, issues_of, refused
from app.profiles.issue import Issue, Level, error
from app.record.kept.derived import sources_of
from app.vocabulary.flag import FlagKind
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, PersonFlag, Relationship, Resource, Retraction, Statement, Subject


@dataclass(slots=True)
class ReadPart:
    """What one entry of a bundle came to. `key` is of its first entry; `None` for what is kept inside another."""

    part: Part
    issues: list[Issue] = field(default_factory=list)
    key: str | None = None
    subject: Subject | None = None
    entries: tuple[Entry, ...] = ()
    flags: tuple[PersonFlag, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    retraction: Retraction | None = None
    held: tuple[HeldResource, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing is done with it."""
        return bool(self.issues) and any(one.level is Level.ERROR for one in self.issues)


@dataclass(frozen=True, slots=True)
class ReadBundle:
    """Each entry of a bundle, in its order, by its position from 1."""

    kind: Kind
    told: Mapping[int, ReadPart]

    @property
    def refused(self) -> bool:
        """Whether the whole is refused: one wrong entry refuses all, but in a batch."""
        return self.kind is not Kind.BATCH and any(one.refused for one in self.told.values())

    def statements(self) -> Iterator[Statement | Retraction]:
        """What is said, person by person; nothing of what is refused."""
        by_subject: dict[Subject, list[ReadPart]] = {}
        for one in self.told.values() if not self.refused else ():
            if one.refused:
                continue
            if one.retraction is not None:
                yield one.retraction
            elif one.subject is not None:
                by_subject.setdefault(one.subject, []).append(one)
        for subject, about in by_subject.items():
            yield Statement(
                subject=subject,
                line=about[0].part.line,
                entries=tuple(entry for one in about for entry in one.entries),
                flags=tuple(dict.fromkeys(flag for one in about for flag in one.flags)),
                relationships=tuple(each for one in about for each in one.relationships),
            )


def read(bundle: Bundle, sender: OdsCode | None = None) -> ReadBundle:
    """Say what a bundle says; what it says of care that the `sender` gives is a relationship of theirs."""
    told = {part.line: ReadPart(part, _checked(part)) for part in bundle.parts}
    unfit = [one.part for one in told.values() if one.refused]
    directory = Directory([one.part for one in told.values() if not one.refused], refused=unfit)
    rewritings = [rewriting for one in told.values() if (rewriting := _tell(one, directory)) is not None]
    for line, issue in bundle.wrong.items():
        told.setdefault(line, ReadPart(Part(line=line, type="", resource=None))).issues.append(issue)
    _heed_sources(told, directory)
    _refuse_same_key(told.values())
    _warn_of_unused(told, rewritings)
    for one in told.values():
        one.relationships = tuple(filter(None, (relationship_of(entry, sender) for entry in one.entries)))
    return ReadBundle(bundle.kind, dict(sorted(told.items())))


def _checked(part: Part) -> list[Issue]:
    if part.resource is None:
        return []
    place = f"Bundle.entry[{part.line - 1}].resource"
    issues = issues_of(part.resource)
    told = issues if refused(issues) else [*issues, *unkept(part.resource)]
    return [replace(issue, path=_placed(issue.path, part.type, place)) for issue in told]


def _tell(one: ReadPart, directory: Directory) -> Rewriting | None:
    part = one.part
    if part.resource is None:
        _take_back(one)
        return None
    if one.refused or part.type in SUPPORTING or part.type in CARRIERS:
        return None
    place = f"Bundle.entry[{part.line - 1}].resource"
    one.key = key_of(part)
    if one.key is None:
        text = "the resource does not hold the identifier that the request names"
        one.issues.append(error("value", "condition", f"{place}.identifier", text))
        return None
    return _state(one, one.key, directory, place)


def _state(one: ReadPart, key: str, directory: Directory, place: str) -> Rewriting | None:
    resource = one.part.resource
    assert resource is not None  # noqa: S101  # as whoever asks has seen
    try:
        one.subject, person = subject_of(one.part, directory)
        entries, rewriting = entries_of(one.part, key, directory, person)
    except Nobody as why:
        one.issues.append(error("not-found", "subject", place, str(why)))
        return None
    except Unfit as unfit:
        one.issues += unfit.issues
        return None
    one.entries, one.held = tuple(entries), tuple(rewriting.held)
    one.flags = tuple(flags_of(resource) if one.part.type == "Patient" else _dissent(resource))
    return rewriting


def _heed_sources(told: Mapping[int, ReadPart], directory: Directory) -> None:
    """Let what is made of other entries of the bundle ask for as much care as they do: it says what they say."""
    made_of = {line: lines for line, one in told.items() if (lines := _sources(one.part, directory))}
    for line in made_of:
        reached: set[int] = set()
        waiting = list(made_of[line])
        while waiting:
            if (source := waiting.pop()) not in reached:
                reached.add(source)
                waiting += made_of.get(source, ())
        sources = [entry for each in sorted(reached - {line}) for entry in told[each].entries]
        told[line].entries = tuple(_as_careful(entry, sources) for entry in told[line].entries)


def _sources(part: Part, directory: Directory) -> list[int]:
    told = sources_of(part.resource) if part.resource is not None else ()
    found = (directory.find(str(one.get("reference", "")), part.full_url) for one in told)
    return [source.line for source in found if source is not None]


def _as_careful(entry: Entry, sources: Sequence[Entry]) -> Entry:
    asked = strictest(entry.sensitivity, *(one.sensitivity for one in sources))
    return replace(entry, sensitivity=asked, derived_from=tuple(one.resource for one in sources))


def _take_back(one: ReadPart) -> None:
    part = one.part
    if part.type not in HEADINGS:
        one.issues.append(error("not-supported", "resource-type", "", "resources of this type are not held"))
    elif part.condition is not None and part.type == "Patient":
        text = "a Patient is taken back by its id, so that no NHS number need stand in an address"
        one.issues.append(error("not-supported", "condition", "", text))
    elif part.method is Method.DELETE:
        one.key = key_of(part) if part.condition else None
        one.retraction = Retraction(line=part.line, key=one.key, number=_number(part.id))


def _number(id_: str | None) -> int | None:
    return int(id_) if id_ is not None and id_.isascii() and id_.isdigit() and len(id_) < 20 else None


def _dissent(resource: Resource) -> Iterator[PersonFlag]:
    """A person's refusal to have this partner's entries shared, as far as a Consent says it."""
    if resource["resourceType"] != "Consent" or resource["status"] != "active":
        return
    scope = {one.get("code") for one in resource["scope"].get("coding", ())}
    provision = resource.get("provision", {})
    if "patient-privacy" in scope:
        nested = [provision, *provision.get("provision", ())]
        if any(one.get("type") == "deny" for one in nested):  # told in part, it counts whole: nothing is guessed
            yield PersonFlag(kind=FlagKind.DISSENT, raised=True)
        elif provision.get("type") == "permit":
            yield PersonFlag(kind=FlagKind.DISSENT, raised=False)


def _placed(path: str, kind: str, place: str) -> str:
    return place + path.removeprefix(kind) if path.startswith(kind) else place


def _refuse_same_key(told: Iterable[ReadPart]) -> None:
    seen: set[tuple[Subject | None, str]] = set()
    for one in told:
        if one.key is None:
            continue
        if (one.subject, one.key) in seen:
            path = f"Bundle.entry[{one.part.line - 1}].resource.identifier"
            one.issues.append(error("duplicate", "same-identifier", path, "two entries have this business identifier"))
        seen.add((one.subject, one.key))


def _warn_of_unused(told: Mapping[int, ReadPart], rewritings: list[Rewriting]) -> None:
    used = {line for one in rewritings for line in (*one.taken_in, *one.documents)}
    for line, one in told.items():
        if one.part.type in (*SUPPORTING, "Binary") and line not in used and not one.refused:
            path, text = f"Bundle.entry[{line - 1}].resource", "nothing that is kept refers to this, so it is not kept"
            one.issues.append(Issue(level=Level.WARNING, code="business-rule", rule="unused", path=path, text=text))
