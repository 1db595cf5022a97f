"""What a partner's message says, in words that do not depend on its format: what adapters give and intake takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from app.vocabulary.category import Category
from app.vocabulary.flag import TOLD_BY_FEEDS, FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode

Resource = dict[str, Any]
"""One FHIR R4 resource as JSON-shaped values, without `id`, `meta` and subject: those are given when it is stored."""


class Tracing(StrEnum):
    """NHS NUMBER STATUS INDICATOR CODE (NHS Data Dictionary)."""

    VERIFIED = "01"
    NOT_TRACED = "02"
    TRACE_REQUIRED = "03"
    NO_MATCH = "04"
    CONFLICT = "05"
    IN_PROGRESS = "06"
    NOT_REQUIRED = "07"
    POSTPONED = "08"
    UNSTATED = ""  # the source says nothing: treated as not traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a partner says its statement is about. Nothing here is yet believed. Its `repr` holds no personal data."""

    local_id: str | None = None  # the partner's own number for this person, unique within the partner
    nhs_number: NHSNumber | None = None
    tracing: Tracing = Tracing.UNSTATED
    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    birth_date: date | None = None
    gender: str | None = None  # a FHIR AdministrativeGender code: male, female, other, unknown
    postcode: str | None = None
    uprn: str | None = None
    death_date: date | None = None

    def __repr__(self) -> str:
        return "Subject(•••)"


class Standing(StrEnum):
    """Whether an entry holds: what turns past is told by its `ended`, so that nothing need rewrite it."""

    CURRENT = "current"
    PLANNED = "planned"
    ENDED = "ended"
    ENTERED_IN_ERROR = "entered-in-error"


class Elsewhere(StrEnum):
    """What becomes of an entry of the same key that is held about somebody else."""

    STANDS = "stands"  # each has their own, as `Patient`
    BARS = "bars"  # the key is of one person: nobody else's is filed until its source takes that back
    YIELDS = "yields"  # it is whose its source says last; what happened at another time is another thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One FHIR resource that a partner states about its subject. Its `repr` holds no personal data.

    `key` names it within its partner and adapter, the same each time it is sent, such as `Encounter/V1234`; the
    partner's own identifier or the fields that the source's rules call unique make it, never a position in a file.
    `title` and `detail` are what a reader sees on one line; `detail` may hold free text of the source.
    `concept` is `system|code` where two partners may state the same thing (an allergy, a problem), else `None`.
    `keeps` lists top-level elements of `resource` on which this message is silent: what was known stays.
    `presumes` lists what the entry gives only for want of anything known: top-level elements of `resource`, and
    `started`, `ended`, `standing` and `sensitivity`.
    `only_if_new` leaves what is held under the key as it is.
    `elsewhere` says what becomes of the same about somebody else.
    `derived_from` are resources of other entries whose words stand in this one: it is as sensitive as the strictest.
    `started` and `ended` are instants in UTC; a thing of one moment has both alike; `ended` is `None` while it lasts.
    `recorded` is when the source wrote it: an entry recorded earlier than what is held never replaces it.
    """

    key: str
    category: Category
    resource: Resource
    title: str
    line: int
    sensitivity: Sensitivity = Sensitivity.NORMAL
    detail: str = ""
    concept: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    recorded: datetime | None = None
    standing: Standing = Standing.CURRENT
    keeps: tuple[str, ...] = ()
    presumes: tuple[str, ...] = ()
    attachment: bytes | None = None  # of a DocumentReference: the document itself, never inside `resource`
    only_if_new: bool = False
    elsewhere: Elsewhere = Elsewhere.STANDS
    derived_from: tuple[Resource, ...] = ()

    def __repr__(self) -> str:
        return f"Entry({self.category}, line {self.line})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFlag:
    """One partner says that a flag holds, or holds no longer; of those that are for feeds to tell."""

    kind: FlagKind
    raised: bool

    def __post_init__(self) -> None:
        if self.kind not in TOLD_BY_FEEDS:
            raise ValueError(f"no feed tells that somebody is `{self.kind}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Why an organisation may ask about the subject, as a feed shows it: an open referral, an admission, a tenancy.

    `kind` is one of the relationship kinds that agreements name: registration, referral, caseload, admission,
    tenancy, care-package. `key` is stable as an entry's is. `ended` is `None` while it lasts.
    """

    key: str
    kind: str
    started: datetime
    ended: datetime | None = None
    organisation: OdsCode | None = None  # None: the partner that sent the message
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """All that one message, or one row of a file, says about one subject."""

    subject: Subject
    line: int
    entries: tuple[Entry, ...] = ()
    flags: tuple[PersonFlag, ...] = ()
    relationships: tuple[Relationship, ...] = ()


class MergeKind(StrEnum):
    """What an identity message does; what each is called in HL7 v2 is told beside it."""

    MERGE = "merge"  # A34, A40: the retired person's record moves to the surviving one
    CHANGE_ID = "change-id"  # A47: the same person, under a corrected local identifier
    MOVE_VISIT = "move-visit"  # A42: entries of one visit move to another visit


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChange:
    """The partner says that two of its identifiers are one person, or that one was wrong.

    `keys` pairs each entry key that is retired, and whatever stands below it, with the one that takes its place: of the
    two visits, or of what is filed under the person's own number.
    """

    kind: MergeKind
    surviving: Subject
    retired: Subject
    line: int
    recorded: datetime | None = None
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """The message holds all entries of this feed whose keys begin with `prefix`, as at a date.

    What was open and is missing from it has ended by the date of the last message that held it.
    """

    prefix: str
    as_at: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """The partner says that what it stated through this adapter was an error: it is kept, and shown no more.

    It is named by its `key`, or by the `number` that it was given here; what stands below the key goes with it.
    """

    line: int
    key: str | None = None
    number: int | None = None


class Severity(StrEnum):
    """What a finding means for the row: told, or refused."""

    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in a message, said to whoever can mend it: a field's name, never its value or a person's.

    `rule` is the source's own rule id where it publishes one (`MHS00101`, `CLD-R1 Event End Date`), else one of ours.
    `line` is counted from 1 as the sender counts it; in a ZIP, `part` names the file.
    """

    rule: str
    severity: Severity
    line: int
    text: str
    part: str | None = None


def refuses(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings on a row refuses it."""
    return any(finding.severity is Severity.REFUSED for finding in findings)


Utterance = Statement | IdentityChange | Complete | Retraction | Finding


class UnreadableMessage(Exception):
    """The whole message is refused: nothing of it can be trusted. Holds no personal data."""

    def __init__(self, rule: str, text: str, *, line: int = 0, part: str | None = None) -> None:
        super().__init__(text)
        self.finding = Finding(rule=rule, severity=Severity.REFUSED, line=line, text=text, part=part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sent a message, and how its mapped columns are called (our field name to the partner's heading).

    `encoding` is that of text files, declared by the partner and never guessed.
    """

    partner: OdsCode
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
