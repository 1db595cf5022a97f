"""Telling somebody who signed in for themselves who looked at their record; the trail is told of it first.

Nobody weighs such an answer before it is read, and whoever reads it may stand over the person: so less is in it than in
what a partner's staff hand over. What, the agreement says (`audit: themselves`): nothing where a feed restricts where
the person is, where their record is sealed or they are said to have died, as if nobody here had that NHS number; nor
what was for protecting somebody, what stands under headings that are about others too, or what somebody just now looks
into.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from app.audit.acting import Acting
from app.audit.event import Kind
from app.audit.telling import Reading
from app.governance.alerts.store import looked_into
from app.governance.handling import documents_in_force, named_by, standing_with_facts
from app.governance.oversight.answering import grounds_of, told_of
from app.governance.oversight.looks import Discretion, Looks, looks
from app.sharing.facts import Account, PersonFacts
from app.sharing.law import Agreements
from app.sharing.written.document import Agreement
from app.vocabulary.category import Category
from app.vocabulary.london import london_date
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.token import READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Themselves:
    """Who signed in for themselves: a requester of nothing, of whom only their NHS number is believed."""

    acting: Acting
    nhs_number: NHSNumber
    agreements: Agreements


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAnswer:
    """Who looked, since an instant; `whole` where nothing was left out as there was too much.

    `says` is what the agreements have the person read above it.
    """

    looks: Looks
    says: tuple[str, ...]
    since: datetime | None
    whole: bool


def who_saw_me(connection: Connection, by: Themselves, *, since: datetime | None = None) -> OwnAnswer | None:
    """Who saw the one who asks; `None` where that is not told here, alike where nobody has their NHS number.

    Show it only once the transaction is committed, for that tells the trail.
    """
    acting, at = by.acting, by.acting.at
    standing, facts = standing_with_facts(connection, named_by(connection, by.nhs_number), at)
    documents = documents_in_force(by.agreements, at)
    terms = own_terms(documents)
    if standing is None or terms is None or not terms.tell(facts, at):
        acting.tell(connection, Kind.DENIED, person=standing, action=READ, reason=Reading.OWN_LOOKS)
        return None
    discretion = replace(Discretion.of(documents), guarded_headings=terms.kept_back)
    events, whole = told_of(connection, standing, since=since)
    watched = looked_into(connection, {standing} | {UUID(event["person"]) for event in events if "person" in event})
    told = [event for event in events if _may_be_told(event, discretion, watched)]
    acting.tell(connection, Kind.OWN_LOOKS_READ, person=standing, action=READ, reason=Reading.OWN_LOOKS)
    return OwnAnswer(
        looks=looks(
            told,
            discretion=discretion,
            grounds=_tellable(grounds_of(connection, told), documents, discretion),
            named=names_staff(documents),
        ),
        says=terms.says,
        since=since,
        whole=whole,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTerms:
    """What all agreements in force together let a person be told: whatever one of them keeps back is kept back."""

    says: tuple[str, ...]
    kept_back: frozenset[Category]
    despite: frozenset[str]

    def tell(self, facts: PersonFacts, at: datetime) -> bool:
        """Whether the person is told anything: no flag of theirs counts but those that keep nothing back."""
        return all(flag.kind in self.despite for flag in facts.flags if flag.counts(at))


def own_terms(documents: Sequence[Agreement]) -> OwnTerms | None:
    """What the agreements say of it; `None`, for nobody is told anything, where one of them or all say nothing."""
    said = [(each, each.audit.themselves) for each in documents if each.audit and each.audit.themselves]
    if not said or len(said) < len(documents):
        return None
    return OwnTerms(
        says=tuple(dict.fromkeys(terms.says for _, terms in said)),
        kept_back=frozenset().union(*(each.expand(terms.kept_back) for each, terms in said)),
        despite=frozenset.intersection(*(frozenset(map(str, terms.told_despite)) for _, terms in said)),
    )


def names_staff(documents: list[Agreement]) -> bool:
    """Whether every agreement lets a person be told staff by name."""
    readings = [document.audit.read for document in documents if document.audit]
    return bool(readings) and all(read is not None and read.staff_named for read in readings)


def _may_be_told(event: Mapping[str, Any], discretion: Discretion, watched: set[tuple[Account, Any]]) -> bool:
    """Nothing of what was for protecting somebody, refused or not, nor of an account that is looked into that day."""
    account, on = Account(event["issuer"], event["subject"]), london_date(datetime.fromisoformat(event["at"]))
    return event.get("purpose") not in discretion.guarded_purposes and (account, on) not in watched


def _tellable(grounds: Mapping[str, str], documents: list[Agreement], discretion: Discretion) -> dict[str, str]:
    """Without the kinds of relationship that count for nothing but protecting somebody."""
    counted: dict[bool, set[str]] = {True: set(), False: set()}
    for document in documents:
        for purpose, terms in document.purposes.items():
            counted[purpose in discretion.guarded_purposes].update(terms.relationships)
    guarded = counted[True] - counted[False]
    return {fact: kind for fact, kind in grounds.items() if kind not in guarded}
