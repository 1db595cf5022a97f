"""Whoever asks for a few headings is decided about for those alone."""

from datetime import date

from app.record.door import only
from app.sharing.decision import Decision, Granted, Permission
from app.sharing.lattice import Lattice
from app.vocabulary.category import Category
from app.vocabulary.ods_code import OdsCode

LATTICE = Lattice((OdsCode("RL4"), OdsCode("M92001")))
DEMOGRAPHICS, PROBLEMS = Category("demographics"), Category("problems")


def test_of_a_few_headings_nothing_else_is_permitted_and_no_clause_but_theirs_is_told() -> None:
    since = date(2024, 6, 1)
    everything = Granted("A", LATTICE.everything, since)
    decision = Decision(
        lattice=LATTICE, agreements=(), granted=(everything, Granted("B", LATTICE.mask(categories=[PROBLEMS])))
    )
    few = only(decision, frozenset({DEMOGRAPHICS}))

    assert {label.category for label in few.permitted} == {DEMOGRAPHICS}
    assert {label.controller for label in few.permitted} == {"RL4", "M92001"}
    assert set(few.permitted.values()) == {Permission(("A",), since)}
    assert few.clauses == ("A",)
    assert only(decision, frozenset()).denied
