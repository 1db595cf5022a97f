"""What an entry is made of: the results that a report names, the members of a panel, the basis of a score. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.profiles.rules import listed
from app.vocabulary.statement import Resource

_MADE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "DiagnosticReport": ("result",),
    "Observation": ("hasMember", "derivedFrom"),
    "RiskAssessment": ("basis",),
}

_LONGEST: Final = 19  # digits of a number of an entry, which has 63 bits
_NO_NUMBER: Final = 1 << 63


def sources_of(resource: Resource) -> Iterator[Resource]:
    """The references to what it is made of; none of most."""
    for element in _MADE_OF.get(resource["resourceType"], ()):
        told: Any = resource.get(element)
        yield from told if isinstance(told, list) else ()


def names_of_sources(resource: Resource) -> Iterator[str]:
    """What a stored entry calls that of which it is made, as `names_of` calls it."""
    for source in sources_of(resource):
        yield from _identified(source.get("identifier"))
        if "reference" in source:
            yield source["reference"].partition("/_history/")[0]


def numbers_of_sources(resource: Resource) -> Iterator[int]:
    """The numbers of entries that are held here of which it is made, as far as it says them."""
    for source in sources_of(resource):
        number = source.get("reference", "").partition("/_history/")[0].rpartition("/")[2]
        if number.isascii() and number.isdigit() and len(number) <= _LONGEST and int(number) < _NO_NUMBER:
            yield int(number)


def names_of(number: int, resource: Resource) -> Iterator[str]:
    """What stored entries may call another: of a document also what it is called in all its versions."""
    yield f"{resource['resourceType']}/{number}"
    for identifier in (*listed(resource.get("masterIdentifier")), *listed(resource.get("identifier"))):
        yield from _identified(identifier)


def _identified(identifier: Resource | None) -> Iterator[str]:
    if identifier and "value" in identifier:
        yield f"{identifier.get('system', '')}|{identifier['value']}"
