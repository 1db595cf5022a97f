"""What each of the place's roles may do to each table; everything else is refused.

`pisano db upgrade` makes the database agree with this, whatever default privileges gave. A table that is not named here
is nobody's but its owner's: who adds one states here who reads it and who writes it, and why it needs no policy if it
tells of persons (docs/decisions/0008).
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from app.database.transactions import Role
from app.errors import DomainError

READ: Final = "SELECT"
APPEND: Final = "SELECT, INSERT"
CHANGE: Final = "SELECT, INSERT, UPDATE"
KEEP: Final = "SELECT, INSERT, UPDATE, DELETE"
HOLD: Final = "SELECT, UPDATE (created_at)"
"""PostgreSQL lets nobody lock a row who may not change anything of it; so too with `agreement_version`."""
READDRESS: Final = "SELECT, INSERT, UPDATE (person_id, resource, label, sensitivity)"
"""Former versions stay as they were, but for whose they are, and for how careful a newer code list is with them."""

GRANTS: Final[Mapping[str, Mapping[Role, str]]] = {
    "alembic_version": {Role.SERVICE: READ, Role.WORKER: READ},
    # the record, and who people are: behind policies
    "entry": {Role.SERVICE: READ, Role.WORKER: CHANGE},
    "entry_version": {Role.SERVICE: READ, Role.WORKER: READDRESS},
    "attachment": {Role.SERVICE: READ, Role.WORKER: APPEND},
    "person_identity": {Role.SERVICE: READ, Role.WORKER: CHANGE},
    "person_identifier": {Role.SERVICE: READ, Role.WORKER: CHANGE},
    "doubt": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    # what came in, before it is in the record: never the service's
    "inbox_message": {Role.WORKER: CHANGE},
    "inbox_part": {Role.WORKER: "SELECT, INSERT, DELETE"},
    "finding": {Role.WORKER: "SELECT, INSERT, DELETE"},
    "waiting": {Role.WORKER: KEEP},
    # whom numbers name, and what decides about them: read before there can be a decision
    "person": {Role.SERVICE: HOLD, Role.WORKER: CHANGE},
    "person_nhs_number": {Role.SERVICE: READ, Role.WORKER: APPEND},
    "person_link": {Role.SERVICE: READ, Role.WORKER: CHANGE},
    "relationship": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "objection": {Role.SERVICE: CHANGE, Role.WORKER: READ},
    "person_flag": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "flag_step": {Role.SERVICE: APPEND},
    "emergency_opening": {Role.SERVICE: APPEND, Role.WORKER: READ},
    "opening_afterwards": {Role.SERVICE: APPEND},
    "former_fact": {Role.SERVICE: APPEND, Role.WORKER: APPEND},
    "guest_invitation": {Role.SERVICE: READ, Role.WORKER: READ},
    "privacy_alert": {Role.SERVICE: CHANGE, Role.WORKER: KEEP},
    "privacy_alert_step": {Role.SERVICE: APPEND, Role.WORKER: f"{APPEND}, DELETE"},
    "watch_day": {Role.SERVICE: READ, Role.WORKER: KEEP},
    "watch_tally": {Role.SERVICE: READ, Role.WORKER: f"{APPEND}, DELETE"},
    "watch_news": {Role.WORKER: KEEP},
    "watch_duty": {Role.WORKER: KEEP},
    "watch_staff": {Role.WORKER: KEEP},
    # the trail
    "audit_event": {Role.SERVICE: APPEND, Role.WORKER: APPEND},
    "audit_chain": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    # feeds
    "feed": {Role.SERVICE: READ, Role.WORKER: CHANGE},
    "snapshot": {Role.WORKER: CHANGE},
    # how deprived areas are, which tells of nobody
    "deprivation_edition": {Role.SERVICE: READ, Role.WORKER: APPEND},
    "postcode_decile": {Role.SERVICE: READ, Role.WORKER: "SELECT, INSERT, DELETE"},
    # what was agreed
    "agreement_version": {Role.SERVICE: "SELECT, INSERT, UPDATE (recorded)", Role.WORKER: READ},
    "agreement_step": {Role.SERVICE: APPEND, Role.WORKER: READ},
    "agreement_signature": {Role.SERVICE: APPEND, Role.WORKER: READ},
    "party_key": {Role.SERVICE: CHANGE, Role.WORKER: READ},
    # who signs in
    "account": {Role.SERVICE: CHANGE, Role.WORKER: READ},
    "account_password": {Role.SERVICE: CHANGE},
    "session": {Role.SERVICE: KEEP},
    "kept_form": {Role.SERVICE: KEEP},
    "system": {Role.SERVICE: CHANGE, Role.WORKER: READ},
    "system_token": {Role.SERVICE: "SELECT, INSERT, DELETE"},
    "used_once": {Role.SERVICE: "SELECT, INSERT, DELETE"},
    # teams: a person's id and what was decided to do, read by who is of the meeting (app/mdt/reading/whole.py)
    "mdt_referral": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_caseload": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_meeting": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_agenda_item": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_invitation": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_invitation_item": {Role.SERVICE: "SELECT, INSERT, DELETE", Role.WORKER: "SELECT, INSERT, DELETE"},
    "mdt_attendance": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_action": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "mdt_case_study": {Role.SERVICE: CHANGE, Role.WORKER: READ},
    "mdt_history": {Role.SERVICE: APPEND, Role.WORKER: APPEND},
    "mdt_outbox": {Role.SERVICE: APPEND, Role.WORKER: CHANGE},
    # who is told of changes, by ids alone
    "entry_watch": {Role.SERVICE: "SELECT, INSERT, DELETE", Role.WORKER: "SELECT, INSERT, DELETE"},
    "entry_change": {Role.SERVICE: APPEND, Role.WORKER: "SELECT, INSERT, DELETE"},
    "subscription": {Role.SERVICE: CHANGE, Role.WORKER: CHANGE},
    "delivery": {Role.SERVICE: KEEP, Role.WORKER: KEEP},
}

WITHOUT_POLICY: Final[Mapping[str, str]] = {
    "person": "only ids, and who stands for whom: read to decide",
    "person_nhs_number": "read to find whom a number names, and to decide",
    "relationship": "read to decide",
    "objection": "read to decide",
    "person_flag": "read to decide",
    "flag_step": "for whom the agreement lets raise and lift flags, by ids; see app/governance/exceptions/flagging.py",
    "emergency_opening": "read to decide",
    "former_fact": "read to decide again as it was decided then",
    "guest_invitation": "read to decide",
    "doubt": "of the data manager's own work; who may read one decides app/intake/worklist/doubts.py",
    "privacy_alert": "for whoever reviews it, by ids alone",
    "mdt_referral": "of the team's own work, by ids; whose it is decides app/mdt/reading/whole.py",
    "mdt_caseload": "as above",
    "mdt_agenda_item": "as above",
    "mdt_action": "as above",
    "mdt_case_study": "as above; whose it is decides app/mdt/reading/case_studies.py",
    "entry_change": "ids alone; whoever is told of one asks for it as anyone does",
    "delivery": "as above",
    "audit_event": "for whoever may read the trail, by ids alone",
}
"""Tables that tell of a person, that the service reads, and for which there is no decision: and why."""

BEHIND_POLICIES: Final = frozenset({"entry", "entry_version", "attachment", "person_identity", "person_identifier"})
"""Of these the service reads what the decision in hand permits, and nothing while it has none (migration 0026)."""

MAKE_ROLES: Final = """
DO $$
BEGIN
    IF to_regrole('pisano_service') IS NULL THEN
        BEGIN
            CREATE ROLE pisano_service NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database was quicker
        END;
    END IF;
    IF to_regrole('pisano_worker') IS NULL THEN
        BEGIN
            CREATE ROLE pisano_worker NOLOGIN BYPASSRLS;  -- COPY, by which it files, knows no policies
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
END $$
"""

_TAKE_BACK: Final = """
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT DISTINCT relation.oid::regclass AS name, relation.relkind = 'S' AS is_sequence, rolname
        FROM pg_class relation, aclexplode(relacl) AS privilege JOIN pg_roles ON pg_roles.oid = privilege.grantee
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
          AND privilege.grantee <> relowner AND pg_has_role(relowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I',
                       CASE WHEN given.is_sequence THEN 'SEQUENCE' ELSE 'TABLE' END, given.name, given.rolname);
    END LOOP;
    -- where entries wait beside those that they replace
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO pisano_worker', current_database());
END $$
"""
"""What anybody was given by hand or by default, an operator's other roles too."""


class NoRoles(DomainError):
    """The roles of the place are not there, and whoever migrates may not make them."""


def make_roles(connection: Connection) -> None:
    """Make the roles on the server, unless they are there; raises `NoRoles`."""
    try:
        connection.execute(text(MAKE_ROLES))
    except ProgrammingError:
        raise NoRoles(
            "the server lacks the roles pisano_service and pisano_worker; have its administrator make them as"
            " docker/roles.sh does, and upgrade again"
        ) from None


def grant(connection: Connection) -> None:
    """Let each role do what is stated above, and nothing else."""
    connection.execute(text(_TAKE_BACK))
    connection.execute(text(";".join(_statements())))


def _statements() -> list[str]:
    roles = ", ".join(Role)
    return [
        f"GRANT USAGE ON SCHEMA public TO {roles}",
        *(f"GRANT {granted} ON {table} TO {role}" for table, each in GRANTS.items() for role, granted in each.items()),
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {roles}",
    ]
