"""Whether every word that an agreement uses is defined: parties, roles, purposes, categories and the rest."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from app.sharing.written.document import (
    EMERGENCY_ACCESS,
    Agreement,
    EmergencyAccess,
    Grant,
    GuestProfile,
    Prohibition,
)
from app.sharing.written.example import Example
from app.sharing.written.source import Loc, Source, did_you_mean
from app.vocabulary.category import CATEGORIES


class Reference(NamedTuple):
    """A word at a place that must be one of those known."""

    loc: Loc
    word: str
    known: Collection[str]
    noun: str


def check_references(agreement: Agreement, source: Source) -> None:
    """Note every word that the agreement uses and nobody defines."""
    for reference in references(agreement):
        if reference.word not in reference.known:
            remedy = did_you_mean(reference.word, reference.known)
            source.error(reference.loc, f"`{reference.word}` is no {reference.noun}; {remedy}")


def references(agreement: Agreement) -> Iterator[Reference]:
    """Every word that refers to a definition, in the file's order."""
    words = _Words(agreement)
    for purpose, terms in agreement.purposes.items():
        for n, basis in enumerate(terms.bases):
            yield from words.parties(("purposes", purpose, "bases", n, "parties"), basis.parties)
        yield from words.each(
            ("purposes", purpose, "relationships"), terms.relationships, agreement.relationships, _KIND
        )
    for role, held in agreement.roles.items():
        yield from words.parties(("roles", role, "at"), held.at)
    for group, members in agreement.category_groups.items():
        yield from words.each(("category_groups", group), members, CATEGORIES, "category")
    for n, grant in enumerate(agreement.grants):
        yield from words.grant(("grants", n), grant)
    for n, prohibition in enumerate(agreement.prohibitions):
        yield from words.prohibition(("prohibitions", n), prohibition)
    for n, made in enumerate(agreement.made_relationships):
        place: Loc = ("made_relationships", n)
        yield Reference((*place, "kind"), made.kind, agreement.relationships, _KIND)
        yield from words.each((*place, "roles"), made.roles, agreement.roles, "role")
    for n, special in enumerate(agreement.special_records or ()):
        yield from words.each(("special_records", n, "roles"), special.roles, agreement.roles, "role")
    yield from words.each(("objections", "decided_by"), agreement.objections.decided_by, agreement.roles, "role")
    if agreement.emergency_access:
        yield from words.clause(("emergency_access",), agreement.emergency_access)
        actions = agreement.emergency_access.actions
        yield from words.each(("emergency_access", "actions"), actions, agreement.actions, "action")
    for n, guest in enumerate(agreement.guests):
        yield from words.clause(("guests", n), guest)
    yield from words.undertakings()
    for n, example in enumerate(agreement.examples):
        yield from words.example(("examples", n), example)


_KIND = "relationship kind of this agreement"


