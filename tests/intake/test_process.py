"""From the inbox to the record: all of a message or nothing, and nothing lost whatever goes wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from sqlalchemy import Engine

from app.audit.acting import COMMAND_LINE, Acting
from app.database.transactions import DATABASE_ERRORS, transaction
from app.intake import reading
from app.intake.arriving.inbox import NotMoved, State
from app.intake.filing import file_statements
from app.intake.process import replay
from app.intake.reading import Counts
from app.intake.worklist import settling
from app.intake.worklist.settling import NotWaiting
from app.record.freshness import allow_ending, describe
from app.record.kept.snapshots import HeldBack, held_back
from app.sharing.facts import Account
from app.vocabulary.flag import FlagKind
from app.vocabulary.london import london_midnight
from app.vocabulary.statement import (
    Complete,
    Entry,
    Finding,
    PersonFlag,
    Relationship,
    Sender,
    Severity,
    Statement,
    UnreadableMessage,
)
from tests.intake.feed import (
    COUNCIL,
    KEY,
    NOON,
    Speaking,
    about,
    column,
    findings,
    problem,
    process,
    rows,
    send,
    states,
    tell,
    titles,
)
from tests.person.people import ACUTE, JOHN, MARY, said, without_number

BY_KIT = Acting(by=Account(COMMAND_LINE, "kit"), at=NOON, new_id=uuid4, key=KEY)
TOMORROW = NOON + timedelta(days=1)
TRUNCATED = UnreadableMessage("csv-truncated", "the file is cut off within a row; send it again", line=7)
REFUSED_ROW = Finding(rule="caseload-started", severity=Severity.REFUSED, line=3, text="`started` is no date")
ADMISSION = Relationship(key="Encounter/1/admission", kind="admission", started=NOON)
DISSENT = PersonFlag(kind=FlagKind.DISSENT, raised=True)


def test_with_nothing_in_the_inbox_nothing_happens(engine: Engine) -> None:
    assert process(engine) is None


def test_all_that_a_message_says_arrives_together(engine: Engine, spoken: Speaking) -> None:
    told = tell(engine, spoken, about(MARY, problem(), relationships=(ADMISSION,), flags=(DISSENT,)))

    assert (told.state, told.counts) == (State.PROCESSED, Counts(statements=1, new=1))
    (mary,) = column(engine, "SELECT id FROM person")
    assert column(engine, "SELECT person_id FROM entry") == [mary]
    assert column(engine, "SELECT person_id FROM relationship WHERE kind = 'admission'") == [mary]
    assert column(engine, "SELECT person_id FROM person_flag WHERE kind = 'dissent' AND raised") == [mary]
    (feed,) = rows(engine, "SELECT last_processed_at FROM feed")
    assert feed.last_processed_at == NOON


def test_whoever_is_under_18_by_the_birth_date_of_a_message_is_a_child_until_they_are_not(
    engine: Engine, spoken: Speaking
) -> None:
    """What is in confidence is kept back from others by it."""
    born = date(2012, 5, 14)
    child = said(MARY, birth_date=born)

    def children() -> list[tuple[Any, ...]]:
        flags = rows(engine, "SELECT raised, since FROM person_flag WHERE kind = 'child'")
        return [tuple(one) for one in flags]

    tell(engine, spoken, about(JOHN, problem(3)))
    assert children() == []
    tell(engine, spoken, about(child, problem(1)))
    assert children() == [(True, london_midnight(born))]
    tell(engine, spoken, about(said(child, birth_date=None), problem(2)))
    assert children() == [(True, london_midnight(born))]
    tell(engine, spoken, about(child, problem(4)), at=datetime(2030, 5, 14, 12, tzinfo=UTC))
    assert [raised for raised, _ in children()] == [False]


def test_the_inbox_keeps_what_a_message_did(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(), REFUSED_ROW)

    (counts,) = column(engine, "SELECT counts FROM inbox_message")
    assert counts == {**dict.fromkeys(counts, 0), "statements": 1, "new": 1, "refused": 1}


def test_the_adapter_is_told_how_the_partner_writes(engine: Engine, spoken: Speaking) -> None:
    mapped = Sender(partner=ACUTE, columns={"started": "Start"}, encoding="cp1252")
    tell(engine, spoken)
    with transaction(engine) as connection:
        describe(connection, mapped, "spoken")
    tell(engine, spoken)

    assert spoken.senders == [Sender(partner=ACUTE), mapped]


# Refused whole


EVERYTHING = ("entry", "person", "person_identifier", "relationship", "person_flag", "waiting", "snapshot")


def count_of(engine: Engine, *tables: str) -> dict[str, int]:
    return {table: column(engine, f"SELECT count(*) FROM {table}")[0] for table in tables}


def test_of_a_message_that_cannot_be_trusted_nothing_is_filed(engine: Engine, spoken: Speaking) -> None:
    whole = about(MARY, problem(), relationships=(ADMISSION,), flags=(DISSENT,))
    told = tell(
        engine, spoken, whole, about(without_number(JOHN)), Complete(prefix="", as_at=date(2026, 3, 1)), TRUNCATED
    )

    assert (told.state, told.counts) == (State.REFUSED, Counts(refused=1))
    assert count_of(engine, *EVERYTHING) == dict.fromkeys(EVERYTHING, 0)
    assert findings(engine) == [("csv-truncated", "refused", 7)]


def test_a_refused_message_stays_and_is_read_when_its_adapter_is_mended(engine: Engine, spoken: Speaking) -> None:
    refused = tell(engine, spoken, TRUNCATED, word=b"hard to read")
    assert column(engine, "SELECT bytes FROM inbox_part") == [b"hard to read"]
    assert process(engine) is None

    spoken.says[b"hard to read"] = [about()]
    replay(engine, refused.message, at=TOMORROW)
    again = process(engine, at=TOMORROW)

    assert again is not None
    assert (again.message, again.state) == (refused.message, State.PROCESSED)
    assert titles(engine) == ["Stroke"]
    assert findings(engine) == []


def test_a_message_that_is_in_hand_is_not_replayed(engine: Engine, spoken: Speaking) -> None:
    with pytest.raises(NotMoved):
        replay(engine, send(engine, b"waits"), at=NOON)


def test_a_message_that_is_refused_when_read_again_leaves_what_it_said_before(engine: Engine, spoken: Speaking) -> None:
    read = tell(engine, spoken, about(), about(without_number(JOHN)), REFUSED_ROW, word=b"read")
    spoken.says[b"read"] = [TRUNCATED]
    replay(engine, read.message, at=TOMORROW)
    process(engine, at=TOMORROW)

    assert states(engine) == ["refused"]
    assert titles(engine) == ["Stroke"]
    assert column(engine, "SELECT state FROM waiting") == ["open"]
    assert findings(engine) == [("csv-truncated", "refused", 7)]


# Row by row


def test_bad_rows_are_refused_one_by_one_and_good_rows_go_in(engine: Engine, spoken: Speaking) -> None:
    doubtful = Finding(
        rule="nhs-number", severity=Severity.WARNING, line=5, text="the NHS number fails its check digit"
    )
    told = tell(engine, spoken, about(MARY, problem(1)), REFUSED_ROW, doubtful, about(MARY, problem(2)))

    assert (told.counts.new, told.counts.refused, told.counts.warnings) == (2, 1, 1)
    assert findings(engine) == [("caseload-started", "refused", 3), ("nhs-number", "warning", 5)]


def test_a_message_read_again_tells_its_findings_once(engine: Engine, spoken: Speaking) -> None:
    told = tell(engine, spoken, REFUSED_ROW)
    replay(engine, told.message, at=TOMORROW)
    process(engine, at=TOMORROW)

    assert findings(engine) == [("caseload-started", "refused", 3)]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_long_message_is_filed_a_batch_at_a_time(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(reading, "BATCH", size)
    told = tell(engine, spoken, *(about(MARY, problem(number)) for number in range(5)), *[REFUSED_ROW] * 5)

    assert (told.counts.new, told.counts.refused) == (5, 5)
    assert len(findings(engine)) == 5


def test_large_documents_are_not_gathered_in_memory(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[int] = []

    def counting(intake: Any, statements: list[Statement]) -> Any:
        together.append(len(statements))
        return file_statements(intake, statements)

    monkeypatch.setattr(reading, "file_statements", counting)
    monkeypatch.setattr(reading, "BATCH_BYTES", 100)
    letters = [about(MARY, problem(number, attachment=b"%PDF" * 15)) for number in range(5)]
    tell(engine, spoken, *letters)

    assert together == [2, 2, 1]
    assert column(engine, "SELECT count(*) FROM attachment") == [5]


# What nobody foresaw


def test_an_adapter_that_breaks_is_tried_again_later_and_later_and_then_waits_for_a_person(
    engine: Engine, spoken: Speaking
) -> None:
    told = tell(engine, spoken, about(), KeyError("O'NEILL"), word=b"hard to read")
    at = NOON
    for wait in (10, 30, 90, 270):
        assert told.state is State.RECEIVED
        assert process(engine, at=at + timedelta(seconds=wait - 1)) is None
        at += timedelta(seconds=wait)
        processed = process(engine, at=at)
        assert processed is not None
        told = processed

    assert told.state is State.STUCK
    assert process(engine, at=TOMORROW) is None
    assert count_of(engine, *EVERYTHING) == dict.fromkeys(EVERYTHING, 0)
    assert column(engine, "SELECT bytes FROM inbox_part") == [b"hard to read"]
    assert findings(engine) == [("stuck", "refused", 0)]
    (text,) = column(engine, "SELECT text FROM finding")
    assert text.startswith("reading it failed again and again (KeyError at tests.intake.feed:")
    assert text.endswith("have it mended, then run `pisano feed replay`")

    spoken.says[b"hard to read"] = [about()]
    replay(engine, told.message, at=TOMORROW)
    mended = process(engine, at=TOMORROW)
    assert mended is not None
    assert mended.state is State.PROCESSED
    assert titles(engine) == ["Stroke"]
    assert findings(engine) == []


def test_what_the_log_says_of_a_failure_names_nobody(engine: Engine, spoken: Speaking) -> None:
    with structlog.testing.capture_logs() as logs:
        tell(engine, spoken, about(), ValueError("O'NEILL, Mary, 999 000 0018"))

    (line,) = logs
    place = line.pop("place")
    assert line == {
        "event": "message failed",
        "log_level": "error",
        "message": column(engine, "SELECT id FROM inbox_message")[0],
        "partner": "RL4",
        "adapter": "spoken",
        "kind": "ValueError",
    }
    assert place.startswith("tests.intake.feed:")


def test_what_the_database_cannot_hold_is_the_messages_own_fault(engine: Engine, spoken: Speaking) -> None:
    told = tell(engine, spoken, about(MARY, problem(title="O'Neill\0", key="Condition/\0")))

    assert told.state is State.RECEIVED
    assert column(engine, "SELECT attempts FROM inbox_message") == [1]


# The database


def disconnecting(engine: Engine, *before: Statement) -> Iterator[Statement]:
    """Says something, and then every other connection to the database is cut."""
    yield from before
    with transaction(engine) as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    yield about(JOHN, problem(2))


@pytest.mark.parametrize("before", [(), (about(MARY),)], ids=["at once", "with something filed"])
def test_a_database_that_goes_away_in_the_middle_leaves_the_message_as_it_was(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch, before: tuple[Statement, ...]
) -> None:
    monkeypatch.setattr(reading, "BATCH", 1)
    spoken.says[b"word"] = disconnecting(engine, *before)
    send(engine, b"word")

    with pytest.raises(DATABASE_ERRORS):
        process(engine)

    assert rows(engine, "SELECT state, attempts, next_attempt_at FROM inbox_message") == [("received", 0, NOON)]
    assert count_of(engine, "entry", "person") == {"entry": 0, "person": 0}
    spoken.says[b"word"] = [*before, about(JOHN, problem(2))]
    again = process(engine)
    assert again is not None
    assert (again.state, again.counts.new) == (State.PROCESSED, len(before) + 1)


@pytest.fixture
def full_disk(engine: Engine) -> Iterator[None]:
    """What PostgreSQL answers when its disk is full, to whoever writes an entry."""
    with transaction(engine) as connection:
        connection.exec_driver_sql(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION full_disk();
            """
        )
    yield
    with transaction(engine) as connection:
        connection.exec_driver_sql("DROP FUNCTION full_disk CASCADE")


