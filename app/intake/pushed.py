"""A bundle that its sender waits for: kept, read and filed in one transaction, and only then answered.

Nothing is acknowledged before it is on disk, and what is filed is there for the next request. The sender's feeds are
held meanwhile, so that a version that was asked for is still the version when it is replaced.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import monotonic, sleep
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.adapters.fhir_bundle import ADAPTER, findings_of, utterances
from app.adapters.fhir_bundle.reading import Reading as Bundle
from app.adapters.fhir_bundle.reading import Told
from app.audit.chain import ChainKey
from app.database.transactions import together, transaction
from app.errors import DomainError
from app.intake import findings, waiting
from app.intake.arriving.inbox import Due, State, keep_anew, move
from app.intake.arriving.locks import TRY_FILING, hold_partner
from app.intake.filing import Intake, NewId
from app.intake.preconditions import check_named, names_what_is_held
from app.intake.process import ATTEMPT, process_claimed
from app.intake.reading import Counts, Reading
from app.person.locks import keep_identities
from app.person.matching import Reason
from app.person.resolution import Found, Resolution, Waits
from app.profiles.issue import error
from app.record.kept.encode import entry_id
from app.record.kept.held import Held
from app.record.kept.stated import Stated, by_key, by_number, of_people
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Statement, Subject, UnreadableMessage

PATIENCE: Final = 5
"""Seconds to wait for whoever files for the same partner, before what was sent is left to be filed in its turn."""


_AGAIN: Final = 0.2
"""Seconds until it is looked again whether what was sent before is filed."""


class Busy(DomainError):
    """What was asked depends on what is held, and that is being changed just now."""


class Done(StrEnum):
    """What became of one entry of a bundle."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    RETRACTED = "retracted"
    WAITS = "waits"  # for a person to say whose it is
    TAKEN_IN = "taken-in"  # kept inside what refers to it, or the envelope of a message
    REFUSED = "refused"
    QUEUED = "queued"  # kept, and to be filed in its turn


@dataclass(frozen=True, slots=True)
class Answered:
    """One entry of a bundle, what became of it, where it is held, and the code of why it waits.

    `is_first` where its sender stated nothing before of whom it was found to be about.
    """

    told: Told
    done: Done
    held: Held | Stated | None = None
    waits_for: str = ""
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of a bundle: the message in the inbox, its state, and each entry by its position from 1."""

    message: int
    state: State
    entries: Mapping[int, Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What was sent, by whom, and when, in UTC; `key` is of the audit trail."""

    content: bytes
    bundle: Bundle
    partner: OdsCode
    at: datetime
    new_id: NewId
    key: ChainKey


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
    return _Filing(connection, sent, due).pushed()


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
        if getattr(failure.orig, "sqlstate", None) == "55P03":  # lock_not_available
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
    queued = {line: Answered(one, Done.REFUSED if one.refused else Done.QUEUED) for line, one in _told(sent)}
    return Pushed(due.message, State.RECEIVED, queued)


def _refuse(connection: Connection, sent: Push, due: Due) -> Pushed:
    """Nothing of it is filed; all that is wrong is kept for whoever can mend it."""
    found = [finding for line, one in _told(sent) for finding in findings_of(line, one.issues)]
    findings.keep(connection, found, due.message)
    move(connection, due.message, State.REFUSED, at=sent.at, counts=Counts(refused=len(found)).json())
    return Pushed(due.message, State.REFUSED, {line: Answered(one, Done.REFUSED) for line, one in _told(sent)})


def _told(sent: Push) -> list[tuple[int, Told]]:
    return list(sent.bundle.told.items())


