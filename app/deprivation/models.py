"""The tables of deprivation by postcode; they tell of places, and of nobody."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, SmallInteger, Table, Text

from app.database.transactions import metadata

deprivation_edition = Table(
    "deprivation_edition",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("indices", Text, nullable=False),
    Column("directory", Text, nullable=False),  # the file's own name, which tells its month
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    Column("postcodes", Integer, nullable=False),
    Column("outside_england", Integer, nullable=False),
)

postcode_decile = Table(
    "postcode_decile",
    metadata,
    Column("edition", BigInteger, primary_key=True),
    Column("district", Text, primary_key=True),
    Column("inward", Text, primary_key=True),
    Column("decile", SmallInteger, nullable=False),
)
