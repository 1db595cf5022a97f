"""Alerts have a life, and the watch what it compares with: numbers of days, the news list, rotas, staff as people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RENAMED = {"not-justified": "misuse", "investigated": "passed-on"}
COUNTS = ("looks", "refused", "people", "exported", "searches", "unopened", "openings", "hours")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    op.alter_column("privacy_alert", "person_id", nullable=True)
    op.add_column("privacy_alert", sa.Column("state", sa.Text, nullable=False, server_default="raised"))
    op.add_column("privacy_alert", sa.Column("on", sa.Date))
    op.add_column("privacy_alert", sa.Column("evidence", JSONB))
    for former, now in RENAMED.items():
        op.execute(f"UPDATE privacy_alert SET outcome = '{now}' WHERE outcome = '{former}'")  # noqa: S608
    op.execute("UPDATE privacy_alert SET state = outcome WHERE outcome IS NOT NULL")
    op.create_index("ix_privacy_alert_organisation", "privacy_alert", ["organisation", "raised"])
    op.create_table(
        "privacy_alert_step",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("alert", sa.Uuid, nullable=False, index=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "watch_day",
        sa.Column("on", sa.Date, primary_key=True),
        sa.Column("watched", instant, nullable=False),
        sa.Column("fortnight", instant),
    )
    op.create_table(
        "watch_tally",
        sa.Column("on", sa.Date, primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("organisation", sa.Text, primary_key=True),
        *(sa.Column(count, sa.Integer, nullable=False) for count in COUNTS),
    )
    op.create_index("ix_watch_tally_organisation", "watch_tally", ["organisation", "on"])
    op.create_table(
        "watch_news",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("since", sa.Date, primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
    )
    op.create_table(
        "watch_duty",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("starts", instant, primary_key=True),
        sa.Column("ends", instant, nullable=False),
    )
    op.create_table(
        "watch_staff",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("nhs_number", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in ("watch_staff", "watch_duty", "watch_news", "watch_tally", "watch_day", "privacy_alert_step"):
        op.drop_table(table)
    op.execute("DELETE FROM privacy_alert WHERE person_id IS NULL")
    op.drop_index("ix_privacy_alert_organisation", "privacy_alert")
    for column in ("evidence", "on", "state"):
        op.drop_column("privacy_alert", column)
    op.alter_column("privacy_alert", "person_id", nullable=False)
