"""What the parties undertake beside who may see what: no decision reads it, and people sign it all the same."""

from typing import Literal

from pydantic import Field

from app.sharing.words import Part, Parties, Period, Some, Span, Text, Word


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


class AuditTerms(Part):
    """Who answers for the trail, and who may be told what it says."""

    asked_of: Word = Field(description="the contact who answers who saw a record")
    reports: Period = Field(description="how often each party is told of its own staff, such as P7D")
    told: Some[Text] = Field(description="what is told, a sentence each")


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
