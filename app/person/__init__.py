"""Whom a record is about, and when two records are about one person."""