@dataclass(slots=True)
class _Filing:
    """One bundle on its way into the record, and whose each part of it turns out to be."""

    connection: Connection
    sent: Push
    due: Due
    resolutions: dict[Subject, Resolution] = field(default_factory=dict)
    filed: "list[_Filed]" = field(default_factory=list)
    held: dict[int, Held | Stated] = field(default_factory=dict)

    def pushed(self) -> Pushed:
        connection, sent, due = self.connection, self.sent, self.due
        intake = Intake(connection=connection, source=due.source_at(sent.at), new_id=sent.new_id, key=sent.key)
        state, _ = process_claimed(intake, due, lambda: self._read(intake))
        if state is State.REFUSED:
            return Pushed(due.message, state, {line: Answered(one, Done.REFUSED) for line, one in _told(sent)})
        if state is not State.PROCESSED:  # it failed for a reason of ours, and will be tried again
            return Pushed(due.message, state, {line: Answered(one, Done.QUEUED) for line, one in _told(sent)})
        return Pushed(due.message, state, self._answers())

    def _read(self, intake: Intake) -> Counts:
        reading = Reading(intake, self._note, self._note_held, may_be_whole=False)
        for utterance in utterances(self.sent.bundle):
            reading.take(utterance)
        counts = reading.finish()
        self.filed = list(self._filed())
        self._refuse_mixed()
        if counts.settled or any(one.retraction is not None for one in self.sent.bundle.told.values()):
            self._look_again()  # what was filed may have been replaced since, or taken back
        return counts

    def _note(self, statement: Statement, resolution: Resolution) -> None:
        self.resolutions[statement.subject] = resolution
        if isinstance(resolution, Waits) and resolution.reason is Reason.OF_ANOTHER:
            text = "you sent the same identifier about somebody else; take that back first, with DELETE"
            self._refuse(self.sent.bundle.told[statement.line], text)

    def _note_held(self, held: Iterable[Held]) -> None:
        self.held |= {one.number: one for one in held}

    def _look_again(self) -> None:
        people, numbers = {one.found.person_id for one in self.filed}, {one.number for one in self.filed}
        self.held |= of_people(self.connection, people, numbers)

    def _refuse_mixed(self) -> None:
        """Refuse what names by its id an entry that is another person's, or is not the one that its content names."""
        named = {one.told.part.line: one for one in self.filed}
        references = {
            (int(reference.id), line)
            for line, one in named.items()
            for reference in one.told.held
            if reference.type != "Patient"
        }
        owners = by_number(self.connection, self.sent.partner, ADAPTER.name, {number for number, _ in references})
        mixed = [line for number, line in references if owners[number].person_id != named[line].found.person_id]
        mixed += [line for line, one in named.items() if one.told.part.id not in (None, str(one.number))]
        for line in mixed:
            self._refuse(named[line].told, "the id names another entry than the content does, or one of another person")

    def _refuse(self, told: Told, text: str) -> None:
        path = f"Bundle.entry[{told.part.line - 1}].resource"
        told.issues.append(error("business-rule", "two-people", path, text))
        raise UnreadableMessage("two-people", f"{path}: {text}", line=told.part.line)

    def _filed(self) -> "Iterator[_Filed]":
        source = Provenance(self.sent.partner, ADAPTER.name, self.due.message, 0)
        for _, one in _told(self.sent):
            found = self.resolutions.get(one.subject) if one.subject is not None and not one.refused else None
            if isinstance(found, Found) and one.key is not None:
                yield _Filed(one, found, entry_id(found.filed_as, source, one.key))

    def _answers(self) -> dict[int, Answered]:
        answers = {one.told.part.line: self._answer(one, self.held.get(one.number)) for one in self.filed}
        return {line: answers.get(line) or self._of_unfiled(one) for line, one in _told(self.sent)}

    def _answer(self, one: "_Filed", held: Held | Stated | None) -> Answered:
        if held is None or held.message != self.due.message:
            return Answered(one.told, Done.UNCHANGED, held)
        done = Done.CREATED if held.version == 1 else Done.UPDATED
        return Answered(one.told, done, held, is_first=one.found.is_first)

    def _of_unfiled(self, told: Told) -> Answered:
        if told.refused:
            return Answered(told, Done.REFUSED)
        if told.retraction is not None:
            return Answered(told, Done.RETRACTED, self._retracted(told))
        waits = self.resolutions.get(told.subject) if told.subject is not None else None
        if waits is None or isinstance(waits, Found):
            return Answered(told, Done.TAKEN_IN)
        return Answered(told, Done.WAITS, waits_for=waiting.as_its_sender_is_told(waits.reason))

    def _retracted(self, told: Told) -> Stated | None:
        partner, retraction = self.sent.partner, told.retraction
        if retraction is not None and retraction.key is not None:
            found = by_key(self.connection, partner, ADAPTER.name, [retraction.key])
        else:
            number = retraction.number if retraction is not None else None
            found = by_number(self.connection, partner, ADAPTER.name, [number] if number is not None else [])
        return next(iter(found.values()), None)


@dataclass(frozen=True, slots=True)
class _Filed:
    told: Told
    found: Found
    number: int
