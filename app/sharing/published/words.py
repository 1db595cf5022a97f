"""An agreement in words: what each clause says (who, what, where from, when, what for), and what things are called."""

from collections.abc import Iterable, Iterator

from app.sharing.published.blocks import Clause
from app.sharing.published.phrases import FLAGS, SENSITIVITIES, listed, long
from app.sharing.written.document import (
    EMERGENCY_ACCESS,
    Agreement,
    EmergencyAccess,
    Grant,
    GuestProfile,
    Prohibition,
    When,
)
from app.sharing.written.rules import granting_clauses
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.token import Role


class Words:
    """The words for one agreement: its clauses, and what it calls parties, roles and offices."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self._names = {party.id: party.name for party in agreement.parties}

    def grants(self) -> Iterator[Clause]:
        """Who may see what."""
        for grant in self.agreement.grants:
            yield Clause(grant.id, grant.reason, tuple(self._grant(grant)))

    def prohibitions(self) -> Iterator[Clause]:
        """What is withheld whoever grants it."""
        for prohibition in self.agreement.prohibitions:
            yield Clause(prohibition.id, prohibition.reason, tuple(self._prohibition(prohibition)))

    def emergency_access(self) -> Iterator[Clause]:
        """What someone sees who opens a record in an emergency, if anyone may."""
        if clause := self.agreement.emergency_access:
            terms = [
                *self._given(clause),
                ("How long", f"one person, for {long(clause.lasts)}, with a reason given first"),
            ]
            yield Clause(clause.id, clause.reason, (*terms, ("Afterwards", self._titles(clause.obligations))))

    def guests(self) -> Iterator[Clause]:
        """What guests see."""
        for guest in self.agreement.guests:
            window = f"from {long(guest.lead)} before the meeting until {long(guest.lag)} after it"
            when = ("When", f"one person on the agenda, once the invitation is accepted, {window}")
            yield Clause(guest.id, guest.reason, (*self._given(guest), when))

    def headings_given(self) -> Iterator[Category]:
        """Every heading that some clause gives."""
        agreement = self.agreement
        for _, clause in granting_clauses(agreement):
            yield from agreement.expand(clause.categories)

    def parties(self, parties: str | tuple[str, ...]) -> str:
        """The names of parties."""
        return "every party" if parties == "all" else listed(self._names[party] for party in parties)

    def office(self, contact: str) -> str:
        """Whom to ask, by the name of a contact."""
        asked = self.agreement.contacts[contact]
        return f"{asked.office}, {self.parties((asked.party,))}"

    def role_titles(self, roles: Iterable[Role]) -> list[str]:
        """Roles as people call them."""
        return [self.agreement.roles[role].title for role in roles]

    def sensitivities(self, sensitivities: Iterable[Sensitivity]) -> list[str]:
        """Sensitivities in words."""
        return [SENSITIVITIES[each] for each in sensitivities]

    def obliged(self, name: str) -> str:
        """When an obligation must be carried out."""
        when = self.agreement.obligations[name].when
        clauses = [clause.id for _, clause in granting_clauses(self.agreement) if name in clause.obligations]
        flag = [] if when in (None, "always") else [f"when {FLAGS[when]}"]  # type: ignore[index]  # a flag by then
        return "always" if when == "always" else listed([*flag, *(f"under {clause}" for clause in clauses)])

    def _given(self, clause: Grant | EmergencyAccess | GuestProfile) -> Iterator[tuple[str, str]]:
        agreement = self.agreement
        yield "Who", listed(self.role_titles(clause.roles))
        if clause.to != "all":
            yield "At", self.parties(clause.to)
        yield "For", listed(agreement.purposes[purpose].title for purpose in clause.purposes)
        yield "Sees", listed(category.heading for category in sorted(agreement.expand(clause.categories)))
        yield "Recorded by", self.parties(clause.from_)
        if clause.sensitivities:
            yield "Of these", listed(self.sensitivities(clause.sensitivities))

    def _grant(self, grant: Grant) -> Iterator[tuple[str, str]]:
        yield from self._given(grant)
        yield "May", listed(self.agreement.actions[action] for action in grant.actions)
        if grant.relationships:
            yield "Where the person is", listed(self.agreement.relationships[kind] for kind in grant.relationships)
        if grant.max_age:
            yield "No older than", long(grant.max_age)
        if grant.obligations:
            yield "Obligations", self._titles(grant.obligations)

    def _titles(self, obligations: Iterable[str]) -> str:
        return listed(self.agreement.obligations[each].title for each in obligations)

    def _prohibition(self, prohibition: Prohibition) -> Iterator[tuple[str, str]]:
        when = prohibition.when
        yield "When", trigger_in_words(when)
        if when.category:
            yield "Withholds", listed(category.heading for category in sorted(self.agreement.expand(when.category)))
        if when.sensitivity:
            yield "Of these", listed(self.sensitivities(when.sensitivity))
        if when.controller:
            named = when.controller
            yield "Recorded by", "the partner that was told" if named == "raised-by" else self.parties(named)
        if when.to:
            yield "From", self.parties(when.to)
        yield "Gives way to", self._overrides(prohibition)
        told = "one fixed sentence, which tells nothing of what is withheld"
        yield "The viewer is told", "nothing" if prohibition.notice == "silent" else told

    def _overrides(self, prohibition: Prohibition) -> str:
        if prohibition.override == "never":
            return "nothing"
        titles = {str(purpose): terms.title for purpose, terms in self.agreement.purposes.items()}
        titles[EMERGENCY_ACCESS] = "emergency access"
        return listed(titles[word] for word in prohibition.override)


def trigger_in_words(when: When) -> str:
    """What a prohibition waits for."""
    if when.own_record:
        return "the record is the viewer's own"
    if when.objection:
        return "an objection of the person is upheld, as far as it goes"
    if when.flag:
        return FLAGS[when.flag] + (f", {long(when.after)} ago" if when.after else "")
    return "always"
