"""What every part of the adapter shares while one message is read: its sender, its times, and what was wrong in it."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, TypeVar

from app.adapters.acute_hl7v2.message.segments import Message, Segment
from app.adapters.acute_hl7v2.message.timestamps import Moment, read_date, read_moment
from app.adapters.discretion import asked_by, strictest
from app.adapters.elements import local_code_system
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Finding, Resource, Severity

Made = TypeVar("Made")

_KEY_MARKS: Final = str.maketrans({"/": "%2F", "%": "%25"})


class Reading:
    """One message being read; `line` is its ordinal in the stream, from 1, `type` such as `ADT^A01`, `trigger` `A01`.

    `recorded` is EVN-2, else MSH-7: when the source wrote it. `occurred` is EVN-6, else `recorded`: when it happened.
    """

    __slots__ = ("findings", "line", "message", "occurred", "partner", "recorded", "trigger", "type")

    def __init__(self, message: Message, *, partner: OdsCode, line: int) -> None:
        self.message = message
        self.trigger = message.header.code(9, 2) or message.one("EVN").code(1)
        self.type = f"{message.header.code(9)}^{self.trigger}"
        self.partner = partner
        self.line = line
        self.findings: list[Finding] = []
        event = message.one("EVN")
        self.recorded = self.moment(event, 2) or self.moment(message.header, 7)
        self.occurred = self.moment(event, 6) or self.recorded

    @property
    def recorded_at(self) -> datetime | None:
        """The instant at which the source wrote it."""
        return self.recorded.instant if self.recorded else None

    def entry(self, key: str, category: Category, resource: Resource, title: str, **rest: Any) -> Entry:
        """An entry of this message, recorded when the message says, with the care that its words ask for.

        Who somebody is asks for none by their name: Marac is one.
        """
        if resource["resourceType"] != "Patient":
            by_its_words = asked_by(f"{title}\n{rest.get('detail', '')}")
            rest["sensitivity"] = strictest(rest.get("sensitivity", Sensitivity.NORMAL), by_its_words)
        return Entry(
            key=key,
            category=category,
            resource=resource,
            title=title,
            line=self.line,
            recorded=self.recorded_at,
            **rest,
        )

    def warn(self, rule: str, text: str) -> None:
        """Tell that something was wrong, though the rest is read."""
        self._tell(Finding(rule=rule, severity=Severity.WARNING, line=self.line, text=text))

    def refuse(self, rule: str, text: str) -> None:
        """Tell that something was so wrong that it is not filed."""
        self._tell(Finding(rule=rule, severity=Severity.REFUSED, line=self.line, text=text))

    def moment(self, segment: Segment, field: int, component: int = 1) -> Moment | None:
        """A time of the message; `None` with a warning where it makes no sense."""
        text = segment.code(field, component)
        if not text:
            return None
        try:
            return read_moment(text)
        except ValueError as wrong:
            self.warn(f"{segment.name}-{field}", f"{wrong}; the time is taken to be unknown")
            return None

    def date(self, segment: Segment, field: int) -> date | None:
        """A calendar date of the message; `None` with a warning where it makes no sense."""
        text = segment.code(field)
        if not text:
            return None
        try:
            return read_date(text)
        except ValueError as wrong:
            self.warn(f"{segment.name}-{field}", f"{wrong}; the date is taken to be unknown")
            return None

    def once(self, segment: Segment, make: Callable[..., Made], *given: Hashable) -> Made:
        """What `make` gives of this reading, the segment and `given`; of a segment that is repeated, what it gave.

        `make` looks at nothing else of the message. What it warns of is told of each message.
        """
        name = (make, *given)
        held = segment.once.get(name)
        if held is None:
            told, self.findings = self.findings, []
            held = segment.once[name] = (make(self, segment, *given), self.findings)
            self.findings = told
        for finding in held[1]:
            self._tell(replace(finding, line=self.line))
        made: Made = held[0]
        return made

    def _tell(self, finding: Finding) -> None:
        if finding not in self.findings:  # a fault that every result repeats is told once
            self.findings.append(finding)

    def code_system(self, name: str) -> str:
        """The system of codes that only the sender knows."""
        return local_code_system(self.partner, name)


def key(*parts: str) -> str:
    """The key of an entry, of parts that the source names."""
    return "/".join(part.translate(_KEY_MARKS) for part in parts)


def below(parent: str, *parts: str) -> str:
    """The key of what belongs to the entry of another key."""
    return f"{parent}/{key(*parts)}"
