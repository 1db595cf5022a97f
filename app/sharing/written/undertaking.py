"""What the parties undertake beside who may see what: no decision about a record reads it, and people sign it too."""

from datetime import timedelta
from typing import Final, Literal

from pydantic import Field

from app.sharing.written.duration import Duration
from app.sharing.written.words import Heading, Part, Parties, Period, PurposeName, RoleName, Some, Span, Text, Word

LONGEST_PERMISSION: Final = Duration.parse("P3Y")
"""To tell somebody's story, where an agreement does not say: then the person is asked again."""

REVIEW_WARNED: Final = (timedelta(days=60), timedelta(days=14))
"""How long ahead a review is warned of, where an agreement does not say."""


class Contact(Part):
    """Whom to turn to: an office, never a person, so that it outlasts whoever holds it."""

    office: Text
    party: Word
    email: Text | None = None
    telephone: Text | None = None


class OnwardDisclosure(Part):
    """To whom outside the agreement something may be passed on, when, and by what law."""

    to: Text
    when: Text
    law: Text
    asked_of: Word = Field(description="the contact who decides")


class Retention(Part):
    """How long something is kept, and why so long."""

    what: Text
    keep: Period
    reason: Text


class TrailReading(Part):
    """Who reads the trail: of their own organisation's staff, or of all where they are of a party in `of_all_at`."""

    by: Some[RoleName] = Field(description="the roles that read it")
    for_: PurposeName = Field(alias="for", description="the purpose for which they answer who saw a person")
    of_all_at: tuple[Word, ...] = Field(default=(), description="the parties at which they read of every party's staff")
    staff_named: bool = Field(default=False, description="whether a person who asks is told staff by name")


class OwnLooks(Part):
    """What whoever signs in for themselves is told of who looked at their record; nobody weighs it before they read it.

    Besides, nothing is told of what was done for a purpose that rests on the public interest, of what is more sensitive
    than `ordinary`, nor of what somebody just now looks into.
    """

    says: Text = Field(description="what they read above it: that something may not be told, and whom to ask")
    kept_back: Some[Heading] = Field(description="headings of which nothing is told, as they may be about others too")
    told_despite: tuple[Literal["dissent", "staff-or-vip", "child"], ...] = Field(
        default=(), description="the flags of a person who is told all the same; with any other they are told nothing"
    )


class AuditTerms(Part):
    """Who answers for the trail, who reads it, and what is told of it; where nobody is named, nobody reads it here."""

    asked_of: Word = Field(description="the contact who answers who saw a record")
    reports: Period = Field(description="how often each party is told of its own staff, such as P7D")
    told: Some[Text] = Field(description="what is told, a sentence each")
    read: TrailReading | None = None
    themselves: OwnLooks | None = Field(
        default=None, description="what a person who signs in is told of who looked; without it, nothing"
    )
    keep: Period | None = Field(
        default=None, description="how long the trail keeps what events say, such as P8Y; their hashes stay for good"
    )
    keep_alerts: Period | None = Field(
        default=None,
        description="how long an alert is kept once it is closed, such as P3Y; as long as the trail if unsaid",
    )


class CaseStudies(Part):
    """What the parties undertake before anybody's story is told."""

    told: Some[Text] = Field(description="on whose permission, how it is checked and who approves it, a sentence each")
    permission_lasts: Period | None = Field(
        default=None, description="how long a permission lasts at most, such as P2Y; three years if unsaid"
    )


class Incidents(Part):
    """What is done when something went wrong."""

    told: Word = Field(description="the contact who is told")
    within: Span = Field(description="how soon the other parties are told, such as PT24H")
    steps: Some[Text]


class Right(Part):
    """A right of the person, and how the parties meet it together."""

    title: Text
    law: Text
    asked_of: Word = Field(description="the contact whom the person asks")
    within: Period
    how: Text


class Review(Part):
    """How often the parties review the agreement, and what becomes of it when they have not."""

    every: Period
    overdue: Literal["suspend", "continue"] = Field(
        description="`suspend`: it permits nothing from the day after `review_by`, until it is reviewed"
    )
    by: Parties = "all"
    warned: Some[Span] | None = Field(
        default=None,
        description="how long ahead it is warned of: [P60D, P14D] if unsaid, the last time to hold it",
    )
