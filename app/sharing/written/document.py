"""What an agreement file may say: its sections, keys and words, each checked; `references` checks what they name."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from app.sharing.written.example import Example
from app.sharing.written.undertaking import (
    REVIEW_WARNED,
    AuditTerms,
    CaseStudies,
    Contact,
    Incidents,
    OnwardDisclosure,
    Retention,
    Review,
    Right,
)
from app.sharing.written.words import (
    ActionName,
    ClauseId,
    Controllers,
    Heading,
    Ods,
    Overrides,
    Part,
    Parties,
    Period,
    PurposeName,
    RoleName,
    Some,
    Span,
    Text,
    Word,
)
from app.vocabulary.category import Category
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import READ

EMERGENCY_ACCESS: Final = "emergency-access"
"""What a prohibition names in `override` to give way to an opening of emergency access."""

Requirement = Literal["relationship", "training"]


class Effective(Part):
    """In force from London midnight at the start of `from` until London midnight at the start of `to`."""

    from_: date = Field(alias="from", description="the first day on which it is in force")
    to: date = Field(description="the first day on which it is in force no longer")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("the agreement ends before it begins; put `to` after `from`")
        return self


class Party(Part):
    """An organisation that signs."""

    id: Word
    name: Text
    ods: Ods
    kind: Word
    controller: Literal["joint", "independent"]
    signed: date | None = None
    signatory: Text | None = None


class LawfulBasis(Part):
    """By what law some parties share for a purpose: UK GDPR, Data Protection Act 2018, and the common law."""

    parties: Parties
    art6: Literal["a", "b", "c", "d", "e", "f"]
    art9: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    dpa18: Text | None = None
    common_law: Literal["implied-consent", "explicit-consent", "public-interest", "statutory-duty"]


class PurposeTerms(Part):
    """What for, by what law, and what every grant for it asks of the requester."""

    title: Text
    bases: Some[LawfulBasis]
    requires: Some[Requirement] = Field(description="`[relationship, training]`, what every grant for it asks")
    relationships: Some[Word] = Field(description="the kinds of relationship that suffice for it")


class RoleTerms(Part):
    """A role, the parties at which it is held, and the national codes (NRBAC) that a sign-in may bring for it."""

    title: Text
    at: Parties = Field(description="the parties at which it is held, or `all`")
    national: tuple[Text, ...] = ()


class _Clause(Part):
    id: ClauseId
    reason: Text = Field(description="why, in words that the person could be told")


class Grant(_Clause):
    """Who may do what, with which labels, for what."""

    roles: Some[RoleName]
    to: Parties = "all"
    from_: Parties = Field(alias="from", description="the parties whose entries it covers, or `all`")
    purposes: Some[PurposeName]
    actions: Some[ActionName]
    categories: Some[Heading]
    sensitivities: Some[Sensitivity] | None = None
    relationships: Some[Word] | None = None
    max_age: Period | None = None
    obligations: tuple[Word, ...] = ()


class When(Part):
    """What a prohibition waits for, and which labels it then covers; what is left out narrows nothing."""

    own_record: bool = False
    objection: Literal["upheld"] | None = None
    flag: FlagKind | None = None
    after: Span | None = None
    sensitivity: Some[Sensitivity] | None = None
    category: Some[Heading] | None = None
    controller: Controllers | None = None
    to: Some[Word] | None = None

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        if sum(map(bool, (self.own_record, self.objection, self.flag))) > 1:
            raise ValueError("a prohibition waits for one thing; write one clause each for own_record, objection, flag")
        if self.flag is None and (self.after is not None or self.controller == "raised-by"):
            raise ValueError("`after` and `raised-by` speak of a flag; name the flag, or leave them out")
        return self


class Prohibition(_Clause):
    """What no grant gives; `override` lists the purposes that it gives way to, `emergency-access` among them."""

    when: When
    override: Overrides
    notice: Literal["silent", "generic"]

    @property
    def gives_way_to(self) -> frozenset[str]:
        """The purposes, and perhaps emergency access, for which it does not hold."""
        return frozenset() if self.override == "never" else frozenset(self.override)


class EmergencyAccess(_Clause):
    """What a user who opened a record in an emergency may see without a relationship, and for how long."""

    roles: Some[RoleName]
    to: Parties = "all"
    from_: Parties = Field(alias="from")
    purposes: Some[PurposeName]
    actions: Some[ActionName] = (READ,)
    categories: Some[Heading]
    sensitivities: Some[Sensitivity] | None = None
    requires: tuple[Literal["training"], ...] = ("training",)
    lasts: Span
    obligations: Some[Word]


class GuestProfile(_Clause):
    """What a guest sees of one person on an agenda, only reading, from `lead` before the meeting to `lag` after."""

    profile: Word
    roles: Some[RoleName]
    to: Parties = "all"
    from_: Parties = Field(alias="from")
    purposes: Some[PurposeName]
    categories: Some[Heading]
    sensitivities: Some[Sensitivity] | None = None
    lead: Span
    lag: Span
    accept: Literal["required"]
    obligations: tuple[Word, ...] = ()


class Obligation(Part):
    """What must be done with a decision: `always`, when a flag is raised, or when a clause names it."""

    title: Text
    when: Literal["always"] | FlagKind | None = None
    within: Span | None = Field(default=None, description="how soon it must be done, such as P5D")


class Objections(Part):
    """Who decides whether an objection is upheld, and whether it holds until they have."""

    decided_by: Some[RoleName]
    until_decided: Literal["holds", "waits"] = "holds"


class MadeRelationship(Part):
    """A relationship that staff make here, where no feed tells one: for a colleague, or for themselves."""

    kind: Word
    by: Literal["colleague", "self"]
    roles: Some[RoleName] = Field(description="who may make it")
    lasts: Span
    reason: Text


class SpecialRecord(Part):
    """A flag that staff raise and lift: in which roles, and whether it takes two of them to lift it."""

    flag: Literal["sealed", "staff-or-vip"]
    roles: Some[RoleName] = Field(description="who raises and lifts it")
    lifted_by_two: bool = True
    reason: Text


class NoticeTexts(Part):
    """What viewers are told of what is not shown: fixed sentences, which clauses choose and never word."""

    banner: Text = Field(
        default="This record may be incomplete. Do not rely on something being absent from it.",
        description="what stands above every record, whoever's it is",
    )
    not_for_role: Text = Field(
        default="Your role does not see", description="the words before the headings that a role never sees"
    )
    withheld: Text = Field(
        default="Some information is not shown here. Ask your records team if you need to know more.",
        description="what is said where a clause has `notice: generic`: no heading, number, date, source or reason",
    )

    @classmethod
    def of(cls, stated: Iterable["NoticeTexts | None"]) -> Self:
        """Those of several agreements, each sentence once: whichever of them withholds, the same is said."""
        each = [texts or cls() for texts in stated] or [cls()]
        return cls(
            banner=" ".join(dict.fromkeys(texts.banner for texts in each)),
            not_for_role=each[0].not_for_role,
            withheld=" ".join(dict.fromkeys(texts.withheld for texts in each)),
        )


class Agreement(Part):
    """One information sharing agreement, one file."""

    isa: Word
    title: Text
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["draft", "simulated", "approved", "in-force", "suspended", "ended"]
    effective: Effective
    review_by: date = Field(description="the day by which the parties review it, such as 2027-04-01")
    ordinary: Some[Sensitivity] = Field(description="the sensitivities that a grant covers without naming them")
    parties: Some[Party]
    purposes: dict[PurposeName, PurposeTerms]
    roles: dict[RoleName, RoleTerms]
    actions: dict[ActionName, Text]
    relationships: dict[Word, Text]
    category_groups: dict[Word, Some[Heading]] = Field(default={})
    grants: tuple[Grant, ...]
    prohibitions: tuple[Prohibition, ...]
    notices: NoticeTexts | None = None
    objections: Objections
    made_relationships: tuple[MadeRelationship, ...] = ()
    special_records: tuple[SpecialRecord, ...] | None = None  # left out of the hash where it is not written
    emergency_access: EmergencyAccess | None = None
    guests: tuple[GuestProfile, ...] = ()
    obligations: dict[Word, Obligation]
    contacts: dict[Word, Contact] = Field(default={})
    onward_disclosure: tuple[OnwardDisclosure, ...] = ()
    retention: tuple[Retention, ...] = ()
    audit: AuditTerms | None = None
    case_studies: CaseStudies | None = None
    incidents: Incidents | None = None
    rights: tuple[Right, ...] = ()
    review: Review | None = None
    unknown_attribute: Literal["deny-and-alarm"]
    examples: Some[Example]

    def organisations(self, parties: str | Iterable[str]) -> frozenset[OdsCode]:
        """The ODS codes of parties, by their ids or `all`; raises `KeyError` for an id that is no party's."""
        codes = {party.id: party.ods for party in self.parties}
        return frozenset(codes.values() if parties == "all" else (codes[party] for party in parties))

    def review_warned(self) -> list[timedelta]:
        """How long before `review_by` its review is warned of, the longest first."""
        return sorted((self.review and self.review.warned) or REVIEW_WARNED, reverse=True)

    def expand(self, words: Iterable[str]) -> frozenset[Category]:
        """The categories that words name, groups taken apart; raises `ValueError` for a word that is neither."""
        return frozenset(Category(code) for word in words for code in self.category_groups.get(word, (word,)))
