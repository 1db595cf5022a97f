"""Whoever follows a meeting is told that something of it changed: its id, and nothing else."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = ("mdt_meeting", "mdt_agenda_item", "mdt_invitation", "mdt_attendance", "mdt_action")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE FUNCTION tell_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            changed CONSTANT jsonb := to_jsonb(NEW);
            meeting CONSTANT text := CASE TG_TABLE_NAME
                WHEN 'mdt_meeting' THEN changed->>'id'
                WHEN 'mdt_action' THEN
                    (SELECT meeting_id::text FROM mdt_agenda_item WHERE id = (changed->>'item_id')::uuid)
                ELSE changed->>'meeting_id'
            END;
        BEGIN
            IF meeting IS NOT NULL THEN
                PERFORM pg_notify('mdt_meeting', meeting);
            END IF;
            RETURN NULL;
        END
        $$
    """)
    for table in _TABLES:
        op.execute(f"CREATE TRIGGER tells_meeting AFTER INSERT OR UPDATE ON {table}"
                   " FOR EACH ROW EXECUTE FUNCTION tell_meeting()")  # fmt: skip


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER tells_meeting ON {table}")
    op.execute("DROP FUNCTION tell_meeting()")
