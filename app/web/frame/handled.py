"""One transaction in a thread of its own, for pages and JSON that write."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from app.database.transactions import in_transaction
from app.place import Place

T = TypeVar("T")


async def written(opened: Place, write: Callable[[Connection], T]) -> T:
    """What one transaction comes to, in a thread of its own, once it is committed."""
    return await in_transaction(opened.writing, write)


async def filed(opened: Place, write: Callable[[Connection], T]) -> T:
    """The same, as whoever files: of what partners sent and is not in the record yet, and of who people are."""
    return await in_transaction(opened.filing, write)
