"""Acting as somebody of a demonstration place, at its command line."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import typer

from app.database.postgres import database_address
from app.errors import DomainError
from app.place import Place, open_place
from app.record.inquiry import Inquiry
from app.settings import settings
from app.vocabulary.token import Purpose, Role

As = Annotated[str, typer.Option("--as", help="Who acts: an account of a demonstration place.")]
InRole = Annotated[str | None, typer.Option("--role", help="In which of their roles, if not the first.")]
What = Annotated[str, typer.Option(help="What for, as the agreement calls it.")]


class NobodyActs(DomainError):
    """There is no such account here, or it does not hold that role."""


def acting_as(username: str, role: str | None, purpose: str, act: Callable[[Place, Inquiry], Awaitable[Any]]) -> Any:
    """What came of it; raises `NobodyActs`."""
    settled = settings()
    if not settled.demonstration:
        raise NobodyActs("only a demonstration place lets the command line act as somebody; sign in instead")

    async def acted(url: str) -> Any:
        async with open_place(settled, url) as place:
            account = await place.account(username)
            requester = account.asking(Role(role) if role else None) if account else None
            if requester is None:
                raise NobodyActs("no account of that name holds that role; `pisano demo` lists the accounts")
            inquiry = Inquiry(id=uuid4(), requester=requester, purpose=Purpose(purpose), at=datetime.now(UTC))
            return await act(place, inquiry)

    with database_address(settled) as url:
        return asyncio.run(acted(url))
