"""The index's tables: people, the numbers they are known by, what each partner says of them, and what was joined.

What a merge joins is never rewritten: `person.merged_into` alone says who stands for whom, so undoing is exact.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    Uuid,
    text,
)

from app.database.transactions import metadata

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # the person who stands for this one, never one that is merged itself
    Column("merged_into", Uuid, ForeignKey("person.id")),
    CheckConstraint("merged_into <> id", name="not_into_itself"),
)

person_nhs_number = Table(
    "person_nhs_number",
    metadata,
    Column("nhs_number", Text, primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False, index=True),
    Column("since", DateTime(timezone=True), nullable=False),
)

person_identifier = Table(
    "person_identifier",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("local_id", Text, primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False, index=True),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
)

person_identity = Table(
    "person_identity",
    metadata,
    Column("person_id", Uuid, ForeignKey("person.id"), primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("family_name", Text),
    Column("given_names", Text),
    Column("birth_date", Date),
    Column("gender", Text),
    Column("postcode", Text),
    Column("uprn", Text),
    Column("death_date", Date),
    Column("family_folded", Text),
    Column("given_folded", Text),
    Column("family_sound", Text),
    Column("given_sound", Text),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)

person_link = Table(
    "person_link",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("retired", Uuid, ForeignKey("person.id"), nullable=False),
    Column("survivor", Uuid, ForeignKey("person.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("partner", Text),
    Column("message", BigInteger),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Text),
    CheckConstraint("retired <> survivor", name="of_two_people"),
)

Index("ix_person_merged_into", person.c.merged_into, postgresql_where=text("merged_into IS NOT NULL"))
Index("ix_person_identity_birth_date", person_identity.c.birth_date, person_identity.c.family_folded)
Index("ix_person_identity_postcode", person_identity.c.postcode)
Index("ix_person_link_survivor", person_link.c.survivor)
# INVARIANT: a person is retired by one standing link at most, so that what is joined is a tree
Index(
    "uq_person_link_standing_retired",
    person_link.c.retired,
    unique=True,
    postgresql_where=text("undone_at IS NULL"),
)
