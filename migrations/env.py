"""Alembic's way into the database: online only, on the address that `pisano db upgrade` gives it."""

from importlib import import_module

from alembic import context

from app.database import metadata, open_engine

for package in (
    "identity",
    "identity.passwords",
    "identity.sessions",
    "identity.systems",
    "person",
    "sharing",
    "audit",
    "record",
    "intake",
    "mdt",
):
    import_module(f"app.{package}.models")


def run() -> None:
    """Apply the migrations, all in one transaction."""
    engine = open_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata, compare_type=True)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
