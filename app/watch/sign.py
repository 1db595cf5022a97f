"""What may be odd about how somebody looks, and how that is explained to whoever looks into it. Pure.

What is said holds figures and opaque ids alone: an alert is read by more people than a record is.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from importlib import resources
from typing import Final, NamedTuple
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sign in one London day of one account; `events` are in the trail, `figures` what was counted."""

    sign: Sign
    actor: Account
    organisation: OdsCode
    on: date
    events: tuple[str, ...]
    person: UUID | None = None
    figures: Mapping[str, int | str]

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


_TEXTS: Final = {
    Sign(name): Explanation(**said)
    for name, said in tomllib.loads(resources.files("app.watch").joinpath("signs.toml").read_text("utf-8")).items()
}


def explained(sign: Sign, figures: Mapping[str, int | str]) -> Explanation:
    """The explanation of a finding; raises `KeyError` where a figure is missing that its sign tells."""
    text = _TEXTS[sign]
    return text._replace(seen=text.seen.format_map(figures))


def explained_title(sign: Sign) -> str:
    """What an alert of a kind is called."""
    return _TEXTS[sign].title


class Matter(NamedTuple):
    """What one account does again and again with one person is one matter."""

    sign: Sign
    actor: Account
    person: UUID | None


def not_told_lately(found: Iterable[Finding], told: Mapping[Matter, date]) -> list[Finding]:
    """Those about a person of whom nothing like it was told in the last four weeks; those about habits all stay."""
    return [
        finding
        for finding in found
        if finding.person is None or finding.on - told.get(finding.matter, date.min) >= ONE_MATTER
    ]
