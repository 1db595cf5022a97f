"""What a system may do with which resources: `system/` scopes of SMART App Launch 2, without search parameters."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

EVERY: Final = "*"
_INTERACTIONS: Final = "cruds"  # create, read, update, delete, search: in this order, as the standard asks
_SHAPE: Final = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,62})\.(?=[cruds])(c?r?u?d?s?)")


@dataclass(frozen=True, slots=True)
class Scopes:
    """Interactions by resource type, `*` standing for every type; those of `*` are not repeated under a type."""

    granted: Mapping[str, frozenset[str]]

    @classmethod
    def parse(cls, text: str) -> "Scopes":
        """Read scopes that spaces part; raises `ValueError` for one of another shape."""
        read: dict[str, frozenset[str]] = {}
        for scope in text.split(" ") if text else ():
            shape = _SHAPE.fullmatch(scope)
            if shape is None:
                raise ValueError("a scope is `system/`, a resource type or `*`, a dot, and some of `cruds` in order")
            resource, interactions = shape.groups()
            read[resource] = read.get(resource, frozenset()) | frozenset(interactions)
        return cls(_shortest(read))

    def of(self, resource: str) -> frozenset[str]:
        """The interactions with one resource type."""
        return self.granted.get(resource, frozenset()) | self.granted.get(EVERY, frozenset())

    def permit(self, resource: str, interactions: Iterable[str]) -> bool:
        """Whether each of these interactions with a resource type is granted; for `*`, with every type."""
        return self.of(resource).issuperset(interactions)

    def __and__(self, other: "Scopes") -> "Scopes":
        return Scopes(_shortest({name: self.of(name) & other.of(name) for name in {*self.granted, *other.granted}}))

    def __bool__(self) -> bool:
        return bool(self.granted)

    def __str__(self) -> str:
        return " ".join(self._written())

    def _written(self) -> Iterator[str]:
        for resource, interactions in sorted(self.granted.items()):
            yield f"system/{resource}.{''.join(one for one in _INTERACTIONS if one in interactions)}"


def _shortest(read: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    everywhere = read.get(EVERY, frozenset())
    return {
        resource: interactions
        for resource, interactions in read.items()
        if interactions and (resource == EVERY or not interactions <= everywhere)
    }
