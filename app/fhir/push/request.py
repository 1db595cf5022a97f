"""What a FHIR client sends: its body, within limits, and what its headers ask for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn

import orjson
from fastapi import Request

from app.profiles.issue import Issue, error
from app.profiles.rules import listed
from app.profiles.strict_json import Limits, Unreadable, read_json
from app.record.kept.json_text import dumps

TAKEN: Final = ("application/fhir+json", "application/json", "text/json")


MOST_WAIT: Final = 30
"""Seconds: so long a push may keep what files pushes from others, and proxies wait for an answer."""


class Returned(StrEnum):
    """How much of what was stored a client wants to be told (FHIR R4, Prefer)."""

    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OUTCOME = "OperationOutcome"


class Refused(Exception):
    """A request that is answered with an OperationOutcome of one issue, before anything is kept."""

    def __init__(self, status: int, issue: Issue) -> None:
        super().__init__(issue.text)
        self.status, self.issue = status, issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked to be done with one resource; `search` is the query of a conditional request, as it is written."""

    method: str
    type: str
    id: str | None = None
    search: str | None = None
    if_match: str | None = None
    if_none_exist: str | None = None

    def wrapped(self, resource: bytes | None) -> bytes:
        """A transaction of one, in which the resource stands byte for byte as it was sent."""
        request = {"method": self.method, "url": self._address()}
        if self.if_match is not None:
            request["ifMatch"] = self.if_match
        if self.if_none_exist is not None:
            request["ifNoneExist"] = self.if_none_exist
        sent = b'"resource":' + resource + b"," if resource is not None else b""
        entry = b"{" + sent + b'"request":' + orjson.dumps(request) + b"}"
        return b'{"resourceType":"Bundle","type":"transaction","entry":[' + entry + b"]}"

    def _address(self) -> str:
        if self.id is not None:
            return f"{self.type}/{self.id}"
        return f"{self.type}?{self.search}" if self.search else self.type


def returned(request: Request) -> Returned:
    """What the client prefers to be told; the resource itself where it does not say."""
    said = _preferences(request).get("return", "")
    return Returned(said) if said in set(Returned) else Returned.REPRESENTATION


def wait(request: Request) -> int | None:
    """For how many seconds the client waits for what it sent to be filed (RFC 7240, 4.3); 30 at most."""
    said = _preferences(request).get("wait", "")
    return min(int(said), MOST_WAIT) if said.isascii() and said.isdigit() else None


def _preferences(request: Request) -> dict[str, str]:
    """Each by its name; of one that is said twice the first counts (RFC 7240, 2)."""
    said = [one.strip().partition("=") for one in request.headers.get("prefer", "").replace(";", ",").split(",")]
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in reversed(said)}


async def body(request: Request, limits: Limits) -> bytes:
    """The body of a request, read no further than it may be long. Raises `Refused`."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in TAKEN:
        _refuse(415, "not-supported", "content-type", "send JSON as application/fhir+json; XML is not taken")
    if request.headers.get("content-encoding", "identity") != "identity":
        _refuse(415, "not-supported", "content-encoding", "send the body uncompressed")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > limits.bytes:
            text = f"the message is larger than {limits.bytes} bytes; send it in parts"
            _refuse(413, "too-long", "size", text)
    return bytes(content)


def one_resource(content: bytes, kind: str, limits: Limits) -> bytes:
    """The body where it is one resource of a type, so that it can be put into a bundle as it stands."""
    read = read_json(content, limits)
    if not isinstance(read, dict) or read.get("resourceType") != kind:
        raise Unreadable(error("value", "resource-type", "", f"the body is no {kind}, which the address names"))
    return content


def to_judge(content: bytes, limits: Limits) -> bytes:
    """What `$validate` is asked about: the body itself, or the `resource` of its Parameters (FHIR R4, 3.2.0)."""
    read = read_json(content, limits)
    if not isinstance(read, dict) or read.get("resourceType") != "Parameters":
        return content
    given = {one.get("name"): one for one in listed(read.get("parameter")) if isinstance(one, dict)}
    resource = given.get("resource", {}).get("resource")
    if not isinstance(resource, dict) or not given.keys() <= {"resource", "mode"}:
        text = "of Parameters there is one to judge by, `resource`, and its `mode`; the profile is that of its type"
        raise Unreadable(error("not-supported", "parameters", "Parameters.parameter", text))
    return dumps(resource)


def _refuse(status: int, code: str, rule: str, text: str) -> NoReturn:
    raise Refused(status, error(code, rule, "", text))
