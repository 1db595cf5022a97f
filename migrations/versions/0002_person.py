"""The tables of app/person: people, their numbers and local identifiers, what partners say of them, what was joined."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.Uuid, sa.ForeignKey("person.id")),
        sa.CheckConstraint("merged_into <> id", name="not_into_itself"),
    )
    op.create_table(
        "person_nhs_number",
        sa.Column("nhs_number", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "person_identifier",
        sa.Column("partner", sa.Text, primary_key=True),
        sa.Column("local_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("confirmed_by", sa.Text, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "person_identity",
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("partner", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("family_name", "given_names")),
        sa.Column("birth_date", sa.Date),
        *(sa.Column(name, sa.Text) for name in ("gender", "postcode", "uprn")),
        sa.Column("death_date", sa.Date),
        *(sa.Column(name, sa.Text) for name in ("family_folded", "given_folded", "family_sound", "given_sound")),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "person_link",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("retired", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("survivor", sa.Uuid, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("partner", sa.Text),
        sa.Column("message", sa.BigInteger),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text),
        sa.CheckConstraint("retired <> survivor", name="of_two_people"),
    )
    create_indexes()


def create_indexes() -> None:
    op.create_index(
        "ix_person_merged_into", "person", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.create_index("ix_person_identity_birth_date", "person_identity", ["birth_date", "family_folded"])
    op.create_index("ix_person_identity_postcode", "person_identity", ["postcode"])
    op.create_index("ix_person_link_survivor", "person_link", ["survivor"])
    op.create_index(
        "uq_person_link_standing_retired",
        "person_link",
        ["retired"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("person_link", "person_identity", "person_identifier", "person_nhs_number", "person"):
        op.drop_table(table)
