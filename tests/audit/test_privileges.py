"""What the database itself lets the service's role, and the owner's, do to the trail."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.audit import reading
from app.audit.checking.verify import verify
from app.audit.store import About
from app.audit.trail import Trail
from app.database import grants
from app.database.migrate import upgrade
from app.database.transactions import Role, open_engine, transaction
from tests.audit.acts import AT, KEY, PERSON, recorded, view
from tests.audit.test_reading import LEAD

PASSWORD = "as good as any, for a test"


class Roles:
    """A database of an owner who is no superuser, and of a service that default privileges gave every table."""

    def __init__(self, server: str) -> None:
        self.name = f"pisano_test_{secrets.token_hex(8)}"
        self._server = make_url(server)
        self._service = f"{self.name}_service"

    def url(self, role: str) -> str:
        place = self._server.set(database=self.name, username=role, password=PASSWORD)
        return place.render_as_string(hide_password=False)

    @property
    def owner(self) -> str:
        return self.url(self.name)

    @property
    def service(self) -> str:
        return self.url(self._service)

    def make(self) -> None:
        owner, service = Identifier(self.name), Identifier(self._service)
        with self._administrator() as server:
            for role in (owner, service):
                server.execute(SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(role, PASSWORD))
            server.execute(grants.MAKE_ROLES)  # as an administrator does who starts the database: the owner may not
            server.execute(SQL("GRANT pisano_service, pisano_worker TO {}").format(service))
            server.execute(SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
        owning = make_conninfo(self._address, dbname=self.name, user=self.name, password=PASSWORD)
        with psycopg.connect(owning, autocommit=True) as database:
            database.execute(SQL("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {}").format(service))

    def drop(self) -> None:
        with self._administrator() as server:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(self.name)))
            for role in (self.name, self._service):
                server.execute(SQL("DROP ROLE {}").format(Identifier(role)))

    @property
    def _address(self) -> str:
        return self._server.set(drivername="postgresql").render_as_string(hide_password=False)

    def _administrator(self) -> psycopg.Connection:
        return psycopg.connect(self._address, autocommit=True)


@pytest.fixture(scope="module")
def roles(server_url: str) -> Iterator[Roles]:
    made = Roles(server_url)
    made.make()
    try:
        upgrade(made.owner)
        yield made
    finally:
        made.drop()


@pytest.fixture(scope="module")
def service(roles: Roles) -> Iterator[Engine]:
    engine = open_engine(roles.service, role=Role.SERVICE)
    recorded(engine, view(1), view(2))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def owner(roles: Roles) -> Iterator[Engine]:
    engine = open_engine(roles.owner)
    yield engine
    engine.dispose()


def test_the_service_can_record_read_and_verify(service: Engine) -> None:
    with transaction(service) as connection:
        told = reading.read_trail(connection, About(person=PERSON), LEAD)
        assert [one.event["request"] for one in told if "request" in one.event] == ["request-2", "request-1"]
        assert verify(connection, KEY).faults == ()


@pytest.mark.anyio
async def test_the_service_can_commit_to_the_trail_with_any_password(roles: Roles, service: Engine) -> None:
    async with Trail(roles.service, KEY) as trail:
        await trail.commit(view(3, person=UUID(int=3)))


def test_an_owner_who_may_not_make_the_roles_is_told_who_may(roles: Roles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MAKE_ROLES", grants.MAKE_ROLES.replace("pisano_service", "pisano_nobody"))
    with pytest.raises(grants.NoRoles, match="have its administrator make them"):
        upgrade(roles.owner)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT audit_forget(4::smallint, 1)",
        "UPDATE audit_event SET event = NULL, salt = NULL",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
    ],
)
def test_the_service_can_take_nothing_back(service: Engine, statement: str) -> None:
    with transaction(service) as connection, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        connection.execute(text(statement))


def test_an_owner_who_is_no_superuser_can_migrate_and_let_it_forget(service: Engine, owner: Engine) -> None:
    with owner.connect() as connection:
        assert reading.forget(connection, LEAD, before=AT + timedelta(minutes=2)) == 1
        assert verify(connection, KEY).faults == ()
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE audit_event SET event = NULL, salt = NULL"))
        connection.rollback()
