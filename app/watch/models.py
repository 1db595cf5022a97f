"""What the watch compares with: days watched, their numbers, the news list, rotas, and staff as people."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table, Text, Uuid

from app.database.transactions import metadata

watch_day = Table(
    "watch_day",
    metadata,
    Column("on", Date, primary_key=True),
    Column("watched", DateTime(timezone=True), nullable=False),
    Column("fortnight", DateTime(timezone=True)),  # when it was watched again, for what needs the fortnight after
)

watch_tally = Table(
    "watch_tally",
    metadata,
    Column("on", Date, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("exported", Integer, nullable=False),
    Column("searches", Integer, nullable=False),
    Column("unopened", Integer, nullable=False),
    Column("openings", Integer, nullable=False),
    Column("hours", Integer, nullable=False),
)
Index("ix_watch_tally_organisation", watch_tally.c.organisation, watch_tally.c.on)

watch_news = Table(
    "watch_news",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date, nullable=False),
)

watch_duty = Table(
    "watch_duty",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("starts", DateTime(timezone=True), primary_key=True),
    Column("ends", DateTime(timezone=True), nullable=False),
)

watch_staff = Table(
    "watch_staff",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("nhs_number", Text, nullable=False),
)