class _Words:
    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.party_ids = [party.id for party in agreement.parties]
        self.categories = [*CATEGORIES, *agreement.category_groups]

    def each(self, loc: Loc, words: Iterable[str], known: Collection[str], noun: str) -> Iterator[Reference]:
        for n, word in enumerate(words):
            yield Reference((*loc, n), word, known, noun)

    def parties(self, loc: Loc, parties: str | tuple[str, ...]) -> Iterator[Reference]:
        if isinstance(parties, tuple):
            yield from self.each(loc, parties, self.party_ids, "party")

    def clause(self, loc: Loc, clause: Grant | EmergencyAccess | GuestProfile) -> Iterator[Reference]:
        yield from self.each((*loc, "roles"), clause.roles, self.agreement.roles, "role")
        yield from self.parties((*loc, "to"), clause.to)
        yield from self.parties((*loc, "from"), clause.from_)
        yield from self.each((*loc, "purposes"), clause.purposes, self.agreement.purposes, "purpose")
        yield from self.each((*loc, "categories"), clause.categories, self.categories, "category or group")
        yield from self.each((*loc, "obligations"), clause.obligations, self.agreement.obligations, "obligation")

    def grant(self, loc: Loc, grant: Grant) -> Iterator[Reference]:
        yield from self.clause(loc, grant)
        yield from self.each((*loc, "actions"), grant.actions, self.agreement.actions, "action")
        yield from self.each((*loc, "relationships"), grant.relationships or (), self.agreement.relationships, _KIND)

    def prohibition(self, loc: Loc, prohibition: Prohibition) -> Iterator[Reference]:
        when, place = prohibition.when, (*loc, "when")
        yield from self.each((*place, "category"), when.category or (), self.categories, "category or group")
        if when.controller != "raised-by":
            yield from self.parties((*place, "controller"), when.controller or ())
        yield from self.parties((*place, "to"), when.to or ())
        if prohibition.override != "never":
            known = [*self.agreement.purposes, EMERGENCY_ACCESS]
            yield from self.each((*loc, "override"), prohibition.override, known, "purpose")

    def undertakings(self) -> Iterator[Reference]:
        agreement = self.agreement
        for name, contact in agreement.contacts.items():
            yield Reference(("contacts", name, "party"), contact.party, self.party_ids, "party")
        asked: list[tuple[Loc, str]] = [
            *(
                (("onward_disclosure", n, "asked_of"), each.asked_of)
                for n, each in enumerate(agreement.onward_disclosure)
            ),
            *((("rights", n, "asked_of"), each.asked_of) for n, each in enumerate(agreement.rights)),
        ]
        if agreement.audit:
            asked.append((("audit", "asked_of"), agreement.audit.asked_of))
            yield from self.trail_reading()
            if agreement.audit.themselves:
                kept_back, place = agreement.audit.themselves.kept_back, ("audit", "themselves", "kept_back")
                yield from self.each(place, kept_back, self.categories, "category or group")
        if agreement.incidents:
            asked.append((("incidents", "told"), agreement.incidents.told))
        for loc, contact_name in asked:
            yield Reference(loc, contact_name, agreement.contacts, "contact")
        if agreement.review:
            yield from self.parties(("review", "by"), agreement.review.by)

    def trail_reading(self) -> Iterator[Reference]:
        if self.agreement.audit and (read := self.agreement.audit.read):
            place: Loc = ("audit", "read")
            yield from self.each((*place, "by"), read.by, self.agreement.roles, "role")
            yield Reference((*place, "for"), read.for_, self.agreement.purposes, "purpose")
            yield from self.parties((*place, "of_all_at"), read.of_all_at)

    def example(self, loc: Loc, example: Example) -> Iterator[Reference]:
        agreement, person, place = self.agreement, example.person, (*loc, "person")
        yield Reference((*loc, "as"), example.as_, agreement.roles, "role")
        yield Reference((*loc, "at"), example.at, self.party_ids, "party")
        yield Reference((*loc, "purpose"), example.purpose, agreement.purposes, "purpose")
        yield Reference((*loc, "action"), example.action, agreement.actions, "action")
        yield from self.parties((*loc, "see", "from"), example.see.from_)
        yield from self.each((*loc, "see", "categories"), example.see.categories, self.categories, "category or group")
        for flag, party in person.flags.items():
            yield Reference((*place, "flags", flag), party, self.party_ids, "party")
        if person.relationship:
            yield Reference((*place, "relationship"), person.relationship, agreement.relationships, _KIND)
        if person.invitation:
            profiles = [guest.profile for guest in agreement.guests]
            yield Reference((*place, "invitation"), person.invitation, profiles, "guest profile")
        if person.objection and person.objection.category:
            yield Reference((*place, "objection", "category"), person.objection.category, CATEGORIES, "category")
        if person.objection and person.objection.party:
            yield Reference((*place, "objection", "party"), person.objection.party, self.party_ids, "party")
