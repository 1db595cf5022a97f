"""What a team is told, as JSON: what people wrote as its fields, and every other value as it is written."""

from typing import Any

import orjson
from pydantic import BaseModel


def as_json(told: Any) -> bytes:
    """Whatever a reading gives."""
    return orjson.dumps(told, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
