"""Identity: passwords of local accounts, and sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "account_password",
        sa.Column("username", sa.Text, sa.ForeignKey("account.username"), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "session",
        sa.Column("sha256", sa.LargeBinary, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("provider_session", sa.Text),
        sa.Column("said", JSON, nullable=False),
        sa.Column("chosen", sa.Integer),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_session_owner", "session", ["issuer", "subject"])


def downgrade() -> None:
    for table in ("session", "account_password"):
        op.drop_table(table)
