"""What a client that sent something is answered: for each entry its location and version, and what is wrong."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response

from app.adapters.fhir_bundle.bundle import Kind
from app.adapters.fhir_bundle.reading import ReadPart
from app.fhir.answers import answer
from app.fhir.push.request import Returned
from app.intake.arriving.inbox import State
from app.intake.pushing.pushed import Answered, Done, Pushed
from app.profiles.issue import Issue, Level, error
from app.record.kept.json_text import dumps

_MOST_TOLD: Final = 100

STATUS: Final = {
    "structure": 400,
    "too-long": 413,
    "too-costly": 413,
    "conflict": 412,
    "transient": 503,
}
"""By FHIR IssueType; every other breaks a rule, and is 422."""

_DONE: Final = {
    Done.CREATED: 201,
    Done.UPDATED: 200,
    Done.UNCHANGED: 200,
    Done.RETRACTED: 200,
    Done.TAKEN_IN: 200,
    Done.WAITS: 202,
    Done.QUEUED: 202,
}
_UNCERTAIN: Final = (
    "what it gives is not enough to be certain; send the NHS number with its status, the name and the date of birth,"
    " and check them"
)
_WAITS: Final = {"uncertain": _UNCERTAIN, "of-another": "you said the same of somebody else; take that back first"}
_KEPT: Final = "kept, and filed once it is certain whom it is about"
_ALONE: Final = "Bundle.entry[0]"
"""Where one resource stands that was sent by itself."""
_QUEUED: Final = (
    "it was kept, and will be filed in its turn; send the very same again, in some minutes, to be told what came of it"
)


def status_of(issue: Issue) -> int:
    """The HTTP status of what an issue refuses."""
    return 404 if issue.rule == "id" else STATUS.get(issue.code, 422)


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome; where nothing is wrong it says so, as one must have an issue."""
    told = [issue.as_fhir() for issue in issues][:_MOST_TOLD]
    fine = {"severity": "information", "code": "informational", "diagnostics": "nothing is wrong"}
    return {"resourceType": "OperationOutcome", "issue": told or [fine]}


def refusal(status: int, issues: Iterable[Issue]) -> Response:
    """An answer that says what is wrong."""
    return _answer(outcome(issues), status)


