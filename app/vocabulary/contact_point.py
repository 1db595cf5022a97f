"""Telephones and other ways to reach somebody (FHIR ContactPoint) in words, and until when each holds. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from app.vocabulary.london import london_date
from app.vocabulary.plain_time import plain_date

COMMENT: Final = "http://hl7.org/fhir/StructureDefinition/contactpoint-comment"
_OF_FORMER_TIMES: Final = "old"

Json = Mapping[str, Any]


def reached_at(points: Iterable[Json]) -> str:
    """Each with what to know before it is used, and until when it holds; those called old are left out."""
    return ", ".join(filter(None, map(_said, _present(points))))


def lapsing(resource: Json) -> list[dict[str, str]]:
    """The ways that hold until a day: as `reached_at` words them, and the last day on which they do, in London."""
    return [
        {"said": _said(point), "until": last.isoformat()}
        for point in _present(_points(resource))
        if (last := _last_day(point)) is not None and point.get("value")
    ]


def holding(words: str, lapses: Sequence[Json], *, on: date) -> str:
    """Words that tell how to reach somebody, without what held until a day before `on`."""
    for one in lapses:
        if date.fromisoformat(one["until"]) < on:
            before, _, after = words.partition(one["said"])
            words = before.removesuffix(", ") + (after if before else after.removeprefix(", "))
    return words


def _present(points: Iterable[Json]) -> Iterator[Json]:
    return (one for one in points if one.get("use") != _OF_FORMER_TIMES)


def _points(resource: Json) -> Iterator[Json]:
    """A resource's own, and those of the people whom a Patient names as contacts."""
    for of in (resource, *resource.get("contact", ())):
        yield from of.get("telecom", ())


def _said(point: Json) -> str:
    value = str(point.get("value") or "")
    comments = [one.get("valueString") for one in point.get("extension", ()) if one.get("url") == COMMENT]
    last = _last_day(point)
    beside = ", ".join(filter(None, (*comments, f"until {plain_date(last)}" if last else None)))
    return f"{value} ({beside})" if value and beside else value


def _last_day(point: Json) -> date | None:
    """The last day of its period, which a bare year or month names too; `None` where it has no end."""
    end: str = point.get("period", {}).get("end", "")
    if not end:
        return None
    if "T" in end:
        return london_date(datetime.fromisoformat(end))
    year, month = int(end[:4]), int(end[5:7] or 12)
    return date(year, month, int(end[8:10] or monthrange(year, month)[1]))
