"""What another agreement would newly show and newly hide: every cell, in every situation that a clause can tell apart.

Pure. A situation is who asks (organisation, role, purpose, action), by what ground (each kind of relationship, and
emergency access and guests at every edge of their windows), and what is so about the person (nothing; an upheld
objection; each flag, by each party, raised for every time that a clause waits; the requester themselves; training
lapsed). The engine that serves decides each one, under both. That is all there is to compare: of several grounds
the most that any gives is seen, of several things to heed the least that any leaves, and an objection to one heading or
source is one to everything on those labels and nothing elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Final, NamedTuple

from app.identity.requester import Requester
from app.sharing.compile import compile_agreements
from app.sharing.conditions import EmergencyGround, InvitationGround, RelationshipGround
from app.sharing.decide import decide
from app.sharing.decision import Granted
from app.sharing.facts import (
    Account,
    EmergencyOpening,
    Flag,
    Invitation,
    Objection,
    ObjectionScope,
    PersonFacts,
    Relationship,
)
from app.sharing.lattice import Lattice, lattice_of, union
from app.sharing.law import Agreements, Ask, Law
from app.sharing.published.phrases import long
from app.sharing.written.document import Agreement
from app.vocabulary.flag import FlagKind
from app.vocabulary.label import Label
from app.vocabulary.london import london_date, london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode

PLAIN: Final = "nothing to heed"
_ASKER: Final = Account("https://example.invalid", "simulated")
_NUMBER: Final = NHSNumber("9990000018")
_DAY: Final = timedelta(days=1)
_FIRST, _LAST = date(1901, 1, 1), date(2199, 1, 1)
_INSTANT: Final = timedelta(microseconds=1)


class Pair(NamedTuple):
    """Two agreements over one lattice, each as though it were in force at `at`."""

    old: Agreements
    new: Agreements
    at: datetime


class Situation(NamedTuple):
    """Who asks by what ground, and what is so about the person."""

    ask: Ask
    ground: str
    circumstance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one situation shows newly or no longer, or from earlier or later on; `circumstance` as in `Situation`."""

    situation: Situation
    gained: tuple[Label, ...] = ()
    lost: tuple[Label, ...] = ()
    from_earlier: tuple[Label, ...] = ()
    from_later: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every change; `cells` is how many answers were compared, each of one label in one situation."""

    changes: tuple[Change, ...]
    cells: int


def pair_of(old: Agreement, new: Agreement) -> Pair:
    """Both as though always in force, whatever their dates and status; `at` is noon on the day the new one begins."""
    lattice = lattice_of(*sorted({party.ods for each in (old, new) for party in each.parties}))
    at = london_midnight(new.effective.from_) + _DAY / 2
    before, after = (compile_agreements([always(each)], lattice=lattice) for each in (old, new))
    return Pair(before, after, at)


def always(agreement: Agreement) -> Agreement:
    """The same, in force whenever it is asked."""
    effective = agreement.effective.model_copy(update={"from_": _FIRST, "to": _LAST})
    return agreement.model_copy(update={"status": "in-force", "effective": effective, "review": None})


def compare(pair: Pair) -> Comparison:
    """Decide every situation under both agreements; a change that nothing about the person alters is told once."""
    laws = [each.in_force(pair.at) for each in (pair.old, pair.new)]
    lattice, changes, cells = pair.old.lattice, [], 0
    circumstances = list(_circumstances(lattice, _waits(pair), pair.at))
    for ask in sorted({ask for law in laws for ask, terms in law.terms.items() if terms.grants}):
        for ground, grounded in _grounds(ask, laws, pair.at):
            plain: Change | None = None
            for circumstance, requester, facts in _situations(ask, grounded, circumstances, pair.at):
                situation = Situation(ask, ground, circumstance)
                change = _change(situation, requester, facts, pair)
                cells += len(lattice.labels)
                if circumstance == PLAIN:
                    plain = change
                if _says_something(change) and (circumstance == PLAIN or not _is_within(change, plain)):
                    changes.append(change)
    return Comparison(changes=tuple(changes), cells=cells)


def _grounds(ask: Ask, laws: Iterable[Law], at: datetime) -> Iterator[tuple[str, PersonFacts]]:
    """Whatever gives this ask something under either law, each as the only fact of a person."""
    found = {ground for law in laws if ask in law.terms for ground, _ in law.terms[ask].grants}
    kinds = {kind for ground in found if isinstance(ground, RelationshipGround) for kind in ground.kinds}
    for kind in sorted(kinds):
        related = Relationship(id=kind, kind=kind, organisation=ask.organisation, started=at - _DAY)
        yield kind, PersonFacts(relationships=(related,))
    for lasts in sorted({ground.lasts for ground in found if isinstance(ground, EmergencyGround)}):
        opening = EmergencyOpening(
            id="1", account=_ASKER, organisation=ask.organisation, started=at - lasts + _INSTANT, ended=at + _DAY
        )
        yield f"emergency access, just under {long(lasts)} ago", PersonFacts(openings=(opening,))
    for guest in sorted({ground for ground in found if isinstance(ground, InvitationGround)}, key=astuple):
        before, after = f"{long(guest.lead)} before the meeting", f"just under {long(guest.lag)} after it"
        for when, started in ((before, at + guest.lead), (after, at - guest.lag - _DAY + _INSTANT)):
            yield (
                f"guest ({guest.profile}), {when}",
                PersonFacts(invitations=(_invitation(ask, guest.profile, started),)),
            )


def _invitation(ask: Ask, profile: str, started: datetime) -> Invitation:
    return Invitation(
        id="1",
        profile=profile,
        account=_ASKER,
        organisation=ask.organisation,
        started=started,
        ended=started + _DAY,
        accepted=True,
        on_agenda=True,
    )


def _waits(pair: Pair) -> list[timedelta]:
    """How long flags have been raised wherever that makes a difference: no time, and each time that a clause waits."""
    prohibitions = [each for agreements in (pair.old, pair.new) for each in agreements.documents[0].prohibitions]
    return sorted({timedelta(), *(each.when.after for each in prohibitions if each.when.after)})


class _Circumstance(NamedTuple):
    name: str
    facts: PersonFacts = PersonFacts()
    trained: bool = True


def _circumstances(lattice: Lattice, waits: list[timedelta], at: datetime) -> Iterator[_Circumstance]:
    yield _Circumstance(PLAIN)
    yield _Circumstance("training lapsed", trained=False)
    yield _Circumstance("own record", PersonFacts(nhs_numbers=frozenset({_NUMBER})))
    objection = Objection(id="1", scope=ObjectionScope.ALL, upheld=True, started=at - _DAY)
    yield _Circumstance("objection upheld", PersonFacts(objections=(objection,)))
    for kind, partner, wait in product(FlagKind, lattice.controllers, waits):
        flag = Flag(kind=kind, partner=partner, since=at - wait)
        when = f"{long(wait)} ago" if wait else "just now"
        yield _Circumstance(f"{kind} raised by {partner} {when}", PersonFacts(flags=(flag,)))


def _situations(
    ask: Ask, grounded: PersonFacts, circumstances: Iterable[_Circumstance], at: datetime
) -> Iterator[tuple[str, Requester, PersonFacts]]:
    for circumstance in circumstances:
        yield (
            circumstance.name,
            _requester(ask, circumstance.trained, at),
            PersonFacts(
                nhs_numbers=circumstance.facts.nhs_numbers,
                relationships=grounded.relationships,
                objections=circumstance.facts.objections,
                flags=circumstance.facts.flags,
                openings=grounded.openings,
                invitations=grounded.invitations,
            ),
        )


def _requester(ask: Ask, trained: bool, at: datetime) -> Requester:
    return Requester(
        subject=_ASKER.subject,
        issuer=_ASKER.issuer,
        name="simulated",
        organisation=ask.organisation,
        role=ask.role,
        nhs_number=_NUMBER,
        training_until=london_date(at) if trained else None,
    )


def _change(situation: Situation, requester: Requester, facts: PersonFacts, pair: Pair) -> Change:
    ask = situation.ask
    old, new = (
        decide(requester, action=ask.action, purpose=ask.purpose, facts=facts, agreements=each, at=pair.at)
        for each in (pair.old, pair.new)
    )
    before, after, lattice = old.mask, new.mask, pair.old.lattice
    earlier, later = _reach(old.granted, new.granted, before & after)
    return Change(
        situation=situation,
        gained=tuple(lattice.labels_in(after & ~before)),
        lost=tuple(lattice.labels_in(before & ~after)),
        from_earlier=tuple(lattice.labels_in(earlier)),
        from_later=tuple(lattice.labels_in(later)),
    )


def _reach(old: tuple[Granted, ...], new: tuple[Granted, ...], both: int) -> tuple[int, int]:
    """Of the labels that both show, those that the new one shows from earlier on, and those from later on."""
    earlier = later = 0
    for limit in {grant.not_before for grant in (*old, *new)} - {None}:
        before, after = (
            union(grant.mask for grant in granted if grant.not_before is None or grant.not_before <= limit)  # type: ignore[operator]  # there is one
            for granted in (old, new)
        )
        earlier |= after & ~before & both
        later |= before & ~after & both
    ever_before, ever_after = (
        union(grant.mask for grant in granted if grant.not_before is None) for granted in (old, new)
    )
    return earlier | ever_after & ~ever_before & both, later | ever_before & ~ever_after & both


def _says_something(change: Change) -> bool:
    return bool(change.gained or change.lost or change.from_earlier or change.from_later)


def _is_within(change: Change, plain: Change | None) -> bool:
    """Whether it says only what is already so where nothing is to be heeded."""
    return plain is not None and all(
        set(getattr(change, part)) <= set(getattr(plain, part))
        for part in ("gained", "lost", "from_earlier", "from_later")
    )


def by_heading(labels: Iterable[Label]) -> dict[str, tuple[OdsCode, ...]]:
    """Labels as people read them: each heading, with its sensitivity where that is not ordinary, and from whom."""
    found: defaultdict[str, set[OdsCode]] = defaultdict(set)
    for label in labels:
        kind = "" if label.sensitivity == "normal" else f" ({label.sensitivity})"
        found[f"{label.category.heading}{kind}"].add(label.controller)
    return {heading: tuple(sorted(controllers)) for heading, controllers in found.items()}
