"""What somebody who reads a record doubts: that it is this person's, or that it is right."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "doubt",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("raised", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", sa.Text),
        sa.CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_with_outcome"),
    )
    op.create_index("ix_doubt_open", "doubt", ["id"], postgresql_where="outcome IS NULL")
    op.create_index("ix_doubt_subject", "doubt", ["subject"])


def downgrade() -> None:
    op.drop_table("doubt")
