"""How pages word what the record holds: British dates in London time, NHS numbers in threes, ages. Pure."""

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from markupsafe import Markup, escape

from app.record.read.foremost import person_name
from app.vocabulary.london import london_date
from app.vocabulary.plain_time import plain_date

Key = TypeVar("Key", bound=Hashable)
RowT = TypeVar("RowT", bound=Mapping[str, Any])


def iso_date(value: datetime) -> str:
    """`2026-07-05`, the date in London, as a date field takes it."""
    return london_date(value).isoformat()


def period(started: str | None, ended: str | None) -> str:
    """`5 July 2026 to 2 August 2026`, `since 5 July 2026`, `5 July 2026` where it is of one day."""
    first, last = plain_date(started), plain_date(ended)
    if first and last and first != last:
        return f"{first} to {last}"
    if first and not last:
        return f"since {first}"
    return first or (f"until {last}" if last else "")


def ago(then: datetime, now: datetime) -> str:
    """How long ago, as one reads it at a glance: `4 minutes ago`, `3 hours ago`, `12 days ago`."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def rung(text: str) -> Markup:
    """A text in which each British telephone number is a link, by which a telephone rings it."""
    told = _TELEPHONE.sub(lambda one: f'<a href="tel:{one[0].replace(" ", "")}">{one[0]}</a>', str(escape(text)))
    return Markup(told)  # noqa: S704  # escaped before


_TELEPHONE: Final = re.compile(r"(?<![\d+])(?:\+44|0)(?: ?\d){9,10}(?! ?\d)")


def counted(count: int, one: str, many: str = "") -> str:
    """`1 message`, `1,216 messages`, `2 people` of `counted(2, "person", "people")`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def begun_large(text: str) -> str:
    """An error message, which begins small, as it stands beside a field: the NHS ends it with no full stop."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The same as a sentence of its own."""
    return begun_large(text) + ("" if text.endswith((".", "?")) else ".")


def told_apart(people: Mapping[Key, Any]) -> dict[Key, Any]:
    """The same people of one list; those who have one name with another are called by their day of birth too."""
    called = Counter(person_name(who) for who in people.values())
    return {key: _with_birth(who) if who and called[person_name(who)] > 1 else who for key, who in people.items()}


def rows_told_apart(rows: Sequence[RowT]) -> list[RowT]:
    """The same of the rows of a list, each of which says `person_id` and `person`."""
    people = told_apart({row["person_id"]: row["person"] for row in rows})
    return [cast(RowT, {**row, "person": people[row["person_id"]]}) for row in rows]


def _with_birth(who: Mapping[str, Any]) -> Mapping[str, Any]:
    name = person_name(who)
    born = plain_date(who.get("birthDate")) or "on a day that is not known"
    return {**who, "name": [{"use": "official", "text": f"{name}, born {born}"}]} if name else who
