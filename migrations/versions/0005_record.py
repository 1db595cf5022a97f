"""The record: entries in sixteen parts, their versions, feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTITIONS = 16


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "entry",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *entry_columns(),
        sa.UniqueConstraint(
            "person_id",
            "filed_as",
            "partner",
            "adapter",
            "key",
            name=op.f("uq_entry_person_id_filed_as_partner_adapter_key"),
        ),
        postgresql_partition_by="HASH (person_id)",
    )
    for part in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE entry_{part:02} PARTITION OF entry FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part})"
        )
    op.create_index("ix_entry_feed_key", "entry", ["partner", "adapter", "key"])
    op.create_table(
        "entry_version",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.BigInteger, nullable=False),
        *entry_columns(),
        sa.PrimaryKeyConstraint("person_id", "id", "version"),
    )
    op.create_table(
        "attachment",
        sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "feed",
        sa.Column("partner", sa.Text, primary_key=True),
        sa.Column("adapter", sa.Text, primary_key=True),
        sa.Column("covers", ARRAY(sa.Text)),
        sa.Column("expected_every", sa.Interval),
        sa.Column("last_message_at", sa.DateTime(timezone=True)),
        sa.Column("last_processed_at", sa.DateTime(timezone=True)),
        sa.Column("columns", sa.LargeBinary),
        sa.Column("encoding", sa.Text),
    )
    op.create_table(
        "snapshot",
        sa.Column("partner", sa.Text, primary_key=True),
        sa.Column("adapter", sa.Text, primary_key=True),
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("as_at", sa.Date, nullable=False),
        sa.Column("message", sa.BigInteger, nullable=False),
    )


def entry_columns() -> list[sa.Column]:
    return [
        sa.Column("filed_as", sa.Uuid, nullable=False),
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("label", sa.BigInteger, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("sensitivity", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("resource_type", sa.Text, nullable=False),
        sa.Column("comparison", sa.Text),
        sa.Column("started", sa.DateTime(timezone=True)),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("recorded", sa.DateTime(timezone=True)),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("occurred_on", sa.Date),
        sa.Column("message", sa.BigInteger, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
        sa.Column("resource", sa.LargeBinary, nullable=False),
    ]


def downgrade() -> None:
    for table in ("snapshot", "feed", "attachment", "entry_version", "entry"):
        op.drop_table(table)
