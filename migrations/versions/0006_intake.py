"""Intake: the inbox, findings, and what waits for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("counts", JSONB),
        sa.UniqueConstraint(
            "partner",
            "adapter",
            "message_id",
            "sha256",
            name=op.f("uq_inbox_message_partner_adapter_message_id_sha256"),
        ),
    )
    op.create_index(
        "ix_inbox_message_due",
        "inbox_message",
        ["partner", "adapter", "id"],
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_table(
        "inbox_part",
        sa.Column(
            "message",
            sa.BigInteger,
            sa.ForeignKey("inbox_message.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("message", sa.BigInteger, sa.ForeignKey("inbox_message.id"), nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("part", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index(op.f("ix_finding_message"), "finding", ["message"])
    op.create_table(
        "waiting",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("message", sa.BigInteger, sa.ForeignKey("inbox_message.id"), nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("local_id", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("disagrees", ARRAY(sa.Text), nullable=False),
        sa.Column("candidates", ARRAY(sa.Uuid), nullable=False),
        sa.Column("statement", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", sa.Text),
        sa.Column("person_id", sa.Uuid),
    )
    op.create_index(op.f("ix_waiting_message"), "waiting", ["message"])
    op.create_index("ix_waiting_open", "waiting", ["partner", "local_id"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    for table in ("waiting", "finding", "inbox_part", "inbox_message"):
        op.drop_table(table)
