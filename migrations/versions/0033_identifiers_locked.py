"""Let the service look for what partners call people, in the accounts alone that it may look in."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

IN_ACCOUNTS = "partner = ANY ((SELECT nullif(current_setting('pisano.accounts', true), '')::text[])::text[])"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE person_identifier ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY in_accounts ON person_identifier FOR SELECT TO pisano_service USING ({IN_ACCOUNTS})")


def downgrade() -> None:
    op.execute("DROP POLICY in_accounts ON person_identifier")
    op.execute("ALTER TABLE person_identifier DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
