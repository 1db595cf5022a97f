"""Who saw a person, as the person is told it: on which day, in which role, what for, which parts, by what right. Pure.

Refusals are counted and nothing else is told of them. What could endanger somebody where it is told (a purpose that
rests on the public interest, an entry more sensitive than is ordinary) is held back, for someone to weigh first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from app.audit.event import Kind
from app.sharing.facts import Account
from app.sharing.written.document import Agreement
from app.vocabulary.category import CATEGORIES, Category
from app.vocabulary.label import Label, Sensitivity
from app.vocabulary.london import london_date

REFUSED: Final = frozenset({Kind.DENIED, Kind.INDETERMINATE_ALARM})
LOOKS: Final = frozenset(
    {
        Kind.FIND,
        Kind.VIEW,
        Kind.ENTRY,
        Kind.EXPORT,
        Kind.PLAN_WRITTEN,
        Kind.EMERGENCY_OPENED,
        Kind.AUDIT_READ,
        Kind.OWN_LOOKS_READ,
        Kind.RELATIONSHIP_MADE,
        Kind.OBJECTION_CHANGED,
        Kind.WORKLIST_RESOLVED,
        Kind.MEETING,
    }
)
"""What somebody did with a person's record, or for it; how records are joined is not a look."""

_PUBLIC_INTEREST: Final = "public-interest"
_OPENING: Final = "opening"
_HEADING_ORDER: Final = {category: place for place, category in enumerate(CATEGORIES)}

Events = Iterable[Mapping[str, Any]]


class Event(NamedTuple):
    """An event of the trail, and the labels of it that are spoken of."""

    said: Mapping[str, Any]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What people of one role at one organisation did on one day in London, for one purpose.

    `people` counts them; `accounts` names them, where they may be named. `grounds` are the kinds of what entitled them:
    kinds of relationship as the agreement calls them, `opening` or `invitation`. `themselves` is the person whom it is
    all about, and `objected` whether an objection of theirs kept something back.
    """

    on: date
    role: str
    organisation: str
    purpose: str
    themselves: bool
    kinds: tuple[Kind, ...]
    headings: tuple[Category, ...]
    grounds: tuple[str, ...]
    people: int
    times: int
    objected: bool = False
    accounts: tuple[Account, ...] = ()

    @property
    def in_emergency(self) -> bool:
        """Whether the record was opened in an emergency."""
        return Kind.EMERGENCY_OPENED in self.kinds or _OPENING in self.grounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The whole answer, the newest day first; `held_back` is told by nobody before it is weighed.

    `objected` of the `refused` were so as the person objects.
    """

    told: tuple[Look, ...]
    held_back: tuple[Look, ...]
    refused: int
    objected: int = 0


@dataclass(frozen=True, slots=True)
class Discretion:
    """What may be told without weighing it first; `objections` are the clauses by which an objection holds."""

    ordinary: frozenset[Sensitivity]
    guarded_purposes: frozenset[str]
    guarded_headings: frozenset[Category] = frozenset()
    objections: frozenset[str] = frozenset()

    @classmethod
    def of(cls, agreements: Iterable[Agreement]) -> "Discretion":
        """What every agreement calls ordinary, and the purposes that rest on the public interest in any of them."""
        documents = list(agreements)
        ordinary = [frozenset(document.ordinary) for document in documents]
        return cls(
            ordinary=frozenset.intersection(*ordinary) if ordinary else frozenset(),
            guarded_purposes=frozenset(
                purpose
                for document in documents
                for purpose, terms in document.purposes.items()
                if any(basis.common_law == _PUBLIC_INTEREST for basis in terms.bases)
            ),
            objections=frozenset(
                f"{document.isa}/{clause.id}"
                for document in documents
                for clause in document.prohibitions
                if clause.when.objection
            ),
        )

    def part(self, events: Events) -> tuple[list[Event], list[Event]]:
        """What of events may be told, and what is to be weighed before the person, or who reads their post, is told.

        An event is of both where it showed both; what showed nothing but guarded entries is not told of at all.
        """
        told, guarded = [], []
        for event in events:
            shown = _labels(event)
            ordinary = [label for label in shown if self._is_ordinary(label)]
            is_guarded = event.get("purpose") in self.guarded_purposes
            if not is_guarded and (ordinary or not shown):
                told.append(Event(event, ordinary))
            if is_guarded or len(ordinary) < len(shown):
                guarded.append(Event(event, shown if is_guarded else [each for each in shown if each not in ordinary]))
        return told, guarded

    def honoured(self, event: Mapping[str, Any]) -> bool:
        """Whether an objection kept something back."""
        return not self.objections.isdisjoint(event.get("withheld", ()))

    def _is_ordinary(self, label: Label) -> bool:
        return label.sensitivity in self.ordinary and label.category not in self.guarded_headings


