"""Since when a feed tells of everything, so that a score that looks back knows whether it may."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("feed", sa.Column("complete_since", sa.Date))
