"""Codes of an agreement in the words of whoever signs it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from app.sharing.written.duration import Duration
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity

ARTICLE_6: Final = {
    "a": "consent",
    "b": "a contract with the person",
    "c": "a legal obligation",
    "d": "vital interests",
    "e": "a task in the public interest",
    "f": "legitimate interests",
}
"""UK GDPR article 6(1)."""

ARTICLE_9: Final = {
    "a": "explicit consent",
    "b": "employment, social security and social protection law",
    "c": "vital interests",
    "d": "a not-for-profit body's own members",
    "e": "made public by the person",
    "f": "legal claims",
    "g": "substantial public interest",
    "h": "health or social care",
    "i": "public health",
    "j": "archiving, research and statistics",
}
"""UK GDPR article 9(2)."""

COMMON_LAW: Final = {
    "implied-consent": "implied consent",
    "explicit-consent": "explicit consent",
    "public-interest": "the public interest",
    "statutory-duty": "a statutory duty",
}

SENSITIVITIES: Final = {
    Sensitivity.NORMAL: "ordinary entries",
    Sensitivity.LOCATING: "entries that tell where the person is",
    Sensitivity.RESTRICTED: "restricted entries, such as Mental Health Act status",
    Sensitivity.SEXUAL_HEALTH: "entries of sexual health services",
    Sensitivity.DOMESTIC_ABUSE: "entries about domestic abuse",
    Sensitivity.SEALED: "sealed entries",
    Sensitivity.BARRED: "entries barred by statute",
}

FLAGS: Final = {
    FlagKind.LOCATION_RESTRICTED: "the person's location is restricted",
    FlagKind.DISSENT: "the person told a partner not to share",
    FlagKind.DECEASED: "the person has died",
    FlagKind.SEALED: "the whole record is sealed",
    FlagKind.STAFF_OR_VIP: "the person is a member of staff or widely known",
    FlagKind.CHILD: "the person is under 18",
}


def listed(words: Iterable[str]) -> str:
    """`one`, `one and another`, `one, another and a third`."""
    *most, last = list(words) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def day(on: date) -> str:
    """A date as letters write it: `1 April 2026`."""
    return f"{on.day} {on:%B %Y}"


def long(duration: Duration | timedelta) -> str:
    """`2 years`, `90 days`, `1 hour and 30 minutes`."""
    months, span = (0, duration) if isinstance(duration, timedelta) else duration
    years, months = divmod(months, 12)
    hours, minutes = divmod(int(span.total_seconds()) % 86_400 // 60, 60)
    counted = [(years, "year"), (months, "month"), (span.days, "day"), (hours, "hour"), (minutes, "minute")]
    return listed([f"{count} {unit}{'s' * (count != 1)}" for count, unit in counted if count] or ["no time"])
