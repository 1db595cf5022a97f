"""A locality and its team, as the place configures them: one YAML file each, checked like an agreement is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from dateutil.rrule import rrulestr
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.sharing.facts import Account
from app.sharing.written.schema import check_schema
from app.sharing.written.source import Finding, Severity, Source, Unusable, did_you_mean, read_source
from app.sharing.written.words import Ods, RoleName, Some, Span, Text, Word
from app.vocabulary.ods_code import OdsCode


class InvalidLocality(Unusable):
    """A locality cannot be used."""


def _recurrence(rule: str) -> str:
    try:
        if "COUNT" in rule or "UNTIL" in rule:
            raise ValueError
        rrulestr(rule)
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            "a cadence is a rule of iCalendar without end, such as `FREQ=MONTHLY;BYDAY=2WE` for each second Wednesday"
        ) from None
    return rule


def _postcode_area(text: str) -> str:
    return text.upper().replace(" ", "")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Staff(_Part):
    """Someone who is named: by the account that they sign in with."""

    account: Text
    issuer: Text = "local"
    name: Text
    organisation: Ods = Field(description="the ODS code of whom they work for")
    role: RoleName = Field(description="in which role of the agreement they take part")
    email: Text | None = None

    @property
    def as_account(self) -> Account:
        """The account alone."""
        return Account(self.issuer, self.account)


class CoreRole(_Part):
    """A seat of the team: who holds it, and who may stand in."""

    id: Word
    title: Text
    holder: Staff = Field(description="who holds it: account, name, organisation and role")
    deputies: tuple[Staff, ...] = ()

    @property
    def staff(self) -> tuple[Staff, ...]:
        """The holder, then the deputies."""
        return (self.holder, *self.deputies)


class Quorum(_Part):
    """How many core roles must be filled, and which of them always."""

    at_least: int = Field(ge=1, le=50)
    always: tuple[Word, ...] = ()


class Cadence(_Part):
    """When meetings are: a recurrence rule of iCalendar, from a day on, at a time of London's clocks."""

    rule: Annotated[str, AfterValidator(_recurrence)] = "FREQ=MONTHLY;BYDAY=2WE"
    starts: date = Field(description="the first day that the rule counts from; write it as `2026-04-01`")
    at: time = Field(description="the time of day in London; write it as `13:30`")
    without: tuple[date, ...] = ()  # days on which no meeting is held after all
    place: Text = "by video"


class Agenda(_Part):
    """How many people fit, for how long each, until when the agenda is open, and what may still come after."""

    slots: int = Field(default=8, ge=1, le=40)
    minutes: int = Field(default=10, ge=1, le=60)
    lock: Span = timedelta(hours=24)  # before the meeting
    late: Literal["urgent", "never"] = "urgent"


class Consent(_Part):
    """Whether people are told that they are to be discussed, or asked."""

    practice: Literal["inform", "agree"] = Field(description="`inform`, or `agree` where the person is asked")
    says: Text = Field(description="what the locality's staff are told about it")


class Triage(_Part):
    """Who triages, and within how many working days."""

    by: Some[RoleName] = Field(description="the roles that may triage, such as `[mdt-chair]`")
    routine: int = Field(default=5, ge=1, le=60)
    urgent: int = Field(default=1, ge=1, le=60)


class Criterion(_Part):
    """Whom the team can help, in its own words."""

    id: Word
    says: Text


class LocalityDocument(_Part):
    """What a file says of one locality."""

    locality: Word
    title: Text
    team: Text = Field(description="the workgroup that the team's accounts carry, such as `Northgate MDT`")
    host: Ods = Field(description="the ODS code of the organisation that runs the meeting")
    practices: tuple[Ods, ...] = Field(description="the ODS codes of the practices whose people belong here")
    postcodes: tuple[Annotated[str, AfterValidator(_postcode_area)], ...] = Field(
        default=(), description="the first halves of postcodes, for people whose practice is not known"
    )
    cadence: Cadence = Field(description="when meetings are")
    agenda: Agenda = Agenda()
    quorum: Quorum = Field(description="how many core roles must be filled")
    core: Some[CoreRole] = Field(description="the seats of the team")
    others: tuple[Staff, ...] = ()  # who are of no seat, and are written to all the same
    managers: tuple[Staff, ...] = ()  # to whom an organisation's overdue actions are told, one for each
    consent: Consent = Field(description="whether people are told or asked")
    triage: Triage = Field(description="who triages, and how soon")
    criteria: Some[Criterion] = Field(description="whom the team can help")
    review_after: Span = timedelta(days=90)
    longest_stay: Span = timedelta(days=365)

    @model_validator(mode="after")
    def _belongs_somehow(self) -> Self:
        if not self.practices and not self.postcodes:
            raise ValueError("nobody belongs to this locality; name its practices or the first halves of its postcodes")
        return self

    @property
    def everyone(self) -> tuple[Staff, ...]:
        """Everyone whom the file names: holders and deputies of seats, managers, others."""
        seated = tuple(staff for seat in self.core for staff in seat.staff)
        return (*seated, *self.managers, *self.others)


