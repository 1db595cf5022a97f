"""Who may sign in at a place without a sign-in provider of its own, and what may be used once only."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from app.database.transactions import metadata

account = Table(
    "account",
    metadata,
    Column("username", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text),  # none of whoever signs in for themselves
    Column("roles", ARRAY(Text), nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("nhs_number", Text),
    Column("training_until", Date),
    CheckConstraint(
        "organisation IS NOT NULL OR (roles = '{}' AND teams = '{}' AND nhs_number IS NOT NULL)",
        name="of_an_organisation_or_of_themselves",
    ),
)
used_once = Table(
    "used_once",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("ends", DateTime(timezone=True), nullable=False, index=True),
)