class _Group(NamedTuple):
    on: date
    organisation: str
    role: str
    purpose: str
    themselves: bool


def looks(events: Events, *, discretion: Discretion, grounds: Mapping[str, str], named: bool = False) -> Looks:
    """What the trail's events about a person come to; `grounds` gives the kind of each fact that events rely on."""
    told, held_back = discretion.part(event for event in events if event["kind"] in LOOKS)
    refused = [event for event in events if event["kind"] in REFUSED]
    return Looks(
        told=_grouped(told, grounds, discretion, named),
        held_back=_grouped(held_back, grounds, discretion, named),
        refused=len(refused),
        objected=sum(map(discretion.honoured, refused)),
    )


def facts_relied_on(events: Events) -> set[str]:
    """The facts that entitled somebody to look."""
    return {fact for event in events if event["kind"] in LOOKS for fact in event.get("relied_on", ())}


def _grouped(
    events: Sequence[Event], grounds: Mapping[str, str], discretion: Discretion, named: bool
) -> tuple[Look, ...]:
    groups: dict[_Group, list[Event]] = defaultdict(list)
    for event in events:
        on = london_date(datetime.fromisoformat(event.said["at"]))
        organisation, role, purpose = (str(event.said.get(name, "")) for name in ("organisation", "role", "purpose"))
        themselves = event.said["kind"] == Kind.OWN_LOOKS_READ
        groups[_Group(on, organisation, role, purpose, themselves)].append(event)
    ordered = sorted(groups.items(), key=lambda each: each[0][1:])
    ordered.sort(key=lambda each: each[0].on, reverse=True)
    return tuple(_look(group, together, grounds, discretion, named) for group, together in ordered)


def _look(
    group: _Group, events: Sequence[Event], grounds: Mapping[str, str], discretion: Discretion, named: bool
) -> Look:
    said = [event.said for event in events]
    accounts = sorted({Account(each["issuer"], each["subject"]) for each in said})
    headings = {label.category for event in events for label in event.labels}
    return Look(
        **group._asdict(),
        kinds=_kinds(said),
        headings=tuple(sorted(headings, key=_HEADING_ORDER.__getitem__)),
        grounds=tuple(sorted({grounds[fact] for fact in facts_relied_on(said) if fact in grounds})),
        people=len(accounts),
        times=len({each.get("request") or each["id"] for each in said}),
        objected=any(map(discretion.honoured, said)),
        accounts=tuple(accounts) if named and not group.themselves else (),
    )


def _kinds(events: Events) -> tuple[Kind, ...]:
    """What was done, in the order of `Kind`."""
    done = {event["kind"] for event in events}
    return tuple(kind for kind in Kind if kind in done)


def _labels(event: Mapping[str, Any]) -> list[Label]:
    return [_label(label) for labels in event.get("permitted", {}).values() for label in labels]


_label: Final = lru_cache(maxsize=4096)(Label.parse)  # the few of a place, which stand in thousands of events