def test_a_full_disk_is_not_the_messages_fault(engine: Engine, spoken: Speaking, full_disk: None) -> None:
    spoken.says[b"word"] = [about()]
    send(engine, b"word")

    with pytest.raises(psycopg.errors.DiskFull):
        process(engine)

    assert rows(engine, "SELECT state, attempts FROM inbox_message") == [("received", 0)]
    with transaction(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE entry DISABLE TRIGGER full_disk")
    again = process(engine)
    assert again is not None
    assert again.state is State.PROCESSED


# Whose it is


def waits(engine: Engine) -> list[tuple[str, list[str]]]:
    return [
        tuple(row) for row in rows(engine, "SELECT reason, disagrees FROM waiting WHERE state = 'open' ORDER BY id")
    ]


def test_a_statement_without_a_number_waits_to_be_traced(engine: Engine, spoken: Speaking) -> None:
    told = tell(engine, spoken, about(without_number(MARY)))

    assert (told.counts.waiting, told.counts.new) == (1, 0)
    assert waits(engine) == [("trace-required", [])]
    assert count_of(engine, "entry", "person", "relationship") == {"entry": 0, "person": 0, "relationship": 0}


def test_a_statement_that_disagrees_waits_and_says_in_which_fields(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about())
    other = said(MARY, local_id="OTHER", birth_date=date(1951, 7, 5), family_name="Neal")
    told = tell(engine, spoken, about(other, problem(2)))

    assert told.counts.waiting == 1
    assert waits(engine) == [("disagrees", ["birth_date", "family_name"])]
    (mary,) = column(engine, "SELECT id FROM person")
    assert column(engine, "SELECT candidates FROM waiting") == [[mary]]
    assert titles(engine) == ["Stroke"]


def test_what_waited_is_filed_when_a_later_message_tells_whose_it_is(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(without_number(MARY), problem(1, title="Waited"), relationships=(ADMISSION,)))
    told = tell(engine, spoken, about(MARY, problem(2, title="Told")))

    assert (told.counts.settled, told.counts.waiting) == (1, 0)
    assert titles(engine) == ["Waited", "Told"]
    assert waits(engine) == []
    assert rows(engine, "SELECT state, settled_by, settled_at FROM waiting") == [("filed", "intake", NOON)]
    assert column(engine, "SELECT message FROM entry ORDER BY key") == column(
        engine, "SELECT id FROM inbox_message ORDER BY id"
    )
    assert count_of(engine, "relationship") == {"relationship": 1}


def test_what_waited_is_filed_when_the_same_message_tells_later_whose_it_is(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 1)
    told = tell(engine, spoken, about(without_number(MARY), problem(1)), about(MARY, problem(2)))

    assert (told.counts.waiting, told.counts.settled) == (0, 1)
    assert len(titles(engine)) == 2


def test_what_waited_gives_way_to_what_the_same_message_said_after_it(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 1)
    first, last = problem(title="First", recorded=None), problem(title="Last", recorded=None)
    tell(engine, spoken, about(without_number(MARY), first), about(MARY, last))

    assert titles(engine) == ["Last"]


def test_what_waited_in_another_feed_of_the_same_partner_is_filed_too(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(without_number(MARY), problem(1)), adapter="written")
    tell(engine, spoken, about(MARY, problem(2)), adapter="spoken")

    assert column(engine, "SELECT adapter FROM entry ORDER BY key") == ["written", "spoken"]


def test_what_waited_of_another_partners_person_of_that_number_is_not(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(without_number(MARY), problem(1)), partner=COUNCIL)
    tell(engine, spoken, about(MARY, problem(2)))

    assert waits(engine) == [("trace-required", [])]


def test_what_disagrees_is_never_filed_without_a_person(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(MARY))
    tell(engine, spoken, about(said(MARY, birth_date=date(1951, 7, 5)), problem(2)))
    tell(engine, spoken, about(MARY, problem(3)))

    assert waits(engine) == [("disagrees", ["birth_date"])]


def test_a_message_read_again_lets_each_statement_wait_once(engine: Engine, spoken: Speaking) -> None:
    told = tell(engine, spoken, about(without_number(MARY)))
    replay(engine, told.message, at=TOMORROW)
    process(engine, at=TOMORROW)

    assert waits(engine) == [("trace-required", [])]


# Again, late, and whole


def test_the_same_content_under_another_name_changes_nothing(engine: Engine, spoken: Speaking) -> None:
    whole = about(MARY, problem(), relationships=(ADMISSION,), flags=(DISSENT,))
    tell(engine, spoken, whole, word=b"nightly", message_id="1.csv")
    told_before = "SELECT * FROM entry", "SELECT * FROM person_flag", "SELECT key, started, ended FROM relationship"
    before = [rows(engine, query) for query in told_before[:1]]

    again = tell(engine, spoken, whole, word=b"nightly", message_id="2.csv", at=TOMORROW)

    assert again.counts == Counts(statements=1, unchanged=1)
    assert [rows(engine, query) for query in told_before[:1]] == before
    assert rows(engine, "SELECT raised, since FROM person_flag") == [(True, NOON)]
    assert count_of(engine, "entry_version", "relationship") == {"entry_version": 0, "relationship": 1}


def test_what_was_recorded_before_what_is_held_is_told_and_not_shown(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, about(MARY, problem(title="Later", recorded=NOON)))
    told = tell(engine, spoken, about(MARY, replace(problem(title="Earlier"), line=9)))

    assert told.counts.late == 1
    assert findings(engine) == [("older-than-held", "warning", 9)]
    assert titles(engine) == ["Later"]


def service(number: int) -> Entry:
    return problem(number, key=f"service/{number}", recorded=None)


def cared_for(*numbers: int) -> list[Statement]:
    return [
        about(
            MARY,
            service(number),
            relationships=(
                Relationship(key=f"service/{number}", kind="care-package", started=NOON - timedelta(days=9)),
            ),
        )
        for number in numbers
    ]


MONDAY, TUESDAY = (Complete(prefix="service/", as_at=date(2026, 3, day)) for day in (2, 3))


def test_what_is_missing_from_a_whole_extract_has_ended_with_its_relationship(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, *cared_for(1, 2), MONDAY)
    told = tell(engine, spoken, *cared_for(1), TUESDAY)

    assert told.counts.closed == 1
    ended = london_midnight(date(2026, 3, 2))
    assert rows(engine, "SELECT key, ended FROM entry ORDER BY key") == [("service/1", None), ("service/2", ended)]
    assert rows(engine, "SELECT key, ended FROM relationship ORDER BY key") == [
        ("service/1", None),
        ("service/2", ended),
    ]


def test_what_waits_for_a_person_is_not_missing(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, *cared_for(1), MONDAY)
    moved = about(said(MARY, birth_date=date(1951, 7, 5)), service(1))
    told = tell(engine, spoken, moved, TUESDAY)

    assert (told.counts.waiting, told.counts.closed) == (1, 0)


def test_an_extract_that_is_not_whole_ends_nothing(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, *cared_for(1, 2), MONDAY)

    assert tell(engine, spoken, *cared_for(1)).counts.closed == 0


def test_an_extract_that_leaves_out_much_ends_nothing_until_somebody_says_that_it_is_whole(
    engine: Engine, spoken: Speaking
) -> None:
    """One that was cut at the end of a line looks whole."""
    tell(engine, spoken, *cared_for(*range(30)), MONDAY)
    cut = tell(engine, spoken, *cared_for(*range(20)), TUESDAY)

    assert (cut.counts.closed, cut.counts.held_back) == (0, 10)
    assert findings(engine) == [("sudden-drop", "warning", 0)]
    assert column(engine, "SELECT count(*) FROM relationship WHERE ended IS NOT NULL") == [0]
    with transaction(engine) as connection:
        assert held_back(connection) == [HeldBack(ACUTE, "spoken", cut.message, 10, 30)]

    settling.accept(engine, cut.message, BY_KIT, why=settling.Whole.SENDER)
    accepted = process(engine)
    assert accepted is not None
    assert (accepted.counts.closed, accepted.counts.held_back) == (10, 0)
    assert column(engine, "SELECT count(*) FROM relationship WHERE ended IS NOT NULL") == [10]
    assert set(column(engine, "SELECT ended FROM entry WHERE ended IS NOT NULL")) == {london_midnight(date(2026, 3, 2))}
    assert column(engine, "SELECT event ->> 'reason' FROM audit_event") == [f"extract-{cut.message}-accepted-sender"]
    with pytest.raises(NotWaiting, match="not held back"):
        settling.accept(engine, cut.message, BY_KIT, why=settling.Whole.SENDER)


def test_an_extract_that_was_cut_short_settles_itself_when_it_is_sent_whole(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, *cared_for(*range(30)), MONDAY)
    tell(engine, spoken, *cared_for(*range(20)), TUESDAY)
    whole = tell(engine, spoken, *cared_for(*range(28)), TUESDAY)

    assert (whole.counts.closed, whole.counts.held_back) == (2, 0)
    with transaction(engine) as connection:
        assert held_back(connection) == []


def test_how_much_a_file_may_end_is_its_feeds_own(engine: Engine, spoken: Speaking) -> None:
    tell(engine, spoken, *cared_for(*range(30)), MONDAY)
    with transaction(engine) as connection:
        allow_ending(connection, ACUTE, "spoken", 50)

    assert tell(engine, spoken, *cared_for(*range(20)), TUESDAY).counts.closed == 10


def test_many_that_are_missing_are_ended_without_being_gathered(
    engine: Engine, spoken: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.record.kept.snapshots._AT_ONCE", 2)
    tell(engine, spoken, *cared_for(*range(6)), MONDAY)
    with transaction(engine) as connection:
        allow_ending(connection, ACUTE, "spoken", 100)

    assert tell(engine, spoken, *cared_for(0), TUESDAY).counts.closed == 5
    assert column(engine, "SELECT count(*) FROM entry_version") == [5]
