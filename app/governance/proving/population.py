"""How many people another agreement would be seen more of, or less: decided once for all who are alike. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from app.governance.proving.comparison import Pair
from app.identity.requester import Requester
from app.sharing.decide import decide
from app.sharing.facts import Flag, Objection, PersonFacts, Relationship
from app.sharing.known.signature_store import Alike
from app.sharing.law import Ask
from app.vocabulary.category import HEADINGS, Category
from app.vocabulary.london import london_date
from app.vocabulary.ods_code import OdsCode

_DAY: Final = timedelta(days=1)
_FEWEST_SHOWN: Final = 8
_ROUNDED_TO: Final = 5


@dataclass(frozen=True, slots=True)
class Affected:
    """How many people someone with a relationship to them would see more of, less of, and either."""

    more: int
    less: int
    either: int
    people: int


def safe_number(count: int) -> str:
    """A number of people as it may be told: NHS England's disclosure control for secondary care data.

    https://digital.nhs.uk/data-and-information/data-tools-and-services/data-services/hospital-episode-statistics/change-to-disclosure-control-methodology-for-hes-and-ecds-from-september-2018
    1 to 7 is told as `*`, all else to the nearest 5, totals too, so that no number is found by taking others away.
    """
    if 0 < count < _FEWEST_SHOWN:
        return "*"
    return str(_ROUNDED_TO * ((count + 2) // _ROUNDED_TO))


def edges_of(pair: Pair) -> list[datetime]:
    """The instants by which a flag must have been raised for some clause of either to count it, rising."""
    waits = {
        prohibition.when.after
        for agreements in (pair.old, pair.new)
        for prohibition in agreements.documents[0].prohibitions
        if prohibition.when.after
    }
    return sorted(pair.at - wait + timedelta(microseconds=1) for wait in waits)


def affected(pair: Pair, alike: Iterable[Alike]) -> Affected:
    """Count the people of whom any role, at an organisation with a relationship, would see more or less.

    It counts what may be shown, whether or not anything is recorded under it, for staff who are trained and in whatever
    team the relationship names; emergency access, guests and named accounts are left out, as they are of nobody yet.
    """
    edges, asks = edges_of(pair), _asks(pair)
    more = less = either = people = 0

    @cache
    def change(organisation: OdsCode, kinds: frozenset[str], heeded: frozenset[str]) -> tuple[bool, bool]:
        facts = _facts(organisation, kinds, heeded, edges, pair.at)
        masks = [_masks(ask, facts, pair) for ask in asks.get(organisation, ())]
        return any(new & ~old for old, new in masks), any(old & ~new for old, new in masks)

    for facts, count in alike:
        related, heeded = _by_organisation(facts)
        changes = [change(organisation, frozenset(kinds), heeded) for organisation, kinds in related.items()]
        gained, lost = any(gains for gains, _ in changes), any(loses for _, loses in changes)
        people += count
        more += count * gained
        less += count * lost
        either += count * (gained or lost)
    return Affected(more=more, less=less, either=either, people=people)


def _asks(pair: Pair) -> Mapping[OdsCode, list[Ask]]:
    found: dict[OdsCode, list[Ask]] = {}
    laws = [agreements.in_force(pair.at) for agreements in (pair.old, pair.new)]
    for ask in sorted({ask for law in laws for ask, terms in law.terms.items() if terms.grants}):
        found.setdefault(ask.organisation, []).append(ask)
    return found


def _by_organisation(facts: Iterable[str]) -> tuple[dict[OdsCode, set[str]], frozenset[str]]:
    related: dict[OdsCode, set[str]] = {}
    heeded = set()
    for fact in facts:
        sort, _, rest = fact.partition("/")
        if sort == "relationship":
            kind, _, organisation = rest.rpartition("/")
            related.setdefault(OdsCode(organisation), set()).add(kind)
        else:
            heeded.add(fact)
    return related, frozenset(heeded)


def _facts(
    organisation: OdsCode, kinds: frozenset[str], heeded: frozenset[str], edges: list[datetime], at: datetime
) -> PersonFacts:
    sorts = [each.split("/") for each in sorted(heeded)]
    return PersonFacts(
        relationships=tuple(
            Relationship(id=kind, kind=kind, organisation=organisation, started=at - _DAY) for kind in sorted(kinds)
        ),
        objections=tuple(_objection(*rest, at=at) for sort, *rest in sorts if sort == "objection"),
        flags=tuple(_flag(*rest, edges=edges, at=at) for sort, *rest in sorts if sort == "flag"),
    )


def _objection(scope: str, category: str, organisation: str, *, at: datetime) -> Objection:
    return Objection(
        id="1",
        scope=scope,
        upheld=True,
        started=at - _DAY,
        category=Category(category) if category in HEADINGS else None,
        organisation=OdsCode(organisation) if organisation else None,
    )


def _flag(kind: str, partner: str, after: str, *, edges: list[datetime], at: datetime) -> Flag:
    """Raised just before the first edge that it was raised before, or just now."""
    later = edges[int(after) :]
    return Flag(kind=kind, partner=OdsCode(partner), since=later[0] - timedelta(microseconds=1) if later else at)


def _masks(ask: Ask, facts: PersonFacts, pair: Pair) -> tuple[int, int]:
    requester = Requester(
        subject="simulated",
        issuer="https://example.invalid",
        name="simulated",
        organisation=ask.organisation,
        role=ask.role,
        training_until=london_date(pair.at),
    )
    old, new = (
        decide(requester, action=ask.action, purpose=ask.purpose, facts=facts, agreements=each, at=pair.at).mask
        for each in (pair.old, pair.new)
    )
    return old, new
