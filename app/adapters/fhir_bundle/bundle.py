"""A Bundle as it arrives: which resources, and what is asked to be done with each. Pure.

Positions are counted from 1, as partners count them. Each resource of a `collection` or a `message` is stated anew,
as PUT by business identifier would.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from app.profiles.issue import Issue, error
from app.profiles.strict_json import DEFAULT_LIMITS, Limits, Unreadable, read_json


class Kind(StrEnum):
    """The bundles that are taken; of a batch each entry stands for itself, the others are taken whole or not at all."""

    TRANSACTION = "transaction"
    BATCH = "batch"
    COLLECTION = "collection"
    MESSAGE = "message"


class Method(StrEnum):
    """What is asked to be done with one resource."""

    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The search by which a conditional request names a resource: its business identifier."""

    system: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One entry of a bundle. Its `repr` holds no personal data.

    `id` and `condition` are what the request's address names; `type` is of the resource or, where it has none, of the
    address. `version` is that of If-Match, `unless` the condition of If-None-Exist; `requested` where the sender
    says what to do.
    """

    line: int
    type: str
    resource: dict[str, Any] | None
    full_url: str = ""
    method: Method = Method.PUT
    requested: bool = False
    id: str | None = None
    condition: Condition | None = None
    version: str | None = None
    unless: Condition | None = None

    def __repr__(self) -> str:
        return f"Part(line {self.line})"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was sent, and what is wrong with single entries of it, by their position."""

    kind: Kind
    parts: tuple[Part, ...]
    wrong: dict[int, Issue]


class _Wrong(Exception):
    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text)
        self.issue = issue


