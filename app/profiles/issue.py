"""What is wrong with something sent as FHIR, as an OperationOutcome tells it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """FHIR R4 IssueSeverity, as far as it is used: an error refuses, a warning is told and kept."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding about a resource.

    `code` is a FHIR IssueType, `rule` what was broken by name, `path` a FHIRPath to the element. `text` never holds a
    value that was sent.
    """

    level: Level
    code: str
    rule: str
    path: str
    text: str

    def as_fhir(self) -> dict[str, Any]:
        """One issue of an OperationOutcome."""
        told: dict[str, Any] = {"severity": str(self.level), "code": self.code, "diagnostics": self.text}
        if self.rule:
            told["details"] = {"text": self.rule}
        if self.path:
            told["expression"] = [self.path]
        return told

    def within(self, bundle: str, kind: str) -> "Issue":
        """The same of a resource by itself, of its type as far as it is known, which stands at a place of a bundle."""
        inner = self.path.removeprefix(f"{bundle}.resource")
        if inner != self.path:
            return replace(self, path=f"{kind}{inner}".removeprefix("."))
        return replace(self, path="") if self.path.startswith(bundle) else self


def error(code: str, rule: str, path: str, text: str) -> Issue:
    """An issue that refuses."""
    return Issue(level=Level.ERROR, code=code, rule=rule, path=path, text=text)
