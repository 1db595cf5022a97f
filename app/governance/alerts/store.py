"""What waits for the privacy officer, and what became of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Date, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.governance.alerts.models import privacy_alert, privacy_alert_step
from app.identity.requester import Requester
from app.sharing.facts import Account
from app.vocabulary.london import london_midnight
from app.vocabulary.ods_code import OdsCode


class Alert(NamedTuple):
    """One alert; `fact` names what was done, `review_due` by when it is to be reviewed, `state` where it stands.

    `on` is the London day and `evidence` the events and figures of an alert that watching raised.
    """

    id: UUID
    kind: str
    fact: str
    person_id: UUID | None
    issuer: str
    subject: str
    organisation: str
    raised: datetime
    review_due: datetime
    state: str
    reviewed: datetime | None
    on: date | None
    evidence: dict[str, Any] | None


_ALERT: Final = [privacy_alert.c[name] for name in Alert._fields]


def raise_alert(
    connection: Connection,
    id: UUID,
    person_id: UUID,
    requester: Requester,
    *,
    kind: str,
    fact: str,
    at: datetime,
    due: datetime,
) -> None:
    """Keep an alert of what a requester did, which `fact` names."""
    row = {
        "id": id,
        "kind": kind,
        "fact": fact,
        "person_id": person_id,
        "issuer": requester.issuer,
        "subject": requester.subject,
        "organisation": requester.organisation,
        "raised": at,
        "review_due": due,
    }
    connection.execute(insert(privacy_alert).values(row))


def raise_alerts(connection: Connection, rows: Sequence[Mapping[str, object]]) -> list[UUID]:
    """Keep alerts, each once however often it is raised; returns those that are new."""
    if not rows:
        return []
    kept = upsert(privacy_alert).values(list(rows)).on_conflict_do_nothing().returning(privacy_alert.c.id)
    return list(connection.execute(kept).scalars())


def alerts(
    connection: Connection,
    *,
    organisations: Collection[OdsCode] | None = None,
    waiting: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Alert]:
    """Alerts about accounts of some organisations, or all, the most urgent first; those raised in [since, until)."""
    c = privacy_alert.c
    query = select(*_ALERT).order_by(c.review_due, c.id)
    if organisations is not None:
        query = query.where(c.organisation.in_(list(organisations)))
    if waiting:
        query = query.where(c.reviewed.is_(None))
    if since is not None:
        query = query.where(c.raised >= since)
    if until is not None:
        query = query.where(c.raised < until)
    return [Alert(*row) for row in connection.execute(query)]


def looked_into(connection: Connection, people: Iterable[UUID]) -> set[tuple[Account, date]]:
    """Of which accounts somebody looks into what they did with these people, or with many, and on which London day."""
    c = privacy_alert.c
    on = func.coalesce(c.on, cast(func.timezone("Europe/London", c.raised), Date))
    query = select(c.issuer, c.subject, on).where(c.state == "looked-into")
    found = connection.execute(query.where(c.person_id.in_(list(people)) | c.person_id.is_(None)))
    return {(Account(issuer, subject), day) for issuer, subject, day in found}


def lately_alerted(connection: Connection, since: date) -> list[tuple[str, Account, UUID | None, date]]:
    """Which kinds of alert about whom and whose account are of a day since then, and the last such day."""
    c = privacy_alert.c
    who = (c.kind, c.issuer, c.subject, c.person_id)
    found = connection.execute(select(*who, func.max(c.on)).where(c.on >= since).group_by(*who))
    return [(kind, Account(issuer, subject), person, on) for kind, issuer, subject, person, on in found]


def hold_alert(connection: Connection, alert: UUID) -> Alert | None:
    """An alert that nobody else changes until the transaction ends."""
    row = connection.execute(select(*_ALERT).where(privacy_alert.c.id == alert).with_for_update()).one_or_none()
    return Alert(*row) if row else None


def put_alert_step(
    connection: Connection, alert: UUID, step: str, state: str, *, closed: bool, by: Account, at: datetime, note: str
) -> None:
    """Keep what was done about an alert, and where it stands now."""
    row = {"alert": alert, "step": step, "state": state, **by._asdict(), "at": at, "note": note or None}
    connection.execute(insert(privacy_alert_step).values(row))
    outcome = {"reviewed": at, "reviewed_by": by.subject, "outcome": state}
    values = outcome if closed else dict.fromkeys(outcome)
    connection.execute(update(privacy_alert).where(privacy_alert.c.id == alert).values(state=state, **values))


def forget_alerts(connection: Connection, before: date) -> int:
    """Delete alerts that were closed before a London day, with what was noted of them; returns how many.

    One that is open stays, however old.
    """
    c, steps = privacy_alert.c, privacy_alert_step
    old = select(c.id).where(c.reviewed < london_midnight(before))
    connection.execute(delete(steps).where(steps.c.alert.in_(old)))
    return connection.execute(delete(privacy_alert).where(c.id.in_(old))).rowcount


class AlertStep(NamedTuple):
    """One step that was taken with an alert."""

    step: str
    state: str
    subject: str
    at: datetime
    note: str | None


def alert_steps(connection: Connection, alert: UUID) -> list[AlertStep]:
    """What was done about an alert, in order."""
    c = privacy_alert_step.c
    query = select(*(c[name] for name in AlertStep._fields)).where(c.alert == alert).order_by(c.id)
    return [AlertStep(*row) for row in connection.execute(query)]


_WORDS: Final = """
    SELECT 'opening/' || o.id, concat_ws(E'\\nAfterwards: ', o.reason, afterwards.said)
    FROM emergency_opening o LEFT JOIN opening_afterwards afterwards ON afterwards.opening = o.id
    WHERE o.id = ANY (%(openings)s)
    UNION ALL
    SELECT 'relationship/' || id, evidence FROM relationship
    WHERE id = ANY (%(relationships)s) AND evidence IS NOT NULL
"""


def words_of(connection: Connection, facts: Iterable[str]) -> dict[str, str]:
    """What those who opened a record, or stated a relationship, said of it in their own words, by fact."""
    parted = [fact.partition("/") for fact in facts]
    numbers = {
        f"{kind}s": [int(number) for told, _, number in parted if told == kind] for kind in ("opening", "relationship")
    }
    return {str(fact): str(said) for fact, said in connection.exec_driver_sql(_WORDS, numbers)}
