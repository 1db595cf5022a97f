"""YAML as people write it: every value a text, list or mapping, and every value with the line it stands on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

import yaml

from app.errors import DomainError

Loc = tuple[str | int, ...]
"""Where a value stands: keys and positions from the top of the file."""

_UNREADABLE: Final = "the file is not readable YAML"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where it is there, is ten times as fast
_LEVELS: Final = 20
_NEAR: Final = "check indentation, quotes and colons near this line"


class Severity(StrEnum):
    """An error keeps an agreement from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong in an agreement, and what to do about it."""

    file: str
    line: int
    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.text}"


class Unusable(DomainError):
    """A file cannot be used; `findings` hold every reason, each with its file and line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


@dataclass(slots=True)
class Source:
    """One file: its value, and the lines of everything in it. A key's own line is under its loc, then `KEY`."""

    file: str
    value: object = None
    lines: dict[Loc, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, loc: Loc) -> int:
        """The line of a value, or of the nearest thing around it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def error(self, loc: Loc, text: str) -> None:
        """Note what makes the agreement unusable."""
        self.findings.append(Finding(self.file, self.line(loc), Severity.ERROR, text))

    def warn(self, loc: Loc, text: str) -> None:
        """Note what its author should look at."""
        self.findings.append(Finding(self.file, self.line(loc), Severity.WARNING, text))


def read_source(text: str, file: str) -> Source:
    """Read a file's text; what cannot be read is a finding, and the value is then `None`."""
    source = Source(file)
    try:
        _refuse_what_grows(text)
        node = yaml.compose(text, Loader=_LOADER)
        source.value = _value(node, (), source) if node else {}
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        source.findings.append(Finding(file, line, Severity.ERROR, f"{_UNREADABLE}: {wrong.problem}; {_NEAR}"))
    except yaml.YAMLError:
        source.error((), f"{_UNREADABLE}: it holds a character that no text has; save it as UTF-8")
    return source


def _refuse_what_grows(text: str) -> None:
    """An agreement says everything where it stands, in few levels: nothing in it grows beyond what is written."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        problem = ""
        if depth > _LEVELS:
            problem = "it is nested too deeply, as an agreement has about six levels"
        elif isinstance(event, yaml.AliasEvent):
            problem = "an alias stands here, where an agreement says what it stands for"
        if problem:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


def _value(node: yaml.Node, loc: Loc, source: Source) -> object:
    source.lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return {key: _value(value, (*loc, key), source) for key, value in _members(node, loc, source)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(value, (*loc, n), source) for n, value in enumerate(node.value)]
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _members(node: yaml.MappingNode, loc: Loc, source: Source) -> list[tuple[str, yaml.Node]]:
    members: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value)
        source.lines[*loc, name] = key.start_mark.line + 1
        if name in members:
            source.error((*loc, name), f"`{name}` stands here twice; keep one")
        members[name] = value
    return list(members.items())


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A remedy for a misspelt word: the nearest of those known, or all of them where they are few."""
    near = get_close_matches(word, [str(each) for each in known], n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"use one of: {', '.join(sorted(known))}" if 0 < len(known) <= 12 else "see the words that this file defines"
