"""What may be odd about how somebody looks, and how that is explained to whoever looks into it. Pure.

What is said holds figures and opaque ids alone: an alert is read by more people than a record is.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from importlib import resources
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from app.sharing.facts import Account
from app.vocabulary.ods_code import OdsCode

_OURS: Final = UUID("6a1de0a4-6f8e-4f9c-9a0a-3f3f5b0a1c57")
ONE_MATTER: Final = timedelta(days=28)
"""For how long looks of one account at one person are told once: whoever looks into it sees them all."""
MOST_EVENTS: Final = 20
"""Of the trail's, that a finding names: whoever looks into it reads on from there."""


class Sign(StrEnum):
    """The kinds of alert; the text of each is in `signs.toml`."""

    SELF = "self"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    COLLEAGUE = "colleague"
    NEWS = "news"
    NO_RELATIONSHIP = "no-relationship"
    VOLUME = "volume"
    OUT_OF_SHIFT = "out-of-shift"
    EMERGENCY_RATE = "emergency-rate"
    IN_ORDER = "in-order"
    SEARCHING = "searching"
    EXPORTS = "exports"


class Rank(StrEnum):
    """When an alert is to be looked at: at once, or with the weekly report."""

    TODAY = "today"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sign in one London day of one account; `events` are in the trail, `figures` what was counted.

    `lessened` says why it is weaker than others of its sign, a name of `lessened.toml`: care, say, would explain it.
    """

    sign: Sign
    actor: Account
    organisation: OdsCode
    on: date
    events: tuple[str, ...]
    person: UUID | None = None
    figures: Mapping[str, int | str]
    lessened: str = ""

    @property
    def rank(self) -> Rank:
        """A weaker one can wait for the week."""
        return Rank.WEEKLY if self.lessened else Rank.TODAY

    @property
    def id(self) -> UUID:
        """The same however often the day is watched, so that nothing is alerted twice."""
        return uuid5(_OURS, "|".join((self.sign, *self.actor, str(self.person or ""), str(self.on))))

    @property
    def matter(self) -> "Matter":
        """What it is one more day of."""
        return Matter(self.sign, self.actor, self.person)


class Explanation(NamedTuple):
    """What is said of a finding: what was seen, why it is odd, and what is often innocent about it."""

    title: str
    seen: str
    odd: str
    innocent: str


_LESSENED: Final[Mapping[str, str]] = tomllib.loads(
    resources.files("app.watch").joinpath("lessened.toml").read_text("utf-8")
)
_TEXTS: Final = {
    Sign(name): Explanation(**said)
    for name, said in tomllib.loads(resources.files("app.watch").joinpath("signs.toml").read_text("utf-8")).items()
}


def explained(sign: Sign, evidence: Mapping[str, Any]) -> Explanation:
    """The explanation of an alert by its evidence; raises `KeyError` where a figure is missing that its sign tells."""
    text, lessened = _TEXTS[sign], evidence.get("lessened", "")
    innocent = f"{text.innocent}\n{_LESSENED[lessened]}" if lessened else text.innocent
    return text._replace(seen=text.seen.format_map(evidence["figures"]), innocent=innocent)


def rank_of(evidence: Mapping[str, Any] | None) -> Rank:
    """When an alert is to be looked at; at once, where nothing else was said of it."""
    return Rank((evidence or {}).get("rank", Rank.TODAY))


def explained_title(sign: Sign) -> str:
    """What an alert of a kind is called."""
    return _TEXTS[sign].title


class Matter(NamedTuple):
    """What one account does again and again with one person is one matter."""

    sign: Sign
    actor: Account
    person: UUID | None


def weighed(found: Iterable[Finding], told: Mapping[Matter, date]) -> list[Finding]:
    """Those that are weaker by themselves are so no longer where another sign is of the same account and day.

    `told` holds the last day of each matter that was told before.
    """
    found = list(found)
    signs = defaultdict[tuple[Account, date], set[Sign]](set)
    for finding in found:
        signs[finding.actor, finding.on].add(finding.sign)
    for matter, on in told.items():
        signs[matter.actor, on].add(matter.sign)
    return [
        replace(finding, lessened="") if signs[finding.actor, finding.on] - {finding.sign} else finding
        for finding in found
    ]


def not_told_lately(found: Iterable[Finding], told: Mapping[Matter, date]) -> list[Finding]:
    """Those about a person of whom nothing like it was told in the last four weeks; those about habits all stay."""
    return [
        finding
        for finding in found
        if finding.person is None or finding.on - told.get(finding.matter, date.min) >= ONE_MATTER
    ]
