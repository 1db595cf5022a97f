"""Whether the examples are strong enough: each clause is dropped in turn, and an example must fail."""

from collections.abc import Iterator

from app.sharing.checked.examples import Rehearsal
from app.sharing.written.document import Agreement
from app.sharing.written.source import Loc, Source


def check_strength(agreement: Agreement, source: Source) -> None:
    """Warn of every clause that no example would miss."""
    for loc, clause, without in _without_each(agreement):
        if not _is_noticed(without):
            source.warn((*loc, "id"), f"no example fails without {clause}; add one that only it decides")


def _is_noticed(without: Agreement) -> bool:
    rehearsal = Rehearsal(without)
    cheapest_first = sorted(without.examples, key=lambda example: example.granted is not None)  # those compile more
    return any(rehearsal.breaches(example) for example in cheapest_first)


def _without_each(agreement: Agreement) -> Iterator[tuple[Loc, str, Agreement]]:
    for part in ("grants", "prohibitions", "guests"):
        clauses = getattr(agreement, part)
        for n, clause in enumerate(clauses):
            yield (part, n), clause.id, agreement.model_copy(update={part: clauses[:n] + clauses[n + 1 :]})
    if agreement.emergency_access:
        without = agreement.model_copy(update={"emergency_access": None})
        yield ("emergency_access",), agreement.emergency_access.id, without
