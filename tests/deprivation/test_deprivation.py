"""How deprived an area is comes from the published files, read strictly, and is never guessed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.demonstration.deprivation import DIRECTORY, INDICES, write_deprivation
from app.demonstration.making import tell_deprivation
from app.demonstration.people.resident import residents
from app.deprivation.commands import deprivation
from app.deprivation.deciles import Deciles
from app.deprivation.load import load
from app.deprivation.read import UnreadableDeprivation, halves, read_indices, read_postcodes
from app.deprivation.store import editions
from app.settings import settings

AT = datetime(2026, 6, 30, 9, tzinfo=UTC)
DECILE = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"
OF_2025 = f"LSOA code (2021),Local Authority District code (2024),{DECILE}"
OF_2019 = f"LSOA code (2011),Local Authority District code (2019),{DECILE}"
AREAS = ("E01099001,E08099001,1", "E01099002,E08099001,10")
NSPL = "pcd7,pcds,doterm,lsoa21cd,imd25ind"
ONSPD = "pcd,pcds,doterm,lsoa11,lsoa21,imd"


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\r\n" for line in lines), encoding="utf-8-sig")
    return path


@pytest.fixture
def indices(tmp_path: Path) -> Path:
    return written(tmp_path / "File_7.csv", OF_2025, *AREAS)


def test_a_postcode_is_looked_up_by_the_census_whose_areas_the_indices_rank(tmp_path: Path) -> None:
    directory = written(tmp_path / "ONSPD.csv", ONSPD, "ZX11AA,ZX1 1AA,,E01099002,E01099001,32844")

    def decile(headings: str) -> int | None:
        known = read_indices(written(tmp_path / "File_7.csv", headings, *AREAS))
        (one,) = read_postcodes(directory, known)
        return one.decile

    assert (decile(OF_2025), decile(OF_2019)) == (1, 10)


def test_the_directorys_own_rank_is_no_decile_and_other_countries_have_none(tmp_path: Path, indices: Path) -> None:
    lines = ("ZX11AA,ZX1 1AA,202001,E01099002,7", "ZX11AB,ZX1 1AB,,W01000001,1", "ZX11AD,ZX1 1AD,,,0")
    told = read_postcodes(written(tmp_path / "NSPL.csv", NSPL, *lines), read_indices(indices))

    assert [one.decile for one in told] == [10, None, None]


@pytest.mark.parametrize(
    ("lines", "rule", "line"),
    [
        (["LSOA code (2021),Score", "E01099001,12.3"], "indices-headings", 1),
        ([OF_2025], "indices-rows", 1),
        ([OF_2025, AREAS[0], "E01099002,E08099001,11"], "indices-decile", 3),
        ([OF_2025, "E02000001,E08099001,1"], "indices-area", 2),
        ([OF_2025, *AREAS, AREAS[0]], "indices-area-once", 4),
        ([OF_2025, "E01099001,1"], "columns", 2),
        ([OF_2025, 'E01099001,E08099001,"1'], "csv", 3),
    ],
)
def test_indices_that_are_wrong_are_refused_by_rule_and_line(
    tmp_path: Path, lines: list[str], rule: str, line: int
) -> None:
    with pytest.raises(UnreadableDeprivation, match=f"line {line}: .*({rule})") as refused:
        read_indices(written(tmp_path / "File_7.csv", *lines))

    assert (refused.value.rule, refused.value.line) == (rule, line)


@pytest.mark.parametrize(
    ("lines", "rule", "line"),
    [
        (["pcds,lsoa11,imd", "ZX1 1AA,E01099001,1"], "postcodes-headings", 1),  # areas of the other census
        ([NSPL, ",ZX1 1AA,,E01099001,1", ",ZX1,,E01099001,1"], "postcodes-postcode", 3),
        ([NSPL, ",ZX1 1AA,,somewhere,1"], "postcodes-area", 2),
        ([NSPL, ",ZX1 1AA,,E01099003,1"], "postcodes-area-known", 2),
        ([NSPL, "ZX1 1AA,E01099001"], "columns", 2),
    ],
)
def test_a_directory_that_is_wrong_is_refused_by_rule_and_line(
    tmp_path: Path, indices: Path, lines: list[str], rule: str, line: int
) -> None:
    with pytest.raises(UnreadableDeprivation) as refused:
        list(read_postcodes(written(tmp_path / "NSPL.csv", *lines), read_indices(indices)))

    assert (refused.value.rule, refused.value.line) == (rule, line)
    assert "ZX1" not in str(refused.value)


def test_a_directory_that_is_wrong_changes_nothing(engine: Engine, tmp_path: Path, indices: Path) -> None:
    load(engine, postcodes=written(tmp_path / "good.csv", NSPL, ",ZX1 1AA,,E01099002,1"), indices=indices, at=AT)
    twice = [NSPL, ",ZX1 1AA,,E01099001,1", ",ZX1 1AB,,E01099001,1", ",zx11aa,,E01099002,1"]
    wrong = {
        ("postcodes-rows", 1): [NSPL, ",ZX1 1AB,,W01000001,1"],
        ("postcodes-postcode", 3): [*twice[:2], ",ZX1,,E01099001,1"],
        ("postcodes-once", 4): twice,
    }

    for (rule, line), lines in wrong.items():
        with pytest.raises(UnreadableDeprivation) as refused:
            load(engine, postcodes=written(tmp_path / "NSPL.csv", *lines), indices=indices, at=AT)
        assert (refused.value.rule, refused.value.line) == (rule, line)
    assert Deciles(engine).of(["ZX1 1AA"]) == 10
    assert Deciles(engine).edition() == "English Indices of Deprivation 2025, postcodes by good.csv"


def test_what_postcodes_do_not_tell_alike_is_not_known(engine: Engine, tmp_path: Path, indices: Path) -> None:
    lines = (",ZX1 1AA,,E01099001,1", ",ZX1 1AB,,E01099001,1", ",ZX2 1AA,,E01099002,1")
    before = Deciles(engine)
    assert (before.of(["ZX1 1AA"]), before.edition()) == (None, None)
    load(engine, postcodes=written(tmp_path / "NSPL.csv", NSPL, *lines), indices=indices, at=AT)
    deciles = Deciles(engine)

    assert deciles.of(["zx11aa"]) == 1
    assert deciles.of(["ZX1 1AA", "ZX1 1AB"]) == 1  # partners know two homes in areas alike
    assert deciles.of(["ZX1 1AA", "ZX2 1AA"]) is None
    assert deciles.of(["ZX9 9ZZ", "no fixed abode"]) is None
    assert deciles.of([]) is None


@pytest.mark.parametrize(("written", "parted"), [("sw1a 1aa", ("SW1A", "1AA")), ("M11AE", ("M1", "1AE")), ("M1", None)])
def test_a_postcode_is_parted_however_it_is_spaced(written: str, parted: tuple[str, str] | None) -> None:
    assert halves(written) == parted


def test_a_demonstration_place_loads_what_it_made_once(engine: Engine, tmp_path: Path) -> None:
    for _ in range(2):
        tell_deprivation(engine, tmp_path)

    with engine.connect() as connection:
        (only,) = editions(connection)
    assert only.postcodes == 26 * 36
    deciles = Deciles(engine)
    known = {one.postcode: deciles.of([one.postcode]) for one in residents(300, seed=1, on=AT.date())}
    assert set(known.values()) >= {1, 10, None}  # the newest houses are in no directory yet
    assert {postcode[:5] for postcode, decile in known.items() if decile is None} == {"ZX3 9"}


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("PISANO_VAR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_an_operator_loads_each_edition_by_command_and_each_is_remembered(place: Path) -> None:
    write_deprivation(place)
    files = ["--postcodes", str(place / DIRECTORY), "--indices", str(place / INDICES), "--json"]
    for _ in range(2):
        assert CliRunner().invoke(deprivation, ["load", *files]).exit_code == 0
    newest, first = orjson.loads(CliRunner().invoke(deprivation, ["list", "--json"]).output)

    assert newest["id"] > first["id"]
    assert (newest["indices"], newest["directory"]) == ("English Indices of Deprivation 2025", DIRECTORY)
    assert (newest["postcodes"], newest["outside_england"]) == (26 * 36, 0)
