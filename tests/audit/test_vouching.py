"""What signed heads vouch for is read without looking at each row, and yet nothing that was done to it goes unseen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audit.chain import ChainKey, Head, extend
from app.audit.checking.anchors import ChainRoot, TrailHead
from app.audit.checking.faults import Fault, Wrong
from app.audit.checking.verify import Walk
from app.audit.checking.vouching import Vouched, Voucher
from app.audit.columns import Columns
from app.audit.event import FoundBy
from app.audit.page import Stored
from tests.audit.acts import AT, KEY, view
from tests.audit.rows import page

CHAIN = 3
BLOCK = 8
SIZES = (5, 13, 14, 16, 29, 40)
"""Of the chain whenever a head was sealed: within a block, at its end, and several blocks later."""
LENGTH = 43

Rows = list[Stored]


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """So that a short chain has several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.audit.checking.vouching.BLOCK", BLOCK)
        yield


def written() -> tuple[Head, Rows]:
    events = [view(number) for number in range(1, LENGTH + 1)]
    said = [(bytes([number]) * 16, event.canonical()) for number, event in enumerate(events)]
    head, records = extend(KEY, KEY.start(CHAIN), said)
    return head, [Stored(record, event.found_by) for record, event in zip(records, events, strict=True)]


HEAD, WRITTEN = written()


def read(rows: Rows, sealed: Sequence[TrailHead], head: Head | None = None, key: ChainKey = KEY) -> Walk:
    """The walk along rows, in pages as the store reads them."""
    walk = Walk(key, CHAIN, sealed, (head, key.seal(head)) if head else None)
    left, most = sorted(rows, key=lambda row: row.record.sequence), BLOCK
    while left:
        together, left = left[:most], left[most:]
        walk.read(page(together))
        most = BLOCK - together[-1].record.sequence % BLOCK
    return walk


def told(rows: Rows, sealed: Sequence[TrailHead], key: ChainKey = KEY) -> list[Fault | int]:
    """Every fault, and each event that is found by what it does not say."""
    walk = read(rows, sealed, HEAD, key)
    return [*walk.inspection.finish(), *walk.misfiled, *walk.seals.broken(walk.tree)]


def seal(rows: Rows, size: int, before: Sequence[TrailHead]) -> TrailHead:
    """What a holder of both keys signs of the first rows, whatever they are."""
    root = read(rows[:size], before).reached
    return TrailHead(AT + timedelta(hours=size), KEY.name, (root,))


def sealed_in_turn(rows: Rows) -> list[TrailHead]:
    heads: list[TrailHead] = []
    for size in SIZES:
        heads.append(seal(rows, size, heads))
    return heads


HEADS: list[TrailHead] = []


@pytest.fixture(scope="module", autouse=True)
def heads(small_blocks: None) -> None:
    """The heads of the chain as it was written."""
    HEADS[:] = sealed_in_turn(WRITTEN)


def in_the_clear(heads: Sequence[TrailHead]) -> list[TrailHead]:
    return [head.vouching_for_nothing for head in heads]


def edited(row: Stored) -> Stored:
    event = (row.record.event or b"").replace(b"direct-care", b"direct-look")
    return row._replace(record=row.record._replace(event=event))


def voucher_of(head: TrailHead) -> Voucher:
    (root,) = head.chains
    assert root.voucher is not None
    return root.voucher


def with_voucher(head: TrailHead, voucher: Voucher | None) -> TrailHead:
    return replace(head, chains=tuple(replace(root, voucher=voucher) for root in head.chains))


def looked_at(monkeypatch: pytest.MonkeyPatch, rows: Rows, sealed: Sequence[TrailHead]) -> list[int]:
    """The first sequence of each page whose rows were looked at anew."""
    seen: list[int] = []
    follow = Columns.follow

    def noted(columns: Columns, head: Head, key: ChainKey) -> Head | None:
        seen.append(head.length + 1)
        return follow(columns, head, key)

    with monkeypatch.context() as watched:
        watched.setattr(Columns, "follow", noted)
        assert told(rows, sealed) == []
    return seen


