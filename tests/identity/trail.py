"""What the trail was told."""

from typing import Any

import orjson
from sqlalchemy import Engine

from app.database.transactions import transaction


def told(engine: Engine) -> list[dict[str, Any]]:
    """What the trail says, in the order of time."""
    with transaction(engine) as connection:
        rows = connection.exec_driver_sql("SELECT event::text FROM audit_event ORDER BY event ->> 'at'")
        return [orjson.loads(row[0]) for row in rows]
