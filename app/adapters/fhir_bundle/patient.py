"""A Patient as the entries that it states, parted by how much each locates, and ethnicity by itself. Pure.

A Patient is sent whole each time: a part of which it says nothing any more is taken back.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.adapters.elements import ETHNIC_CATEGORY, joined
from app.adapters.fhir_bundle.bundle import Part
from app.adapters.fhir_bundle.keys import PATIENT_KEY
from app.adapters.fhir_bundle.labels import hides_location
from app.adapters.fhir_bundle.preferences import preferences
from app.adapters.fhir_bundle.words import human_name, words
from app.vocabulary.category import Category
from app.vocabulary.contact_point import reached_at
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.statement import Entry, PersonFlag, Resource, Standing

_PARTS: Final = (
    ("address", Category("address"), ("address", "telecom")),
    ("gp-practice", Category("gp-practice"), ("generalPractitioner",)),
    ("contacts", Category("contacts"), ("contact",)),
)
_ELSEWHERE: Final = frozenset({name for *_, names in _PARTS for name in names} | {"link", "text"})
_ABSENT: Final = "Not stated any more"


def entries_of(part: Part, resource: Resource) -> Iterator[Entry]:
    """Identity, and beside it ethnicity, what tells where the person lives, who their GP is, and who is near."""
    contained = {one["id"]: one for one in resource.get("contained", ()) if "id" in one}
    elsewhere = {element: resource[element] for element in _ELSEWHERE if element in resource}
    own = {name: one for name, one in contained.items() if name not in _reached(elsewhere, contained)}
    identity = {name: value for name, value in resource.items() if name not in _ELSEWHERE | {"contained", "extension"}}
    ethnic, others = _extensions(resource)
    identity |= {"extension": others} if others else {}
    own |= _reached(identity, contained)
    yield Entry(
        key=PATIENT_KEY,
        category=Category("demographics"),
        resource={**identity, **_containing(own)},
        title="Personal details",
        detail=preferences(resource),
        line=part.line,
        only_if_new=part.unless is not None,
    )
    yield Entry(
        key=f"{PATIENT_KEY}/ethnicity",
        category=Category("ethnicity"),
        resource={"resourceType": "Patient", **({"extension": ethnic} if ethnic else {})},
        title=joined(words(one.get("valueCodeableConcept")) for one in ethnic) or _ABSENT,
        line=part.line,
        standing=Standing.CURRENT if ethnic else Standing.ENTERED_IN_ERROR,
        only_if_new=part.unless is not None,
    )
    for name, category, elements in _PARTS:
        told = {element: resource[element] for element in elements if element in resource}
        title, detail = _TITLES[name](told) if told else (_ABSENT, "")
        yield Entry(
            key=f"{PATIENT_KEY}/{name}",
            category=category,
            resource={"resourceType": "Patient", **told, **_containing(_reached(told, contained))},
            title=title,
            detail=detail,
            line=part.line,
            sensitivity=Sensitivity.LOCATING,
            standing=Standing.CURRENT if told else Standing.ENTERED_IN_ERROR,
            only_if_new=part.unless is not None,
        )


def flags_of(patient: Resource) -> Iterator[PersonFlag]:
    """What a Patient says that changes what may be shown of everybody's entries; a restriction is never lifted here."""
    if hides_location(patient):
        yield PersonFlag(kind=FlagKind.LOCATION_RESTRICTED, raised=True)
    died = patient.get("deceasedDateTime", patient.get("deceasedBoolean"))
    if died is not None:
        yield PersonFlag(kind=FlagKind.DECEASED, raised=bool(died))


def _extensions(resource: Resource) -> tuple[list[Resource], list[Resource]]:
    """Those that tell of ethnicity, and all others."""
    told: list[Resource] = resource.get("extension", [])
    return [one for one in told if one.get("url") == ETHNIC_CATEGORY], [
        one for one in told if one.get("url") != ETHNIC_CATEGORY
    ]


def _reached(told: Any, contained: Mapping[str, Resource]) -> dict[str, Resource]:
    """Of what the Patient contains, what a part of it refers to, and what that refers to: a practice locates too."""
    reached: dict[str, Resource] = {}
    waiting = list(_referred(told))
    while waiting:
        name = waiting.pop()
        if name in contained and name not in reached:
            reached[name] = contained[name]
            waiting += _referred(contained[name])
    return reached


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        told = value.get("reference")
        if isinstance(told, str) and told.startswith("#"):
            yield told[1:]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from _referred(member)


def _containing(contained: Mapping[str, Resource]) -> Resource:
    return {"contained": list(contained.values())} if contained else {}


def _address(told: Resource) -> tuple[str, str]:
    homes = [one for one in told.get("address", ()) if one.get("use", "home") == "home"]
    home = homes[0] if homes else {}
    lines = home.get("text") or joined([*home.get("line", ()), home.get("city"), home.get("postalCode")])
    return (f"Lives at {lines}" if lines else "Address and telephone"), reached_at(told.get("telecom", ()))


def _practice(told: Resource) -> tuple[str, str]:
    names = joined(one.get("display") for one in told["generalPractitioner"])
    return (f"Registered with {names}" if names else "GP practice"), ""


def _contacts(told: Resource) -> tuple[str, str]:
    each = (
        joined([human_name(one.get("name", {})), joined(words(kind) for kind in one.get("relationship", ()))], ": ")
        for one in told["contact"]
    )
    telephones = reached_at(point for one in told["contact"] for point in one.get("telecom", ()))
    return joined(each, "; ") or "Contact", telephones


_TITLES: Final = {"address": _address, "gp-practice": _practice, "contacts": _contacts}
