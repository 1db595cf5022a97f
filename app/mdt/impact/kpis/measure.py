"""One measure, whatever it is of. Pure."""

from dataclasses import dataclass, field

from app.mdt.impact.intervals import Middle, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure: a share, or the middle of what was measured, or counts, as its definition says.

    `untold` says why there is none of them, where what it needs is in no feed.
    """

    code: str
    title: str
    definition: str
    share: Share | None = None
    middle: Middle | None = None
    counts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Share] = field(default_factory=dict)
    middles: dict[str, Middle] = field(default_factory=dict)
    untold: str = ""