class Answer:
    """What became of one push, told to whoever sent it; `base` is the address of the FHIR door."""

    def __init__(
        self, pushed: Pushed, kind: Kind, *, base: str, at: datetime, returned: Returned, alone: bool = False
    ) -> None:
        """`alone` where one resource was sent: what is wrong with it is told by its own elements."""
        self._pushed, self._kind, self._base, self._at, self._returned = pushed, kind, base, at, returned
        self._alone = alone

    def of_bundle(self) -> Response:
        """A response bundle, or an OperationOutcome where it was refused, or waits as a whole for its turn."""
        entries = list(self._pushed.entries.values())
        if self._pushed.state is State.REFUSED:
            return self._refused(entries)
        done = {one.done for one in entries} - {Done.TAKEN_IN}
        if done and done <= {Done.WAITS, Done.QUEUED} and Done.QUEUED in done:
            return refusal(202, [issue for one in entries for issue in self._issues(one)])
        kind = "batch-response" if self._kind is Kind.BATCH else "transaction-response"
        whole = {"resourceType": "Bundle", "type": kind, "entry": [self._entry(one) for one in entries]}
        return _answer({name: value for name, value in whole.items() if value}, 202 if done == {Done.WAITS} else 200)

    def of_one(self) -> Response:
        """The answer to a push of one resource: its location and version in headers, and what the client prefers."""
        [one] = self._pushed.entries.values()
        if self._pushed.state is State.REFUSED or one.done is Done.REFUSED:
            return self._refused([one])
        if one.done in (Done.WAITS, Done.QUEUED):
            return refusal(202, self._issues(one))
        return _answer(self._body(one), _DONE[one.done], self._headers(one))

    def rehearsed(self) -> Response:
        """What would have become of it, as far as its sender may know.

        A rehearsal leaves nothing behind: were it told whether somebody is found, one date of birth after another
        could be tried, and nobody would know.
        """
        issues = [issue for one in self._pushed.entries.values() for issue in self._of_itself(one, _would(one))]
        return _answer(outcome(issues), 200)

    def _refused(self, entries: list[Answered]) -> Response:
        issues = sorted(
            (issue for one in entries for issue in self._issues(one)), key=lambda one: one.level != Level.ERROR
        )
        return refusal(status_of(issues[0]) if issues else 422, issues)

    def _body(self, one: Answered) -> dict[str, Any] | None:
        if self._returned is Returned.MINIMAL:
            return None
        if self._returned is Returned.REPRESENTATION and one.told.part.resource is not None:
            return self._as_held(one)
        return outcome(self._issues(one))

    def _as_held(self, one: Answered) -> dict[str, Any] | None:
        """What was sent, with the id and the version that it has here: nothing is read of the record for it."""
        sent = one.told.part.resource
        if sent is None or one.held is None:
            return sent
        version = {"versionId": one.held.version_id}
        return {**sent, "id": str(one.held.number), "meta": {**sent.get("meta", {}), **version}}

    def _headers(self, one: Answered) -> dict[str, str]:
        if one.held is None:
            return {}
        headers = {"etag": f'W/"{one.held.version_id}"'}
        if one.done in (Done.CREATED, Done.UPDATED):
            headers["last-modified"] = format_datetime(self._at, usegmt=True)
        if one.done is not Done.RETRACTED:
            headers["location"] = self._location(one)
        return headers

    def _location(self, one: Answered) -> str:
        held = one.held
        return f"{self._base}/{one.told.part.type}/{held.number}/_history/{held.version_id}" if held else ""

    def _entry(self, one: Answered) -> dict[str, Any]:
        issues = list(self._issues(one))
        status = _DONE.get(one.done) or max((status_of(issue) for issue in issues), default=422)
        response: dict[str, Any] = {"status": f"{status} {HTTPStatus(status).phrase}"}
        if one.held is not None:
            response |= {"etag": f'W/"{one.held.version_id}"'}
        if one.held is not None and one.done is not Done.RETRACTED:
            response |= {"location": self._location(one)}
        if one.done in (Done.CREATED, Done.UPDATED):
            response |= {"lastModified": self._at}
        if issues or self._returned is Returned.OUTCOME:
            response["outcome"] = outcome(issues)
        resource = self._as_held(one) if self._returned is Returned.REPRESENTATION and one.held is not None else None
        return ({"resource": resource} if resource else {}) | {"response": response}

    def _issues(self, one: Answered) -> list[Issue]:
        return self._of_itself(one, _issues(one))

    def _of_itself(self, one: Answered, issues: list[Issue]) -> list[Issue]:
        return [issue.within(_ALONE, one.told.part.type) for issue in issues] if self._alone else issues


def _issues(one: Answered) -> list[Issue]:
    if one.done is Done.WAITS:
        text = f"it was kept, and waits for a person to say whose it is: {_WAITS[one.waits_for]}"
        return [*one.told.issues, _information("incomplete", one.told, text)]
    if one.done is Done.QUEUED:
        return [*one.told.issues, _information("incomplete", one.told, _QUEUED)]
    if one.done is Done.RETRACTED:
        text = "it is kept as entered in error, and shown no more" if one.held else "nothing of yours is held under it"
        return [*one.told.issues, _information("informational", one.told, text)]
    return list(one.told.issues)


def _would(one: Answered) -> list[Issue]:
    is_anew = one.done is Done.WAITS or one.is_first
    issues, done = (one.told.issues, _KEPT) if is_anew else (_issues(one), one.done)
    return [*issues, _information("informational", one.told, f"this would be: {done}")]


def _information(code: str, told: ReadPart, text: str) -> Issue:
    path = f"Bundle.entry[{told.part.line - 1}]"
    return Issue(level=Level.INFORMATION, code=code, rule="", path=path, text=text)


def unknown_type() -> Response:
    """The answer to a type of resource that is not taken at all."""
    text = "resources of this type are not taken; see /metadata"
    return refusal(404, [error("not-supported", "resource-type", "", text)])


def _answer(content: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return answer(b"" if content is None else dumps(content), status, headers)
