"""Clauses that change nothing, and words that nothing uses: what its authors cannot have meant."""

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from app.sharing.compile import compile_agreements
from app.sharing.conditions import Ground, InvitationGround, RelationshipGround
from app.sharing.lattice import union
from app.sharing.law import Ask, CompiledGrant, Conditions, Law, Terms
from app.sharing.written.document import Agreement
from app.sharing.written.duration import Duration
from app.sharing.written.references import references
from app.sharing.written.rules import granting_clauses, is_guard
from app.sharing.written.source import Source
from app.vocabulary.london import london_midnight

_SIGNED: Final = {
    "notices": "in which words viewers are told that a record may be incomplete",
    "contacts": "whom to turn to",
    "onward_disclosure": "to whom it may be passed on",
    "retention": "how long what is kept",
    "audit": "who answers for the trail",
    "incidents": "what is done when something goes wrong",
    "rights": "what the person may ask, and of whom",
    "review": "how often it is reviewed, and what becomes of it otherwise",
}
"""What people expect to find in an agreement before they sign it, though no decision reads it."""

_ON: Final = date(2024, 2, 29)  # on which ages are compared: any day would do


class _Given(NamedTuple):
    """One clause for one ask."""

    ask: Ask
    conditions: Conditions
    grant: CompiledGrant


def check_clauses(agreement: Agreement, source: Source) -> None:
    """Warn of every clause without which the agreement would be the same, and of every word that it never uses."""
    agreements = compile_agreements([agreement.model_copy(update={"status": "in-force"})])
    law = agreements.in_force(london_midnight(agreement.effective.from_))
    for loc, clause in granting_clauses(agreement):
        given = list(_given(f"{agreement.isa}/{clause.id}", law))
        for role in clause.roles:
            for purpose in clause.purposes:
                if not any((each.ask.role, each.ask.purpose) == (role, purpose) for each in given):
                    source.warn(
                        loc,
                        f"{clause.id} gives {role} nothing for {purpose}: no party where the role is held has a lawful"
                        " basis; leave the one or the other out",
                    )
        if given and all(_is_barred(each, law) for each in given):
            source.warn((*loc, "id"), f"{clause.id} is dead: prohibitions take away all that it gives; take it out")
        elif given and all(_is_shadowed(each, law.terms[each.ask]) for each in given):
            source.warn((*loc, "id"), f"{clause.id} is shadowed: other clauses give all that it gives; take it out")
    for n, prohibition in enumerate(agreement.prohibitions):
        if not is_guard(prohibition) and not _forbids_something(f"{agreement.isa}/{prohibition.id}", law):
            source.warn(
                ("prohibitions", n, "id"),
                f"{prohibition.id} is dead: no clause gives what it forbids, or another forbids it too; take it out",
            )
    _check_unused(agreement, source)


def check_undertakings(agreement: Agreement, source: Source) -> None:
    """Warn of what people expect to sign and the agreement does not say."""
    for section, meaning in _SIGNED.items():
        if not getattr(agreement, section):
            source.warn((), f"`{section}` is missing: {meaning}; say it before anyone signs")
    if agreement.audit and agreement.audit.themselves is None:
        source.warn(
            ("audit",),
            "`themselves` is missing: what a person who signs in is told of who looked at their record; without it they"
            " are told nothing",
        )
    bases = [basis.parties for terms in agreement.purposes.values() for basis in terms.bases]
    lawful = frozenset().union(*(agreement.organisations(parties) for parties in bases))
    for n, party in enumerate(agreement.parties):
        if party.ods not in lawful:
            source.warn(
                ("parties", n), f"`{party.id}` has a lawful basis for nothing; give it one, or leave the party out"
            )


def _given(clause: str, law: Law) -> Iterator[_Given]:
    for ask, terms in law.terms.items():
        for conditions, grants in terms.grants.items():
            yield from (_Given(ask, conditions, grant) for grant in grants if grant.clause == clause)


def _is_barred(given: _Given, law: Law) -> bool:
    return not given.grant.mask & ~law.terms[given.ask].bars.barred


def _is_shadowed(given: _Given, terms: Terms) -> bool:
    others = union(
        other.mask
        for conditions, grants in terms.grants.items()
        for other in grants
        if other.clause != given.grant.clause
        and _is_as_easy(conditions, given.conditions)
        and _reaches_as_far(other.max_age, given.grant.max_age)
    )
    return not given.grant.mask & ~(others | terms.bars.barred)


def _is_as_easy(other: Conditions, one: Conditions) -> bool:
    return other.training <= one.training and _is_as_wide(other.ground, one.ground)


def _is_as_wide(other: Ground, one: Ground) -> bool:
    match other, one:
        case RelationshipGround(kinds=wide), RelationshipGround(kinds=narrow):
            return wide >= narrow
        case InvitationGround(), InvitationGround():
            return other.profile == one.profile and other.lead >= one.lead and other.lag >= one.lag
        case _:  # an agreement has one emergency access, so that none is weighed against another
            return False


def _reaches_as_far(other: Duration | None, one: Duration | None) -> bool:
    return other is None or (one is not None and other.before(_ON) <= one.before(_ON))


def _forbids_something(clause: str, law: Law) -> bool:
    return any(
        each.mask & granted & ~_forbidden_beside(clause, terms)
        for terms in law.terms.values()
        if (granted := union(grant.mask for grants in terms.grants.values() for grant in grants))
        for each in terms.bars
        if each.clause == clause
    )


def _forbidden_beside(clause: str, terms: Terms) -> int:
    """What is forbidden whenever this clause forbids, without it."""
    triggers = {each.trigger for each in terms.bars if each.clause == clause}
    return union(
        each.mask
        for each in terms.bars
        if each.clause != clause and (each in terms.bars.always or each.trigger in triggers)
    )


def _check_unused(agreement: Agreement, source: Source) -> None:
    used = {
        (reference.noun.split()[0], reference.word)
        for reference in references(agreement)
        if reference.loc[0] != "examples"
    }
    sections = {
        "roles": "role",
        "purposes": "purpose",
        "actions": "action",
        "relationships": "relationship",
        "category_groups": "category",
    }
    for section, noun in sections.items():
        for word in getattr(agreement, section):
            if (noun, word) not in used:
                source.warn((section, word), f"no clause uses the {noun} `{word}`; use it, or take it out")
