"""Subscriptions of partners' systems, and the outbox of what they are told."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table("entry_watch", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "entry_change",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("entry_id", sa.BigInteger, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("system", sa.Text, nullable=False, index=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("subscription", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("entry_id", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_index(op.f("ix_delivery_subscription_person_id_id"), "delivery", ["subscription", "person_id", "id"])


def downgrade() -> None:
    for table in ("delivery", "subscription", "entry_change", "entry_watch"):
        op.drop_table(table)