def test_only_what_no_head_vouches_for_is_looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked_at(monkeypatch, WRITTEN, HEADS) == [41]
    assert looked_at(monkeypatch, WRITTEN, HEADS[:5]) == [25, 33, 41]
    assert looked_at(monkeypatch, WRITTEN, in_the_clear(HEADS)) == [1, 9, 17, 25, 33, 41]


def test_a_head_that_counts_nothing_new_vouches_for_what_the_last_one_did() -> None:
    assert voucher_of(seal(WRITTEN, SIZES[-1], HEADS)) == voucher_of(HEADS[-1])


def test_each_head_vouches_for_every_row_since_the_one_before() -> None:
    ends = [[one.size for one in voucher_of(head).rows] for head in HEADS]
    assert ends == [[5], [8, 13], [14], [16], [24, 29], [32, 40]]
    assert all(voucher_of(later).before == voucher_of(head).tag for head, later in pairwise(HEADS))


def test_heads_of_an_earlier_version_vouch_for_nothing_that_they_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = in_the_clear(HEADS[:2])
    later = [*earlier, seal(WRITTEN, 29, earlier)]
    assert voucher_of(later[-1]).before == bytes(32)
    assert looked_at(monkeypatch, WRITTEN, later) == [1, 9, 25, 33, 41]


def test_where_a_head_is_missing_what_came_before_is_looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked_at(monkeypatch, WRITTEN, [*HEADS[:3], *HEADS[4:]]) == [1, 9, 17, 25, 41]


CHANGES = ("edit", "erase", "misfile", "relink", "forge", "delete", "replay", "swap")


def change(rows: Rows, what: str, place: int, other: int) -> Rows:
    """One way of tampering with a chain's rows, as whoever owns the database might."""
    row, changed = rows[place], list(rows)
    record = row.record
    if what == "delete":
        del changed[place]
    elif what == "replay":
        changed.insert(place, rows[other])
    elif what == "swap":
        changed[place], changed[other] = changed[other], changed[place]
    else:
        changed[place] = {
            "edit": edited(row),
            "erase": Stored(record._replace(salt=None, event=None), FoundBy()),
            "misfile": row._replace(found_by=row.found_by._replace(subject="nurse.8")),
            "relink": row._replace(record=record._replace(link=b"l" * 32)),
            "forge": edited(row)._replace(record=edited(row).record._replace(leaf=b"f" * 32, link=b"l" * 32)),
        }[what]
    return changed


def renumbered(rows: Rows) -> Rows:
    return [row._replace(record=row.record._replace(sequence=at)) for at, row in enumerate(rows, 1)]


@given(st.data())
def test_what_was_done_to_rows_is_told_as_without_anybody_vouching(data: st.DataObject) -> None:
    rows = WRITTEN
    for _ in range(data.draw(st.integers(1, 3))):
        places = st.integers(0, len(rows) - 1)
        rows = change(rows, data.draw(st.sampled_from(CHANGES)), data.draw(places), data.draw(places))
    if data.draw(st.booleans()) or len({row.record.sequence for row in rows}) < len(rows):
        rows = renumbered(rows)
    assert told(rows, HEADS) == told(rows, in_the_clear(HEADS))


@given(st.integers(0, SIZES[-1] - 1), st.data())
def test_no_byte_that_was_vouched_for_changes_unseen(place: int, data: st.DataObject) -> None:
    row, event = WRITTEN[place], WRITTEN[place].record.event or b""
    at = data.draw(st.integers(0, len(event) - 1))
    changed = event[:at] + bytes([event[at] ^ 1]) + event[at + 1 :]
    rows = [*WRITTEN[:place], row._replace(record=row.record._replace(event=changed)), *WRITTEN[place + 1 :]]
    (fault,) = told(rows, HEADS)
    assert isinstance(fault, Fault)
    assert (fault.wrong, fault.first) == (Wrong.EDITED, place + 1)


