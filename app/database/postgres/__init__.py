"""A PostgreSQL of this folder's own, for a laptop, a demonstration and tests; a real place sets `DATABASE_URL`."""

from app.database.postgres.address import database_address
from app.database.postgres.embedded import EmbeddedPostgres
from app.database.postgres.installation import PostgresUnavailable

__all__ = ["EmbeddedPostgres", "PostgresUnavailable", "database_address"]
