"""An entry is found by its number alone, as FHIR reads it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_entry_id", "entry", ["id"])


def downgrade() -> None:
    op.drop_index("ix_entry_id", "entry")
