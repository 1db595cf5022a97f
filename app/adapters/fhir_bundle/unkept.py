"""What of a resource is not kept, told to its sender: nothing is dropped in silence. Pure.

What FHIR lets a server give is no loss: the id, and of `meta` the version and when it was stored. `meta.security` is
heeded where it asks for more care.
"""

from collections.abc import Iterator
from typing import Final

from app.profiles.issue import Issue, Level
from app.vocabulary.statement import Resource

_META_KEPT_OR_GIVEN: Final = frozenset({"profile", "tag", "security", "versionId", "lastUpdated"})
_OF_A_CONTAINED_PATIENT: Final = frozenset(
    {"resourceType", "id", "meta", "identifier", "name", "birthDate", "gender", "active"}
)


def unkept(resource: Resource) -> Iterator[Issue]:
    """A warning for each part that is left out of what is stored."""
    kind = resource["resourceType"]
    if not resource.get("meta", {}).keys() <= _META_KEPT_OR_GIVEN:
        yield _warning(f"{kind}.meta", "of `meta` only profiles and tags are kept; say the rest in elements")
    if kind == "Patient" and "link" in resource:
        yield _warning("Patient.link", "links to other patients are not kept: who is the same person is decided here")
    if kind == "Patient" and "text" in resource:
        text = "a Patient's narrative is not kept, as it cannot be parted from where they live; say it in elements"
        yield _warning("Patient.text", text)
    for place, one in enumerate(resource.get("contained", ())):
        if one.get("resourceType") == "Patient" and not one.keys() <= _OF_A_CONTAINED_PATIENT:
            text = "a contained Patient only says whom this is about; send a Patient by itself to have it kept"
            yield _warning(f"{kind}.contained[{place}]", text)


def _warning(path: str, text: str) -> Issue:
    return Issue(level=Level.WARNING, code="business-rule", rule="not-kept", path=path, text=text)
