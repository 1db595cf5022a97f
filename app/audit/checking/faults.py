"""What is wrong with a chain, and where: told from its records alone, read once as a stream, with the key in hand.

A record is confirmed where its link follows from the link before it. Where one does not, records are held in doubt
until the chain is found again. Of those, the last is then confirmed by what follows it; the others are strangers, and
the places that no confirmed record takes are gaps. In the end a stranger that fits a gap was moved, one that stands in
a gap took the place of what was there, one without a gap was inserted, and a gap without a stranger was deleted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.audit.chain import ChainKey, Head, Record

MOST: Final = 250
"""Faults and doubts after which the rest of a chain is given up: nobody reads more, and the search stays short."""

_BY_NEARNESS: Final = sorted(range(-MOST, MOST + 1), key=abs)


class Wrong(StrEnum):
    """The kinds of fault."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    MOVED = "moved"
    TRUNCATED = "truncated"
    ERASED = "erased"
    UNCONFIRMED = "unconfirmed"
    HEAD_MISSING = "head missing"
    HEAD_EDITED = "head edited"
    HEAD_ROLLED_BACK = "head rolled back"
    WRONG_KEY = "wrong key"
    SEALED_OTHERWISE = "sealed otherwise"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong; `first` to `last` are the sequences of the events of a chain that it touches, if any.

    An event that is there is told by the sequence that it stands under; one that is gone, by the one that it had.
    """

    wrong: Wrong
    text: str
    chain: int | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class _Stranger:
    record: Record
    place: int  # where it stands, were nothing renumbered


@dataclass(slots=True)
class _Gap:
    first: int
    last: int
    before: bytes  # the link before `first`


class Inspection:
    """The inspection of one chain; `expected` is what its head row says, `None` where that is not to be trusted."""

    def __init__(self, key: ChainKey, chain: int, expected: Head | None) -> None:
        self._key = key
        self._expected = expected
        self._confirmed = key.start(chain)
        self._doubtful: list[Record] = []
        self._shift = 0  # by how much sequences now exceed those that the records were written under
        self._strangers: list[_Stranger] = []
        self._gaps: list[_Gap] = []
        self._faults: list[Fault] = []
        self._given_up = False

    @property
    def confirmed(self) -> int:
        """How many events the chain had up to the last that is confirmed."""
        return self._confirmed.length

    @property
    def undoubted(self) -> Head | None:
        """The head so far, where nothing before it leaves open what has to come next."""
        return None if self._doubtful or self._shift or self._given_up else self._confirmed

    def skip_to(self, head: Head) -> None:
        """Take the records up to a head as confirmed: somebody looked at them."""
        self._confirmed = head

    def take(self, record: Record) -> None:
        """Look at the next record, in the order of their sequences."""
        if self._given_up:
            return
        if not record.intact:
            self._tell(Wrong.EDITED, "this event is not the one that its leaf was made of", record.sequence)
        place = self._place(record)
        if place is None:
            self._doubtful.append(record)
        else:
            self._confirm(record, place)
        if len(self._doubtful) + len(self._strangers) + len(self._gaps) + len(self._faults) > MOST:
            self._given_up = True
            self._tell(Wrong.UNCONFIRMED, "too much is wrong from here on to tell what", self.confirmed + 1)

    def finish(self) -> list[Fault]:
        """Every fault, in the order of sequences."""
        if not self._given_up:
            self._meet_head()
        self._return_the_moved()
        self._tell_the_rest()
        return sorted(self._faults, key=lambda fault: fault.first or 0)

    def _tell(self, wrong: Wrong, text: str, first: int, last: int | None = None) -> None:
        self._faults.append(Fault(wrong, text, self._confirmed.chain, first, last or first))

    def _follows(self, before: bytes, record: Record, place: int) -> bool:
        return self._key.linked(before, record.leaf, place, record.link)

    def _place(self, record: Record) -> int | None:
        """The sequence that a record was written under, if its link follows from the one stored before it."""
        first = self.confirmed + 1
        if not self._doubtful:
            return first if self._follows(self._confirmed.link, record, first) else None
        nearby = (record.sequence - self._shift + offset for offset in _BY_NEARNESS)
        before = self._doubtful[-1].link
        return next((place for place in nearby if place > first and self._follows(before, record, place)), None)

    def _confirm(self, record: Record, place: int) -> None:
        if self._doubtful:
            self._settle(place - 1)
        elif record.sequence - place != self._shift:
            self._tell(Wrong.MOVED, f"this event and those after it were renumbered from {place}", record.sequence)
        self._shift = record.sequence - place
        self._confirmed = Head(self._confirmed.chain, place, record.link)

    def _settle(self, place: int) -> None:
        """Say what is in doubt, now that the last of it is known to have been written under `place`."""
        last = self._doubtful.pop()
        self._estrange()
        first = self.confirmed + 1
        if first < place:
            self._gaps.append(_Gap(first, place - 1, self._confirmed.link))
        elif not self._follows(self._confirmed.link, last, place):
            self._tell(Wrong.EDITED, "this event's leaf is not the one that its link was made of", last.sequence)

    def _estrange(self) -> None:
        self._strangers += [_Stranger(record, record.sequence - self._shift) for record in self._doubtful]
        self._doubtful = []

    def _meet_head(self) -> None:
        """Set the end of the chain against its head row."""
        head = self._expected
        if head and self._doubtful and self._doubtful[-1].link == head.link and head.length > self.confirmed:
            self._settle(head.length)
            self._confirmed = head
        self._estrange()
        if head and self.confirmed < head.length:
            self._gaps.append(_Gap(self.confirmed + 1, head.length, self._confirmed.link))
        elif head and self._confirmed != head:
            first = min(head.length + 1, self.confirmed)
            self._tell(Wrong.HEAD_ROLLED_BACK, "the head row ends before these events", first, self.confirmed)

    def _return_the_moved(self) -> None:
        for gap in self._gaps:
            while gap.first <= gap.last and (stranger := self._belonging_to(gap)):
                self._strangers.remove(stranger)
                if stranger.place != gap.first:
                    self._tell(Wrong.MOVED, f"this event was written as {gap.first}", stranger.record.sequence)
                gap.first, gap.before = gap.first + 1, stranger.record.link

    def _belonging_to(self, gap: _Gap) -> _Stranger | None:
        return next((one for one in self._strangers if self._follows(gap.before, one.record, gap.first)), None)

    def _tell_the_rest(self) -> None:
        for gap in self._gaps:
            for stranger in [one for one in self._strangers if gap.first <= one.place <= gap.last]:
                self._strangers.remove(stranger)
                self._tell(Wrong.EDITED, "another event stands in the place of this one", stranger.record.sequence)
                self._tell_missing(gap.first, stranger.place - 1)
                gap.first = stranger.place + 1
            self._tell_missing(gap.first, gap.last)
        for stranger in self._strangers:
            self._tell(Wrong.INSERTED, "nobody who holds the key put this event here", stranger.record.sequence)

    def _tell_missing(self, first: int, last: int) -> None:
        if first > last:
            return
        if first > self.confirmed:
            self._tell(Wrong.TRUNCATED, "the chain ends before these events", first, last)
        else:
            self._tell(Wrong.DELETED, "these events are gone", first, last)
