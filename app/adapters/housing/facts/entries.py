"""How every housing entry is made from a row: its instants, its line, and the care that its words ask for."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from app.adapters.discretion import asked_by, strictest
from app.adapters.elements import joined, spoken_date
from app.adapters.housing.rows import Row
from app.vocabulary.category import Category
from app.vocabulary.fhir_elements import known
from app.vocabulary.fhir_elements import period as bounds
from app.vocabulary.label import Sensitivity
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import Entry, Relationship, Resource, Standing

_LONGEST_KEY: Final = 300
_LONGEST_TITLE: Final = 200  # what is cut off stands in the detail or in the resource

Fact = Entry | Relationship
"""What a row says about one person."""


def entry(
    row: Row,
    key: str,
    category: Category,
    resource: Resource,
    title: str,
    *,
    details: Iterable[str] = (),
    started: date | None = None,
    ended: date | None = None,
    standing: Standing = Standing.CURRENT,
    sensitivity: Sensitivity = Sensitivity.NORMAL,
) -> Entry:
    """An entry of a row; `details` that are empty are left out, dates become London's midnights.

    It gets at least `sensitivity`, more where the words of its title or its details ask for it.
    """
    detail = joined(details, "; ")
    return Entry(
        key=bounded(key),
        category=category,
        resource=resource,
        title=_on_one_line(title),
        line=row.line,
        sensitivity=strictest(sensitivity, asked_by(f"{title}\n{detail}")),
        detail=detail,
        started=_instant(started),
        ended=_instant(ended),
        recorded=row.at("last_updated"),
        standing=standing,
    )


def bounded(key: str) -> str:
    """A key that an index can hold: one that is longer, made of a source's long words, is told by its digest."""
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key.partition('/')[0]}/{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}"


def flag(category: Category, code: Resource, *, active: bool, started: date | None, ended: date | None) -> Resource:
    """A FHIR Flag, without its subject."""
    resource: Resource = {
        "resourceType": "Flag",
        "status": "active" if active else "inactive",
        "category": [{"text": category.heading}],
        "code": code,
    }
    return resource | period(started, ended)


def period(started: date | None, ended: date | None, *, element: str = "period") -> Resource:
    """The FHIR element of two dates, if either is known."""
    return known(**{element: bounds(iso(started), iso(ended))})


def iso(day: date | None) -> str | None:
    """A date as FHIR writes it."""
    return day.isoformat() if day else None


def told(label: str, value: date | str | None) -> str:
    """One detail, such as `review due 3 March 2026`; "" where there is no value."""
    if not value:
        return ""
    return f"{label} {spoken_date(value) if isinstance(value, date) else value}"


def after(last_day: date | None) -> datetime | None:
    """The instant at which something has lasted through its last day; `None` while it has none."""
    return london_midnight(last_day + timedelta(days=1)) if last_day else None


def _on_one_line(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE and title.isprintable() else " ".join(title.split())[:_LONGEST_TITLE]


def _instant(day: date | None) -> datetime | None:
    return london_midnight(day) if day else None
