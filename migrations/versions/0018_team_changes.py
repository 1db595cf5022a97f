"""What the team does is told like what partners state: one outbox, by topic."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("entry_watch", sa.Column("topic", sa.Text, nullable=False, server_default="new-entry"))
    op.alter_column("entry_watch", "topic", server_default=None)
    op.drop_column("entry_watch", "id")
    op.create_primary_key(op.f("pk_entry_watch"), "entry_watch", ["topic"])
    op.alter_column("entry_change", "entry_id", nullable=True)
    op.add_column("entry_change", sa.Column("topic", sa.Text, nullable=False, server_default="new-entry"))
    op.alter_column("entry_change", "topic", server_default=None)
    for table in ("entry_change", "delivery"):
        op.add_column(table, sa.Column("thing", sa.Uuid))


def downgrade() -> None:
    for table in ("delivery", "entry_change"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE thing IS NOT NULL"))  # noqa: S608  # ours
        op.drop_column(table, "thing")
    op.drop_column("entry_change", "topic")
    op.alter_column("entry_change", "entry_id", nullable=False)
    op.execute("DELETE FROM entry_watch WHERE topic <> 'new-entry'")
    op.drop_constraint(op.f("pk_entry_watch"), "entry_watch")
    op.drop_column("entry_watch", "topic")
    op.add_column("entry_watch", sa.Column("id", sa.Integer, autoincrement=False, server_default="1", primary_key=True))
    op.create_primary_key(op.f("pk_entry_watch"), "entry_watch", ["id"])
    op.alter_column("entry_watch", "id", server_default=None)
