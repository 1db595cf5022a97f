"""What the database lets the service and the worker do, table by table: as app/database/grants.py states, no more."""

import ast
import re
from collections.abc import Iterator

import psycopg
import pytest

from app.database.grants import BEHIND_POLICIES, GRANTS, WITHOUT_POLICY
from app.database.migrate import upgrade
from app.database.transactions import Role, acting_as, plain_address
from app.settings import ROOT

pytestmark = pytest.mark.unmeasured  # other tests run the same lines

APPEND_ONLY = {
    "agreement_signature", "agreement_step", "agreement_version", "attachment", "audit_event", "emergency_opening",
    "entry_version", "former_fact", "mdt_history", "person_nhs_number",
}  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(plain_address(database_url), autocommit=True) as connection:
        yield connection


def tables(database: psycopg.Connection) -> set[str]:
    """Tables and views; a part of a table is reached through the whole alone."""
    told = """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
    """
    return {name for (name,) in database.execute(told)}


def given(database: psycopg.Connection) -> set[tuple[str, str, str]]:
    told = """
        SELECT relname, grantee::regrole::text, privilege_type FROM pg_class, aclexplode(relacl)
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND grantee <> relowner
        UNION
        SELECT relname, grantee::regrole::text, privilege_type || ' (' || attname || ')'
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
        WHERE relnamespace = 'public'::regnamespace
    """
    return set(database.execute(told).fetchall())


def stated() -> Iterator[tuple[str, str, str]]:
    for table, roles in GRANTS.items():
        for role, granted in roles.items():
            for privilege, columns in re.findall(r"([A-Z]+)(?: \(([^)]*)\))?", granted):
                for column in columns.split(", "):
                    yield table, str(role), f"{privilege} ({column})" if column else privilege


def test_every_table_states_what_each_role_may_do_to_it(database: psycopg.Connection) -> None:
    assert tables(database) == set(GRANTS), "state in app/database/grants.py who may do what to a new table"


def test_the_database_lets_each_role_do_what_is_stated_and_nothing_else(database: psycopg.Connection) -> None:
    assert given(database) == set(stated())


def test_what_was_given_by_hand_or_by_default_is_taken_back(database: psycopg.Connection, database_url: str) -> None:
    before = given(database)
    database.execute("GRANT ALL ON entry, audit_event TO pisano_service")
    database.execute("GRANT SELECT ON entry TO pg_monitor")
    assert given(database) != before
    upgrade(database_url)
    assert given(database) == before


def test_every_table_that_tells_of_a_person_is_behind_a_policy_or_says_why_not(database: psycopg.Connection) -> None:
    told = "SELECT table_name FROM information_schema.columns WHERE column_name IN ('person_id', 'filed_as', 'person')"
    of_persons = {name for (name,) in database.execute(told)} & tables(database)
    read = {table for table in of_persons if Role.SERVICE in GRANTS[table]}
    assert read - BEHIND_POLICIES == {*WITHOUT_POLICY} - {"person"}
    assert all(WITHOUT_POLICY.values())


def test_a_policy_holds_for_the_owner_too_and_each_part_of_a_table(database: psycopg.Connection) -> None:
    told = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND NOT relispartition"
    assert {name for (name,) in database.execute(told)} == BEHIND_POLICIES
    parts = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relispartition AND relkind = 'r'"
    assert {forced for (forced,) in database.execute(parts)} == {True}
    policies = {(table, *roles) for table, roles in database.execute("SELECT tablename, roles FROM pg_policies")}
    assert policies == {(table, "pisano_service") for table in BEHIND_POLICIES}


def test_neither_role_owns_a_table_or_can_sign_in_and_the_service_heeds_every_policy(
    database: psycopg.Connection,
) -> None:
    told = """
        SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolbypassrls,
            EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid),
            EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
        FROM pg_roles WHERE rolname = ANY (%s) ORDER BY rolname
    """
    roles = database.execute(told, [[*map(str, Role)]]).fetchall()
    assert roles == [
        ("pisano_service", False, False, False, False, False, False),
        ("pisano_worker", False, False, False, True, False, False),
    ]


def test_what_is_written_once_nobody_may_change_or_delete() -> None:
    for table in APPEND_ONLY:
        for granted in GRANTS[table].values():
            assert not re.search(
                r"DELETE|UPDATE(?! \((person_id, resource, label, sensitivity|recorded)\))", granted
            ), table


@pytest.mark.parametrize("table", ["entry_07", "inbox_part", "waiting", "finding"])
def test_the_service_reads_neither_a_part_of_the_record_nor_what_is_not_yet_in_it(
    database_url: str, table: str
) -> None:
    with (
        psycopg.connect(plain_address(database_url), options=acting_as(Role.SERVICE)) as service,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        service.execute(f"SELECT FROM {table}")


@pytest.mark.parametrize("table", ["person_identity", "person_identifier"])
def test_the_service_sees_of_accounts_only_those_that_a_search_names(database_url: str, table: str) -> None:
    with psycopg.connect(plain_address(database_url), autocommit=True) as owner:
        owner.execute("INSERT INTO person (id, created_at) VALUES (gen_random_uuid(), now())")
        owner.execute(
            "INSERT INTO person_identity (person_id, partner, recorded_at) SELECT id, 'RL4', now() FROM person LIMIT 1"
        )
        owner.execute("INSERT INTO person_identifier SELECT 'RL4', 'H1', id, 'nhs-number', now() FROM person LIMIT 1")
    with psycopg.connect(plain_address(database_url), options=acting_as(Role.SERVICE)) as service:
        seen = []
        for accounts in ("", "{RRE}", "{RRE,RL4}"):
            service.execute("SELECT set_config('pisano.accounts', %s, true)", [accounts])
            seen.append(service.execute(f"SELECT FROM {table}").rowcount)
    assert seen == [0, 0, 1]


def test_whoever_opens_the_database_says_as_whom() -> None:
    """But the owner's own work, and what is for a laptop: an engine that names no role acts as whoever signs in."""
    of_the_owner = ("bench/", "demonstration/", "database/migrate.py", "database/transactions.py")
    silent = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "app").rglob("*.py")
        if not str(path.relative_to(ROOT / "app")).startswith(of_the_owner)
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "open_engine"
        and "role" not in {keyword.arg for keyword in call.keywords}
    ]
    assert silent == []
