"""Identity: partners' systems, the tokens they hold, and what may be used once only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "system",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("keys", JSON),
        sa.Column("keys_address", sa.Text),
        sa.Column("assured_until", sa.Date),
        sa.Column("registered", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "system_token",
        sa.Column("sha256", sa.LargeBinary, primary_key=True),
        sa.Column("system", sa.Text, sa.ForeignKey("system.id"), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_system_token_ends"), "system_token", ["ends"])
    op.create_table(
        "used_once",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("sha256", sa.LargeBinary, primary_key=True),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(op.f("ix_used_once_ends"), "used_once", ["ends"])


def downgrade() -> None:
    for table in ("used_once", "system_token", "system"):
        op.drop_table(table)
