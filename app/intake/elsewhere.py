"""The same said of two people by one sender: one of them is wrong, and it is shown of one alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection

from app.person.matching import Reason
from app.person.resolution import Found, Resolution, Waits
from app.record.kept.current import CurrentEntry, by_key
from app.record.kept.held import Filed, Source, is_older
from app.record.kept.moving import retire
from app.vocabulary.london import london_date
from app.vocabulary.statement import Elsewhere, Entry, Standing, Statement

_Thing = tuple[str, date | None]
"""What is one thing wherever it is told: its key, and on which day it happened."""

_NEAR: Final = timedelta(days=28)
"""Within which a laboratory does not use a number again: what differs in its day alone may be the same, put right."""


def barred(
    connection: Connection, source: Source, statements: Sequence[Statement], resolutions: Sequence[Resolution]
) -> list[Resolution]:
    """The same resolutions, but that what is held of somebody else, or said of them just before, waits for a person."""
    told = list(zip(statements, resolutions, strict=True))
    keys = {one.key for statement, found in told if isinstance(found, Found) for one in _of(statement, Elsewhere.BARS)}
    if not keys:
        return list(resolutions)
    holders: dict[str, set[UUID]] = {}
    for held in _current(connection, source, keys):
        holders.setdefault(held.key, set()).add(held.person_id)
    return [_unless_of_another(statement, found, holders) for statement, found in told]


def _unless_of_another(statement: Statement, found: Resolution, holders: dict[str, set[UUID]]) -> Resolution:
    if not isinstance(found, Found):
        return found
    keys = [one.key for one in _of(statement, Elsewhere.BARS)]
    others = {person for key in keys if (of := holders.get(key)) and found.person_id not in of for person in of}
    if others:
        return Waits(Reason.OF_ANOTHER, candidates=(found.person_id, *sorted(others)))
    for key in keys:
        holders.setdefault(key, set()).add(found.person_id)
    return found


@dataclass(frozen=True, slots=True)
class LastWord:
    """What is to be filed where a sender's last word counts; `late` and `taken` are lines.

    Of `late` somebody else was told since; what `taken` tell was somebody else's until now, and may still be what
    `alike` tell, as only the day differs.
    """

    entries: list[Filed]
    late: list[int]
    taken: list[int]
    alike: list[int]


def last_word(connection: Connection, source: Source, filed: list[Filed]) -> LastWord:
    """Show of nobody else what a sender says of somebody now, unless what is held was written after it."""
    said = {_thing(one.entry): one for one in filed if one.entry.elsewhere is Elsewhere.YIELDS}
    if not said:
        return LastWord(filed, [], [], [])
    late = [one for one in filed if (last := said.get(_thing(one.entry))) and last.person_id != one.person_id]
    taken: list[int] = []
    current = list(_current(connection, source, {key for key, _ in said}))
    for held in current:
        one = said.get((held.key, _day(held.started)))
        if one is None or one.person_id == held.person_id:
            continue
        if is_older(one.entry, source, held):
            late.append(one)
        elif retire(connection, held.person_id, held.key, source):
            taken.append(one.entry.line)
    return LastWord(
        [one for one in filed if not any(_is_of(one, other) for other in late)],
        late=[one.entry.line for one in late],
        taken=taken,
        alike=[one.entry.line for one in said.values() if any(_is_alike(one, held) for held in current)],
    )


def _thing(entry: Entry) -> _Thing:
    return entry.key, _day(entry.started)


def _day(at: datetime | None) -> date | None:
    return london_date(at) if at is not None else None


def _is_alike(one: Filed, held: CurrentEntry) -> bool:
    """Whether what is held of somebody else may be the same, of another day or of none that is told."""
    if one.entry.key != held.key or one.person_id == held.person_id or _day(one.entry.started) == _day(held.started):
        return False
    return one.entry.started is None or held.started is None or abs(one.entry.started - held.started) < _NEAR


def _is_of(one: Filed, whole: Filed) -> bool:
    """Whether an entry is another, or a part of it, said of the same person."""
    key = whole.entry.key
    return one.filed_as == whole.filed_as and (one.entry.key == key or one.entry.key.startswith(f"{key}/"))


def _of(statement: Statement, elsewhere: Elsewhere) -> Iterator[Entry]:
    return (one for one in statement.entries if one.elsewhere is elsewhere)


def _current(connection: Connection, source: Source, keys: Iterable[str]) -> Iterator[CurrentEntry]:
    held = by_key(connection, source.partner, source.adapter, list(keys)).values()
    return (one for one in held if one.standing != Standing.ENTERED_IN_ERROR)
