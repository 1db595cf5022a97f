"""Case studies: what became of somebody, told with their permission."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "mdt_case_study",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("locality", sa.Text, nullable=False, index=True),
        sa.Column("caseload_id", sa.Uuid, sa.ForeignKey("mdt_caseload.id"), nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        sa.Column("permitted_until", sa.Date),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("mdt_case_study")
