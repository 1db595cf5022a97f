"""How deprived the area of each postcode is, by edition of the indices."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "deprivation_edition",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("indices", sa.Text, nullable=False),
        sa.Column("directory", sa.Text, nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("postcodes", sa.Integer, nullable=False),
        sa.Column("outside_england", sa.Integer, nullable=False),
    )
    op.create_table(
        "postcode_decile",
        sa.Column("edition", sa.BigInteger, primary_key=True),
        sa.Column("district", sa.Text, primary_key=True),
        sa.Column("inward", sa.Text, primary_key=True),
        sa.Column("decile", sa.SmallInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("postcode_decile")
    op.drop_table("deprivation_edition")
