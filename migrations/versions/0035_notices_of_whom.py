"""Whom a notice is for, by account; and a notice by what it tells of."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE mdt_outbox ADD COLUMN issuer text, ADD COLUMN subject text")
    op.execute("CREATE INDEX ix_mdt_outbox_thing ON mdt_outbox (split_part(key, '/', 2))")


def downgrade() -> None:
    op.execute("DROP INDEX ix_mdt_outbox_thing")
    op.execute("ALTER TABLE mdt_outbox DROP COLUMN issuer, DROP COLUMN subject")
