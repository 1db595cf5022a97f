"""Signs that lie in whom somebody looks at: each says of the looks of one account at one person in a day what is odd.

A caseload, referral or admission of the looker's own organisation explains a neighbour or a colleague. It does not
explain themselves, their family or somebody in the news: each look at those is told, and who cares for them says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from app.audit.event import Kind
from app.sharing.facts import Account, Relationship
from app.vocabulary.ods_code import OdsCode
from app.watch.act import REFUSED, SYSTEM, Act
from app.watch.known import Home, Known
from app.watch.sign import MOST_EVENTS, Finding, Sign

FORTNIGHT: Final = timedelta(days=14)
"""Before and after a look, in which care leaves its trace; a look is judged by it once both are over."""


SEVERAL: Final = 3  # people, each of whom is told of apart


class Looks(NamedTuple):
    """All that one account did in a day about one person, or about several, where that is not told apart."""

    actor: Account
    organisation: OdsCode
    person: UUID | None
    acts: Sequence[Act]


def looks_in(acts: Iterable[Act]) -> list[Looks]:
    """The acts of a day by who looked, for whom, and at whom; systems look at nobody in particular."""
    grouped: dict[tuple[Account, OdsCode, UUID], list[Act]] = defaultdict(list)
    for act in acts:
        if act.is_look and act.person is not None and act.role != SYSTEM:
            grouped[act.actor, act.organisation, act.person].append(act)
    return [Looks(*whose, found) for whose, found in grouped.items()]


def own_record(looks: Looks, known: Known) -> bool:
    """Whether it is their own."""
    return (own := known.staff.get(looks.actor)) is not None and own.person == looks.person


def family(looks: Looks, known: Known) -> bool:
    """Whether a family name and a home or postcode are theirs too."""
    mine, theirs = _homes(looks, known)
    return not own_record(looks, known) and mine.is_family(theirs)


def neighbour(looks: Looks, known: Known) -> bool:
    """Whether they live beside each other, are not family by name, and no care explains it."""
    mine, theirs = _homes(looks, known)
    return (
        not own_record(looks, known)
        and mine.is_near(theirs)
        and not mine.is_family(theirs)
        and not cared_for(looks, known)
    )


def colleague(looks: Looks, known: Known) -> bool:
    """Whether they work for the same organisation, and no care explains it."""
    return (
        not own_record(looks, known)
        and looks.person is not None
        and looks.organisation in known.workplaces.get(looks.person, ())
        and not cared_for(looks, known)
    )


def in_the_news(looks: Looks, known: Known) -> bool:
    """Whether the news list names them."""
    return looks.person in known.in_the_news


def standing(looks: Looks, known: Known) -> bool:
    """Whether their organisation has to do with them at all, be it by what lasts for years."""
    return any(_touching(looks, known))


def cared_for(looks: Looks, known: Known) -> bool:
    """Whether a caseload, referral or admission of their organisation explains it."""
    return any(each.kind not in known.standing for each in _touching(looks, known))


def no_relationship(looks: Looks, known: Known) -> bool:
    """Whether their organisation had no relationship that others told of, from a fortnight before to one after."""
    return not own_record(looks, known) and not standing(looks, known)


ABOUT_PEOPLE: Final[Mapping[Sign, Callable[[Looks, Known], bool]]] = {
    Sign.SELF: own_record,
    Sign.FAMILY: family,
    Sign.NEIGHBOUR: neighbour,
    Sign.COLLEAGUE: colleague,
    Sign.NEWS: in_the_news,
}


def found_about_people(acts: Iterable[Act], known: Known, *, on: date) -> Iterator[Finding]:
    """What is odd in whom a day's acts looked at, but for what needs the fortnight after."""
    for looks in looks_in(acts):
        for sign, is_so in ABOUT_PEOPLE.items():
            if is_so(looks, known):
                yield _finding(sign, looks, on, lessened=_lessened(sign, looks, known))


def found_without_relationship(acts: Iterable[Act], known: Known, *, on: date) -> Iterator[Finding]:
    """The looks of a day, a fortnight and more ago, at people with whom the looker's organisation had nothing to do.

    One attempt that was refused shows nothing and is how a wrong number ends. What was opened in an emergency waits for
    its own review. Whoever looked at many is told of once.
    """
    odd: dict[tuple[Account, OdsCode], list[Looks]] = defaultdict(list)
    for looks in looks_in(acts):
        emergency = any(act.kind is Kind.EMERGENCY_OPENED for act in looks.acts)
        if not emergency and (len(looks.acts) > 1 or not _refused(looks)) and no_relationship(looks, known):
            odd[looks.actor, looks.organisation].append(looks)
    for found in odd.values():
        if len(found) <= SEVERAL:
            for looks in found:
                yield _finding(Sign.NO_RELATIONSHIP, looks, on, lessened="" if _refused(looks) else "shown")
        else:
            acts = sorted((act for looks in found for act in looks.acts), key=lambda act: act.at)
            yield _finding(Sign.NO_RELATIONSHIP, found[0]._replace(person=None, acts=acts), on, people=len(found))


def _lessened(sign: Sign, looks: Looks, known: Known) -> str:
    """A practice's neighbours are registered with it, and those in the news with some practice that cares for them."""
    if sign is Sign.NEWS and cared_for(looks, known):
        return "cared-for"
    return "standing" if sign in (Sign.NEIGHBOUR, Sign.NEWS) and standing(looks, known) else ""


def _finding(sign: Sign, looks: Looks, on: date, *, people: int = 1, lessened: str = "") -> Finding:
    return Finding(
        sign=sign,
        actor=looks.actor,
        organisation=looks.organisation,
        on=on,
        events=tuple(act.event for act in looks.acts[:MOST_EVENTS]),
        person=looks.person,
        figures={"looks": len(looks.acts), "refused": _refused(looks), "people": people},
        lessened=lessened,
    )


def _refused(looks: Looks) -> int:
    return sum(act.kind in REFUSED for act in looks.acts)


def _homes(looks: Looks, known: Known) -> tuple[Home, Home]:
    own = known.staff.get(looks.actor)
    mine = known.homes.get(own.person, Home()) if own else Home()
    return mine, known.homes.get(looks.person, Home()) if looks.person else Home()


def _touching(looks: Looks, known: Known) -> Iterator[Relationship]:
    """Relationships of the looker's organisation with the person that others told of, within a fortnight."""
    since, until = looks.acts[0].at - FORTNIGHT, looks.acts[-1].at + FORTNIGHT
    for each in known.relationships.get(looks.person, ()) if looks.person else ():
        told = each.kind not in known.claimed and each.account in (None, looks.actor)
        lasted = each.started <= until and all(end is None or end > since for end in (each.ended, each.revoked))
        if told and lasted and each.organisation == looks.organisation:
            yield each
