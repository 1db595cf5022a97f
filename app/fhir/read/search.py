"""What a search asks for, read from its parameters. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.fhir.read.kinds import INCLUDED, PARAMETERS, SUBJECT
from app.fhir.read.matching import Condition, NotUnderstood, split
from app.fhir.read.shape import WHOLE, Shape

COUNT, MOST = 50, 500
_AMONG_PEOPLE: Final = frozenset({"identifier", "name", "family", "given", "birthdate", "gender", "address-postalcode"})
_NOT_OF_THE_SEARCH: Final = frozenset({"_format", "_pretty", "purpose"})
_LONGEST, _MOST_PARAMETERS = 2000, 100

Parameters = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Search:
    """One search of one type; `ignored` names what was not understood and has no effect, `used` is all else.

    `patient` is whose record is searched; `sort` names parameters, each with whether it runs backwards.
    """

    kind: str
    patient: UUID | None = None
    conditions: list[Condition] = field(default_factory=list)
    include: list[str] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)
    count: int = COUNT
    counted: bool = False
    shape: Shape = WHOLE
    used: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What links repeat of it: nothing that tells who somebody is."""
        return [(name, value) for name, value in self.used if name.partition(":")[0] not in _AMONG_PEOPLE]


def read_search(kind: str, parameters: Parameters, *, strict: bool = False) -> Search:
    """Raises `NotUnderstood` for values that make no sense, and where `strict` for names that are not known."""
    if len(parameters) > _MOST_PARAMETERS or any(len(name) + len(value) > _LONGEST for name, value in parameters):
        raise NotUnderstood("that is more than a search takes; ask for less at once")
    search = Search(kind)
    summary, elements = "false", frozenset[str]()
    for name, value in parameters:
        if name in _NOT_OF_THE_SEARCH or not value:
            continue
        if "." in name or name.startswith("_has:"):  # to leave one out would answer more than was asked for
            raise NotUnderstood("chains and `_has` are not searched by; ask for each type by itself, by `patient`")
        if name == "_summary":
            summary = value
        elif name == "_elements":
            elements |= frozenset(split(value))
        elif not _take(search, name, value):
            search.ignored.append(name)
            continue
        search.used.append((name, value))
    search.shape = Shape(summary, elements) if summary != "false" or elements else WHOLE
    if strict and search.ignored:
        raise NotUnderstood("a search parameter is not known here; see `/metadata`, or leave `handling=strict` out")
    return search


def reference_of(value: str) -> UUID:
    """The person whom `Patient/<id>`, a whole address of it, or the id alone names; raises `NotUnderstood`."""
    try:
        return UUID(value.rpartition("/")[2])
    except ValueError:
        raise NotUnderstood("`patient` takes the id of a Patient that a search for it answered") from None


def _take(search: Search, name: str, value: str) -> bool:
    """Note one parameter; `False` where it is not known."""
    plain, _, modifier = name.partition(":")
    if plain in SUBJECT and modifier in ("", "Patient") and search.kind != "Patient":
        person = reference_of(value)
        if search.patient not in (None, person):
            raise NotUnderstood("a search is of one person's record; ask for one `patient` at a time")
        search.patient = person
    elif name == "_count":
        search.count = _count(value)
    elif name == "_sort":
        search.sort += [_sorted(search.kind, each) for each in value.split(",")]
    elif name == "_include":
        return _included(search, value)
    elif name == "_total":
        search.counted = value == "accurate"
    elif plain in PARAMETERS[search.kind]:
        search.conditions.append(Condition(PARAMETERS[search.kind][plain], modifier, split(value)))
    else:
        return False
    return True


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        raise NotUnderstood("`_count` takes a number")
    return min(int(value), MOST)


def _sorted(kind: str, asked: str) -> tuple[str, bool]:
    name = asked.removeprefix("-")
    if name not in PARAMETERS[kind]:
        raise NotUnderstood("`_sort` takes search parameters of the type, each with a minus before it to run backwards")
    return name, asked != name


def _included(search: Search, value: str) -> bool:
    kind, _, rest = value.partition(":")
    name = rest.partition(":")[0]
    if value == "*":
        search.include += ["patient", *INCLUDED]
    elif kind == search.kind and name in (*SUBJECT, *INCLUDED):
        search.include.append("patient" if name in SUBJECT else name)
    else:
        return False
    return True


def only(conditions: Iterable[Condition], names: Iterable[str]) -> list[Condition]:
    """Those conditions that are on these parameters."""
    wanted = frozenset(names)
    return [condition for condition in conditions if condition.parameter.name in wanted]
