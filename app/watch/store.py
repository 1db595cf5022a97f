"""Where the watch keeps which days it watched, their numbers, and what it is told of news, rotas and staff."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.sharing.facts import Account
from app.vocabulary.london import london_midnight
from app.vocabulary.nhs_number import NHSNumber
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role
from app.watch.known import Duty
from app.watch.models import watch_day, watch_duty, watch_news, watch_staff, watch_tally
from app.watch.tally import Peers, Tally


class StaffMember(NamedTuple):
    """An account, whose it is, and for whom they work."""

    account: Account
    organisation: OdsCode
    nhs_number: NHSNumber


def last_watched(connection: Connection) -> date | None:
    """The last day that was watched."""
    last: date | None = connection.scalar(select(func.max(watch_day.c.on)))
    return last


def begin_day(connection: Connection, on: date, *, at: datetime) -> bool:
    """Take a day, which is then nobody else's; `False` where it was watched already."""
    taken = upsert(watch_day).values(on=on, watched=at).on_conflict_do_nothing().returning(watch_day.c.on)
    return connection.execute(taken).first() is not None


def begin_fortnight(connection: Connection, on: date, *, at: datetime) -> bool:
    """The same for watching a day again, once the fortnight after it is over."""
    c = watch_day.c
    taken = update(watch_day).where(c.on == on, c.fortnight.is_(None)).values(fortnight=at).returning(c.on)
    return connection.execute(taken).first() is not None


def waiting_for_fortnight(connection: Connection, until: date) -> list[date]:
    """The days up to one that are yet to be watched again."""
    c = watch_day.c
    return list(connection.execute(select(c.on).where(c.on <= until, c.fortnight.is_(None)).order_by(c.on)).scalars())


def forget(connection: Connection, before: date) -> None:
    """Delete what is of days before one; a day that is yet to be watched again stays, and who did nothing since goes.

    Of an account that worked before and no longer does, whose it is goes too; one that has yet to begin stays.
    """
    c, old, later = watch_tally.c, watch_tally.alias("old"), watch_tally.alias("later")
    worked, works = (
        select(each.c.on).where(each.c.issuer == watch_staff.c.issuer, each.c.subject == watch_staff.c.subject)
        for each in (old, later)
    )
    gone = worked.where(old.c.on < before).exists() & ~works.where(later.c.on >= before).exists()
    connection.execute(delete(watch_staff).where(gone))
    connection.execute(delete(watch_tally).where(c.on < before))
    connection.execute(delete(watch_day).where(watch_day.c.on < before, watch_day.c.fortnight.is_not(None)))
    connection.execute(delete(watch_news).where(watch_news.c.until < before))
    connection.execute(delete(watch_duty).where(watch_duty.c.ends < london_midnight(before)))


def put_tallies(connection: Connection, tallies: Iterable[Tally]) -> None:
    """Keep a day's numbers."""
    rows = []
    for tally in tallies:
        row = asdict(tally)
        del row["actor"], row["peers"]
        rows.append({**row, **tally.actor._asdict(), **tally.peers._asdict()})
    if rows:
        connection.execute(insert(watch_tally), rows)


def tallies(connection: Connection, since: date, until: date, *, organisation: OdsCode | None = None) -> list[Tally]:
    """The numbers of the days in [since, until), of one organisation or all."""
    c = watch_tally.c
    query = select(watch_tally).where(c.on >= since, c.on < until)
    if organisation is not None:
        query = query.where(c.organisation == organisation)
    found = []
    for row in connection.execute(query).mappings():
        counts = {name: row[name] for name in row if name not in ("issuer", "subject", "role", "organisation")}
        peers = Peers(Role(row["role"]), OdsCode(row["organisation"]))
        found.append(Tally(actor=Account(row["issuer"], row["subject"]), peers=peers, **counts))
    return found


def put_news(connection: Connection, person: UUID, *, since: date, until: date) -> None:
    """Put somebody on the news list for the days in [since, until)."""
    row = {"person_id": person, "since": since, "until": until}
    added = upsert(watch_news).values(row)
    connection.execute(added.on_conflict_do_update(index_elements=["person_id", "since"], set_={"until": until}))


def in_the_news(connection: Connection, on: date) -> frozenset[UUID]:
    """Who is on the news list on a day."""
    c = watch_news.c
    return frozenset(connection.execute(select(c.person_id).where(c.since <= on, c.until > on)).scalars())


def put_duties(connection: Connection, duties: Mapping[Account, Sequence[Duty]]) -> None:
    """Keep the rota of these accounts in place of what was kept of the days that it covers."""
    for account, of_account in duties.items():
        c = watch_duty.c
        first, last = min(duty.starts for duty in of_account), max(duty.ends for duty in of_account)
        theirs = (c.issuer == account.issuer) & (c.subject == account.subject)
        connection.execute(delete(watch_duty).where(theirs, c.starts >= first, c.starts < last))
        rows = [{**account._asdict(), **duty._asdict()} for duty in of_account]
        connection.execute(upsert(watch_duty).on_conflict_do_nothing(), rows)


def duties(
    connection: Connection, accounts: Collection[Account], since: datetime, until: datetime
) -> Mapping[Account, list[Duty]]:
    """What the rota gives accounts, of all that touches [since, until)."""
    c = watch_duty.c
    found: dict[Account, list[Duty]] = defaultdict(list)
    for issuer, subject, starts, ends in connection.execute(
        select(watch_duty).where(c.starts < until, c.ends > since).order_by(c.starts)
    ):
        if (account := Account(issuer, subject)) in accounts:
            found[account].append(Duty(starts, ends))
    return found


def put_staff(connection: Connection, members: Iterable[StaffMember]) -> None:
    """Keep which person each account is."""
    for account, organisation, number in members:
        row = {**account._asdict(), "organisation": organisation, "nhs_number": number.digits}
        added = upsert(watch_staff).values(row)
        connection.execute(added.on_conflict_do_update(index_elements=["issuer", "subject"], set_=row))


def staff(connection: Connection) -> list[StaffMember]:
    """Every account of which it is known which person it is."""
    return [
        StaffMember(Account(issuer, subject), OdsCode(organisation), NHSNumber(number))
        for issuer, subject, organisation, number in connection.execute(select(watch_staff))
    ]
