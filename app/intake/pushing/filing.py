"""One bundle on its way into the record: whose each part of it is, and what was done with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.adapters.fhir_bundle import ADAPTER, utterances
from app.adapters.fhir_bundle.reading import ReadPart
from app.intake import waiting
from app.intake.arriving.inbox import Due, State
from app.intake.filing import Intake
from app.intake.process import process_claimed
from app.intake.pushing.pushed import Answered, Done, Push, Pushed
from app.intake.reading import Counts, Reading
from app.person.matching import Reason
from app.person.resolution import Found, Resolution, Waits
from app.profiles.issue import error
from app.record.kept.current import CurrentEntry, by_key, by_number, of_people
from app.record.kept.encode import entry_id
from app.record.kept.held import Held
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Statement, Subject, UnreadableMessage


@dataclass(slots=True)
class BundleFiling:
    """One bundle on its way into the record, and whose each part of it turns out to be."""

    connection: Connection
    sent: Push
    due: Due
    resolutions: dict[Subject, Resolution] = field(default_factory=dict)
    filed: "list[_Filed]" = field(default_factory=list)
    held: dict[int, Held | CurrentEntry] = field(default_factory=dict)

    def pushed(self) -> Pushed:
        """File it, and say what became of each part; what cannot be filed now is left to be tried again."""
        connection, sent, due = self.connection, self.sent, self.due
        intake = Intake(connection=connection, source=due.source_at(sent.at), new_id=sent.new_id, key=sent.key)
        state, _ = process_claimed(intake, due, lambda: self._read(intake))
        if state is State.REFUSED:
            return Pushed(due.message, state, {line: Answered(one, Done.REFUSED) for line, one in sent.told()})
        if state is not State.PROCESSED:  # it failed for a reason of ours, and will be tried again
            return Pushed(due.message, state, {line: Answered(one, Done.QUEUED) for line, one in sent.told()})
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

    def _refuse(self, told: ReadPart, text: str) -> None:
        path = f"Bundle.entry[{told.part.line - 1}].resource"
        told.issues.append(error("business-rule", "two-people", path, text))
        raise UnreadableMessage("two-people", f"{path}: {text}", line=told.part.line)

    def _filed(self) -> "Iterator[_Filed]":
        source = Provenance(self.sent.partner, ADAPTER.name, self.due.message, 0)
        for _, one in self.sent.told():
            found = self.resolutions.get(one.subject) if one.subject is not None and not one.refused else None
            if isinstance(found, Found) and one.key is not None:
                yield _Filed(one, found, entry_id(found.filed_as, source, one.key))

    def _answers(self) -> dict[int, Answered]:
        answers = {one.told.part.line: self._answer(one, self.held.get(one.number)) for one in self.filed}
        return {line: answers.get(line) or self._of_unfiled(one) for line, one in self.sent.told()}

    def _answer(self, one: "_Filed", held: Held | CurrentEntry | None) -> Answered:
        if held is None or held.message != self.due.message:
            return Answered(one.told, Done.UNCHANGED, held)
        done = Done.CREATED if held.version == 1 else Done.UPDATED
        return Answered(one.told, done, held, is_first=one.found.is_first)

    def _of_unfiled(self, told: ReadPart) -> Answered:
        if told.refused:
            return Answered(told, Done.REFUSED)
        if told.retraction is not None:
            return Answered(told, Done.RETRACTED, self._retracted(told))
        waits = self.resolutions.get(told.subject) if told.subject is not None else None
        if waits is None or isinstance(waits, Found):
            return Answered(told, Done.TAKEN_IN)
        return Answered(told, Done.WAITS, waits_for=waiting.as_its_sender_is_told(waits.reason))

    def _retracted(self, told: ReadPart) -> CurrentEntry | None:
        partner, retraction = self.sent.partner, told.retraction
        if retraction is not None and retraction.key is not None:
            found = by_key(self.connection, partner, ADAPTER.name, [retraction.key])
        else:
            number = retraction.number if retraction is not None else None
            found = by_number(self.connection, partner, ADAPTER.name, [number] if number is not None else [])
        return next(iter(found.values()), None)


@dataclass(frozen=True, slots=True)
class _Filed:
    told: ReadPart
    found: Found
    number: int
