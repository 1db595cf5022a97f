"""PostgreSQL for tests: one cluster a session, one migrated template, a database of its own for each test."""

import fcntl
import gc
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import psycopg
import pytest
from coverage import Coverage
from hypothesis import is_hypothesis_test, settings
from psycopg.sql import SQL, Identifier, Literal
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, make_url

from app.database.migrate import upgrade
from app.database.postgres import EmbeddedPostgres
from app.database.transactions import open_engine, plain_address
from app.identity.passwords import hashing
from app.settings import ROOT
from app.sharing.checked import agreement
from app.sharing.checked.agreement import read_agreements
from app.sharing.law import Agreements

PATIENCE = 180.0
"""Seconds to wait for what must come. Nothing waits as long unless it is broken, however busy the machine is."""

# copying files is ten times faster than the default here, as nothing waits for the disk
_CLONE = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"

LITTLE = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)

_TAKE_LONG = ("pages", "scenarios")

settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure(config: pytest.Config) -> None:
    """Make every machine alike: no setting or place of its own, a wide terminal, and nothing beyond it."""
    config.addinivalue_line("markers", "unmeasured: counts for no coverage; other tests run the same lines")
    for name in [name for name in os.environ if name.startswith("PISANO_")]:
        del os.environ[name]
    nowhere = tempfile.TemporaryDirectory(prefix="pisano-")  # else a demonstration beside the tests would have its say
    config.add_cleanup(nowhere.cleanup)
    os.environ["PISANO_VAR"] = nowhere.name
    os.environ["COLUMNS"] = "250"
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    _stay_on_this_machine(patch)


def _stay_on_this_machine(patch: pytest.MonkeyPatch) -> None:
    """By the methods themselves: an audit hook in Python also runs where tracing begins, and lets threads in there."""

    def within(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def connect_here(line: socket.socket, address: Any) -> Any:
            if isinstance(address, tuple):
                _is_here(address[0])
            return connect(line, address)

        return connect_here

    def look_up_here(host: object, *arguments: Any, **named: Any) -> Any:
        _is_here(host)
        return look_up(host, *arguments, **named)

    look_up: Callable[..., Any] = socket.getaddrinfo
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, within(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", look_up_here)


def _is_here(host: object) -> None:
    if host not in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"):
        raise AssertionError("a test may not reach beyond this machine")


@contextmanager
def unmeasured() -> Iterator[None]:
    """Measure no coverage meanwhile: what is traced takes twice as long, whose lines it may be."""
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Every process imports the same tests and, by that, the same programs: the first measures it for all."""
    with compiled_once(), nothing_is_garbage():
        if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
            return (yield)
        with unmeasured():
            return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: else one process is left with it at the end while the others have nothing."""
    items.sort(key=lambda item: item.path.parent.name not in _TAKE_LONG)


@contextmanager
def compiled_once() -> Iterator[None]:
    """In a fresh clone the first process compiles what all load, and the others wait for it and do not do the same."""
    if Path(cache_from_source(str(ROOT / "tests/scenarios/two_worlds.py"))).exists():
        yield
        return
    with Path(__file__).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """What is loaded meanwhile stays, so it is not looked through for garbage, now or later: a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage is of what tests state: what is drawn by chance runs the same lines many times, and others each time."""
    if item.get_closest_marker("unmeasured") or is_hypothesis_test(getattr(item, "obj", None)):
        with unmeasured():
            return (yield)
    return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: tests wait for browsers, databases and each other's locks."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What tests marked `anyio` run on."""
    return "asyncio"


def the_agreements(folder: Path = ROOT / "isa") -> Agreements:
    """A folder's agreements, read once: to read, check and compile them takes longer than most tests."""
    return _read_agreements(folder, tuple(path.read_bytes() for path in sorted(folder.glob("*.yaml"))))


@lru_cache(maxsize=16)
def _read_agreements(folder: Path, texts: tuple[bytes, ...]) -> Agreements:
    return read_agreements(folder)


agreement.read_agreements = the_agreements  # for whoever asks for it by name, which nobody has before this is loaded


@pytest.fixture(autouse=True, scope="session")
def _little_effort() -> Iterator[None]:
    """Hash passwords with as little as there is: how much is asked of a real place is a test by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "EFFORT", LITTLE)
        yield


@pytest.fixture(scope="session")
def server_url(shared: Path) -> Iterator[str]:
    """A server on which databases can be made: the one that DATABASE_URL names, else our own for this session."""
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    with EmbeddedPostgres(shared / "postgres", durable=False) as postgres:
        _hash_password_once(postgres.url)
        yield postgres.url


def _hash_password_once(url: str) -> None:
    """The 4,096 times that are usual, at each of thousands of connections, guard a password that goes with the run."""
    with _administrator(url) as server:
        if server.info.server_version >= 160000:  # before, the number was fixed
            server.execute("SELECT pg_advisory_lock(hashtext('password'))")
            server.execute("SET scram_iterations = 1")
            server.execute(
                SQL("ALTER USER {} PASSWORD {}").format(Identifier(server.info.user), Literal(server.info.password))
            )


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    session = tmp_path_factory.getbasetemp()
    return session.parent if "PYTEST_XDIST_WORKER" in os.environ else session


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated database to clone, made once for each state of the migrations."""
    made_by = [*sorted(ROOT.glob("migrations/versions/*.py")), ROOT / "app/database/grants.py"]
    migrations = b"".join(path.read_bytes() for path in made_by)
    return made_once(server_url, f"pisano_template_{sha256(migrations).hexdigest()[:16]}", upgrade)


def made_once(server_url: str, name: str, fill: Callable[[str], None], *, like: str = "template1") -> str:
    """The name of a database to clone, made of another and filled by whichever worker asks for it first."""
    with _administrator(server_url) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            unfinished = Identifier(f"{name}_unfinished")
            server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(unfinished))
            server.execute(SQL(_CLONE).format(unfinished, Identifier(like)))
            with unmeasured():  # which process fills it is chance
                fill(_beside(server_url, f"{name}_unfinished"))
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, Identifier(name)))
    return name


@pytest.fixture(scope="module")
def module_template(template: str) -> str:
    """What `module_database_url` is a clone of: a folder of tests may name a database that holds more."""
    return template


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    with clone(server_url, template) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(server_url: str, module_template: str) -> Iterator[str]:
    """A migrated database that the tests of one module share: for those that fill it once and only read."""
    with clone(server_url, module_template) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on this test's own database."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@contextmanager
def clone(server_url: str, template: str) -> Iterator[str]:
    """A database like another one, which nobody may be using, for as long as the block lasts."""
    name = f"pisano_test_{secrets.token_hex(8)}"
    with _administrator(server_url) as server:
        server.execute(SQL(_CLONE).format(Identifier(name), Identifier(template)))
        try:
            yield _beside(server_url, name)
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _administrator(server_url: str) -> psycopg.Connection:
    address = plain_address(server_url)
    return psycopg.connect(address, autocommit=True)


def _beside(server_url: str, database: str) -> str:
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)
