"""The examples of an agreement file: sentences about it that are executed, so that it says what its authors meant."""

from typing import Literal

from pydantic import Field

from app.sharing.facts import ObjectionScope
from app.sharing.written.words import ActionName, Heading, Part, Parties, PurposeName, RoleName, Some, Text, Word
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.token import READ


class ObjectionExample(Part):
    """An upheld objection in an example."""

    scope: ObjectionScope
    category: Word | None = None
    party: Word | None = None


class Situation(Part):
    """The person and the requester in an example."""

    relationship: Word | None = None
    by_team: bool | None = Field(default=None, description="the relationship is that of a team that meets")
    training: Literal["current", "lapsed"] = "current"
    flags: dict[FlagKind, Word] = Field(default={}, description="each flag with the party that raised it")
    objection: ObjectionExample | None = None
    own_record: bool = False
    opening: bool = False
    invitation: Word | None = None


class Seen(Part):
    """The labels that an example asks about."""

    from_: Parties = Field(default="all", alias="from")
    categories: Some[Heading]
    sensitivities: Some[Sensitivity] = (Sensitivity.NORMAL,)


class Example(Part):
    """A sentence about the agreement, executed: all of `see` is permitted, or none of it.

    With `granted: everything` it is executed beside another agreement that grants everything to everyone, so that it
    tells what is forbidden whatever anyone grants.
    """

    says: Text
    as_: RoleName = Field(alias="as")
    at: Word
    purpose: PurposeName
    action: ActionName = READ
    person: Situation = Situation()
    granted: Literal["everything"] | None = None
    see: Seen
    expect: Literal["permit", "deny"]
    told: Literal["withheld", "nothing"] | None = Field(
        default=None, description="whether the viewer is told that something is not shown"
    )
