"""The agreement as roles and headings: what each role may be shown, for what, from whom."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.sharing.lattice import Lattice
from app.sharing.law import Law
from app.vocabulary.category import Category
from app.vocabulary.label import Sensitivity
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Action, Purpose, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one role may be shown under one heading for one purpose, once its conditions are met.

    What is forbidden in everyone's record is left out; so is what only emergency access gives.
    """

    role: Role
    category: Category
    purpose: Purpose
    controllers: tuple[OdsCode, ...]
    sensitivities: tuple[Sensitivity, ...]


def matrix(law: Law, lattice: Lattice, action: Action) -> list[Cell]:
    """Every cell that is not empty, by role, heading and purpose."""
    masks: dict[tuple[Role, Purpose], int] = {}
    for ask, terms in law.terms.items():
        if ask.action == action:
            masks[ask.role, ask.purpose] = masks.get((ask.role, ask.purpose), 0) | terms.reach
    cells = [cell for (role, purpose), mask in masks.items() for cell in _cells(role, purpose, mask, lattice)]
    return sorted(cells, key=lambda cell: (cell.role, lattice.categories.index(cell.category), cell.purpose))


def _cells(role: Role, purpose: Purpose, mask: int, lattice: Lattice) -> Iterator[Cell]:
    for category, labels in lattice.of_category.items():
        if shown := mask & labels:
            yield Cell(
                role=role,
                category=category,
                purpose=purpose,
                controllers=tuple(code for code, labels in lattice.of_controller.items() if labels & shown),
                sensitivities=tuple(kind for kind, labels in lattice.of_sensitivity.items() if labels & shown),
            )


def abbreviations(words: Collection[str]) -> dict[str, str]:
    """Each word, in alphabetical order, with the shortest capitals that no other word among them could have."""
    return {
        word: next(short for short in _shorter(word) if not _is_taken(short, word, words)) for word in sorted(words)
    }


def _is_taken(short: str, word: str, words: Collection[str]) -> bool:
    return any(short in _shorter(other) for other in words if other != word)


def _shorter(word: str) -> list[str]:
    """Its first letter, its initials, then ever more of its last part: M, MC, MCH… for `mdt-chair`."""
    *parts, last = word.upper().split("-")
    initials = "".join(part[0] for part in parts)
    return [word[0].upper(), *(initials + last[:length] for length in range(1, len(last) + 1)), word]
