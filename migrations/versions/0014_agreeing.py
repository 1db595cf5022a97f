"""Agreements are signed: the keys of parties, versions, what happened to them, and signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "party_key",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, nullable=False, index=True),
        sa.Column("pem", sa.Text, nullable=False),
        sa.Column("registered", instant, nullable=False),
        sa.Column("revoked", instant),
    )
    op.create_table(
        "agreement_version",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("isa", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("recorded", instant, nullable=False),
    )
    version = "agreement_version.sha256"
    op.create_table(
        "agreement_step",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("sha256", sa.Text, sa.ForeignKey(version), nullable=False, index=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    op.create_table(
        "agreement_signature",
        sa.Column("sha256", sa.Text, sa.ForeignKey(version), primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("act", sa.Text, primary_key=True),
        sa.Column("at", instant, primary_key=True),
        sa.Column("fingerprint", sa.Text, sa.ForeignKey("party_key.fingerprint"), nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    for table in ("agreement_signature", "agreement_step", "agreement_version", "party_key"):
        op.drop_table(table)
