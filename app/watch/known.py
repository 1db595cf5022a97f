"""What is known of people and staff beside the trail, as far as an act's oddness hangs on it. Pure values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from app.sharing.facts import Account, Relationship
from app.vocabulary.ods_code import OdsCode


class Home(NamedTuple):
    """What partners state of somebody's name and home: folded family names, UPRNs, postcodes."""

    families: frozenset[str] = frozenset()
    buildings: frozenset[str] = frozenset()
    postcodes: frozenset[str] = frozenset()

    def is_near(self, other: "Home") -> bool:
        """Whether some partner states the same building or postcode of both."""
        return bool(self.buildings & other.buildings or self.postcodes & other.postcodes)

    def is_family(self, other: "Home") -> bool:
        """Whether a name and a place are the same."""
        return bool(self.families & other.families) and self.is_near(other)


class Employee(NamedTuple):
    """A member of staff as a person: whose record is theirs, and for whom they work."""

    person: UUID
    organisation: OdsCode


class Duty(NamedTuple):
    """One shift, [starts, ends) in UTC."""

    starts: datetime
    ends: datetime


class Places(NamedTuple):
    """Where somebody stands among everyone of the place: by NHS number, and by name."""

    number: int
    name: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """All of it; what is not there is not known, and nothing is odd by it.

    `relationships` are those of looked-at people that touch the fortnight before or after; `standing` the kinds that
    last for years and explain no look of a certain day, `claimed` those that whoever looks states themselves.
    """

    staff: Mapping[Account, Employee] = field(default_factory=dict)
    homes: Mapping[UUID, Home] = field(default_factory=dict)
    in_the_news: frozenset[UUID] = frozenset()
    relationships: Mapping[UUID, Sequence[Relationship]] = field(default_factory=dict)
    standing: frozenset[str] = frozenset({"registration", "tenancy"})
    claimed: frozenset[str] = frozenset({"claimed"})
    duties: Mapping[Account, Sequence[Duty]] = field(default_factory=dict)
    places: Mapping[UUID, Places] = field(default_factory=dict)

    @cached_property
    def workplaces(self) -> Mapping[UUID, frozenset[OdsCode]]:
        """For whom each member of staff works, by their own account or accounts."""
        found: dict[UUID, frozenset[OdsCode]] = {}
        for each in self.staff.values():
            found[each.person] = found.get(each.person, frozenset()) | {each.organisation}
        return found
