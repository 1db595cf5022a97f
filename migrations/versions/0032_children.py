"""Who of those that are known already is under 18, by each partner's account of them."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE person_identity NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        INSERT INTO person_flag (person_id, partner, kind, raised, since, message)
        SELECT person_id, partner, 'child', true, birth_date::timestamp AT TIME ZONE 'Europe/London', 0
        FROM person_identity WHERE birth_date > (now() AT TIME ZONE 'Europe/London')::date - interval '18 years 1 day'
        ON CONFLICT DO NOTHING
        """
    )
    op.execute("ALTER TABLE person_identity FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("DELETE FROM person_flag WHERE kind = 'child'")
