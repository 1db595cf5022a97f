"""Alembic's way into the database: online only, on the address that `pisano db upgrade` gives it."""

from importlib import import_module

from alembic import context

from app.database.grants import grant, make_roles
from app.database.transactions import metadata, open_engine

for package in (
    "identity",
    "identity.passwords",
    "identity.sessions",
    "identity.systems",
    "person",
    "sharing.known",
    "audit",
    "record",
    "intake",
    "mdt",
    "deprivation",
):
    import_module(f"app.{package}.models")


def run() -> None:
    """Apply the migrations, all in one transaction."""
    engine = open_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata, compare_type=True)
            with context.begin_transaction():
                make_roles(connection)
                # as nobody but the worker sees rows behind a policy, one that would change some fails instead
                connection.exec_driver_sql("SET LOCAL row_security = off")
                context.run_migrations()
                grant(connection)
    finally:
        engine.dispose()


run()
