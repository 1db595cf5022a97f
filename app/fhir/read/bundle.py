"""Search results as a Bundle, from what one decision permits of one person. Pure.

There is no `total` unless it is asked for, and then it counts what is permitted and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, total_ordering
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson

from app.fhir.read.kinds import INCLUDED, PARAMETERS
from app.fhir.read.search import Search
from app.fhir.read.values import codes, held, spans
from app.record.read.everything import Everything, Resource, as_patient


class PermittedEntry:
    """A permitted entry, read only where a search asks what is in it."""

    def __init__(self, row: Resource) -> None:
        self.row = row

    @cached_property
    def resource(self) -> dict[str, Any]:
        """The entry as JSON-shaped values."""
        content: dict[str, Any] = orjson.loads(self.row.content)
        return content


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it discloses, its entries as bytes, and the position after which the next begins, if any."""

    shown: Sequence[Resource]
    entries: Sequence[bytes]
    after: tuple[str, ...] | None = None
    total: int | None = None


class Link(NamedTuple):
    """One link of a Bundle."""

    relation: str
    url: str


def page(search: Search, found: Everything, base: str, after: tuple[str, ...] = ()) -> Page:
    """One page of a search in one person's record; `after` is where the page before it ended."""
    matching = [
        one for one in map(PermittedEntry, found.resources) if one.row.kind == search.kind and answers(search, one)
    ]
    ordered = sorted(((position(search, one), one) for one in matching), key=lambda each: order(search, each[0]))
    remaining = [each for each in ordered if not after or order(search, after) < order(search, each[0])]
    if search.shape.summary == "count" or search.count == 0:
        return Page([one.row for one in matching], [], total=len(matching))
    taken = remaining[: search.count]
    rows = [one.row for _, one in taken]
    included = list(_included(search, found, [one for _, one in taken]))
    entries = matches(base, search, rows)
    entries += [entry(base, search, row, "include") for row in included]
    accounts: list[Resource] = []
    if "patient" in search.include and rows:
        accounts = found.accounts
        patient = search.shape.of("Patient", orjson.dumps(as_patient(found.person_id, accounts)))
        entries.append(as_entry(f"{base}/Patient/{found.person_id}", patient, "include"))
    return Page(
        [*rows, *included, *accounts],
        [*entries, *outcomes(found.notices, search.ignored)],
        after=taken[-1][0] if len(remaining) > len(taken) else None,
        total=len(matching) if search.counted else None,
    )


def answers(search: Search, one: PermittedEntry) -> bool:
    """Whether an entry answers to all that is asked of it."""
    return not search.conditions or all(condition.holds(one.resource) for condition in search.conditions)


def position(search: Search, one: PermittedEntry) -> tuple[str, ...]:
    """Where an entry stands in the order of the search; its number makes it the only one there."""
    keys = (sorted_by(one.row.kind, one.resource, name) for name, _ in search.sort)
    return (*keys, one.row.kind, f"{one.row.number:019}")


def order(search: Search, at: tuple[str, ...]) -> tuple[Any, ...]:
    """What positions are compared by."""
    keys = [_Backwards(key) if backwards else key for key, (_, backwards) in zip(at, search.sort, strict=False)]
    return (*keys, *at[len(search.sort) :])


def sorted_by(kind: str, resource: Mapping[str, Any], name: str) -> str:
    """What a resource is put in order by, where a search names this parameter."""
    parameter = PARAMETERS[kind][name]
    values = [value for path in parameter.elements for value in held(resource, path)]
    if parameter.matched == "date":
        return min(
            (when.low.isoformat(timespec="microseconds") for value in values for when in spans(value)), default=""
        )
    return min((code.code for value in values for code in codes(value)), default="")


@total_ordering
class _Backwards:
    def __init__(self, key: str) -> None:
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Backwards) and self._key == other._key

    def __lt__(self, other: "_Backwards") -> bool:
        return other._key < self._key


def _included(search: Search, found: Everything, matched: Sequence[PermittedEntry]) -> Iterator[Resource]:
    """What the entries of a page refer to, of what is permitted, each once and nothing that the page has already."""
    paths = [path for name in search.include for path in INCLUDED.get(name, ())]
    wanted = {name for one in matched for path in paths for value in held(one.resource, path) for name in _named(value)}
    on_page = {one.row.number for one in matched}
    for other in map(PermittedEntry, found.resources) if wanted else ():
        if other.row.number not in on_page and not wanted.isdisjoint(_names(other)):
            yield other.row


def _named(reference: Any) -> Iterator[str]:
    if isinstance(reference, dict):
        if isinstance(literal := reference.get("reference"), str):
            yield "/".join(literal.split("/")[-2:])
        for code in codes(reference.get("identifier", {})):
            yield f"{code.system}|{code.code}"


def _names(one: PermittedEntry) -> Iterator[str]:
    yield f"{one.row.kind}/{one.row.number}"
    for value in held(one.resource, "identifier"):
        for code in codes(value):
            yield f"{code.system}|{code.code}"


def entry(base: str, search: Search, row: Resource, mode: str) -> bytes:
    """One permitted entry as a Bundle holds it."""
    return as_entry(f"{base}/{row.kind}/{row.number}", search.shape.of(row.kind, row.content), mode)


def matches(base: str, search: Search, rows: Sequence[Resource]) -> list[bytes]:
    """The same of all that was asked for; where all of each is, what is stored is joined and nothing looked at."""
    if not search.shape.whole:
        return [entry(base, search, row, "match") for row in rows]
    at = base.encode()
    return [
        b'{"fullUrl":"%b/%b/%d","resource":%b,"search":{"mode":"match"}}' % (at, kind.encode(), number, content)
        for number, _, kind, content in rows
    ]


def as_entry(url: str, resource: bytes, mode: str) -> bytes:
    """One resource as a Bundle holds it; `mode` says why it is there."""
    return b'{"fullUrl":"%b","resource":%b,"search":{"mode":"%b"}}' % (url.encode(), resource, mode.encode())


def outcomes(notices: Iterable[str], ignored: Iterable[str] = ()) -> list[bytes]:
    """What whoever reads a Bundle is told beside it: what is not shown, and what of the search had no effect."""
    issues = [{"severity": "information", "code": "suppressed", "diagnostics": text} for text in notices]
    if list(ignored):
        told = "some search parameters are not known here and had no effect; `Prefer: handling=strict` refuses them"
        issues.append({"severity": "warning", "code": "not-supported", "diagnostics": told})
    if not issues:
        return []
    outcome = orjson.dumps({"resourceType": "OperationOutcome", "issue": issues})
    return [
        as_entry(f"urn:uuid:{uuid5(NAMESPACE_URL, outcome.decode())}", outcome, "outcome")
    ]  # the same for the same words


def bundle(kind: str, page: Page, links: Iterable[Link] = ()) -> bytes:
    """A whole Bundle of a page; FHIR allows no empty arrays."""
    total = b"" if page.total is None else b',"total":%d' % page.total
    told = orjson.dumps([link._asdict() for link in links])
    linked = b"" if told == b"[]" else b',"link":' + told
    held = b',"entry":[%b]' % b",".join(page.entries) if page.entries else b""
    return b'{"resourceType":"Bundle","type":"%b"%b%b%b}' % (kind.encode(), total, linked, held)


def address(base: str, path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """An address of this door."""
    return f"{base}/{path}?{urlencode(parameters)}" if parameters else f"{base}/{path}"
