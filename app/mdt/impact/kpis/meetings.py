"""Who came to a team's meetings, and what they were given to talk of. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from app.mdt.impact.facts import ItemFact, MeetingFact
from app.mdt.impact.intervals import share
from app.mdt.impact.kpis.measure import Measure

_PRESENT: Final = 0.8  # of a meeting's items, for a core role to count as filled
_QUORATE: Final = 0.9  # of a meeting's items


def of_meetings(meetings: Sequence[MeetingFact]) -> Iterable[Measure]:
    """Whether the right people were there."""
    held = [one for one in meetings if one.held]
    seats = [_was_filled(one, seat) for one in held for seat in one.seats]
    yield Measure(
        code="core-attendance",
        title="Core attendance",
        definition=(
            "How many of the team's seats were filled. A seat counts where its holder or a deputy was there for four in"
            " five of the people discussed, or at the start where nobody was to be discussed. Cancelled meetings do"
            " not count. It says who came, not what they brought."
        ),
        share=share(seats),
    )
    yield Measure(
        code="quorate",
        title="Quorate meetings",
        definition=(
            "How many meetings had enough of the right people, at the start and for nine in ten of those discussed."
            " Cancelled meetings do not count: their number stands beside."
        ),
        share=share([_was_quorate(one) for one in held]),
        counts={"cancelled": len(meetings) - len(held)},
    )


def _was_filled(meeting: MeetingFact, seat: str) -> bool:
    """For most of the people discussed; of a meeting at which nobody was to be discussed, when it began."""
    if not meeting.items:
        return seat in meeting.at_start
    return meeting.seats[seat] >= _PRESENT * meeting.items


def _was_quorate(meeting: MeetingFact) -> bool | None:
    if meeting.quorate_at_start is None:
        return None
    return meeting.quorate_at_start and meeting.items_quorate >= _QUORATE * meeting.items


def of_listing(items: Sequence[ItemFact]) -> Iterable[Measure]:
    """Whom the agendas held, and with what."""
    yield Measure(
        code="pack-complete",
        title="Pack complete",
        definition=(
            "For how many people on agendas nothing was missing at the lock: the question, what matters to them, that"
            " they were told, and who leads. It does not say that the pack was read."
        ),
        share=share([one.pack_complete for one in items]),
    )
    yield Measure(
        code="late-additions",
        title="Late additions",
        definition=(
            "How many people on agendas were added after the lock, too late for their pack to be prepared. The urgent"
            " ones, who had to be, stand beside."
        ),
        share=share([one.late for one in items]),
        counts={"urgent": sum(one.late and one.urgent for one in items)},
    )
    moved = [one for one in items if not one.discussed and one.carried_over is not None]
    yield Measure(
        code="carry-over",
        title="Carried over",
        definition=(
            "How many people on agendas were not reached and wait for another meeting, and why. “Again” are those who"
            " had been moved before: they have waited longest."
        ),
        share=share([not one.discussed and one.carried_over is not None for one in items]),
        counts={
            **Counter(one.carried_over or "" for one in moved),
            "again": sum(one.carried_over_before > 0 for one in moved),
        },
    )
