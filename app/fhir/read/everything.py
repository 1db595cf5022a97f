"""`Patient/{id}/$everything`: all of a record, or what is asked of it, page by page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from app.fhir.read.bundle import Page, PermittedEntry, as_entry, matches, outcomes
from app.fhir.read.kinds import KINDS, WHEN, Matched, SearchParameter
from app.fhir.read.matching import Condition, NotUnderstood
from app.fhir.read.search import MOST, Parameters, Search, read_search
from app.fhir.read.values import EVER, Span, held, span, spans
from app.record.read.everything import Everything, Resource, as_patient

_SINCE = SearchParameter("_since", Matched.DATE, ("meta.lastUpdated",))


@dataclass(slots=True)
class Wanted:
    """What is asked for: everything, unless parameters say less. `count` is `None` where it comes in one piece."""

    search: Search
    kinds: frozenset[str] = frozenset()
    conditions: list[Condition] = field(default_factory=list)
    between: Span | None = None
    count: int | None = None

    @property
    def is_less(self) -> bool:
        """Whether it is not everything that is asked for."""
        return bool(self.kinds or self.conditions or self.between)

    def takes(self, one: PermittedEntry) -> bool:
        """Whether an entry is wanted; one that has no date of its own always happened in time."""
        if self.kinds and one.row.kind not in self.kinds:
            return False
        return all(condition.holds(one.resource) for condition in self.conditions) and self._in_time(one)

    def _in_time(self, one: PermittedEntry) -> bool:
        parameter = WHEN.get(one.row.kind)
        if parameter is None or self.between is None:
            return True
        when = [span for path in parameter.elements for value in held(one.resource, path) for span in spans(value)]
        return not when or any(span.low < self.between.high and self.between.low < span.high for span in when)


def read_wanted(parameters: Parameters) -> Wanted:
    """Raises `NotUnderstood` for what is no parameter of `$everything`, or makes no sense."""
    wanted = Wanted(read_search("Patient", [one for one in parameters if one[0] in ("_summary", "_elements")]))
    if wanted.search.shape.summary == "count":
        raise NotUnderstood("`$everything` is not counted; search by type for that")
    for name, value in parameters:
        if name == "_type":
            wanted.kinds |= frozenset(value.split(","))
        elif name == "_since":
            wanted.conditions.append(Condition(_SINCE, "", (f"ge{value}",)))
        elif name in ("start", "end"):
            wanted.between = _between(wanted.between or EVER, name, value)
        elif name == "_count" and not (value.isascii() and value.isdigit() and int(value[:9]) > 0):
            raise NotUnderstood("`_count` takes a number above nought")
        elif name == "_count":
            wanted.count = min(int(value[:9]), MOST)
        elif name not in ("_summary", "_elements", "_format", "_pretty", "purpose"):
            raise NotUnderstood("`$everything` takes _since, start, end, _type, _count, _summary and _elements")
    if not wanted.kinds <= KINDS.keys():
        raise NotUnderstood("`_type` takes types that this server answers, parted by commas; see `/metadata`")
    return wanted


def page(wanted: Wanted, found: Everything, base: str, after: Sequence[str] = ()) -> Page:
    """First the Patient whose id is the person's, put together from the partners' accounts of them; then those.

    After them all else; last what the viewer is told is not shown.
    """
    rows = (
        [one.row for one in map(PermittedEntry, found.resources) if wanted.takes(one)]
        if wanted.is_less
        else found.resources
    )
    ordered = sorted(rows, key=_place)
    last = (after[0], after[1], int(after[2])) if after else None
    remaining = [one for one in ordered if _place(one) > last] if last else ordered
    taken = remaining[: wanted.count]
    shown, entries = list(taken), list[bytes]()
    if not after and (not wanted.kinds or "Patient" in wanted.kinds):
        patient = wanted.search.shape.of("Patient", orjson.dumps(as_patient(found.person_id, found.accounts)))
        entries.append(as_entry(f"{base}/Patient/{found.person_id}", patient, "match"))
        shown += [one for one in found.accounts if one not in taken]
    entries += matches(base, wanted.search, taken)
    more = len(taken) < len(remaining)
    return Page(shown, [*entries, *outcomes(found.notices)], after=_cursor(taken[-1]) if more else None)


def _place(row: Resource) -> tuple[str, str, int]:
    return "" if row.kind == "Patient" else "-", row.kind, row.number


def _cursor(row: Resource) -> tuple[str, ...]:
    return tuple(map(str, _place(row)))


def _between(known: Span, name: str, value: str) -> Span:
    try:
        asked = span(value)
    except (ValueError, OverflowError):
        raise NotUnderstood(f"`{name}` takes a date such as 2026-03-01") from None
    return known._replace(low=asked.low) if name == "start" else known._replace(high=asked.high)
