"""What waits for the privacy officer, and who lodged and decided an objection."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LODGED = ("lodged_issuer", "lodged_subject", "decided_issuer", "decided_subject", "decision")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "privacy_alert",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("raised", instant, nullable=False),
        sa.Column("review_due", instant, nullable=False),
        sa.Column("reviewed", instant),
        sa.Column("reviewed_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint("(reviewed IS NULL) = (outcome IS NULL)", name="reviewed_with_outcome"),
    )
    op.create_index("ix_privacy_alert_open", "privacy_alert", ["review_due"], postgresql_where="reviewed IS NULL")
    for column in LODGED:
        op.add_column("objection", sa.Column(column, sa.Text))
    op.add_column("objection", sa.Column("decided", instant))


def downgrade() -> None:
    op.drop_column("objection", "decided")
    for column in LODGED:
        op.drop_column("objection", column)
    op.drop_table("privacy_alert")
