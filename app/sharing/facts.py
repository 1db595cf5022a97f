"""What is known of a person that decides who may see them: relationships, objections, flags, openings, invitations.

Pure values; `store.py` reads them. Every window is [started, ended) in UTC, and `ended` is `None` while it lasts.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from app.identity.requester import Requester
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode


class Account(NamedTuple):
    """One user, as their sign-in provider knows them: a subject alone is not unique."""

    issuer: str
    subject: str

    @classmethod
    def of(cls, issuer: str | None, subject: str | None) -> "Account | None":
        """The user whom two columns name; nobody where they name none."""
        return cls(issuer, subject) if issuer and subject else None

    def is_called(self, subject: str) -> bool:
        """Whether it may be the same person's: one name with two providers counts as one person, however it is written.

        Of whoever must not decide about themselves; nobody is given anything by it.
        """
        return self.subject.casefold() == subject.casefold()


class ObjectionScope(StrEnum):
    """How much a person objects to."""

    ALL = "all"
    CATEGORY = "category"
    SOURCE = "source"  # what one organisation recorded
    RECIPIENT = "recipient"  # one organisation seeing anything
    USER = "user"  # one named user seeing anything
    MEETING = "meeting"  # being discussed by one team, or at one of its meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Why an organisation may ask about a person; `team` and `account`, where given, narrow it to them."""

    id: str
    kind: str
    organisation: OdsCode
    started: datetime
    ended: datetime | None = None
    revoked: datetime | None = None
    team: str | None = None
    account: Account | None = None

    def covers(self, requester: Requester, at: datetime) -> bool:
        """Whether it holds at an instant for this requester."""
        return (
            self.organisation == requester.organisation
            and (self.team is None or self.team in requester.teams)
            and (self.account is None or self.account == account_of(requester))
            and holds(self.started, self.ended, at)
            and (self.revoked is None or at < self.revoked)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What a person objected to; only an upheld one decides. It is lifted by its end.

    `scope` is an `ObjectionScope`, or what the store holds where that is none of them: such an objection denies.
    `meeting` is a locality, or one of its meetings as `Invitation` names it; `team` the locality's workgroup, where all
    of its meetings are meant.
    """

    id: str
    scope: str
    upheld: bool
    started: datetime
    ended: datetime | None = None
    category: Category | None = None
    organisation: OdsCode | None = None
    account: Account | None = None
    meeting: str | None = None
    team: str | None = None

    def closes(self, meeting: str | None) -> bool:
        """Whether it is to this meeting, or to all of its team's."""
        return self.meeting is not None and meeting is not None and f"{meeting}/".startswith(f"{self.meeting}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flag that one partner raised and has not lowered; `kind` is a `FlagKind`, or what the store holds instead."""

    kind: str
    partner: OdsCode
    since: datetime

    def counts(self, at: datetime) -> bool:
        """Whether it still does at an instant: a child's no longer once they are 18."""
        return self.kind != FlagKind.CHILD or london_date(at) < came_of_age(london_date(self.since))

    @property
    def id(self) -> str:
        """What names it among the facts of one person."""
        return f"{self.partner}/{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpening:
    """One user opened one person's record in an emergency, with a reason that the trail holds."""

    id: str
    account: Account
    organisation: OdsCode
    started: datetime
    ended: datetime

    def covers(self, requester: Requester, at: datetime) -> bool:
        """Whether it holds at an instant for this requester."""
        return (
            self.account == account_of(requester)
            and self.organisation == requester.organisation
            and self.started <= at < self.ended
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A guest is invited for one person on one agenda, by a guest profile of an agreement.

    `started` and `ended` are those of the meeting: the agreement says how long before and after it opens. `meeting` is
    its locality and day, such as `northgate/2026-12-03`.
    """

    id: str
    profile: str
    account: Account
    organisation: OdsCode
    started: datetime
    ended: datetime
    accepted: bool
    on_agenda: bool
    meeting: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """All that decides about one person; empty for someone whom nobody knows, so that both are refused alike.

    `nhs_numbers` are all of theirs, after merges, so that nobody looks themselves up. The National Data Opt-Out
    concerns uses beyond individual care: no decision reads it.
    """

    nhs_numbers: frozenset[NHSNumber] = frozenset()
    relationships: tuple[Relationship, ...] = ()
    objections: tuple[Objection, ...] = ()
    flags: tuple[Flag, ...] = ()
    openings: tuple[EmergencyOpening, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    national_data_opt_out: bool = False


def came_of_age(born: date) -> date:
    """The London date from which somebody is 18; whoever was born on 29 February is so on 1 March.

    Family Law Reform Act 1969 sections 1 and 9.
    """
    year = born.year + 18
    return date(year, 3, 1) if (born.month, born.day) == (2, 29) and not isleap(year) else born.replace(year=year)


def holds(started: datetime, ended: datetime | None, at: datetime) -> bool:
    """Whether an instant lies in [started, ended)."""
    return started <= at and (ended is None or at < ended)


def account_of(requester: Requester) -> Account:
    """The user who asks, whatever their role."""
    return Account(requester.issuer, requester.subject)