@settings(max_examples=200)
@given(st.data(), st.sets(st.sampled_from(SIZES), min_size=1), st.sets(st.integers(1, LENGTH), max_size=3))
def test_no_head_made_since_vouches_for_what_a_kept_one_counted(
    data: st.DataObject, kept: set[int], made: set[int]
) -> None:
    """Whoever holds both keys edits an event, whose leaf stays, and signs other heads, but some are out of reach."""
    place = data.draw(st.integers(0, max(kept) - 1))
    rows = [*WRITTEN[:place], edited(WRITTEN[place]), *WRITTEN[place + 1 :]]
    heads: list[TrailHead] = []
    for size in sorted(kept | made):
        out_of_reach = [HEADS[SIZES.index(size)]] if size in kept else []
        heads += [*out_of_reach, *([forged(data, rows, size, heads)] if size in made else [])]
    assert told(rows, heads) == [edit_at(place)]


def forged(data: st.DataObject, rows: Rows, size: int, heads: Sequence[TrailHead]) -> TrailHead:
    """A head over the edited rows that builds on the last one there is, or says that it does on another, or on none."""
    said = seal(rows, size, heads)
    if data.draw(st.booleans()):
        return said
    before = data.draw(st.sampled_from([bytes(32), *(voucher_of(head).tag for head in HEADS)]))
    return with_voucher(said, Voucher.made(KEY, CHAIN, before, voucher_of(said).rows))


def edit_at(place: int) -> Fault:
    told = "this event is not the one that its leaf was made of"
    return Fault(Wrong.EDITED, told, CHAIN, place + 1, place + 1)


def test_to_sign_heads_is_not_enough_to_vouch() -> None:
    """Who holds that key alone can say what rows hash to, but not under the key of the chains."""
    rows = [*WRITTEN[:2], edited(WRITTEN[2]), *WRITTEN[3:]]
    by_both = seal(rows, LENGTH, [])
    assert told(rows, [by_both]) == []  # which takes both keys, and no head out of their holder's reach
    for key in (ChainKey(b"o" * 32), None):
        before, vouched, tag = voucher_of(by_both)
        voucher = Voucher.made(key, CHAIN, before, vouched) if key else Voucher(before, vouched, bytes(32))
        assert told(rows, [with_voucher(by_both, voucher)]) == [edit_at(2)]
        assert voucher.tag != tag


@pytest.mark.parametrize(
    "ends", [(), (8, 8, 16), (16, 8), (8,), (8, 24)], ids=["none", "twice", "back", "short", "beyond"]
)
def test_a_voucher_that_does_not_go_from_one_head_to_the_next_counts_for_nothing(ends: tuple[int, ...]) -> None:
    made = Voucher.made(KEY, CHAIN, bytes(32), [Vouched(end, bytes(32)) for end in ends])
    assert not made.is_of(KEY, CHAIN, 0, 16)
    whole = Voucher.made(KEY, CHAIN, bytes(32), [Vouched(8, bytes(32)), Vouched(16, bytes(32))])
    assert whole.is_of(KEY, CHAIN, 0, 16)
    assert not whole.is_of(KEY, CHAIN + 1, 0, 16)


def test_rows_that_were_vouched_for_follow_what_came_before_them() -> None:
    """A chain whose first block somebody wrote anew with the key does not go on with the second."""
    _, records = extend(KEY, KEY.start(CHAIN), [(bytes(16), view(90 + at).canonical()) for at in range(BLOCK)])
    anew = [Stored(record, view(90 + at).found_by) for at, record in enumerate(records)]
    faults = told([*anew, *WRITTEN[BLOCK:]], HEADS)
    assert faults == told([*anew, *WRITTEN[BLOCK:]], in_the_clear(HEADS))
    assert faults != []


def test_a_root_says_what_it_vouches_for_and_is_read_back() -> None:
    (root,) = HEADS[-1].chains
    assert ChainRoot.read(root.said()) == root
    assert "voucher" not in in_the_clear(HEADS)[-1].chains[0].said()
