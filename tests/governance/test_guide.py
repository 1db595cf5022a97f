"""docs/agreement.md says what is so: its table is the life of a version."""

import re

from app.governance.signing.lifecycle import LIFE, Step
from app.settings import ROOT

GUIDE = (ROOT / "docs/agreement.md").read_text(encoding="utf-8")


def test_the_table_is_the_life_of_a_version() -> None:
    rows = re.findall(r"^\| ([a-z ,]+) \| (\w+)[^|]* \| [^|]+ \| ([a-z ]+) \|$", GUIDE, flags=re.MULTILINE)
    told = {
        (state.strip().replace(" ", "-"), step, to.replace(" ", "-"))
        for states, step, to in rows
        if step in set(Step)
        for state in states.split(",")
    }
    assert told == {(move.state, move.event, move.to) for move in LIFE.moves}
