"""What a person objects to of meetings; and guests' invitations as they were."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ROWS = """
SELECT invitation.id::text || '/' || item.id::text AS id, item.person_id, invitation.profile, invitation.issuer,
       invitation.subject, invitation.organisation, meeting.starts_at AS started,
       least(meeting.ends_at, meeting.closed_at, item.ended_at, invitation.ended_at) AS ended,
       invitation.state = 'accepted' AS accepted,
       item.state IN ('listed', 'under-discussion') AND meeting.state IN ('planned', 'locked', 'in-progress')
           AS on_agenda{more}
FROM mdt_agenda_item item
JOIN mdt_invitation_item invited ON invited.item_id = item.id
JOIN mdt_invitation invitation ON invitation.id = invited.invitation_id AND invitation.kind = 'guest'
JOIN mdt_meeting meeting ON meeting.id = item.meeting_id
"""
_MORE = ", meeting.locality || '/' || meeting.sitting AS meeting, invited.recorded_from"

_DECIDING = {
    "mdt_invitation": (
        "UPDATE", "state, ended_at",
        """person_id IN (SELECT item.person_id FROM mdt_agenda_item item JOIN mdt_invitation_item ON item_id = item.id
                         WHERE invitation_id = OLD.id) AND starts_with(id, OLD.id::text || '/')""",
    ),
    "mdt_invitation_item": (
        "DELETE", "",
        """person_id IN (SELECT item.person_id FROM mdt_agenda_item item WHERE item.id = OLD.item_id)
           AND id = OLD.invitation_id::text || '/' || OLD.item_id::text""",
    ),
    "mdt_agenda_item": (
        "UPDATE", "state, ended_at, person_id", "person_id = OLD.person_id AND right(id, 36) = OLD.id::text",
    ),
    "mdt_meeting": (
        "UPDATE", "state, starts_at, ends_at, closed_at",
        """(person_id, right(id, 36)) IN (SELECT item.person_id, item.id::text FROM mdt_agenda_item item
                                          WHERE item.meeting_id = OLD.id)""",
    ),
}  # fmt: skip
"""Which changes matter to a guest, and whose invitations each concerns."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE objection ADD COLUMN meeting text, ADD COLUMN team text")
    op.execute("ALTER TABLE mdt_invitation_item ADD COLUMN recorded_from timestamptz")
    op.execute(
        """
        UPDATE mdt_invitation_item invited SET recorded_from = coalesce(
            (SELECT min(at) FROM mdt_history told WHERE told.id = invited.invitation_id), clock_timestamp())
        """
    )
    op.execute(
        "ALTER TABLE mdt_invitation_item ALTER COLUMN recorded_from SET NOT NULL,"
        " ALTER COLUMN recorded_from SET DEFAULT clock_timestamp()"
    )
    op.execute(f"CREATE OR REPLACE VIEW guest_invitation AS {_ROWS.format(more=_MORE)}")
    for table, (change, columns, concerned) in _DECIDING.items():
        op.execute(
            f"""
            CREATE FUNCTION keep_former_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO former_fact
                SELECT 'guest_invitation', person_id, recorded_from, clock_timestamp(), to_jsonb(guest_invitation)
                FROM guest_invitation WHERE {concerned};
                RETURN {"NEW" if change == "UPDATE" else "OLD"};
            END $$
            """  # noqa: S608  # ours
        )
        was, becomes = (", ".join(f"{row}.{column}" for column in columns.split(", ")) for row in ("OLD", "NEW"))
        matters = f"WHEN (({was}) IS DISTINCT FROM ({becomes}))" if columns else ""
        op.execute(
            f"CREATE TRIGGER keep_invited BEFORE {change} ON {table} FOR EACH ROW {matters}"
            f" EXECUTE FUNCTION keep_former_{table}()"
        )


def downgrade() -> None:
    for table in _DECIDING:
        op.execute(f"DROP TRIGGER keep_invited ON {table}")
        op.execute(f"DROP FUNCTION keep_former_{table}")
    op.execute("DROP VIEW guest_invitation")
    op.execute(f"CREATE VIEW guest_invitation AS {_ROWS.format(more='')}")
    op.execute("ALTER TABLE mdt_invitation_item DROP COLUMN recorded_from")
    op.execute("ALTER TABLE objection DROP COLUMN meeting, DROP COLUMN team")
