"""Identity: accounts of people who sign in for themselves, and work for nobody here."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("account", "organisation", existing_type=sa.Text, nullable=True)
    op.create_check_constraint(
        op.f("ck_account_of_an_organisation_or_of_themselves"),
        "account",
        "organisation IS NOT NULL OR (roles = '{}' AND teams = '{}' AND nhs_number IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_account_of_an_organisation_or_of_themselves"), "account")
    op.execute("DELETE FROM account_password USING account WHERE account.username = account_password.username"
               " AND organisation IS NULL")  # fmt: skip
    op.execute("DELETE FROM account WHERE organisation IS NULL")
    op.alter_column("account", "organisation", existing_type=sa.Text, nullable=False)
