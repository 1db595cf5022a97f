"""The tables of agreeing, in which nothing is changed or deleted."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, LargeBinary, Table, Text

from app.database.transactions import metadata

party_key = Table(
    "party_key",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("party", Text, nullable=False, index=True),
    Column("pem", Text, nullable=False),
    Column("registered", DateTime(timezone=True), nullable=False),
    Column("revoked", DateTime(timezone=True)),
)

agreement_version = Table(
    "agreement_version",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("isa", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("said", LargeBinary, nullable=False),  # what is agreed, in the bytes that were hashed
    Column("recorded", DateTime(timezone=True), nullable=False),
)

agreement_step = Table(
    "agreement_step",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sha256", Text, ForeignKey("agreement_version.sha256"), nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

agreement_signature = Table(
    "agreement_signature",
    metadata,
    Column("sha256", Text, ForeignKey("agreement_version.sha256"), primary_key=True),
    Column("party", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("fingerprint", Text, ForeignKey("party_key.fingerprint"), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
