"""What the documentation names is there: files, headings, tests, programs, commands with their options, settings."""

import ast
import re
from datetime import date
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from app.cli import app
from app.demonstration.place import staff
from app.main import create_app
from app.settings import ROOT, Settings
from tests.identity.test_every_route import routes_of

PAGES = {str(page.relative_to(ROOT)): page for page in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]}
_NOT_OURS = {"fhir.resources", "subscriptions.key"}
_MADE = "var"
_MADE_BY_OPERATORS = {"docker/secrets", "docker/.env"}

every_page = pytest.mark.parametrize("page", PAGES)


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def quoted(page: str) -> list[str]:
    """What stands between backticks, within a line."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE))


def headings(page: Path) -> set[str]:
    """As links name them."""
    told = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in told}


@every_page
def test_every_link_leads_to_a_file_and_a_heading_of_it(page: str) -> None:
    for where, heading in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", text_of(page)):
        target = PAGES[page].parent / where if where else PAGES[page]
        assert target.exists(), where
        assert not heading or heading in headings(target), f"{where}#{heading}"


@cache
def all_tests() -> set[str]:
    there = set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        there |= {path.stem, *re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    return there


@every_page
def test_every_test_named_is_there(page: str) -> None:
    assert {name for word in quoted(page) for name in re.findall(r"\btest_\w+", word)} - all_tests() == set()


@every_page
def test_every_file_of_ours_that_is_named_is_there(page: str) -> None:
    ours = [path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier() and path.name != _MADE]
    folders = "|".join(ours)
    named = {word for word in quoted(page) if re.fullmatch(rf"({folders})/[\w./-]+", word)} - _MADE_BY_OPERATORS
    assert {word for word in named if not (ROOT / word).exists()} == set()


@every_page
def test_every_file_that_is_named_by_its_place_in_the_house_is_there(page: str) -> None:
    packages = "|".join(path.name for path in (ROOT / "app").iterdir() if path.is_dir())
    named = {word for word in quoted(page) if re.fullmatch(rf"({packages})/[\w/]+\.py", word)}
    assert {word for word in named if not (ROOT / "app" / word).exists()} == set()


def names_within(path: Path) -> set[str]:
    """What a module or a package defines or brings in."""
    found = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not found.exists():
        return set()
    tree = ast.parse(found.read_text(encoding="utf-8"))
    defined = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    return defined | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def is_program(dotted: str) -> bool:
    path = ROOT / "app"
    *parents, last = dotted.split(".")
    for part in parents:
        path /= part
        if not (path.is_dir() or path.with_suffix(".py").exists()):
            return False
    return (path / last).is_dir() or (path / f"{last}.py").exists() or last in names_within(path)


@every_page
def test_every_program_named_is_there(page: str) -> None:
    packages = "|".join(path.name for path in (ROOT / "app").iterdir() if path.is_dir())
    named = {word for word in quoted(page) if re.fullmatch(rf"({packages})(\.\w+)+", word)} - _NOT_OURS
    assert {word for word in named if not is_program(word)} == set()


def commands(page: str) -> set[str]:
    """Every command of ours, to the end of its line; `compose run … worker` stands for `pisano` in a container."""
    lines = re.sub(r"\\\n\s*", "", text_of(page))
    said_by = r"(?:(?<![\w/.-])pisano|^compose run .*? worker)"
    return set(re.findall(rf"{said_by} ((?:[a-z-]+|--[a-z-]+)[^`\n|#]*)", lines, re.MULTILINE))


def wrong_with(command: str) -> str | None:
    """Which word of it `pisano` does not know: a command, or an option of it."""
    known: Any = typer.main.get_command(app)
    words = command.split()
    while words and hasattr(known, "get_command"):
        word = words.pop(0).rstrip(".,;:)")
        if word == "…":
            return None
        known = known.get_command(None, word)
        if known is None:
            return word
    options = {name for option in known.params for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    asked = [word.rstrip(".,;:)]").lstrip("[(").partition("=")[0] for word in words]
    return next((word for word in asked if word.startswith("--") and word not in options), None)


@every_page
def test_every_command_shown_is_there_with_its_options(page: str) -> None:
    assert {command: wrong for command in commands(page) if (wrong := wrong_with(command))} == {}


@every_page
def test_every_setting_named_is_one(page: str) -> None:
    composed = "".join(
        (ROOT / path).read_text() for path in ("docker/compose.yaml", "docker/Dockerfile", "app/settings.py")
    )
    settings = {f"PISANO_{name.upper()}" for name in Settings.model_fields} | set(re.findall(r"PISANO_\w+", composed))
    assert set(re.findall(r"PISANO_\w+", text_of(page))) - settings == set()


def test_the_readme_signs_in_as_people_whom_the_demonstration_has() -> None:
    told = text_of("README.md")
    named = {*re.findall(r"^\| `([a-z-]+)` \|", told, re.MULTILINE), *re.findall(r"--as ([a-z-]+)", told)}
    assert named
    assert named - {account.username for account in staff(date(2026, 11, 23))} == set()


@every_page
def test_every_target_of_make_and_every_container_named_is_there(page: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    checks = re.findall(r"^CHECKS := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    targets |= {f"check-{check}" for check in checks}
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text_of(page), re.MULTILINE)) - targets == set()
    containers = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())["services"].keys()
    named = re.findall(r"compose (?:run|exec|logs|ps)(?: -[-\w]+(?: \"[^\"]*\")?)* ([a-z]+)", text_of(page))
    assert set(named) - containers == set()


def template(path: str) -> str:
    """A path with what it leaves open written alike, as pages write `{id}`, `…` or a name in capitals."""
    return re.sub(r"\{[^}]*\}|…|<[^>]*>|\b[A-Z]+\b(?=/|$)", "*", path.replace("R4", "r4").rstrip("/"))


@cache
def addresses() -> frozenset[str]:
    """Where the service answers."""
    measured: Any = create_app(Settings(), "postgresql://127.0.0.1/none")
    return frozenset(template(path) for path, _ in routes_of(measured._app))


def is_answered(address: str) -> bool:
    """Whether it is one of them, or what several of them begin with."""
    return any(
        fnmatch(each, address) or fnmatch(address, each) or each.startswith(f"{address}/") for each in addresses()
    )


@every_page
def test_every_address_named_is_answered(page: str) -> None:
    words = [word for word in quoted(page) if re.match(r"(?:GET|POST|PUT|DELETE) /|/(?:api|people|own|health)/", word)]
    named = {template(word.rpartition(" ")[2].partition("?")[0]) for word in words}
    assert {one for one in named if not is_answered(one)} == set()
