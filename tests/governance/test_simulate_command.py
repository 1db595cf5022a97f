"""`pisano isa simulate`: what a change would do, before anyone signs it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.database.transactions import open_engine, transaction
from app.governance.proving.simulate import Simulation, simulate
from app.settings import settings
from app.sharing.written.document import Agreement
from tests.conftest import unmeasured
from tests.governance.test_population import someone
from tests.sharing.worlds import CORNER, WULFRUN


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without safety notes for housing, which an example of the old one asks for."""
    text = WULFRUN.read_text(encoding="utf-8")
    fewer = text.replace("[equipment, requirements, staff-safety]", "[equipment, requirements]")
    changed = fewer.replace(
        "see: {from: [social-care, acute], categories: [equipment, staff-safety]}",
        "see: {from: [social-care, acute], categories: [equipment]}",
    )
    changed = changed.replace("told_despite: [dissent, staff-or-vip]", "told_despite: [dissent]")
    changed = changed.replace("  withheld: Some information is not shown here.", "  withheld: Not all is shown here.")
    file = tmp_path_factory.mktemp("isa") / "new.yaml"
    file.write_text(changed, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[str]:
    """A place of twelve tenants and three people on a practice's list, which the commands ask."""
    engine = open_engine(module_database_url)
    with transaction(engine) as connection:
        for n in range(12):
            someone(connection, n, ("tenancy", "WH100"))
        for n in range(12, 15):
            someone(connection, n, ("registration", "M92001"))
    engine.dispose()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DATABASE_URL", module_database_url)
        settings.cache_clear()
        yield module_database_url
    settings.cache_clear()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["isa", "simulate", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def printed(place: str, new: Path) -> tuple[Result, Result]:
    """One report, which takes far longer to make than to print, as people and as programs are told."""
    made: list[Simulation] = []

    def simulated(old: Agreement, new: Agreement, **asked: Any) -> Simulation:
        with unmeasured():  # the same lines millions of times over; those of a small agreement are measured
            made[:] = made or [simulate(old, new, **asked)]
        return made[0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.governance.commands.simulate.simulate", simulated)
        return run(WULFRUN, new), run(WULFRUN, new, "--json")


@pytest.fixture(scope="module")
def shown(printed: tuple[Result, Result]) -> Result:
    """What people are told."""
    return printed[0]


@pytest.fixture(scope="module")
def told(printed: tuple[Result, Result]) -> Any:
    """What programs are told."""
    return json.loads(printed[1].output)


def test_it_tells_what_would_be_hidden_and_which_example_no_longer_holds(shown: Result) -> None:
    assert shown.exit_code == 1
    assert "Safety of visiting staff" in shown.output
    assert "no longer so: A housing officer sees which equipment the home must take" in shown.output


def test_it_tells_programs_every_label(told: Any) -> None:
    assert {change["role"] for change in told["changes"]} == {"housing-officer"}
    assert {label for change in told["changes"] for label in change["lost"]} == {
        f"{controller}/staff-safety/{kind}"
        for controller in ("LA508", "RL4", "RL4C")
        for kind in ("normal", "locating")
    }


def test_it_tells_what_a_person_would_be_told_otherwise_of_who_looked(shown: Result, told: Any) -> None:
    place = "audit/themselves/told_despite"
    assert told["told_to_the_person"] == [{"place": place, "change": "-", "text": "staff-or-vip"}]
    assert f"told to the person: - {place}: staff-or-vip" in shown.output


def test_it_tells_what_viewers_would_be_told_otherwise_of_what_is_not_shown(shown: Result, told: Any) -> None:
    removed, added = told["told_to_viewers"]
    assert (removed["place"], removed["change"], added["change"]) == ("notices/withheld", "-", "+")
    assert added["text"].startswith("Not all is shown here.")
    assert "told to viewers: + notices/withheld: Not all is shown here." in shown.output


def test_nothing_changed_is_nothing_told_and_no_place_need_be_asked() -> None:
    result = run(CORNER, CORNER, "--no-place", "--json")
    told = json.loads(result.output)
    assert result.exit_code == 0
    assert (told["changes"], told["people"], told["replayed"]) == ([], None, None)


def test_it_asks_the_place_how_many_people_are_affected(shown: Result, told: Any) -> None:
    assert told["people"] == {"more": "0", "less": "10", "either": "10", "people": "15"}
    assert told["replayed"]["decisions"] == "0"
    assert "people, of 15: more of 0, less of 10, either of 10" in shown.output
