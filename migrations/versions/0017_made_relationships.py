"""Relationships that staff make rest on what they say."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("relationship", sa.Column("evidence", sa.Text))


def downgrade() -> None:
    op.drop_column("relationship", "evidence")
