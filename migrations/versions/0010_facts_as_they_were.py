"""Facts that decide are kept as they were, so that any past decision can be made again."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FACTS = {
    "relationship": "person_id, kind, organisation, team, issuer, subject, started, ended, revoked",
    "objection": "person_id, scope, upheld, category, organisation, issuer, subject, started, ended",
    "person_flag": "raised, since",
    "emergency_opening": "started, ended",
}
"""The tables of facts, each with what decides: a row that only repeats itself is not kept again."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE former_fact (
            fact text NOT NULL,
            person_id uuid NOT NULL,
            recorded_from timestamptz NOT NULL,
            recorded_to timestamptz NOT NULL,
            stated jsonb NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_former_fact_person_id_fact ON former_fact (person_id, fact)")
    op.execute(
        """
        CREATE FUNCTION keep_former_fact() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE instant timestamptz := clock_timestamp();
        BEGIN
            INSERT INTO former_fact VALUES (TG_TABLE_NAME, OLD.person_id, OLD.recorded_from, instant, to_jsonb(OLD));
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            NEW.recorded_from := instant;
            RETURN NEW;
        END $$
        """
    )
    for table, deciding in FACTS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN recorded_from timestamptz NOT NULL DEFAULT now()")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN recorded_from SET DEFAULT clock_timestamp()")
        was, becomes = ([f"{row}.{column}" for column in deciding.split(", ")] for row in ("OLD", "NEW"))
        op.execute(
            f"CREATE TRIGGER keep_changed BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN (({', '.join(was)}) IS DISTINCT FROM ({', '.join(becomes)})) EXECUTE FUNCTION keep_former_fact()"
        )
        op.execute(
            f"CREATE TRIGGER keep_deleted BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_former_fact()"
        )


def downgrade() -> None:
    for table in FACTS:
        op.execute(f"DROP TRIGGER keep_changed ON {table}")
        op.execute(f"DROP TRIGGER keep_deleted ON {table}")
        op.execute(f"ALTER TABLE {table} DROP COLUMN recorded_from")
    op.execute("DROP FUNCTION keep_former_fact")
    op.execute("DROP TABLE former_fact")
