"""A bundle that its sender waits for: kept, read and filed in one transaction, and only then answered.

Nothing is acknowledged before it is on disk, and what is filed is there for the next request. The sender's feeds are
held meanwhile, so that a version that was asked for is still the version when it is replaced.
"""

from time import monotonic, sleep
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.adapters.fhir_bundle import ADAPTER, findings_of
from app.database.transactions import LOCKED, together, transaction
from app.intake import findings
from app.intake.arriving.inbox import Due, State, keep_anew, move
from app.intake.arriving.locks import TRY_FILING, hold_partner
from app.intake.process import ATTEMPT
from app.intake.pushing.filing import BundleFiling
from app.intake.pushing.preconditions import check_named, names_what_is_held
from app.intake.pushing.pushed import Answered, Busy, Done, Push, Pushed
from app.intake.reading import Counts
from app.person.locks import keep_identities
from app.vocabulary.ods_code import OdsCode

PATIENCE: Final = 5
"""Seconds to wait for whoever files for the same partner, before what was sent is left to be filed in its turn."""


_AGAIN: Final = 0.2
"""Seconds until it is looked again whether what was sent before is filed."""


class _Behind(Exception):
    """What was sent before is still to be filed: nothing of this was kept."""


class _Rehearsed(Exception):
    def __init__(self, pushed: Pushed) -> None:
        self.pushed = pushed


def push(engine: Engine, sent: Push, *, rehearse: bool = False, wait: int | None = None) -> Pushed:
    """File a bundle; it is on disk when this returns. A rehearsal says the same, and leaves nothing behind.

    For `wait` seconds it waits while its sender's feeds are held, and while what was sent before is still to be filed;
    where nobody said for how long, for `PATIENCE` while they are held, and not at all behind others. Raises `Busy`
    where it cannot be filed then, and names versions or ids.
    """
    until = monotonic() + (wait or 0)
    while True:
        try:
            with transaction(engine) as connection:
                pushed = _push(connection, sent, PATIENCE if wait is None else until - monotonic(), until)
                if rehearse:
                    raise _Rehearsed(pushed)
        except _Rehearsed as rehearsed:
            return rehearsed.pushed
        except _Behind:
            sleep(_AGAIN)
        else:
            return pushed


def _push(connection: Connection, sent: Push, patience: float, until: float) -> Pushed:
    is_held = _hold(connection, sent.partner, patience)
    due, is_behind = _keep(connection, sent)
    if is_behind and is_held and monotonic() < until:
        raise _Behind
    if is_behind or not is_held:
        return _queue(sent, due)
    check_named(connection, sent.bundle, sent.partner, at=sent.at)
    if sent.bundle.refused:
        return _refuse(connection, sent, due)
    return BundleFiling(connection, sent, due).pushed()


def _hold(connection: Connection, partner: OdsCode, patience: float) -> bool:
    """Hold the partner's feeds, and keep people as they are; in the turn in which the transaction begins, if it can."""
    with together(connection) as ask:
        held = ask(TRY_FILING, {"partner": partner})
    if (held.fetchone() or (False,))[0]:
        return True
    attempt = connection.begin_nested()
    try:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{max(1, int(patience * 1000))}ms'")
        hold_partner(connection, partner)
        connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")
        keep_identities(connection)
    except OperationalError as failure:
        attempt.rollback()
        if getattr(failure.orig, "sqlstate", None) == LOCKED:
            return False
        raise
    attempt.commit()
    return True


def _keep(connection: Connection, sent: Push) -> tuple[Due, bool]:
    """Keep what was sent, and begin the attempt to file it."""
    with together(connection) as ask:
        kept = keep_anew(
            ask,
            sent.content,
            partner=sent.partner,
            adapter=ADAPTER.name,
            covers=ADAPTER.covers,
            at=sent.at,
            message_id=str(sent.new_id()),  # the same may be meant anew: A, then B, then A again
        )
        ask(ATTEMPT, None)
    [(message, is_behind)] = kept.fetchall()
    return Due(message=message, partner=sent.partner, adapter=ADAPTER.name, attempts=0), is_behind


def _queue(sent: Push, due: Due) -> Pushed:
    """Leave it to whoever files what waits; nothing is kept of what was only to be done to what is held now."""
    if names_what_is_held(sent.bundle):
        raise Busy("what you sent before is still being filed; nothing of this was kept, send it again in a minute")
    queued = {line: Answered(one, Done.REFUSED if one.refused else Done.QUEUED) for line, one in sent.told()}
    return Pushed(due.message, State.RECEIVED, queued)


def _refuse(connection: Connection, sent: Push, due: Due) -> Pushed:
    """Nothing of it is filed; all that is wrong is kept for whoever can mend it."""
    found = [finding for line, one in sent.told() for finding in findings_of(line, one.issues)]
    findings.keep(connection, found, due.message)
    move(connection, due.message, State.REFUSED, at=sent.at, counts=Counts(refused=len(found)).json())
    return Pushed(due.message, State.REFUSED, {line: Answered(one, Done.REFUSED) for line, one in sent.told()})
