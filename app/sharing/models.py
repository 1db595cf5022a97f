"""The tables of this package."""

from app.database import metadata as metadata
