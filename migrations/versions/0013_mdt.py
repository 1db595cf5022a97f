"""The tables of app/mdt, and what sharing reads of them: whom a guest may see for as long as they are invited."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The one thing that sharing reads of meetings: every fact in it is the present one, whichever process changed it.
GUEST_INVITATION = """
CREATE VIEW guest_invitation AS
SELECT invitation.id::text || '/' || item.id::text AS id, item.person_id, invitation.profile, invitation.issuer,
       invitation.subject, invitation.organisation, meeting.starts_at AS started,
       least(meeting.ends_at, meeting.closed_at, item.ended_at, invitation.ended_at) AS ended,
       invitation.state = 'accepted' AS accepted,
       item.state IN ('listed', 'under-discussion') AND meeting.state IN ('planned', 'locked', 'in-progress')
           AS on_agenda
FROM mdt_agenda_item item
JOIN mdt_invitation_item ON mdt_invitation_item.item_id = item.id
JOIN mdt_invitation invitation ON invitation.id = mdt_invitation_item.invitation_id AND invitation.kind = 'guest'
JOIN mdt_meeting meeting ON meeting.id = item.meeting_id
"""

APPEND_ONLY = """
CREATE FUNCTION mdt_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of the meeting is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE TRUNCATE ON mdt_history FOR EACH STATEMENT EXECUTE FUNCTION mdt_refuse();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON mdt_history FOR EACH ROW EXECUTE FUNCTION mdt_refuse();
"""


def _instant(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _whole() -> list[sa.Column]:
    return [
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "mdt_referral",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("locality", sa.Text, nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        sa.Column("urgency", sa.Text, nullable=False),
        _instant("received_at", nullable=False),
        sa.Column("triage_due", sa.Date, nullable=False),
        *_whole(),
    )
    op.create_table(
        "mdt_caseload",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("locality", sa.Text, nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("next_review", sa.Date, nullable=False),
        *_whole(),
    )
    op.create_table(
        "mdt_meeting",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("locality", sa.Text, nullable=False),
        sa.Column("sitting", sa.Date, nullable=False),
        _instant("starts_at", nullable=False),
        _instant("ends_at", nullable=False),
        _instant("locked_at"),
        _instant("closed_at"),
        *_whole(),
        sa.UniqueConstraint("locality", "sitting"),
    )
    op.create_table(
        "mdt_agenda_item",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, sa.ForeignKey("mdt_meeting.id"), nullable=False, index=True),
        sa.Column("caseload_id", sa.Uuid, sa.ForeignKey("mdt_caseload.id"), nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        _instant("ended_at"),
        *_whole(),
    )
    op.create_table(
        "mdt_invitation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("meeting_id", sa.Uuid, sa.ForeignKey("mdt_meeting.id"), nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("profile", sa.Text),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        _instant("ended_at"),
        *_whole(),
    )
    op.create_index("ix_mdt_invitation_account", "mdt_invitation", ["issuer", "subject"])
    op.create_index(
        "uq_mdt_invitation_standing",
        "mdt_invitation",
        ["meeting_id", "issuer", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "mdt_invitation_item",
        sa.Column("invitation_id", sa.Uuid, sa.ForeignKey("mdt_invitation.id"), primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("mdt_agenda_item.id"), primary_key=True, index=True),
    )
    op.create_table(
        "mdt_attendance",
        sa.Column("meeting_id", sa.Uuid, sa.ForeignKey("mdt_meeting.id"), primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), primary_key=True),
        _instant("left_at"),
        sa.Column("seat", sa.Text),
        sa.Column("requester", JSONB, nullable=False),
    )
    op.create_table(
        "mdt_action",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("locality", sa.Text, nullable=False, index=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("mdt_agenda_item.id"), nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False, index=True),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("original_due", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        _instant("ended_at"),
        *_whole(),
    )
    op.create_index("ix_mdt_action_owner", "mdt_action", ["issuer", "subject"])
    op.create_index("ix_mdt_action_open", "mdt_action", ["due"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "mdt_history",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("thing", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text, nullable=False),
        _instant("at", nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
    )
    op.create_table(
        "mdt_outbox",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        _instant("created_at", nullable=False),
        _instant("due_at", nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _instant("sent_at"),
        _instant("given_up_at"),
    )
    waiting = sa.text("sent_at IS NULL AND given_up_at IS NULL")
    op.create_index("ix_mdt_outbox_due", "mdt_outbox", ["due_at"], postgresql_where=waiting)
    op.execute(GUEST_INVITATION)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    op.execute("DROP VIEW guest_invitation")
    for table in (
        "outbox", "history", "action", "attendance", "invitation_item", "invitation", "agenda_item", "meeting",
        "caseload", "referral",
    ):  # fmt: skip
        op.drop_table(f"mdt_{table}")
    op.execute("DROP FUNCTION mdt_refuse")