_ADDRESS: Final = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{1,40})(/(?P<id>[A-Za-z0-9.-]{1,64})|\?(?P<search>[^#]{1,2000}))?", re.ASCII
)
_VERSION: Final = re.compile(r'W/"([A-Za-z0-9.-]{1,64})"')


def read_bundle(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """Read a Bundle; raises `Unreadable` where it cannot be told what was sent."""
    whole = read_json(content, limits)
    if not isinstance(whole, dict) or whole.get("resourceType") != "Bundle":
        raise Unreadable(error("structure", "bundle", "", "this is no Bundle; send one resource to /fhir/R4/{type}"))
    try:
        kind = Kind(str(whole.get("type")))
    except ValueError:
        text = f"bundles of this type are not taken; send one of: {', '.join(Kind)}"
        raise Unreadable(error("not-supported", "bundle-type", "Bundle.type", text)) from None
    entries = whole.get("entry", [])
    if not isinstance(entries, list):
        raise Unreadable(error("structure", "bundle", "Bundle.entry", "this must be a list"))
    if len(entries) > limits.entries:
        text = f"the bundle has more than {limits.entries} entries; send it in parts"
        raise Unreadable(error("too-costly", "entries", "Bundle.entry", text))
    parts, wrong = [], {}
    for line, entry in enumerate(entries, start=1):
        try:
            parts.append(_part(kind, line, entry))
        except _Wrong as found:
            wrong[line] = found.issue
    wrong |= _named_twice(parts)
    return Bundle(kind, tuple(parts), wrong)


def _part(kind: Kind, line: int, entry: Any) -> Part:
    path = f"Bundle.entry[{line - 1}]"
    if not isinstance(entry, dict):
        raise _Wrong(error("structure", "bundle", path, "an entry must be an object"))
    resource, full_url = entry.get("resource"), entry.get("fullUrl", "")
    if not isinstance(full_url, str):
        raise _Wrong(error("structure", "bundle", f"{path}.fullUrl", "this must be a text"))
    if resource is not None and not (isinstance(resource, dict) and isinstance(resource.get("resourceType"), str)):
        raise _Wrong(error("structure", "resource-type", f"{path}.resource", "this is no resource: it names no type"))
    if kind in (Kind.COLLECTION, Kind.MESSAGE):
        if resource is None:
            raise _Wrong(error("required", "bundle", f"{path}.resource", "the entry has no resource"))
        return Part(line=line, type=resource["resourceType"], resource=resource, full_url=full_url)
    return _requested(kind, line, resource, full_url, entry.get("request"), path)


def _requested(kind: Kind, line: int, resource: dict[str, Any] | None, full_url: str, request: Any, path: str) -> Part:
    if not isinstance(request, dict):
        raise _Wrong(error("required", "bundle", f"{path}.request", "an entry of this bundle must say what to do"))
    try:
        method = Method(str(request.get("method")))
    except ValueError:
        text = f"this is none of: {', '.join(Method)}"
        raise _Wrong(error("not-supported", "bundle", f"{path}.request.method", text)) from None
    address = _ADDRESS.fullmatch(_text(request, "url", path))
    if address is None:
        raise _Wrong(
            error(
                "value",
                "bundle",
                f"{path}.request.url",
                "this is no address of a resource here, such as Condition or Condition?identifier=system|value",
            )
        )
    if (method is Method.DELETE) == (resource is not None):
        text = "DELETE comes without a resource, all others with one"
        raise _Wrong(error("structure", "bundle", f"{path}.resource", text))
    if resource is not None and resource["resourceType"] != address["type"]:
        raise _Wrong(error("value", "bundle", f"{path}.request.url", "the address is of another type of resource"))
    _check_target(method, address, resource, path)
    version = _if_match(request, path)
    if version is not None and kind is Kind.BATCH:
        text = "If-Match is not taken in a batch; send a transaction, or PUT by itself"
        raise _Wrong(error("not-supported", "if-match", f"{path}.request.ifMatch", text))
    unless = request.get("ifNoneExist")
    return Part(
        line=line,
        type=address["type"],
        resource=resource,
        full_url=full_url,
        method=method,
        requested=True,
        id=address["id"],
        condition=_condition(address["search"], f"{path}.request.url") if address["search"] else None,
        version=version,
        unless=_condition(_query(unless, address["type"]), f"{path}.request.ifNoneExist")
        if unless is not None
        else None,
    )


def _check_target(method: Method, address: re.Match[str], resource: dict[str, Any] | None, path: str) -> None:
    named = address["id"] or address["search"]
    if (method is Method.POST) == bool(named):
        text = "POST names a type; PUT and DELETE name a resource by its id, or by `?identifier=system|value`"
        raise _Wrong(error("value", "bundle", f"{path}.request.url", text))
    if address["id"] and resource is not None and resource.get("id") != address["id"]:
        text = "the resource must have the id that the address names"
        raise _Wrong(error("value", "bundle", f"{path}.resource.id", text))


def _text(request: dict[str, Any], name: str, path: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise _Wrong(error("required", "bundle", f"{path}.request.{name}", "this is required, and is a text"))
    return value


def _if_match(request: dict[str, Any], path: str) -> str | None:
    if "ifMatch" not in request:
        return None
    version = _VERSION.fullmatch(_text(request, "ifMatch", path))
    if version is None:
        text = 'If-Match is an ETag that was answered, such as W/"5f3a"'
        raise _Wrong(error("value", "if-match", f"{path}.request.ifMatch", text))
    return version[1]


def _query(search: Any, kind: str) -> Any:
    """The query alone, of a client that names the type before it, with our address or without."""
    if not isinstance(search, str) or search.startswith("identifier="):
        return search
    named, _, query = search.partition("?")
    return query if not named or f"/{named}".endswith(f"/{kind}") else search


def _condition(search: Any, path: str) -> Condition:
    """One business identifier, as `identifier=system|value`, percent-encoded or not."""
    text = unquote(search.removeprefix("?")) if isinstance(search, str) else ""
    name, _, token = text.partition("=")
    system, bar, value = token.partition("|")
    if name != "identifier" or not (bar and system and value) or "&" in token:
        raise _Wrong(error("not-supported", "condition", path, "a condition is `identifier=system|value`"))
    return Condition(system=system, value=value)


def _named_twice(parts: list[Part]) -> Iterator[tuple[int, Issue]]:
    seen: set[str] = set()
    for part in parts:
        if part.full_url and part.full_url in seen:
            path = f"Bundle.entry[{part.line - 1}].fullUrl"
            yield part.line, error("duplicate", "bundle", path, "another entry of the bundle has this fullUrl")
        seen.add(part.full_url)
