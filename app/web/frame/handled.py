"""What pages and JSON of governance share: who acts, and one transaction in a thread of its own."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from app.asking.inquiry import handling
from app.database.transactions import in_transaction
from app.place import Place

__all__ = ["handling", "written"]

T = TypeVar("T")


async def written(opened: Place, write: Callable[[Connection], T]) -> T:
    """What one transaction comes to, in a thread of its own, once it is committed."""
    return await in_transaction(opened.writing, write)


async def filed(opened: Place, write: Callable[[Connection], T]) -> T:
    """The same, as whoever files: of what partners sent and is not in the record yet, and of who people are."""
    return await in_transaction(opened.filing, write)
