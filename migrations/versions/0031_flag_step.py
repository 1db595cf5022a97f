"""Who raised and lifted flags, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    told = [sa.Column(name, sa.Text, nullable=False) for name in ("kind", "step", "state", "issuer", "subject")]
    op.create_table(
        "flag_step",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        *told,
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("flag_step")
