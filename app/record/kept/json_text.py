"""JSON as entries are stored in it: decimals keep the digits they were stated with: 12.50 is not 12.5. Pure."""

import json
from decimal import Decimal
from typing import Any

import orjson


def dumps(value: Any, *, sort_keys: bool = False) -> bytes:
    """Write a value; a `Decimal` as it was read."""
    return orjson.dumps(value, default=as_stated, option=orjson.OPT_SORT_KEYS if sort_keys else None)


def loads(written: bytes) -> Any:
    """Read what `dumps` wrote."""
    return json.loads(written, parse_float=Decimal) if b"." in written else orjson.loads(written)


def as_stated(value: object) -> object:
    """What orjson cannot write by itself; raises `TypeError` for what has no place in an entry."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"an entry cannot hold a {type(value).__name__}")
