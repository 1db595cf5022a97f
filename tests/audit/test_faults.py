"""Tampering with a chain's records, as whoever can change rows but does not hold the key might, is found and placed."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import ChainKey, Head, Record, extend
from app.audit.checking.faults import MOST, Fault, Inspection, Wrong
from app.audit.merkle import leaf_hash

pytestmark = pytest.mark.unmeasured  # other tests run the same lines

KEY = ChainKey(b"k" * 32)
CHAIN = 3
Chain = list[Record]


def chain_of(length: int) -> Chain:
    events = ((bytes([number % 256]) * 16, b'{"event":%d}' % number) for number in range(1, length + 1))
    return extend(KEY, KEY.start(CHAIN), events)[1]


def head_of(records: Chain) -> Head:
    return Head(CHAIN, len(records), records[-1].link) if records else KEY.start(CHAIN)


def inspect(records: Chain, expected: Head | None, key: ChainKey = KEY) -> list[Fault]:
    inspection = Inspection(key, CHAIN, expected)
    for record in records:
        inspection.take(record)
    return inspection.finish()


def told(faults: list[Fault]) -> list[tuple[Wrong, int | None, int | None]]:
    assert all(fault.chain == CHAIN for fault in faults)
    return [(fault.wrong, fault.first, fault.last) for fault in faults]


def renumbered(records: Chain) -> Chain:
    return [record._replace(sequence=place) for place, record in enumerate(records, 1)]


def forged(sequence: int) -> Record:
    """An event, leaf and salt that agree with each other, under a link made without the key."""
    salt, event = b"s" * 16, b'{"forged":true}'
    return Record(sequence, leaf_hash(salt + event), b"f" * 32, salt, event)


def edit_event(records: Chain, at: int) -> Chain:
    return [one._replace(event=b'{"event":0}') if one.sequence == at else one for one in records]


def edit_event_and_leaf(records: Chain, at: int) -> Chain:
    return [forged(at)._replace(link=one.link) if one.sequence == at else one for one in records]


def edit_event_leaf_and_link(records: Chain, at: int) -> Chain:
    return [forged(at) if one.sequence == at else one for one in records]


def edit_leaf(records: Chain, at: int) -> Chain:
    return [one._replace(leaf=b"l" * 32) if one.sequence == at else one for one in records]


def drop_salt(records: Chain, at: int) -> Chain:
    return [one._replace(salt=None) if one.sequence == at else one for one in records]


EDITS = (edit_event, edit_event_and_leaf, edit_event_leaf_and_link, edit_leaf, drop_salt)


def delete(records: Chain, at: int, count: int = 1) -> Chain:
    return [one for one in records if not at <= one.sequence < at + count]


def swap(records: Chain, one: int, other: int) -> Chain:
    order = list(records)
    order[one - 1], order[other - 1] = order[other - 1], order[one - 1]
    return renumbered(order)


lengths = st.integers(1, 30)


@given(st.integers(0, 30))
def test_an_untouched_chain_has_no_fault(length: int) -> None:
    records = chain_of(length)
    assert inspect(records, head_of(records)) == []


def test_what_retention_deleted_leaves_a_chain_whole() -> None:
    records = chain_of(9)
    kept = [one._replace(salt=None, event=None) if one.sequence < 5 else one for one in records]
    assert inspect(kept, head_of(records)) == []


@pytest.mark.parametrize("edit", EDITS)
@given(data=st.data(), length=lengths)
def test_an_edited_event_is_named(edit: Callable[[Chain, int], Chain], data: st.DataObject, length: int) -> None:
    records = chain_of(length)
    at = data.draw(st.integers(1, length))
    assert set(told(inspect(edit(records, at), head_of(records)))) == {(Wrong.EDITED, at, at)}


@given(st.data(), st.integers(2, 30), st.booleans())
def test_deleted_events_are_named_by_the_sequences_they_had(data: st.DataObject, length: int, renumber: bool) -> None:
    records = chain_of(length)
    at = data.draw(st.integers(1, length - 1))
    count = data.draw(st.integers(1, length - at))
    left = delete(records, at, count)
    found = told(inspect(renumbered(left) if renumber else left, head_of(records)))
    assert found == [(Wrong.DELETED, at, at + count - 1)]


@given(st.data(), lengths)
def test_truncation_says_which_events_are_gone(data: st.DataObject, length: int) -> None:
    records = chain_of(length)
    kept = data.draw(st.integers(0, length - 1))
    assert told(inspect(records[:kept], head_of(records))) == [(Wrong.TRUNCATED, kept + 1, length)]


@given(st.data(), lengths)
def test_an_inserted_event_is_named_though_those_after_it_were_renumbered(data: st.DataObject, length: int) -> None:
    records = chain_of(length)
    at = data.draw(st.integers(1, length + 1))
    with_it = renumbered([*records[: at - 1], forged(at), *records[at - 1 :]])
    assert told(inspect(with_it, head_of(records))) == [(Wrong.INSERTED, at, at)]


def test_an_event_written_twice_was_inserted() -> None:
    records = chain_of(10)
    again = renumbered([*records[:7], records[3], records[4], *records[7:]])
    assert told(inspect(again, head_of(records))) == [(Wrong.INSERTED, 8, 8), (Wrong.INSERTED, 9, 9)]


@given(st.data(), st.integers(2, 30))
def test_events_that_changed_places_are_named(data: st.DataObject, length: int) -> None:
    records = chain_of(length)
    one, other = sorted(data.draw(st.lists(st.integers(1, length), min_size=2, max_size=2, unique=True)))
    faults = inspect(swap(records, one, other), head_of(records))
    assert told(faults) == [(Wrong.MOVED, one, one), (Wrong.MOVED, other, other)]
    assert [str(other) in faults[0].text, str(one) in faults[1].text] == [True, True]


def test_a_block_that_was_moved_is_named_event_by_event() -> None:
    records = chain_of(20)
    moved = renumbered([*records[:4], *records[7:15], *records[4:7], *records[15:]])
    assert told(inspect(moved, head_of(records))) == [(Wrong.MOVED, at, at) for at in (13, 14, 15)]


def test_renumbering_alone_is_a_fault() -> None:
    records = chain_of(9)
    later = [one._replace(sequence=one.sequence + 5) if one.sequence > 4 else one for one in records]
    assert told(inspect(later, head_of(records))) == [(Wrong.MOVED, 10, 10)]


def test_a_head_row_set_back_is_told_with_the_events_after_it() -> None:
    records = chain_of(12)
    assert told(inspect(records, head_of(records[:7]))) == [(Wrong.HEAD_ROLLED_BACK, 8, 12)]
    assert told(inspect(records, head_of(records)._replace(link=b"x" * 32))) == [(Wrong.HEAD_ROLLED_BACK, 12, 12)]


def test_without_a_head_row_the_end_of_a_chain_is_still_looked_at() -> None:
    records = chain_of(12)
    assert inspect(records, None) == []
    assert told(inspect(edit_event_leaf_and_link(records, 12), None)) == [(Wrong.INSERTED, 12, 12)]


def test_the_end_that_a_head_row_confirms_needs_no_event_after_it() -> None:
    records = chain_of(12)
    assert told(inspect(delete(records, 11), head_of(records))) == [(Wrong.DELETED, 11, 11)]
    replayed = [*records, records[0]._replace(sequence=13)]
    assert told(inspect(replayed, head_of(records[:1]))) == [
        (Wrong.HEAD_ROLLED_BACK, 2, 12),
        (Wrong.INSERTED, 13, 13),
    ]


def test_faults_far_apart_are_told_each() -> None:
    records = chain_of(60)
    tampered = edit_event(delete(edit_event_leaf_and_link(records, 50), 30, 3), 10)
    assert told(inspect(tampered, head_of(records))) == [
        (Wrong.EDITED, 10, 10),
        (Wrong.DELETED, 30, 32),
        (Wrong.EDITED, 50, 50),
    ]


def test_edits_and_deletions_side_by_side_are_told_apart() -> None:
    records = chain_of(20)
    tampered = delete(delete(edit_event_leaf_and_link(records, 8), 6, 2), 9, 1)
    assert told(inspect(tampered, head_of(records))) == [
        (Wrong.DELETED, 6, 7),
        (Wrong.EDITED, 8, 8),
        (Wrong.DELETED, 9, 9),
    ]


def test_a_chain_under_another_key_is_given_up_early() -> None:
    records = chain_of(MOST + 50)
    other = ChainKey(b"o" * 32)
    inspection = Inspection(other, CHAIN, None)
    for record in records:
        inspection.take(record)
    assert told(inspection.finish()) == [(Wrong.UNCONFIRMED, 1, 1)]
    assert inspection.confirmed == 0


def test_what_was_found_before_a_chain_is_given_up_is_still_told() -> None:
    records = chain_of(100 + MOST)
    ruined = [*delete(records[:99], 5), *(forged(at) for at in range(100, 101 + MOST))]
    assert told(inspect(ruined, head_of(records))) == [(Wrong.DELETED, 5, 5), (Wrong.UNCONFIRMED, 100, 100)]
    scattered = [one for one in chain_of(2 * MOST + 10) if one.sequence % 2 == 0]
    assert told(inspect(scattered, None))[-1][0] is Wrong.UNCONFIRMED


@given(st.data(), st.integers(3, 25))
def test_no_tampering_goes_unseen(data: st.DataObject, length: int) -> None:
    """Any number of changes at random, unless they undo each other."""
    records = chain_of(length)
    tampered = list(records)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(tampered)))
        change = data.draw(st.sampled_from(("delete", "insert", "swap", "replay", "edit")))
        if change == "insert":
            tampered.insert(place, forged(place))
        elif change == "replay":
            tampered.insert(place, data.draw(st.sampled_from(records)))
        elif place < len(tampered):
            other = data.draw(st.integers(0, len(tampered) - 1))
            if change == "delete":
                del tampered[place]
            elif change == "swap":
                tampered[place], tampered[other] = tampered[other], tampered[place]
            else:
                tampered[place] = tampered[place]._replace(event=b"{}")
    by_sequence = sorted(tampered, key=lambda one: one.sequence)
    tampered = renumbered(tampered) if data.draw(st.booleans()) else by_sequence
    assert (inspect(tampered, head_of(records)) == []) == (tampered == records)


def test_a_key_never_shows_itself() -> None:
    assert "k" * 8 not in repr(KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        ChainKey(b"short")
