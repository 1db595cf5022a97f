"""Passwords of local accounts."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Table, Text

from app.database.transactions import metadata

account_password = Table(
    "account_password",
    metadata,
    Column("username", Text, ForeignKey("account.username"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("waits_until", DateTime(timezone=True)),
)