@dataclass(frozen=True, slots=True)
class Localities:
    """Every locality of a place, by its id."""

    by_id: Mapping[str, LocalityDocument]

    def of(self, practices: Iterable[str], postcodes: Iterable[str]) -> LocalityDocument | None:
        """Where a person belongs: by the practice that they are registered with, else by where they live.

        `None` where neither is any locality's, or where what is stated points to more than one.
        """
        by_practice = self._holding("practices", {code.upper() for code in practices})
        if by_practice:
            return by_practice[0] if len(by_practice) == 1 else None
        by_home = self._holding("postcodes", {outward(code) for code in postcodes})
        return by_home[0] if len(by_home) == 1 else None

    def named(self, practices: Iterable[str], postcodes: Iterable[str]) -> str | None:
        """The same by its id."""
        found = self.of(practices, postcodes)
        return found.locality if found else None

    def _holding(self, field: str, codes: set[str]) -> list[LocalityDocument]:
        return [one for one in self.by_id.values() if codes & set(getattr(one, field))]


def outward(postcode: str) -> str:
    """The first half of a postcode, however it is spaced."""
    return "".join(postcode.split()).upper()[:-3]


_NONE: Final = Localities({})


def read_localities(folder: Path | None) -> Localities:
    """Every `*.yaml` of a folder; none where there is no folder. Raises `InvalidLocality`, which holds every error."""
    if folder is None:
        return _NONE
    read = [
        read_locality(path.read_bytes(), f"{path.parent.name}/{path.name}") for path in sorted(folder.glob("*.yaml"))
    ]
    findings = [finding for source, _ in read for finding in source.findings]
    known: dict[str, LocalityDocument] = {}
    for source, locality in read:
        if locality is not None:
            findings += _clashes(source, locality, known.values())
            known[locality.locality] = locality
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidLocality(sorted(findings))
    return Localities(known)


def read_locality(content: bytes, file: str) -> tuple[Source, LocalityDocument | None]:
    """Read one file; whatever is wrong is among the source's findings."""
    try:
        source = read_source(content.decode(), file)
    except UnicodeDecodeError:
        source = Source(file)
        source.error((), "the file is not UTF-8; save it as UTF-8")
    locality = None if source.findings else check_schema(source, LocalityDocument)
    if locality is not None:
        _check_core(locality, source)
    return source, locality


def _check_core(locality: LocalityDocument, source: Source) -> None:
    seats = [role.id for role in locality.core]
    for n, seat in enumerate(seats):
        if seat in seats[:n]:
            source.error(("core", n, "id"), f"the seat `{seat}` stands here twice; keep one")
    for n, seat in enumerate(locality.quorum.always):
        if seat not in seats:
            source.error(("quorum", "always", n), f"`{seat}` is no seat of this team; {did_you_mean(seat, seats)}")
    if locality.quorum.at_least > len(seats):
        source.error(("quorum", "at_least"), f"the team has {len(seats)} seats, so that it could never be quorate")
    if not any(staff.role == "mdt-chair" for role in locality.core for staff in role.staff):
        source.error(("core",), "nobody may chair; give one holder or deputy the role `mdt-chair`")


def _clashes(source: Source, locality: LocalityDocument, others: Iterable[LocalityDocument]) -> list[Finding]:
    """What two localities cannot both have."""
    found = []
    for other in others:
        told = f"{other.title} has it too; a person belongs to one locality"
        for field in ("practices", "postcodes"):
            shared = [n for n, code in enumerate(getattr(locality, field)) if code in getattr(other, field)]
            found += [_finding(source, (field, n), told) for n in shared]
        if locality.locality == other.locality or locality.team == other.team:
            found.append(_finding(source, ("locality",), "another file says the same locality or team; rename one"))
    return found


def _finding(source: Source, loc: tuple[str | int, ...], text: str) -> Finding:
    return Finding(source.file, source.line(loc), Severity.ERROR, text)


def organisations(locality: LocalityDocument) -> tuple[OdsCode, ...]:
    """Whose staff sit in the team, each once."""
    return tuple(sorted({staff.organisation for role in locality.core for staff in role.staff}))
