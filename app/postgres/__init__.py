"""A PostgreSQL of this folder's own, for a laptop, a demonstration and tests; a real place sets `DATABASE_URL`."""

from app.postgres.address import database_address
from app.postgres.embedded import EmbeddedPostgres
from app.postgres.installation import PostgresUnavailable

__all__ = ["EmbeddedPostgres", "PostgresUnavailable", "database_address"]
