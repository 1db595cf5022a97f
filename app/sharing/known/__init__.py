"""The facts that decide, in PostgreSQL."""
