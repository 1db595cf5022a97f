"""The demonstration place is the same for the same seed, believable, and what its partners send is sound."""

import os
import subprocess
import threading
from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest
from fhir.resources.R4B import get_fhir_model_class
from typer.testing import CliRunner

from app.adapters.registry import adapter
from app.database.postgres.lock import exclusively
from app.demonstration import commands
from app.demonstration.loading import AnotherPlace, Making, written
from app.demonstration.partners.files import FILES, PlaceFile, write_files
from app.demonstration.people.resident import nhs_numbers, residents
from app.demonstration.people.stories import people
from app.demonstration.place import staff
from app.record.kept.encode import encode, state
from app.settings import ROOT, settings
from app.vocabulary.label import Label
from app.vocabulary.provenance import Provenance
from app.vocabulary.statement import Finding, Sender, Severity, Statement, Utterance
from tests.conftest import PATIENCE, the_agreements

ON = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    write_files(folder, 250, seed=7, on=ON)
    return folder


def said(folder: Path, file: PlaceFile) -> list[Utterance]:
    content = BytesIO((folder / file.name).read_bytes())
    return list(adapter(file.adapter).read(content, Sender(partner=file.partner)))


def test_every_number_is_of_the_range_that_no_one_has() -> None:
    assert all(number.digits.startswith("999") for number in islice(nhs_numbers(), 5000))


def test_the_same_seed_and_day_make_the_same_files(folder: Path, tmp_path: Path) -> None:
    write_files(tmp_path, 250, seed=7, on=ON)

    for file in FILES:
        if not file.name.endswith(".zip"):  # a ZIP tells when it was made
            assert (tmp_path / file.name).read_bytes() == (folder / file.name).read_bytes()


def test_a_larger_place_begins_with_the_same_people() -> None:
    few = list(residents(20, seed=7, on=ON))

    assert list(islice(residents(1000, seed=7, on=ON), 20)) == few
    assert list(residents(20, seed=8, on=ON)) != few


def test_most_people_have_little_and_a_few_have_much() -> None:
    need = Counter(resident.need for resident in residents(3000, seed=7, on=ON))

    assert need["little"] > need["some"] > need["much"] > 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_that_partners_send_is_refused(folder: Path, file: PlaceFile) -> None:
    refused = [one for one in said(folder, file) if isinstance(one, Finding) and one.severity is Severity.REFUSED]
    assert refused == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_resource_of_the_place_is_fhir_r4(folder: Path, file: PlaceFile) -> None:
    stated = [one for one in said(folder, file) if isinstance(one, Statement)]
    entries = [entry for statement in stated[:150] for entry in statement.entries]
    assert entries

    for entry in entries:
        label = Label(file.partner, entry.category, entry.sensitivity)
        source = Provenance(file.partner, file.adapter, 1, entry.line)
        told = state(entry, label)
        filed = encode(entry, told, person_id=UUID(int=1), number=1, label=label, provenance=source, at=NOON)
        get_fhir_model_class(entry.resource["resourceType"]).model_validate_json(filed.resource)


def test_every_role_of_the_staff_is_one_that_the_agreement_knows() -> None:
    agreed = the_agreements()
    roles = {role for account in staff(ON) for role in account.roles}

    assert roles <= agreed.roles


def test_each_life_is_told_by_as_many_partners_as_know_of_it() -> None:
    known = Counter(
        (life.social_care is not None) + (life.mental_health is not None) + (life.housing is not None)
        for _, life in people(500, seed=7, on=ON)
    )

    assert known[0] > known[1] > known[2] > 0


def test_a_place_is_picked_up_where_it_was(tmp_path: Path) -> None:
    first = Making(5, 1, ON)
    steps: list[None] = []

    def step() -> None:
        steps.append(None)

    assert written(tmp_path / "place", lambda _: first, step) == first
    assert len(steps) == 5
    assert written(tmp_path / "place", lambda made_on: Making(5, 1, made_on or ON), step) == first
    assert len(steps) == 5


def test_two_who_make_a_place_in_one_folder_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making = threading.Event()

    async def meet(*_: object) -> None:
        """Nothing: it is another's test."""

    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost/nowhere")
    monkeypatch.setattr(commands, "make_place", lambda *_, **__: making.set())
    monkeypatch.setattr(commands, "_meet", meet)
    settings.cache_clear()
    second = threading.Thread(target=CliRunner().invoke, args=(commands.demo, ["--no-serve"]))
    with exclusively(tmp_path / "demonstration.lock"):
        second.start()
        assert not making.wait(0.5)
    assert making.wait(PATIENCE)
    second.join()
    settings.cache_clear()


def test_a_place_of_another_making_is_not_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "place", lambda _: Making(5, 1, ON), lambda: None)

    with pytest.raises(AnotherPlace, match="make clean"):
        written(tmp_path / "place", lambda _: Making(6, 1, ON), lambda: None)


def test_make_demo_data_makes_the_same_place_and_does_not_serve_it() -> None:
    def commands(target: str) -> list[str]:
        asked = ["make", "--dry-run", "--no-print-directory", "--old-file=env", target, "PEOPLE=7", "PORT=8123"]
        told = subprocess.run(asked, cwd=ROOT, env=os.environ | {"MAKEFLAGS": ""}, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        return told.stdout.splitlines()

    [made], [served] = commands("demo-data"), commands("demo")
    assert served.split()[1:] == ["demo", "--people", "7", "--port", "8123"]
    assert made.split()[1:] == ["demo", "--people", "7", "--no-serve"]
