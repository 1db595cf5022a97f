"""What pages and JSON of governance share: who acts, and one transaction in a thread of its own."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from app.database import in_transaction
from app.governance.handling import Handling
from app.place import Place
from app.record.access import Inquiry

T = TypeVar("T")


def handling(asked: Inquiry, opened: Place) -> Handling:
    """Who asks, as what they do is handled and told to the trail."""
    return Handling(
        requester=asked.requester,
        purpose=asked.purpose,
        at=asked.at,
        agreements=opened.agreements,
        key=opened.key,
        new_id=uuid4,
    )


async def written(opened: Place, write: Callable[[Connection], T]) -> T:
    """What one transaction comes to, in a thread of its own, once it is committed."""
    return await in_transaction(opened.writing, write)
