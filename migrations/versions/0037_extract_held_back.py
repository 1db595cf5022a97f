"""An extract that would end more than its feed may end at once: who it is of, and that somebody accepted it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_OF_SNAPSHOT = ("held_back", "accepted")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("feed", sa.Column("most_ended", sa.Integer))
    for name in _OF_SNAPSHOT:
        op.add_column("snapshot", sa.Column(name, sa.BigInteger))
    for name in ("missing", "open_before"):
        op.add_column("snapshot", sa.Column(name, sa.Integer))


def downgrade() -> None:
    op.drop_column("feed", "most_ended")
    for name in (*_OF_SNAPSHOT, "missing", "open_before"):
        op.drop_column("snapshot", name)
