"""What watching one day needs, read from the place: the day's acts, and what is known of those in them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import Connection

from app.audit.store import told_between
from app.identity import account
from app.identity.store import accounts
from app.person.demographics import Demographics
from app.person.standing_store import standing_of
from app.person.store import places_of, stated_by_all, who_holds
from app.sharing.facts import Account
from app.sharing.known.store import relationships_touching
from app.sharing.law import Agreements
from app.vocabulary.london import london_midnight
from app.watch import store
from app.watch.act import Act, act_of, people_of
from app.watch.habit_signs import FEWEST_IN_ORDER
from app.watch.known import Employee, Home, Known, Places
from app.watch.people_signs import FORTNIGHT
from app.watch.store import StaffMember

_DAY = timedelta(days=1)


def acts_of_day(connection: Connection, on: date) -> list[Act]:
    """What the trail tells of a London day, in the order of time, each person as whoever stands for them now."""
    told = told_between(connection, london_midnight(on), london_midnight(on + _DAY))
    acts = [act for one in told if (act := act_of(f"{one.chain}/{one.sequence}", one.event))]
    standing = standing_of(connection, people_of(acts))
    moved = [act._replace(person=standing.get(act.person, act.person)) if act.person else act for act in acts]
    return sorted(moved, key=lambda act: act.at)


def known_on(connection: Connection, acts: Sequence[Act], agreements: Agreements, *, on: date) -> Known:
    """All that is known which a day's acts may be odd by."""
    looks = [act for act in acts if act.is_look]
    staff = _staff(connection)
    by_staff = people_of(look for look in looks if look.actor in staff)
    midnight, next_midnight = london_midnight(on), london_midnight(on + _DAY)
    return Known(
        staff=staff,
        homes=_homes(
            connection, by_staff | {staff[each].person for each in {look.actor for look in looks} & set(staff)}
        ),
        in_the_news=frozenset(_standing(connection, store.in_the_news(connection, on))),
        relationships=relationships_touching(
            connection, people_of(looks), midnight - FORTNIGHT, next_midnight + FORTNIGHT
        ),
        claimed=_claimed(agreements),
        duties=store.duties(
            connection, {look.actor for look in looks}, midnight - timedelta(days=8), next_midnight + timedelta(days=8)
        ),
        places={
            person: Places(*place) for person, place in places_of(connection, _of_those_who_saw_many(looks)).items()
        },
    )


def _claimed(agreements: Agreements) -> frozenset[str]:
    """The kinds that whoever looks states themselves; that a person asked who saw them, somebody else's wish is."""
    asked_for = {
        kind
        for document in agreements.documents
        if document.audit and document.audit.read
        for kind in document.purposes[document.audit.read.for_].relationships
    }
    made = [terms for document in agreements.documents for terms in document.made_relationships]
    return frozenset(terms.kind for terms in made if terms.by == "self") - asked_for


def _staff(connection: Connection) -> dict[Account, Employee]:
    """Who of the accounts is which person: those whose employer told it, and a small place's own."""
    own = [
        StaffMember(Account(account.ISSUER, each.username), each.organisation, each.nhs_number)
        for each in accounts(connection)
        if each.nhs_number and each.organisation
    ]
    members = [*own, *store.staff(connection)]
    held = who_holds(connection, [each.nhs_number.digits for each in members])
    return {
        each.account: Employee(held[each.nhs_number.digits].person_id, each.organisation)
        for each in members
        if each.nhs_number.digits in held
    }


def _standing(connection: Connection, people: Collection[UUID]) -> Iterable[UUID]:
    standing = standing_of(connection, people)
    return (standing.get(person, person) for person in people)


def _homes(connection: Connection, people: Collection[UUID]) -> dict[UUID, Home]:
    return {person: _home(stated) for person, stated in stated_by_all(connection, people).items()}


def _home(stated: Sequence[Demographics]) -> Home:
    return Home(
        families=frozenset(one.family_folded for one in stated if one.family_folded),
        buildings=frozenset(one.uprn for one in stated if one.uprn),
        postcodes=frozenset(one.postcode for one in stated if one.postcode),
    )


def _of_those_who_saw_many(looks: Iterable[Act]) -> set[UUID]:
    """Nobody else can have gone down a list; the order of everyone is costly."""
    seen: dict[Account, set[UUID]] = defaultdict(set)
    for look in looks:
        if look.person is not None:
            seen[look.actor].add(look.person)
    return set(chain.from_iterable(people for people in seen.values() if len(people) >= FEWEST_IN_ORDER))
