"""The trail is searched by time alone, too: it is written in that order, so a summary of its blocks is index enough."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_audit_event_at",
        "audit_event",
        ["at"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": True, "pages_per_range": 32},
    )


def downgrade() -> None:
    op.drop_index("ix_audit_event_at", "audit_event")
