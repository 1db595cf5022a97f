"""What was refuted is told apart from what stands, where statements of one allergy or problem are compared."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("entry", "entry_version"):  # by their owner, who need not be anybody that passes the policies
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(
            f"""
            UPDATE {table} SET comparison = 'refuted=' || comparison
            WHERE category IN ('allergies', 'problems') AND comparison IS NOT NULL
                AND position('"refuted"'::bytea IN resource) > 0
                AND convert_from(resource, 'UTF8')::jsonb -> 'verificationStatus' -> 'coding'
                    @> '[{{"code": "refuted"}}]'
            """  # noqa: S608  # ours
        )
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """The version before reads it as a thing of its own, which no other partner states."""
