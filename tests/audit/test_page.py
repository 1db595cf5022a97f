"""A page of rows is told to be whole only where every byte of it is as it was written."""

from collections.abc import Sequence
from datetime import datetime
from hmac import digest
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.audit.chain import Head, Record, extend
from app.audit.columns import COLUMNS
from app.audit.event import Event, FoundBy
from app.audit.page import Stored
from app.sharing.facts import Account
from tests.audit.acts import KEY, NURSE, PERSON, view
from tests.audit.rows import columns, page, page_of, row

CHAIN = 3
OTHER = UUID("00000000-0000-4000-8000-0000000000ff")
EVENTS = [
    view(1),
    view(2, other=OTHER),
    view(3, person=None),
    view(4, person=None, other=OTHER, actor=Account("https://sign-in.example", 'o"connor\\ñ')),
    view(5, permitted={"G-CN-1": [], "subject": []}),
    view(6, at=datetime.fromisoformat("1999-12-31T23:59:59.999999+00:00")),
    view(7, actor=NURSE._replace(subject="n")),
]


def written(events: Sequence[Event] = EVENTS) -> tuple[Head, list[Stored]]:
    head, records = extend(
        KEY, KEY.start(CHAIN), [(bytes([number]) * 16, event.canonical()) for number, event in enumerate(events)]
    )
    return head, [Stored(record, event.found_by) for record, event in zip(records, events, strict=True)]


def test_a_page_as_it_was_written_leads_to_its_head() -> None:
    head, stored = written()
    assert page(stored).follows(KEY.start(CHAIN), KEY) == head
    assert page(stored).leaves == [record.leaf for record, _ in stored]


def test_a_clause_that_is_named_as_a_field_is_left_to_who_reads_row_by_row() -> None:
    _, stored = written([view(1, person=None, permitted={"person": ["RL4/problems/normal"]})])
    assert page(stored).follows(KEY.start(CHAIN), KEY) is None


def test_each_row_is_read_as_it_was_written() -> None:
    _, stored = written()
    assert list(page(stored)) == stored
    assert page(stored).last == len(EVENTS)


@given(st.data(), st.sampled_from(range(len(EVENTS))), st.sampled_from(range(len(COLUMNS))))
def test_no_byte_of_a_page_changes_unnoticed(data: st.DataObject, number: int, column: int) -> None:
    _, stored = written()
    rows = [columns(one) for one in stored]
    value = rows[number][column]
    if value is None:
        rows[number][column] = OTHER.bytes
    else:
        place = data.draw(st.integers(0, len(value) - 1))
        rows[number][column] = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        assume_readable(rows[number][column])
    assert page_of([row(one) for one in rows]).follows(KEY.start(CHAIN), KEY) is None


def assume_readable(value: bytes | None) -> None:
    """PostgreSQL holds no text that is none."""
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        assume(False)


@pytest.mark.parametrize("change", ["delete", "swap", "repeat", "from-elsewhere"])
def test_no_row_of_a_page_goes_or_comes_unnoticed(change: str) -> None:
    _, stored = written()
    rows = {
        "delete": [*stored[:2], *stored[3:]],
        "swap": [stored[1], stored[0], *stored[2:]],
        "repeat": [*stored[:2], *stored[1:]],
        "from-elsewhere": stored[1:],
    }[change]
    renumbered = [one._replace(record=one.record._replace(sequence=number)) for number, one in enumerate(rows, start=1)]
    assert page(rows).follows(KEY.start(CHAIN), KEY) is None
    assert page(renumbered).follows(KEY.start(CHAIN), KEY) is None


def test_a_page_in_which_something_was_forgotten_is_left_to_who_reads_row_by_row() -> None:
    _, stored = written()
    stored[3] = Stored(stored[3].record._replace(salt=None, event=None), FoundBy())
    assert page(stored).follows(KEY.start(CHAIN), KEY) is None
    assert list(page(stored)) == stored


def test_an_instant_that_no_event_can_have_is_none() -> None:
    _, (first, *_) = written()
    values = columns(first)
    values[COLUMNS.index("at")] = (2**63 - 1).to_bytes(8)  # infinity
    read = page_of([row(values)])
    assert [one.found_by.at for one in read] == [None]
    assert read.follows(KEY.start(CHAIN), KEY) is None


def test_a_link_of_an_earlier_version_still_holds() -> None:
    link, rows = KEY.start(CHAIN).link, []
    for (sequence, leaf, _, salt, event), found_by in written(EVENTS[:3])[1]:
        link = digest(KEY.secret, link + leaf + sequence.to_bytes(8), "sha256")
        rows.append(Stored(Record(sequence, leaf, link, salt, event), found_by))
    assert page(rows).follows(KEY.start(CHAIN), KEY) == Head(CHAIN, 3, link)
    assert KEY.linked(rows[1].record.link, rows[2].record.leaf, 3, link)
    assert not KEY.linked(rows[1].record.link, rows[2].record.leaf, 4, link)


def test_links_side_by_side_are_no_link() -> None:
    _, ((one, _), (two, _), *_) = written()
    bound = one.leaf + one.sequence.to_bytes(8) + one.link + two.leaf
    assert not KEY.linked(KEY.start(CHAIN).link, bound, two.sequence, one.link + two.link)


def test_a_salt_or_a_person_unlike_any_is_noticed() -> None:
    head, stored = written([view(1), view(2)])
    assert page(stored).follows(KEY.start(CHAIN), KEY) == head
    short = [stored[0], stored[1]._replace(record=stored[1].record._replace(salt=b"s"))]
    assert page(short).follows(KEY.start(CHAIN), KEY) is None
    assert stored[0].found_by.person == PERSON
