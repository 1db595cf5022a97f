"""The tables of app/audit: events are written once, and only retention may delete what they say."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only_rows BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER written_once BEFORE UPDATE ON audit_event FOR EACH ROW
    WHEN (
        current_setting('pisano.forgetting', true) IS DISTINCT FROM 'on'
        OR NEW.event IS NOT NULL OR NEW.salt IS NOT NULL
        OR (NEW.chain, NEW.sequence, NEW.leaf, NEW.link) IS DISTINCT FROM (OLD.chain, OLD.sequence, OLD.leaf, OLD.link)
    )
    EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER append_only BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER append_only_rows BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER only_longer BEFORE UPDATE ON audit_chain FOR EACH ROW
    WHEN (NEW.chain <> OLD.chain OR NEW.length <= OLD.length) EXECUTE FUNCTION audit_refuse();
"""

# The only way to delete what events say; an event of the kind `audit-forgotten` must tell of it, or `verify` will.
# The setting is made in the body: to attach it to the function, PostgreSQL wants a superuser.
FORGET = """
CREATE FUNCTION audit_forget(of_chain smallint, up_to bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM set_config('pisano.forgetting', 'on', true);
    UPDATE audit_event SET event = NULL, salt = NULL
    WHERE chain = of_chain AND sequence <= up_to AND event IS NOT NULL;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('pisano.forgetting', 'off', true);
    RETURN forgotten;
END $$
"""


# An operator's default privileges may have given more than appending to the role that the service signs in as.
ONLY_APPENDING = """
DO $$
DECLARE
    role text;
BEGIN
    FOR role IN
        SELECT DISTINCT rolname FROM pg_class, aclexplode(relacl) AS given JOIN pg_roles ON pg_roles.oid = given.grantee
        WHERE pg_class.oid IN ('audit_event'::regclass, 'audit_chain'::regclass) AND given.grantee <> relowner
    LOOP
        EXECUTE format('REVOKE ALL ON audit_event, audit_chain FROM %I', role);
        EXECUTE format('GRANT SELECT, INSERT ON audit_event, audit_chain TO %I', role);
        EXECUTE format('GRANT UPDATE ON audit_chain TO %I', role);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("event", postgresql.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("chain", "sequence", name=op.f("pk_audit_event")),
    )
    for name, expression, where in (
        ("person", "((event ->> 'person')::uuid)", None),
        ("other", "((event ->> 'other')::uuid)", sa.text("(event ->> 'other')::uuid IS NOT NULL")),
        ("subject", "(event ->> 'subject')", None),
    ):
        columns = [sa.text(expression), sa.text("(event ->> 'at')")]
        op.create_index(f"ix_audit_event_{name}", "audit_event", columns, postgresql_where=where)
    op.create_table(
        "audit_chain",
        sa.Column("chain", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chain")),
    )
    op.execute(REFUSE)
    op.execute(APPEND_ONLY)
    op.execute(FORGET)
    op.execute("REVOKE EXECUTE ON FUNCTION audit_forget FROM PUBLIC")
    op.execute(ONLY_APPENDING)


def downgrade() -> None:
    op.drop_table("audit_chain")
    op.drop_table("audit_event")
    op.execute("DROP FUNCTION audit_forget")
    op.execute("DROP FUNCTION audit_refuse")
