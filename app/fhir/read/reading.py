"""One resource, or its versions, from what one decision permits of one person. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import orjson

from app.fhir.read.bundle import Page, PermittedEntry
from app.fhir.read.kinds import Matched, SearchParameter
from app.fhir.read.matching import Condition, NotUnderstood
from app.fhir.read.search import Parameters, read_search, reference_of
from app.fhir.read.shape import Shape
from app.record.read.everything import Everything, Resource, as_patient
from app.record.read.joined import Joined

_SINCE: Final = SearchParameter("_since", Matched.DATE, ("meta.lastUpdated",))


@dataclass(frozen=True, slots=True)
class Single:
    """One resource as it is answered. `version` is `None` for what is put together anew each time."""

    shown: Sequence[Resource]
    content: bytes
    version: str | None
    changed: datetime | None


def shape_of(parameters: Parameters) -> Shape:
    """What of a resource is asked for; what else stands in its address has no effect."""
    return read_search("Patient", [one for one in parameters if one[0] in ("_summary", "_elements")]).shape


def patient(found: Everything, shape: Shape, joined: Sequence[Joined]) -> Single:
    """The Patient of a person, put together from the partners' accounts of them; it replaces those that were joined."""
    told = as_patient(found.person_id, found.accounts)
    if joined:
        told["link"] = [{"other": {"reference": f"Patient/{one.person_id}"}, "type": "replaces"} for one in joined]
    changed = [*(_changed(PermittedEntry(one)) for one in found.accounts), *(one.at for one in joined)]
    return Single(found.accounts, shape.of("Patient", orjson.dumps(told)), None, max(changed, default=None))


def single(
    kind: str, number: int, shape: Shape, *, version: str | None = None
) -> Callable[[Everything], Single | None]:
    """Takes one entry, in one of its versions where one is named."""

    def take(found: Everything) -> Single | None:
        versions = [PermittedEntry(one) for one in found.resources if (one.kind, one.number) == (kind, number)]
        one = next((each for each in versions if version in (None, _version(each))), None)
        if one is None:
            return None
        return Single([one.row], shape.of(kind, one.row.content), _version(one), _changed(one))

    return take


@dataclass(slots=True)
class Past:
    """Which versions are asked for: of one type of one person, or of one entry."""

    kind: str
    number: int | None = None
    count: int | None = None
    since: Condition | None = None
    patient: str = ""
    told: list[tuple[str, str]] = field(default_factory=list)

    def page(self, found: Everything, base: str, after: tuple[str, ...]) -> Page | None:
        """A history Bundle's page, the newest first; `None` where there is no such entry."""
        of_kind = [PermittedEntry(one) for one in found.resources if one.kind == self.kind]
        asked = [one for one in of_kind if self.number in (None, one.row.number)]
        if self.number is not None and not asked:
            return None
        wanted = [one for one in asked if self.since is None or self.since.holds(one.resource)]
        places = _places(asked)
        ordered = sorted(((_place(one, places), one) for one in wanted), key=lambda each: each[0], reverse=True)
        remaining = [each for each in ordered if not after or each[0] < after]
        taken = remaining[: self.count]
        return Page(
            [one.row for _, one in taken],
            [_told(base, one, is_first=places[id(one)] == 0) for _, one in taken],
            after=taken[-1][0] if len(remaining) > len(taken) else None,
        )


def past(kind: str, parameters: Parameters, *, number: int | None = None) -> Past:
    """Raises `NotUnderstood` for what a history is not asked by."""
    asked = Past(kind, number)
    for name, value in parameters:
        if name == "_since":
            asked.since = Condition(_SINCE, "", (f"ge{value}",))
        elif name == "_count":
            asked.count = read_search(kind, [(name, value)]).count or 1
        elif name in ("patient", "subject") and number is None:
            asked.patient = str(reference_of(value))
        elif name not in ("_format", "_pretty", "purpose", "_cursor"):
            raise NotUnderstood("a history is asked for by _since, _count, and, of a whole type, patient")
        if name in ("_since", "_count", "patient", "subject"):
            asked.told.append((name, value))
    return asked


def _told(base: str, one: PermittedEntry, *, is_first: bool) -> bytes:
    """One version as a history holds it, with the interaction that made it: the first of those that may be seen."""
    path, version = f"{one.row.kind}/{one.row.number}", _version(one)
    request = {"method": "POST", "url": one.row.kind} if is_first else {"method": "PUT", "url": path}
    response = {
        "status": "201" if is_first else "200",
        "etag": f'W/"{version}"',
        "lastModified": one.resource["meta"]["lastUpdated"],
    }
    return b'{"fullUrl":"%b","resource":%b,"request":%b,"response":%b}' % (
        f"{base}/{path}".encode(),
        one.row.content,
        orjson.dumps(request),
        orjson.dumps(response),
    )


def _places(versions: Sequence[PermittedEntry]) -> dict[int, int]:
    """Of versions of each entry, the newest first, how many of those that may be seen came before each."""
    seen: dict[int, int] = {}
    places: dict[int, int] = {}
    for one in reversed(versions):
        places[id(one)] = seen.get(one.row.number, 0)
        seen[one.row.number] = places[id(one)] + 1
    return places


def _place(one: PermittedEntry, places: Mapping[int, int]) -> tuple[str, ...]:
    return _changed(one).isoformat(timespec="microseconds"), f"{one.row.number:019}", f"{places[id(one)]:09}"


def _version(one: PermittedEntry) -> str:
    version: str = one.resource["meta"]["versionId"]
    return version


def _changed(one: PermittedEntry) -> datetime:
    return datetime.fromisoformat(one.resource["meta"]["lastUpdated"]).astimezone(UTC)
