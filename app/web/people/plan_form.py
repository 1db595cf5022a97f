"""A part of a plan as its form has it, and what came of a form as a part. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.web.frame.filled_in.typed import nested

LISTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "support": {"needs": ("says",), "goals": ("says", "test"), "actions": ("says", "owner", "organisation")},
    "about_me": {},
    "contingency": {"steps": ("sign", "do", "call")},
    "wishes": {"documents": ("kept_at", "held_by")},
}  # fmt: skip
"""The lists of each part, each with the fields of which any that is filled in makes a line."""

_REFERS: Final = {"goals": "needs", "actions": "goals"}
_DAYS: Final = frozenset({"by", "due", "review_by", "dated"})
_BLANK: Final = 2  # lines that are offered beyond those that are there


def typed_of(content: Mapping[str, Any] | None) -> dict[str, Any]:
    """A part, as JSON, flat under the names of the form's fields."""
    typed: dict[str, Any] = {}
    for name, value in (content or {}).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, line in enumerate(value):
                typed |= {f"{name}.{number}.{field}": text for field, text in typed_of(line).items()}
        else:
            typed |= _field(name, value)
    return typed


def _field(name: str, value: Any) -> dict[str, Any]:
    if name in _DAYS and value:
        day = date.fromisoformat(value)
        return {f"{name}.{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    return {} if value is None else {name: value}


def numbers(part: str, typed: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which lines the form shows of each list: those that are there, and some that are empty."""
    shown = {}
    for name in LISTS[part]:
        called = [field.split(".")[1] for field in typed if field.startswith(f"{name}.")]
        there = {int(number) for number in called if number.isdecimal()}
        last = max((n for n in there if _is_filled(name, part, n, typed)), default=-1)
        shown[name] = [str(n) for n in range(last + 1 + _BLANK)]
    return shown


def _is_filled(name: str, part: str, number: int, typed: Mapping[str, Any]) -> bool:
    return any(typed.get(f"{name}.{number}.{field}") for field in LISTS[part][name])


def understood(part: str, fields: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What a form says, as the part is read, and how the form calls the lines of its lists."""
    many = frozenset(name for name, _ in fields if name.rpartition(".")[2] in _REFERS.values() and name.count(".") == 2)
    said = nested(fields, lists=many)
    rows = {}
    for name in LISTS[part]:
        lines = {number: line for number, line in _lines(said.pop(name, {})) if _stands(line, LISTS[part][name])}
        rows[name], said[name] = list(lines), list(lines.values())
        _name_lines(name, said[name])
    for name, of in _REFERS.items():
        _keep_references(said, name, of)
    return said, rows


def _lines(said: Any) -> list[tuple[str, dict[str, Any]]]:
    """The lines of a list by the numbers that the form gives them, in their order."""
    told = said.items() if isinstance(said, dict) else ()
    lines = [(number, line) for number, line in told if number.isdecimal() and isinstance(line, dict)]
    return sorted(lines, key=lambda one: int(one[0]))


def _stands(line: Mapping[str, Any], asked: Sequence[str]) -> bool:
    return "remove" not in line and any(line.get(field) for field in asked)


def _name_lines(name: str, lines: list[dict[str, Any]]) -> None:
    """Each new need, goal and action is given an id that none of the others has."""
    if name not in ("needs", "goals", "actions"):
        return
    held = {line["id"] for line in lines if "id" in line}
    free = (code for n in range(1, 1000) if (code := f"{name[:-1]}-{n}") not in held)
    for line in lines:
        if "id" not in line:
            line["id"] = next(free)


def _keep_references(said: Mapping[str, Any], name: str, of: str) -> None:
    """What refers to a line that was taken out refers to it no more."""
    there = {line["id"] for line in said.get(of, ())}
    for line in said.get(name, ()):
        line[of] = [each for each in line.get(of, ()) if each in there]


def place_of(field: str, typed: Sequence[tuple[str, str]]) -> int:
    """Where on the form a field stands, by what the browser sent of it, which is in the form's order; else last."""
    return next((place for place, (name, _) in enumerate(typed) if f"{name}.".startswith(f"{field}.")), len(typed))


def field_of(part: str, place: str, rows: Mapping[str, Sequence[str]]) -> str:
    """What the form calls the field that is wrong: `support.goals.1.says` as `goals.3.says`."""
    steps = place.split(".")
    steps = steps[1:] if steps[:1] == [part] else steps
    if len(steps) > 1 and steps[0] in rows and steps[1].isdecimal():
        steps[1] = rows[steps[0]][int(steps[1])]
    return ".".join(steps)
