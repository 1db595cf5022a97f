"""A feed whose messages say what a test lets them say, and what the database then holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import Engine

from app.audit.chain import ChainKey
from app.database.transactions import transaction
from app.intake.arriving.inbox import Received, receive
from app.intake.process import Processed, process_next
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.statement import Entry, Sender, Statement, Subject, Utterance
from tests.person.people import ACUTE, MARY

KEY = ChainKey(b"k" * 32)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROBLEMS = Category("problems")


@dataclass
class Speaking:
    """An adapter: each message is a word, and says what is listed under it; an exception among it is raised."""

    name: str = "spoken"
    covers: frozenset[Category] = frozenset({PROBLEMS})
    says: dict[bytes, Iterable[Utterance | BaseException]] = field(default_factory=dict)
    senders: list[Sender] = field(default_factory=list)

    def read(self, message: BinaryIO, sender: Sender) -> Iterator[Utterance]:
        self.senders.append(sender)
        for said in self.says[message.read()]:
            if isinstance(said, BaseException):
                raise said
            yield said


def problem(number: int = 1, **changes: Any) -> Entry:
    """A problem that a partner states under a number of its own."""
    entry = Entry(
        key=f"Condition/{number}",
        category=PROBLEMS,
        resource={"resourceType": "Condition", "code": {"text": "Stroke"}},
        title="Stroke",
        line=number,
        started=NOON - timedelta(days=30),
        recorded=NOON - timedelta(days=30),
    )
    return replace(entry, **changes)


def about(subject: Subject = MARY, *entries: Entry, **more: Any) -> Statement:
    """A statement about someone, which states one problem unless it is told another."""
    entries = entries or (problem(),)
    return Statement(subject=subject, line=entries[0].line, entries=entries, **more)


def send(engine: Engine, word: bytes, *, at: datetime = NOON, **how: Any) -> int:
    """Put a message in the inbox; the acute trust's, unless `how` says otherwise."""
    return sent(engine, word, at=at, **how).message


def sent(engine: Engine, word: bytes, *, at: datetime = NOON, **how: Any) -> Received:
    """The same, with whether it was there already."""
    given: dict[str, Any] = {"partner": ACUTE, "adapter": "spoken", "at": at} | how
    return receive(engine, BytesIO(word), **given)


def process(engine: Engine, *, at: datetime = NOON, new_id: Callable[[], UUID] = uuid4) -> Processed | None:
    """Process the next message that is due."""
    return process_next(engine, clock=lambda: at, new_id=new_id, key=KEY)


def tell(
    engine: Engine,
    spoken: Speaking,
    *said: Utterance | BaseException,
    word: bytes = b"",
    at: datetime = NOON,
    **how: Any,
) -> Processed:
    """Send and process a message that says this."""
    word = word or f"word {len(spoken.says)}".encode()
    spoken.says[word] = said
    send(engine, word, at=at, **how)
    processed = process(engine, at=at)
    assert processed is not None
    return processed


def rows(engine: Engine, sql: str, *parameters: object) -> Sequence[Any]:
    """What a query answers."""
    with transaction(engine) as connection:
        return connection.exec_driver_sql(sql, parameters).all()


def column(engine: Engine, sql: str, *parameters: object) -> list[Any]:
    """The first value of each row."""
    return [row[0] for row in rows(engine, sql, *parameters)]


def titles(engine: Engine) -> list[str]:
    """What is shown of everybody, by the words of its line."""
    shown = "SELECT convert_from(summary, 'UTF8')::json ->> 'title' FROM entry WHERE standing <> 'entered-in-error'"
    return column(engine, f"{shown} ORDER BY key")


def findings(engine: Engine) -> list[tuple[str, str, int]]:
    """Rule, severity and line of everything that was found."""
    return [tuple(row) for row in rows(engine, "SELECT rule, severity, line FROM finding ORDER BY message, id")]


def states(engine: Engine) -> list[str]:
    """The state of each message, in their order."""
    return column(engine, "SELECT state FROM inbox_message ORDER BY id")


COUNCIL = OdsCode("E3001")
