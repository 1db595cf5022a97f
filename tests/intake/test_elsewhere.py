"""What one sender says of two people under one identifier: never shown of both, however it came."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.audit.acting import COMMAND_LINE, Acting
from app.intake import reading
from app.intake.process import replay
from app.intake.worklist.settling import NotSettled, file_under
from app.intake.worklist.tracing import Asked, trace_waiting
from app.person.tracing import Answer, Traced
from app.sharing.facts import Account
from app.vocabulary.statement import Elsewhere, Entry, Standing, Subject
from tests.intake.feed import KEY, NOON, Speaking, about, column, findings, problem, process, rows, tell
from tests.person.people import JOHN, MARY, said, without_number

BY_KIT = Acting(by=Account(COMMAND_LINE, "kit"), at=NOON, new_id=uuid4, key=KEY)
BARS, REPORT = replace(problem(1), elsewhere=Elsewhere.BARS), replace(problem(1), elsewhere=Elsewhere.YIELDS)
RESULT = replace(problem(2), key=f"{REPORT.key}/sodium")
UNKNOWN = without_number(said(JOHN, local_id="C7"), postcode=None, uprn=None)


class Found:
    """A tracing authority that knows John."""

    def trace(self, waiting: Mapping[str, Subject]) -> Mapping[str, Answer]:
        assert JOHN.nhs_number is not None
        return dict.fromkeys(waiting, Traced(nhs_number=JOHN.nhs_number))


@pytest.fixture
def john(engine: Engine, spoken: Speaking) -> UUID:
    """John, whom the trust knows, beside Mary, of whom it says something that was meant of him."""
    tell(engine, spoken, about(JOHN, problem(9)))
    [person] = column(engine, "SELECT id FROM person")
    tell(engine, spoken, about(MARY, BARS))
    assert isinstance(person, UUID)
    return person


def shown_of(engine: Engine, entry: Entry) -> list[UUID]:
    sql = "SELECT person_id FROM entry WHERE key = %s AND standing <> 'entered-in-error'"
    return column(engine, sql, entry.key)


def waits(engine: Engine) -> list[str]:
    return column(engine, "SELECT reason FROM waiting WHERE state = 'open'")


def test_what_is_held_of_somebody_else_waits_for_a_person(engine: Engine, spoken: Speaking, john: UUID) -> None:
    """As it is refused where its sender waits for an answer: a queue and a file have nobody to answer."""
    tell(engine, spoken, about(JOHN, BARS))
    assert waits(engine) == ["of-another"]
    assert john not in shown_of(engine, BARS)
    [number], [candidates] = column(engine, "SELECT id FROM waiting"), column(engine, "SELECT candidates FROM waiting")
    with pytest.raises(NotSettled, match="take that back first"):
        file_under(engine, number, john, BY_KIT)
    assert set(candidates) == {john, *shown_of(engine, BARS)}


def test_nor_is_it_filed_when_its_person_becomes_known(engine: Engine, spoken: Speaking, john: UUID) -> None:
    tell(engine, spoken, about(UNKNOWN, BARS))
    assert waits(engine) == ["trace-required"]
    assert trace_waiting(engine, Found(), BY_KIT) == Asked(asked=1, filed=0)
    tell(engine, spoken, about(replace(JOHN, local_id="C7"), problem(8)))
    assert waits(engine) == ["of-another"]
    assert john not in shown_of(engine, BARS)


def test_once_it_was_taken_back_of_the_one_it_is_filed_of_the_other(
    engine: Engine, spoken: Speaking, john: UUID
) -> None:
    tell(engine, spoken, about(MARY, replace(BARS, standing=Standing.ENTERED_IN_ERROR)))
    tell(engine, spoken, about(JOHN, BARS))
    assert shown_of(engine, BARS) == [john]
    assert waits(engine) == []


def test_one_message_cannot_say_it_of_two_people_either(engine: Engine, spoken: Speaking, john: UUID) -> None:
    other = replace(BARS, key="Condition/7")
    tell(engine, spoken, about(JOHN, other), about(MARY, other))
    assert shown_of(engine, other) == [john]
    assert waits(engine) == ["of-another"]


def test_a_report_is_whose_its_sender_says_last(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(MARY, REPORT, RESULT))
    first = shown_of(engine, RESULT)
    tell(engine, spoken, about(JOHN, REPORT, RESULT))
    [second] = shown_of(engine, RESULT)
    assert shown_of(engine, REPORT) == [second] != first
    assert findings(engine) == [("told-of-another", "warning", 1)]
    assert rows(engine, "SELECT count(*) FROM entry_version WHERE person_id = %s", *first) == [(2,)]  # kept, not shown

    [message] = column(engine, "SELECT min(id) FROM inbox_message")
    replay(engine, message, at=NOON)
    process(engine)
    assert shown_of(engine, RESULT) == [second]  # what was said first does not come back
    tell(engine, spoken, about(MARY, REPORT, RESULT), word=b"back", at=NOON + timedelta(hours=1))
    assert shown_of(engine, REPORT) == shown_of(engine, RESULT) == first


def test_what_was_written_before_the_last_word_is_filed_of_nobody_though_it_comes_after_it(
    engine: Engine, spoken: Speaking
) -> None:
    """A message that was held up, of a person of whom nothing is held under that number."""
    tell(engine, spoken, about(MARY, replace(REPORT, recorded=NOON), replace(RESULT, recorded=NOON)))
    mary = shown_of(engine, REPORT)
    before = NOON - timedelta(hours=1)
    tell(engine, spoken, about(JOHN, replace(REPORT, recorded=before), replace(RESULT, recorded=before)))
    assert shown_of(engine, REPORT) == shown_of(engine, RESULT) == mary
    assert column(engine, "SELECT count(*) FROM entry WHERE key = %s", REPORT.key) == [1]


def test_what_was_withdrawn_of_one_person_is_no_other_word_about_it(engine: Engine, spoken: Speaking) -> None:
    withdrawn = replace(REPORT, standing=Standing.ENTERED_IN_ERROR, elsewhere=Elsewhere.STANDS)
    tell(engine, spoken, about(MARY, REPORT))
    tell(engine, spoken, about(MARY, withdrawn))
    tell(engine, spoken, about(JOHN, REPORT))
    assert len(shown_of(engine, REPORT)) == 1
    assert findings(engine) == []


@pytest.mark.parametrize(("days", "alike"), [(27, True), (28, False)])
def test_a_report_is_asked_about_for_four_weeks(engine: Engine, spoken: Speaking, days: int, alike: bool) -> None:
    """A laboratory uses its numbers again."""
    tell(engine, spoken, about(MARY, REPORT))
    assert REPORT.started is not None
    tell(engine, spoken, about(JOHN, replace(REPORT, started=REPORT.started + timedelta(days=days))))
    assert len(shown_of(engine, REPORT)) == 2
    assert findings(engine) == ([("alike-of-another", "warning", 1)] if alike else [])


def test_of_one_file_too_the_last_word_counts(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batch in (1, 1000):
        monkeypatch.setattr(reading, "BATCH", batch)
        report = replace(REPORT, key=f"Condition/{batch}")
        tell(engine, spoken, about(MARY, report), about(JOHN, report))
        [person] = shown_of(engine, report)
        [john] = column(engine, "SELECT person_id FROM person_identifier WHERE local_id = %s", JOHN.local_id)
        assert person == john


def test_a_number_that_is_used_again_for_another_day_is_another_report(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(MARY, REPORT))
    tell(engine, spoken, about(JOHN, replace(REPORT, started=NOON)))
    assert len(shown_of(engine, REPORT)) == 2
    assert findings(engine) == []


def test_a_report_whose_specimen_was_timed_anew_that_day_is_the_same_report(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(MARY, REPORT))
    assert REPORT.started is not None
    tell(engine, spoken, about(JOHN, replace(REPORT, started=REPORT.started + timedelta(hours=2))))
    [person] = shown_of(engine, REPORT)
    assert column(engine, "SELECT person_id FROM person_identifier WHERE local_id = %s", JOHN.local_id) == [person]
    assert findings(engine) == [("told-of-another", "warning", 1)]


@pytest.mark.parametrize("days", [1, -3, None])
def test_a_report_of_another_day_nearby_may_be_the_same_and_its_sender_is_asked(
    engine: Engine, spoken: Speaking, days: int | None
) -> None:
    """Two things changed at once: nothing is taken from anybody on a guess."""
    tell(engine, spoken, about(MARY, REPORT))
    assert REPORT.started is not None
    when = None if days is None else REPORT.started + timedelta(days=days)
    tell(engine, spoken, about(JOHN, replace(REPORT, started=when)))
    assert len(shown_of(engine, REPORT)) == 2
    assert findings(engine) == [("alike-of-another", "warning", 1)]


def test_what_waited_tells_its_sender_too_that_it_came_too_late(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(UNKNOWN, problem(1)))
    late = column(engine, "SELECT max(id) FROM inbox_message")
    tell(engine, spoken, about(replace(JOHN, local_id="C7"), problem(1, title="A stroke", recorded=NOON)))
    assert waits(engine) == []
    assert findings(engine) == [("older-than-held", "warning", 1)]
    assert column(engine, "SELECT message FROM finding") == late
