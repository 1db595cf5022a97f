"""Loading an edition: the operator's command and the demonstration place do the same."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from app.database.transactions import transaction
from app.deprivation.read import read_indices, read_postcodes
from app.deprivation.store import Loaded, put_edition


def load(engine: Engine, *, postcodes: Path, indices: Path, at: datetime) -> Loaded:
    """Read both files, and let them count from now on; raises `UnreadableDeprivation`, and then nothing changed."""
    known = read_indices(indices)
    with transaction(engine) as connection:
        return put_edition(connection, known.edition.name, postcodes, read_postcodes(postcodes, known), at=at)
